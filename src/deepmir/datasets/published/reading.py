"""The annotations of a track of a published set."""

from pathlib import Path

from deepmir.datasets.published.home import Home, explained
from deepmir.files import decoding
from deepmir.files.annotations import Annotation, Jams


def read(home: Home, name: str, recording: Path) -> Jams:
    """The annotations of a track.

    Raises:
        DeepmirError: when the recording is not audio, or mirdata cannot read an annotation;
            naming the track, the file and the type of the error.
    """
    duration = decoding.seconds(recording)
    with explained(name, home.where(name, ())):
        track = home.track(name)
    found: list[Annotation] = []
    for each in home.loader.reads:
        with explained(name, home.where(name, each.files)):
            try:
                data = each.get(track)
                found += [] if data is None else each.convert(data, duration)
            except ValueError as error:
                # This is mirdata's error for a file without annotations, which is read as an empty
                # one.
                if "should not be empty" not in str(error):
                    raise
    return Jams(
        duration=duration,
        annotations=tuple(found),
        title=str(getattr(track, "title", None) or ""),
        artist=str(getattr(track, "artist", None) or ""),
        sandbox={"source": f"mirdata {home.name} {home.dataset.version}"},
    )

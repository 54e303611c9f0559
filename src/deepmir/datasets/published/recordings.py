"""The recordings of a published set: as published, the user's own, or mixed from several."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from deepmir.datasets.index import audio_file
from deepmir.datasets.published.home import Home, explained
from deepmir.errors import DeepmirError, MissingDataError
from deepmir.files import decoding
from deepmir.files.annotations import Jams

# Seconds: lengths are published in whole seconds, and copies differ in silence at their ends.
SLACK = 2.0
COVERING = ("chord", "segment_open")  # annotated from the first second to the last
CURE = "copy the published recording there, or declare `audio: similar` to use this one"


def check(home: Home, name: str) -> bool:
    """Whether the recording of a track is the published one.

    Raises:
        DeepmirError: when it is missing, or differs from the published one although it must not.
    """
    files = home.recordings(name)
    for file in files:
        if home.loader.own_audio and not file.path.is_file():
            raise MissingDataError(
                f"{file.path} is missing: {home.name} comes without recordings; put yours "
                "there, with the suffix of its format"
            )
    if not home.exact:
        return all(file.as_published() for file in files)
    for file in files:
        file.check(CURE)
    return True


def remarks(home: Home, name: str, jams: Jams) -> Iterator[str]:
    """The objection to a recording that is not the published one: its length.

    It is compared with the length in the metadata. Annotations have to end in time and, if there
    is no such length, those that cover the whole recording must not end early.
    """
    stated = 0.0
    if home.loader.length is not None:
        with explained(name, "the metadata"):
            stated = float(home.loader.length(home.track(name)) or 0.0)
    if stated and abs(stated - jams.duration) > SLACK:
        yield _differs(jams.duration, f"the published recording {stated:.1f} s")
    end = max((_end(jams, a.namespace) for a in jams.annotations), default=0.0)
    covered = max(_end(jams, namespace) for namespace in COVERING)
    if end > jams.duration + SLACK:
        yield _differs(jams.duration, f"its annotations {end:.1f} s")
    elif covered and not stated and covered < jams.duration - SLACK:
        yield _differs(jams.duration, f"its annotations {covered:.1f} s")


def _end(jams: Jams, namespace: str) -> float:
    ends = [each.intervals[:, 1].max(initial=0.0) for each in jams.find(namespace)]
    return float(max(ends, default=0.0))


def _differs(found: float, published: str) -> str:
    return (
        f"lasts {found:.1f} s, {published}: it is used, but it may be another version "
        "that the annotations do not fit"
    )


def one(home: Home, name: str, root: Path, track: str) -> Path:
    """The recording of a track; for one published as separate voices, their mean.

    A voice that is shorter than the others is padded with silence.

    Args:
        home: of the set.
        name: of the track, given by its authors.
        root: the folder for a mix.
        track: the identifier of the track.

    Raises:
        DeepmirError: when a voice is not audio, or its sample rate differs from the others.
    """
    import soundfile

    files = home.recordings(name)
    if len(files) == 1:
        return files[0].path
    mix, rate = np.zeros(0), 0
    for file in files:
        voice, own = decoding.whole(file.path)
        if rate and own != rate:
            raise DeepmirError(f"{file.path} has {own} Hz, but the voices before it have {rate} Hz")
        rate = own
        part = voice.mean(axis=1, dtype=np.float64) / len(files)
        short, long = sorted((mix, part), key=len)
        long[: len(short)] += short
        mix = long
    mixed = audio_file(root, track)
    soundfile.write(mixed, mix, rate, subtype="PCM_24")
    return mixed

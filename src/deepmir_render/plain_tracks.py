"""The default data set: chorales and folk tunes of the `music21` corpus, rendered to audio.

Every track is a real score with drawn instruments, tempo, key, dynamics, accompaniment and effects,
and with annotations that are exact because the sound is made from them. See
`docs/explanation/renderer.md`. Importing this package costs nothing, and reading and rendering
import what they need.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, product, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from deepmir_render.sources.catalogue import Work

Size = Literal["small", "medium", "full"]
Style = Literal["plain", "song"]

RENDERINGS = 3  # of each work in the full set
SMALL = 240  # works in the small set, half of them chorales, half of each kind in minor
MEDIUM = 600  # works in the medium set: every chorale's tune, and as many tunes in minor as major


@dataclass(frozen=True)
class ScoreTrack:
    """One rendering of one work.

    Attributes:
        id: unique and stable; the name of its files.
        group: the tune; two settings of it are never in two splits.
        work: identifier in the catalogue.
        collection: title of the collection that the work is from.
        licence: of the score.
        stratum: what every split should have its share of: kind, mode and metre.
        style: `plain` plays the work once through, `song` in a form with sections and a singer.
    """

    id: str
    group: str
    work: str
    collection: str
    licence: str
    stratum: str
    style: Style = "plain"


def tracks(size: Size, style: Style = "plain") -> list[ScoreTrack]:
    """The tracks of a size of the data set, in an order whose first few are already a mixture.

    The small and the medium set have one rendering each of works that are all of different tunes;
    the full set has several of every work of the catalogue. Each is a part of the next.
    """
    from deepmir_render.sources.catalogue import works

    if size == "full":
        chosen = [_track(work, take, style) for work in works() for take in range(RENDERINGS)]
    else:
        few = _small(works())
        chosen = [
            _track(work, 0, style) for work in (few if size == "small" else _medium(works(), few))
        ]
    return sorted(chosen, key=lambda track: _hash(track.id))


def render(track: ScoreTrack, seed: int, audio_path: Path, jams_path: Path) -> float:
    """Render a track to a FLAC file and its annotations to a JAMS file.

    What is drawn depends on `seed` and on the track's identifier alone.

    Args:
        track: one of :func:`tracks`.
        seed: of the whole data set.
        audio_path: of the audio: 44.1 kHz, stereo, 16 bit.
        jams_path: of the annotations.

    Returns:
        The duration of the audio in seconds.

    Raises:
        DeepmirError: when the installed corpus lacks the score.
    """
    from deepmir_render.rendering_plain import render_work

    return render_work(track, seed, audio_path, jams_path)


def _track(work: "Work", take: int, style: Style) -> ScoreTrack:
    return ScoreTrack(
        id=f"{work.id}-{'r' if style == 'plain' else 's'}{take}",
        group=work.group,
        work=work.id,
        collection=work.collection.title,
        licence=work.collection.licence,
        stratum=f"{'chorale' if work.chorale else 'tune'}-{work.mode}-{work.metre}",
        style=style,
    )


def _small(works: tuple["Work", ...]) -> list["Work"]:
    """One work of each of `SMALL` tunes: as many chorales as tunes, as many in minor as in major.

    Works are drawn by a hash of their identifiers, and metres take turns, so that the rare ones are
    there.
    """
    chosen: list[Work] = []
    taken: set[str] = set()
    for chorale, mode in product((True, False), ("major", "minor")):
        share = [work for work in works if work.chorale == chorale and work.mode == mode]
        of_tune: dict[str, Work] = {}
        for work in _metres_in_turn(share):
            if work.group not in taken:
                of_tune.setdefault(work.group, work)
        new = list(of_tune.values())[: SMALL // 4]
        taken |= {work.group for work in new}
        chosen += new
    return chosen


def _medium(works: tuple["Work", ...], small: list["Work"]) -> list["Work"]:
    """The small set, and one work each of other tunes until there are `MEDIUM`.

    First all chorales, then tunes in minor and in major by turns; in either mode genres take turns
    and, in a genre, metres.
    """
    chosen = {work.group: work for work in small}
    for work in _metres_in_turn([work for work in works if work.chorale]):
        chosen.setdefault(work.group, work)
    queues = [
        _in_turn(_metres_in_turn(share), lambda work: work.genre)
        for mode in ("minor", "major")
        if (share := [work for work in works if not work.chorale and work.mode == mode])
    ]
    for work in chain.from_iterable(zip_longest(*queues)):
        if work is not None and len(chosen) < MEDIUM:
            chosen.setdefault(work.group, work)
    return list(chosen.values())


def _metres_in_turn(works: list["Work"]) -> list["Work"]:
    ordered = sorted(works, key=lambda work: _hash(work.id))
    return _in_turn(ordered, lambda work: work.metre)


def _in_turn(works: list["Work"], value: Callable[["Work"], str]) -> list["Work"]:
    """The works in an order in which the values take turns while there are any left."""
    turns: dict[str, int] = {}

    def turn(work: "Work") -> int:
        name = value(work)
        turns[name] = turns.get(name, -1) + 1
        return turns[name]

    return sorted(works, key=turn)


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()

"""The columns of `metadata.csv`, the kinds of `tags.csv`, and the annotations that they become."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from deepmir.datasets.folder.events import Event, annotation
from deepmir.datasets.folder.keys import key_mode
from deepmir.datasets.folder.layout import number
from deepmir.files.annotations import Annotation

PARTS = ("train", "validation", "test")
KINDS = ("tags", "genre", "mood", "instrument")
YES, NO = frozenset({"1", "yes", "true", "x"}), frozenset({"0", "no", "false", "", "-"})


def _part(cell: str) -> str:
    if cell.lower() not in PARTS:
        raise ValueError(f"it has to be one of {', '.join(PARTS)}, or empty")
    return cell.lower()


def _key(cell: str) -> str:
    key = key_mode(cell)
    if key is None:
        raise ValueError("no key: write it as `A minor`, `Am` or `A:minor`")
    return key


def _bpm(cell: str) -> float:
    bpm = number(cell, "")
    if bpm is None or bpm <= 0:
        raise ValueError("it has to be a number above 0")
    return bpm


def _level(cell: str) -> float:
    level = number(cell, "")
    if level is None or not -1 <= level <= 1:
        raise ValueError("it has to be a number from -1 to 1")
    return level


# What reads a cell; it raises ValueError, with what the cell has to be.
COLUMNS: Mapping[str, Callable[[str], Any]] = {
    "title": str,
    "artist": str,
    "group": str,
    "part": _part,
    "licence": str,
    "genre": str,
    "key": _key,
    "bpm": _bpm,
    "valence": _level,
    "arousal": _level,
}

# Those that a task learns from; the others say whose recording it is, and where it belongs.
LEARNT = ("genre", "key", "bpm", "valence")


def annotations(
    values: Mapping[str, Any], words: Mapping[str, Sequence[str]], duration: float
) -> Iterator[Annotation]:
    """What tables say of a recording of `duration` seconds as a whole.

    Args:
        values: of `metadata.csv`, by column.
        words: of `tags.csv`, by kind.
        duration: in seconds.
    """

    def whole(namespace: str, *said: Any, **sandbox: Any) -> Annotation:
        return annotation(
            namespace, (Event(0, 0.0, duration, x) for x in said), duration, **sandbox
        )

    if "key" in values:
        yield whole("key_mode", values["key"])
    if "bpm" in values:
        yield whole("tempo", values["bpm"])
    if "valence" in values and "arousal" in values:
        yield whole("mood_thayer", [values["valence"], values["arousal"]])
    genres = [values["genre"]] if "genre" in values else []
    said = {**words, "genre": [*genres, *words.get("genre", ())]}
    for kind in KINDS:
        if kind in words or said.get(kind):
            yield whole("tag_open", *dict.fromkeys(said[kind]), kind=kind)

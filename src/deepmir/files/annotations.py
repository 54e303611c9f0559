"""Annotations in the JAMS format, the interface between the parts of the pipeline.

The `jams` package takes two seconds to import and a quarter of a second to validate one track,
which each job would pay for. So the pipeline reads and writes the same files with these few frozen
types; the tests validate the written files with `jams` itself.
"""

import gzip
import io
import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir.files.namespaces import coarsest, number, rank, read_as
from deepmir.files.observations import Observation as Observation
from deepmir.files.observations import Pitches as Pitches
from deepmir.files.text import LARGEST, decode
from deepmir.files.writing import replacing
from deepmir.naming import composed

JAMS_VERSION = "0.3.5"
GZIP = b"\x1f\x8b"  # magic number of a compressed file
ANALYSED = tuple(b"deepmir")  # ignored by sequencers in a MIDI file: marks an analysis
# Seconds: a longer gap between words or sung notes interrupts singing. Shorter gaps are artefacts
# of word timing: in ten songs 98.6 % of the gaps within a line are shorter, and a quarter of those
# between lines are longer. Joined in this way, the words agree best with the lines, taken from
# their first word to their last: 95.5 % of the time, 92.8 % without joining, 95.2 % with gaps of
# 1 s.
PAUSE = 0.5
CONTOUR = "\0contour"  # placeholder of a contour until it is written; no text contains a zero
WRITTEN = 1 << 14  # instants of a contour converted to text at once


@dataclass(frozen=True)
class Annotation:
    """Observations of one namespace by one annotator, ordered in time."""

    namespace: str
    observations: Sequence[Observation]
    tool: str = ""
    sandbox: dict[str, Any] = field(default_factory=dict)

    @property
    def times(self) -> npt.NDArray[np.float64]:
        """Start of every observation in seconds, shape (observations,)."""
        if isinstance(self.observations, Pitches):
            return self.observations.times
        return np.array([o.time for o in self.observations], dtype=np.float64)

    @property
    def intervals(self) -> npt.NDArray[np.float64]:
        """Start and end of every observation in seconds, shape (observations, 2)."""
        spans = [(o.time, o.time + o.duration) for o in self.observations]
        return np.array(spans, dtype=np.float64).reshape(-1, 2)

    @property
    def values(self) -> list[Any]:
        """The value of every observation."""
        return [o.value for o in self.observations]


@dataclass(frozen=True)
class Jams:
    """All annotations of one recording, of `duration` seconds; 0 if the file does not say."""

    duration: float
    annotations: tuple[Annotation, ...]
    title: str = ""
    artist: str = ""
    sandbox: dict[str, Any] = field(default_factory=dict)

    def find(self, namespace: str) -> Iterator[Annotation]:
        """The annotations of a namespace."""
        return (a for a in self.annotations if a.namespace == namespace)

    def first(self, namespace: str, kind: str = "") -> Annotation | None:
        """The first annotation of a namespace, or None.

        Args:
            namespace: of JAMS.
            kind: the kind of tags in a `tag_open`, from its sandbox, such as `genre`; an
                annotation without a kind matches any.
        """
        found = list(self.find(namespace))
        stated = [a for a in found if a.sandbox.get("kind", "") == kind]
        unstated = [a for a in found if "kind" not in a.sandbox]
        return next(iter(stated + unstated), None)


def joined(spans: Iterable[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    """The union of intervals, ordered, with gaps of at most `gap` closed."""
    union: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if union and start - union[-1][1] <= gap:
            union[-1] = union[-1][0], max(union[-1][1], end)
        else:
            union.append((start, end))
    return union


def read(path: Path, namespaces: Collection[str] | None = None) -> Jams:
    """Read a JAMS file, with its annotations in the form of :mod:`deepmir.files.namespaces`.

    Args:
        path: of the file.
        namespaces: leave out annotations of all others: a melody contour takes more memory than
            everything else in a song.

    Raises:
        DeepmirError: when it is missing, too large, not JSON, or not JAMS.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise DeepmirError(
                f"{path} is larger than {LARGEST >> 20} MiB: keep fewer annotations in it"
            )
        raw = json.loads(decode(_unpacked(path)))
        meta = raw["file_metadata"]
        found = [
            entry
            for entry in raw["annotations"]
            if namespaces is None or read_as(entry["namespace"]).namespace in namespaces
        ]
        found.sort(key=lambda entry: rank(entry["namespace"]))
        duration = _or_none(meta.get("duration"))
        return Jams(
            duration=0.0 if duration is None else max(duration, 0.0),
            annotations=tuple(_annotation(entry) for entry in found),
            title=_text(meta.get("title")),
            artist=_text(meta.get("artist")),
            sandbox=_sandbox(raw),
        )
    except FileNotFoundError:
        raise DeepmirError(f"{path}: the annotation file is missing") from None
    except KeyError as error:
        raise DeepmirError(f"{path} is not a readable JAMS file: {error} is missing") from None
    except OSError as error:
        raise DeepmirError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise DeepmirError(f"{path} is not a readable JAMS file: {error}") from None


def _unpacked(path: Path) -> bytes:
    """The bytes of a file, decompressed if it ends in `.jamz`, as with `jams`."""
    data = path.read_bytes()
    if not data.startswith(GZIP):
        return data
    try:
        data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(LARGEST + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"it cannot be decompressed: {error}") from None
    if len(data) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MiB: keep fewer annotations in it")
    return data


def _or_none(value: Any) -> float | None:
    """A finite number; None for anything else, such as NaN."""
    try:
        return number(value)
    except ValueError:
        return None


def _text(value: Any) -> str:
    return composed(value) if isinstance(value, str) else ""


def _sandbox(raw: Mapping[str, Any]) -> dict[str, Any]:
    found = raw.get("sandbox") or {}
    if not isinstance(found, Mapping):
        raise ValueError("a `sandbox` is not an object")
    return dict(found)


def _annotation(raw: dict[str, Any]) -> Annotation:
    space = str(raw["namespace"])
    reading = read_as(space)
    rows = _rows(raw["data"])
    sandbox = _sandbox(raw)
    if reading.kind:
        sandbox["kind"] = reading.kind
    return Annotation(
        namespace=reading.namespace,
        observations=_observations(coarsest(rows) if space == "multi_segment" else rows, space),
        tool=_text((raw.get("annotation_metadata") or {}).get("annotation_tools")),
        sandbox=sandbox,
    )


def _observations(rows: Iterable[Mapping[str, Any]], space: str) -> tuple[Observation, ...]:
    """The observations in rows of a namespace.

    Raises:
        ValueError: naming the row, counted from 1.
    """
    value = read_as(space).value
    found = []
    for place, row in enumerate(rows, 1):
        try:
            # `jams` writes null or NaN for unknown values.
            time, duration = number(row["time"]), _or_none(row.get("duration")) or 0.0
            sure = row.get("confidence")
            sure = None if sure is None else _or_none(sure)
            found.append(Observation(time, duration, value(row.get("value")), sure))
        except KeyError as error:
            raise ValueError(f"{space} observation {place}: {error} is missing") from None
        except (ValueError, TypeError, AttributeError) as error:
            raise ValueError(f"{space} observation {place}: {error}") from None
    return tuple(found)


def _rows(data: Any) -> Iterable[Mapping[str, Any]]:
    """Observations one by one, from either of the two layouts that JAMS allows."""
    if isinstance(data, list):
        return data
    names = [name for name in ("time", "duration", "value", "confidence") if name in data]
    columns = zip(*(data[name] for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in columns]


def write(path: Path, jams: Jams) -> None:
    """Write a JAMS file atomically; the same annotations always give the same bytes.

    Raises:
        DeepmirError: when the disk is full or the path is not writable.
    """
    raw = {
        "annotations": [_raw_annotation(a, jams.duration) for a in jams.annotations],
        "file_metadata": {
            "title": jams.title,
            "artist": jams.artist,
            "release": "",
            "duration": jams.duration,
            "identifiers": {},
            "jams_version": JAMS_VERSION,
        },
        "sandbox": jams.sandbox,
    }
    contours = [a.observations for a in jams.annotations if isinstance(a.observations, Pitches)]
    # No indentation: a recording has thousands of observations, and json's C encoder has none.
    pieces = json.dumps(raw, sort_keys=True).split(json.dumps(CONTOUR))
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write(pieces[0])
        for contour, after in zip(contours, pieces[1:], strict=True):
            file.writelines(_lines(contour))
            file.write(after)
        file.write("\n")


def _lines(contour: Pitches) -> Iterator[str]:
    """The text of a contour, some thousand instants at a time, as json would write it."""
    yield "["
    for first in range(0, len(contour), WRITTEN):
        rows = ", ".join(
            f'{{"confidence": null, "duration": 0.0, "time": {time!r}, "value": '
            f'{{"frequency": {hertz!r}, "index": 0, "voiced": {"true" if voiced else "false"}}}}}'
            for time, hertz, voiced in contour[first : first + WRITTEN].rows()
        )
        yield f", {rows}" if first else rows
    yield "]"


def _raw_annotation(annotation: Annotation, duration: float) -> dict[str, Any]:
    return {
        "namespace": annotation.namespace,
        "time": 0.0,
        "duration": duration,
        "data": CONTOUR
        if isinstance(annotation.observations, Pitches)
        else [
            {
                "time": o.time,
                "duration": o.duration,
                "value": o.value,
                "confidence": o.confidence,
            }
            for o in annotation.observations
        ],
        "annotation_metadata": {
            "curator": {"name": "", "email": ""},
            "annotator": {},
            "version": "",
            "corpus": "",
            "annotation_tools": annotation.tool,
            "annotation_rules": "",
            "validation": "",
            "data_source": "program",
        },
        "sandbox": annotation.sandbox,
    }

"""Examines one recording: its sound, its annotations, and which tasks can use it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepmir import tasks
from deepmir.datasets.base import MIN_SECONDS
from deepmir.datasets.fingerprint import Words, fingerprint
from deepmir.datasets.folder import events, reading
from deepmir.datasets.folder.dataset import member
from deepmir.datasets.folder.events import BEYOND, of_annotation
from deepmir.datasets.folder.files import Recording
from deepmir.datasets.folder.levels import Levels, counted
from deepmir.datasets.folder.problems import Findings, Problem
from deepmir.datasets.folder.tables import KINDS
from deepmir.errors import DeepmirError
from deepmir.files import audio, decoding
from deepmir.files.annotations import Jams
from deepmir.files.blocks import Decoded
from deepmir.files.namespaces import READ
from deepmir.files.writing import hash_file
from deepmir.tasks.base import Grid
from deepmir.tasks.names import NAMES
from deepmir.tasks.shared import tags

RATE = 11025  # Hz, of which a fingerprint takes every second sample
STEP = 0.5  # seconds between the instants at which a target is looked for
UNKNOWN = 1e6  # seconds of a recording that cannot be read: nothing lies after its end

# The tasks whose labels are those of the data, and the kind of tags that these are.
OPEN = {"genre": "genre", "tagging": "tags", "instrument": "instrument"}


@dataclass(frozen=True)
class Sound:
    """A recording that can be used.

    Attributes:
        seconds: its length.
        rate: samples per second.
        channels: of them.
        format: of the file, as libsndfile calls it.
        sha256: hash of the file's bytes.
        fingerprint: of the sound.
    """

    seconds: float
    rate: int
    channels: int
    format: str
    sha256: str
    fingerprint: Words


@dataclass(frozen=True)
class Examined:
    """The result of an examination.

    Attributes:
        recording: that was examined.
        sound: None if it cannot be used.
        usable: the tasks that have a target for it.
        words: of each kind of tags.
        group: which must not be in two parts.
        problems: of all of its files.
    """

    recording: Recording
    sound: Sound | None
    usable: tuple[str, ...]
    words: dict[str, tuple[str, ...]]
    group: str
    problems: tuple[Problem, ...]


def examine(recording: Recording) -> Examined:
    """Examine a recording and all its annotations."""
    findings = Findings(recording.audio)
    sound = _load(findings)
    problems = list(findings.problems)
    try:
        read = reading.read(recording, sound.seconds if sound else UNKNOWN)
    except DeepmirError as error:
        problems += recording.description.problems
        problems.append(_refused(recording.jams or recording.audio, error))
        read = reading.Read(Jams(0.0, ()), Jams(0.0, ()), added=False, problems=())
    problems += read.problems
    if recording.jams:
        problems += _in_jams(recording.jams, read.own, sound)
    if not recording.annotated:
        problems.append(Problem("error", recording.audio, 0, "it has no annotations"))
    words = {kind: tuple(tags.words(read.jams, kind) or ()) for kind in KINDS}
    # A recording with an error is left out of training, so no task can use it.
    fit = sound is not None and not any(p.severity == "error" for p in read.problems)
    return Examined(
        recording=recording,
        sound=sound,
        usable=tuple(_usable(read.jams, words, sound.seconds)) if sound and fit else (),
        words=words,
        group=member(recording, read.jams).group,
        problems=tuple(problems),
    )


def _load(findings: Findings) -> Sound | None:
    """Read a recording as the line does; None where the line would leave it out."""
    path = findings.path

    passes: list[tuple[Decoded, Levels]] = []

    def opened() -> Decoded:
        """What the line listens to is counted as it passes."""
        decoded = decoding.decode(path)
        measured = Levels(decoded.sample_rate)
        decoded.blocks = counted(decoded.blocks, measured)
        passes.append((decoded, measured))
        return decoded

    try:
        samples, remarks = audio.listen(str(path), opened, RATE, MIN_SECONDS)
    except DeepmirError as error:
        findings.problems.append(_refused(path, error))
        return None
    except OSError as error:
        findings.error(0, f"cannot be read ({error.strerror})")
        return None
    for remark in remarks:
        findings.warning(0, remark)
    decoded, measured = passes[-1]
    measured.report(findings)
    return Sound(
        seconds=measured.samples / decoded.sample_rate,
        rate=decoded.sample_rate,
        channels=decoded.channels,
        format=decoded.format,
        sha256=hash_file(path),
        fingerprint=fingerprint(samples, RATE),
    )


def _refused(path: Path, error: DeepmirError) -> Problem:
    """An error whose line begins with the file's name, as a problem of the file."""
    text = str(error).removeprefix(str(path)).lstrip(": ").removeprefix("is ")
    return Problem("error", path, 0, text)


def _in_jams(path: Path, own: Jams, sound: Sound | None) -> list[Problem]:
    """What is wrong with the annotations in a JAMS file."""
    whole = Findings(path)
    if sound and own.duration and abs(own.duration - sound.seconds) > BEYOND:
        whole.warning(
            0,
            f"its duration is {own.duration:g} s, but the recording lasts "
            f"{sound.seconds:.2f} s: is it from another version?",
        )
    for name in sorted({a.namespace for a in own.annotations} - READ):
        whole.warning(0, f"no task reads its {name} annotations: they are not used")
    problems = whole.problems
    for annotation in own.annotations:
        namespace = annotation.namespace
        if namespace == "tag_open":
            namespace = str(annotation.sandbox.get("kind", ""))
        if namespace in events.RULES:
            findings = Findings(path, f"{namespace} observation")
            seconds = sound.seconds if sound else UNKNOWN
            events.check_events(namespace, of_annotation(annotation), seconds, findings)
            problems += [p for p in findings.problems if p not in problems]
    return problems


def _usable(jams: Jams, words: Mapping[str, Sequence[str]], seconds: float) -> Iterator[str]:
    """The tasks that have a target for a recording of some seconds."""
    grid = Grid(0.0, STEP, math.ceil(seconds / STEP))
    for name in NAMES:
        labels = words[OPEN[name]] if name in OPEN else ()
        target = tasks.get(name, labels).target(jams, grid)
        if target is not None and np.isfinite(target).any():
            yield name

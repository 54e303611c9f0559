"""All annotations of one recording: from its JAMS file, the files beside it, and tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deepmir.datasets.folder import tables
from deepmir.datasets.folder.conventions import EVERY
from deepmir.datasets.folder.files import Recording
from deepmir.datasets.folder.problems import Findings, Problem
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams


@dataclass(frozen=True)
class Read:
    """The annotations that were read for one recording.

    Attributes:
        jams: all of its annotations.
        own: those of its JAMS file; none where it has no such file.
        added: whether they differ from those of its JAMS file.
        problems: of its files and of its rows in the tables; not those inside of its JAMS file.
    """

    jams: Jams
    own: Jams
    added: bool
    problems: tuple[Problem, ...]


def refuse(problems: Iterable[Problem]) -> None:
    """Stop at the first error.

    Raises:
        DeepmirError: with the first error, by file and line, if there is any.
    """
    errors = sorted(p for p in problems if p.severity == "error")
    if errors:
        raise DeepmirError(errors[0].shown(errors[0].path))


def read(recording: Recording, duration: float) -> Read:
    """All annotations of a recording, and all their problems.

    Its JAMS file comes first, then the files beside it, then the tables: each namespace, and each
    kind of tags, is taken from the first that has it. A JAMS file of an analysis comes last:
    annotations by people take precedence over those by networks.

    Args:
        recording: with its files.
        duration: in seconds.

    Raises:
        DeepmirError: when its JAMS file is not readable.
    """
    description = recording.description
    own = annotations.read(recording.jams) if recording.jams else Jams(duration, ())
    is_analysis = "deepmir" in own.sandbox
    found = [] if is_analysis else list(own.annotations)
    problems = list(description.problems)
    for new, findings in _beside(recording, duration, {_slot(a) for a in found}):
        kept = _missing(found, new)
        if is_analysis or not recording.jams:
            _tell_unused(new, kept, findings)
        problems += findings.problems
        found += kept
    described = tables.annotations(description.values, description.words, duration)
    found += _missing(found, list(described))
    if recording.jams and is_analysis:
        analysed = Findings(recording.jams)
        kept = _missing(found, list(own.annotations))
        _tell_unused(list(own.annotations), kept, analysed)
        problems += analysed.problems
        found += kept
    jams = Jams(
        duration=own.duration or duration,
        annotations=tuple(found),
        title=description.values.get("title", own.title),
        artist=description.values.get("artist", own.artist),
        sandbox=own.sandbox,
    )
    return Read(jams, own, tuple(found) != own.annotations, tuple(problems))


def _beside(
    recording: Recording, duration: float, stated: set[tuple[str, str]]
) -> list[tuple[list[Annotation], Findings]]:
    """The annotations of the files beside a recording, each with its findings.

    Args:
        recording: with its files.
        duration: in seconds.
        stated: what its JAMS file has.
    """
    read: list[tuple[list[Annotation], Findings]] = []
    first: dict[str, Path] = {}
    for convention in EVERY:
        for ending in convention.endings:
            path = recording.beside.get(ending)
            if path is None:
                continue
            findings = Findings(path)
            new: list[Annotation] = []
            if first.setdefault(convention.kind, path) != path:
                name = first[convention.kind].name
                findings.error(0, f"{name} already has the {convention.kind}: keep one")
            else:
                new = convention.read(findings, duration)
            if new and recording.jams and _slot(new[0]) in stated:
                findings.warning(
                    0, f"not used: {recording.jams.name} already has the {convention.kind}"
                )
            read.append((new, findings))
    return read


def _missing(found: list[Annotation], new: list[Annotation]) -> list[Annotation]:
    """The new annotations of which nothing is found yet."""
    stated = {_slot(annotation) for annotation in found}
    return [annotation for annotation in new if _slot(annotation) not in stated]


def _tell_unused(new: list[Annotation], kept: list[Annotation], findings: Findings) -> None:
    """Warn of annotations that another file beside the recording has already."""
    left = {a.namespace for a in new} - {a.namespace for a in kept}
    # Notes give onsets where nothing else does.
    left -= {"onset"} if "note_midi" in {a.namespace for a in new} else set()
    for namespace in sorted(left):
        findings.warning(
            0, f"its {namespace} annotations are not used: another file already has some"
        )


def _slot(annotation: Annotation) -> tuple[str, str]:
    return annotation.namespace, str(annotation.sandbox.get("kind", ""))

"""Problems of a folder of recordings: where, how severe, in words."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Problem:
    """One problem; sorted by errors first, then by file and line.

    Attributes:
        severity: an error keeps a recording out of training, or lets one leak into two parts; a
            warning does not.
        path: the file that it is in.
        line: in that file, counted from 1; 0 for the file as a whole.
        text: what is wrong, and what to do unless that is obvious.
        unit: what is counted, if not lines: a JAMS file has observations, a MIDI file notes.
    """

    severity: Severity
    path: Path
    line: int
    text: str
    unit: str = ""

    def shown(self, path: Path) -> str:
        """The problem on one line, its file written as `path`."""
        if not self.line:
            return f"{path}: {self.text}"
        place = f" {self.unit} {self.line}" if self.unit else f"{self.line}"
        return f"{path}:{place}: {self.text}"


@dataclass
class Findings:
    """Collects the problems of one file while it is read.

    Attributes:
        path: the file.
        unit: as that of a problem.
        problems: found so far.
    """

    path: Path
    unit: str = ""
    problems: list[Problem] = field(default_factory=list)
    _known: set[Problem] = field(default_factory=set)

    def error(self, line: int, text: str) -> None:
        """Note a problem that keeps the recording out of training."""
        self._note("error", line, text)

    def warning(self, line: int, text: str) -> None:
        """Note something that a person should check."""
        self._note("warning", line, text)

    def _note(self, severity: Severity, line: int, text: str) -> None:
        problem = Problem(severity, self.path, line, text, self.unit)
        if problem not in self._known:
            self._known.add(problem)
            self.problems.append(problem)

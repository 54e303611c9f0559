"""The journal of a training: files that it writes while it runs.

A training does not wait for a server: it appends one line per epoch here, which other processes
send to MLflow, now or later. A resumed training continues the journal named in its checkpoint.
"""

import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from deepmir.declarations.entry import Entry
from deepmir.declarations.generated import GeneratorEntry
from deepmir.files.writing import write_json

JOURNALS = Path("logs/runs")
EPOCHS = "epochs.jsonl"
SYSTEM = "system.jsonl"
OF_A_ROW = ("epoch", "layer", "name")  # identify a row of a table, and are not values
LOCK = ".lock"  # held by the sending process

Status = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]


class Value(NamedTuple):
    """One value of a journal; `time` is in milliseconds since 1970, as in MLflow."""

    name: str
    value: float
    time: int
    step: int


def now() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


@dataclass(frozen=True)
class Journal:
    """The journal in a folder: `about.json`, `epochs.jsonl`, `system.jsonl`, `end.json`."""

    folder: Path

    @classmethod
    def begin(cls, entry: Entry | GeneratorEntry) -> "Journal":
        """Start the journal of a training, in a folder of its own."""
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
        journal = cls(JOURNALS / f"{entry.name}-{stamp}-{uuid.uuid4().hex[:8]}")
        write_json(journal.folder / "about.json", {**entry.about, "started": now()})
        return journal

    @property
    def name(self) -> str:
        """Unique name, that of the folder."""
        return self.folder.name

    @cached_property
    def about(self) -> dict[str, Any]:
        """The training, its data, and its start time."""
        found: dict[str, Any] = json.loads((self.folder / "about.json").read_text())
        return found

    def open(self) -> None:
        """Begin or resume: everything that follows is one session of the training."""
        (self.folder / "end.json").unlink(missing_ok=True)
        self.add(EPOCHS, {})

    def add(self, file: str, values: Mapping[str, float], step: int = 0) -> None:
        """Append values to one of the two tables."""
        line = json.dumps({"time": now(), "step": step, "values": values})
        with (self.folder / file).open("ab+") as table:
            # A process that was killed may have left half a line.
            if table.tell():
                table.seek(-1, os.SEEK_END)
                line = line if table.read() == b"\n" else f"\n{line}"
            table.write(f"{line}\n".encode())

    def end(self, status: Status, weights: str = "", error: str = "") -> None:
        """Close the journal.

        Args:
            status: how it ended.
            weights: SHA-256 of the resulting weights, by which their run is found.
            error: in words, if there was one.
        """
        end = {"time": now(), "status": status, "weights": weights, "error": error}
        write_json(self.folder / "end.json", end)

    @property
    def ended(self) -> dict[str, Any] | None:
        """Time, status, weights and error of its end; None while it is open."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "end.json").read_text())
        except FileNotFoundError:
            return None
        return found

    @property
    def last(self) -> int:
        """The time of the last entry."""
        times = [self.about["started"], *(line["time"] for line in self._lines(EPOCHS))]
        return int(max(times))

    @property
    def seconds(self) -> float:
        """The training time, without pauses before it was resumed."""
        sittings: list[list[int]] = []
        for line in self._lines(EPOCHS):
            sittings += [] if line["values"] else [[]]
            sittings[-1].append(line["time"])
        if sittings and (end := self.ended):
            sittings[-1].append(end["time"])
        return sum(times[-1] - times[0] for times in sittings) / 1000

    def values(self) -> list[Value]:
        """All values; the first ones if an epoch was repeated after a resume.

        A repeated epoch gives the same values, and nothing is sent twice with different times.
        """
        found: dict[tuple[str, int], Value] = {}
        lines = [(line, line["step"]) for line in self._lines(EPOCHS)]
        lines += [(line, number) for number, line in enumerate(self._lines(SYSTEM))]
        for line, step in lines:
            for name, value in line["values"].items():
                found.setdefault((name, step), Value(name, float(value), line["time"], step))
        return [*found.values()]

    def _lines(self, file: str) -> Iterator[dict[str, Any]]:
        """The complete lines of a table: the last may be half written."""
        path = self.folder / file
        for line in path.read_text().splitlines() if path.exists() else ():
            try:
                yield json.loads(line)
            except ValueError:
                continue


def values_of(row: dict[str, Any]) -> dict[str, float]:
    """A row of `history.csv` or `health.csv` for MLflow, without empty cells."""
    place = f"/layer {row['layer']}" if "layer" in row else ""
    start = "health/" if place else ""
    named = ((name, value) for name, value in row.items() if name not in OF_A_ROW)
    return {f"{start}{name}{place}": float(value) for name, value in named if value != ""}


def every() -> list[Journal]:
    """All journals of this pipeline, the oldest first."""
    found = [Journal(path.parent) for path in JOURNALS.glob("*/about.json")]
    return sorted(found, key=lambda journal: int(journal.about["started"]))

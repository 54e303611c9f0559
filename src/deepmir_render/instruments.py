"""The instruments: the General MIDI programs that songs are arranged for.

Ranges are those of real instruments, narrowed to where arrangers write for them.
"""

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Instrument:
    """A program of General MIDI, level 1, or a singer.

    Attributes:
        name: as in the annotations.
        program: counted from 0; for drums the kit in bank 128.
        family: label of the task `instrument`, or empty if none fits.
        low: lowest pitch in arrangements, as a MIDI number.
        high: highest pitch.
    """

    name: str
    program: int
    family: str
    low: int = 0
    high: int = 127

    @property
    def drums(self) -> bool:
        """Whether its pitches are drums."""
        return self.family == "drums"


SINGING = Instrument("singing", -1, "singing")  # no program: the sound is made by singing/


def _read(path: Path) -> dict[str, Instrument]:
    with path.open(newline="", encoding="utf-8") as file:
        return {
            row["name"]: Instrument(
                row["name"], int(row["program"]), row["family"], int(row["low"]), int(row["high"])
            )
            for row in csv.DictReader(file)
        }


INSTRUMENTS = _read(Path(__file__).with_name("instruments.csv"))

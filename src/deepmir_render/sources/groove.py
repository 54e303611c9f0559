"""Human drumming: the Groove MIDI data set.

J. Gillick, A. Roberts, J. Engel, D. Eck and D. Bamman, "Learning to groove with inverse sequence
transformations", ICML 2019; CC BY 4.0. Ten drummers played to a metronome on an electronic kit,
whose pads are mapped to General MIDI as on the data set's page.
"""

import csv
from pathlib import Path

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir_render.song import Groove, Hit, Metre
from deepmir_render.sources import midi

LICENCE = "CC BY 4.0"
FOLDER = "groove_midi"
# Pads of the Roland TD-11 with another meaning in General MIDI, or none. Unlike in the paper,
# cross-stick, hi-hat pedal, second crash and ride bell keep their own sounds.
GENERAL_MIDI = {
    22: 42,  # edge of the closed hi-hat
    26: 46,  # edge of the open hi-hat
    40: 38,  # rim of the snare drum, struck with the head
    48: 50,  # first tom; its rim is 50
    45: 47,  # second tom; its rim is 47
    58: 43,  # rim of the third tom
    55: 49,  # edge of the first crash
    52: 57,  # edge of the second crash
    59: 51,  # edge of the ride
}
LAST = 0.25  # of a bar: the last one is complete if there is a stroke in this last part of it


def read(home: Path) -> list[Groove]:
    """Every take of at least one whole bar, in order of identifiers.

    Args:
        home: the folder with `groove_midi`.

    Raises:
        DeepmirError: when the table or a take is missing or damaged.
    """
    path = home / FOLDER / "info.csv"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        read = [_groove(home / FOLDER, row) for row in rows]
    except FileNotFoundError:
        raise DeepmirError(
            f"{path} is missing: fetch the data set with `{paths.deepmir('fetch')}`"
        ) from None
    except (KeyError, ValueError) as error:
        raise DeepmirError(f"{path} is not the table of the Groove set ({error!r})") from None
    return sorted((groove for groove in read if groove.bars), key=lambda groove: groove.id)


def _groove(folder: Path, row: dict[str, str]) -> Groove:
    file = midi.read(folder / row["midi_filename"])
    metre = Metre.parse(row["time_signature"].replace("-", "/"))
    hits = sorted(
        (note.start / file.ticks, GENERAL_MIDI.get(note.pitch, note.pitch), note.velocity)
        for note in file.notes
    )
    bars = int(hits[-1][0] / metre.bar_length + LAST) if hits else 0
    return Groove(
        id=row["id"].replace("/", "-").replace("_", "-"),
        style=row["style"].split("/")[0],
        bpm=float(row["bpm"]),
        metre=metre,
        bars=bars,
        part=row["split"],
        fill=row["beat_type"] == "fill",
        hits=tuple(
            Hit(round(position, 6), drum, velocity)
            for position, drum, velocity in hits
            if position < bars * metre.bar_length
        ),
    )

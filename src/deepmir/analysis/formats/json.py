"""One JSON file of plain values, with units in the keys: `schema.json` describes it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmir.analysis.formats.tables import DIGITS, OTHERS, TABLES
from deepmir.analysis.results import Analysis, Melody, Source
from deepmir.files.writing import replacing

if TYPE_CHECKING:
    from deepmir.analysis.formats import PathOf

SUFFIXES = (".json",)

# Raised when a key changes its meaning or goes; new keys may come without.
SCHEMA_VERSION = 1

# Of the whole recording: an object instead of a list.
SINGLE = ("tempo", "key", "mood")


def write(analysis: Analysis, path_of: "PathOf") -> list[Path]:
    """Write all results; a task that was not run is null."""
    path = path_of(".json")
    with replacing(path) as temporary:
        text = json.dumps(document(analysis), allow_nan=False, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    return [path]


def document(analysis: Analysis) -> dict[str, Any]:
    """The content of the file: objects, lists, words, finite numbers and None."""
    name = None if analysis.path is None else analysis.path.name
    others = {task: OTHERS[task].of(analysis) for task in analysis.others if task in OTHERS}
    return {
        "schema_version": SCHEMA_VERSION,
        # The name of a file need not be Unicode, JSON has to be.
        "file": None if name is None else name.encode(errors="replace").decode(),
        "duration_seconds": round(float(analysis.duration), DIGITS),
        **{table.name: _entry(table.name, table.of(analysis)) for table in TABLES},
        "melody": _columns(analysis.melody),
        **({"others": others} if others else {}),
        "models": {task: _model(analysis.sources[task]) for task in sorted(analysis.sources)},
    }


def _entry(name: str, rows: list[dict[str, Any]] | None) -> Any:
    return rows[0] if name in SINGLE and rows else rows


def _model(source: Source) -> dict[str, str]:
    return {key: value for key, value in asdict(source).items() if key != "task"}


def _columns(melody: Melody | None) -> dict[str, Any] | None:
    """The melody as one list, a tenth of the size that an object an instant would have."""
    if melody is None:
        return None
    times = melody.times
    step = float(times[-1] - times[0]) / (times.size - 1) if times.size > 1 else 0.0
    pairs = zip(melody.frequencies.tolist(), melody.voiced.tolist(), strict=True)
    return {
        "start_seconds": float(times[0]) if times.size else 0.0,
        "step_seconds": round(step, 12),
        "frequencies_hz": [round(hertz, 3) if sung else None for hertz, sung in pairs],
    }

"""The list of an entry's predictions: the tracks that have one, the others, and of what data."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.features.corpus import Corpus
from deepmir.files.store import Failure
from deepmir.files.writing import write_json


@dataclass(frozen=True)
class Predicted:
    """The estimate for one track and the hash of its JAMS file."""

    track: str
    sha256: str


def write(name: str, data: Corpus, results: Sequence[Predicted | Failure], model_hash: str) -> Path:
    """Write the list of the predictions for the test part; returns its path."""
    raw = {
        "dataset": data.name,
        "part": "test",
        "data_hash": data.data_hash,
        "split_hash": data.split_hash,
        "model_hash": model_hash,
        "tracks": [asdict(r) for r in results if isinstance(r, Predicted)],
        "failures": [asdict(r) for r in results if isinstance(r, Failure)],
    }
    write_json(paths.predictions(name), raw)
    return paths.predictions(name)


def read(name: str, data: Corpus) -> dict[str, Any]:
    """Read the list of an entry's predictions.

    Raises:
        DeepmirError: when it is missing, broken, or of other data or another split.
    """
    path = paths.predictions(name)
    try:
        raw: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError) as error:
        raise DeepmirError(f"{path} is missing or broken ({error}): predict first") from None
    for key, now in (("data_hash", data.data_hash), ("split_hash", data.split_hash)):
        if raw.get(key) != now:
            raise DeepmirError(f"{path} is of other data ({key} differs): predict again")
    return raw

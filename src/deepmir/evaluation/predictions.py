"""The list of an entry's predictions: tracks with and without one, and their data."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.features.corpus import Corpus
from deepmir.files.store import Failure
from deepmir.files.writing import hash_file, write_json


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
        DeepmirError: when it is missing, broken, or from other data or another split; when a
            prediction that it lists is missing or has changed.
    """
    path = paths.predictions(name)
    again = f"predict again with `{paths.snakemake('--force', str(path))}`"
    try:
        raw: dict[str, Any] = json.loads(path.read_text())
        listed = [Predicted(**row) for row in raw["tracks"]]
        failed = [Failure(**row) for row in raw["failures"]]
        raw["model_hash"]
    except FileNotFoundError:
        raise DeepmirError(f"{path} is missing: {again}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DeepmirError(f"{path} is broken ({error}): {again}") from None
    for key, now in (("data_hash", data.data_hash), ("split_hash", data.split_hash)):
        if raw.get(key) != now:
            raise DeepmirError(f"{path} is from other data ({key} differs): {again}")
    known = {each.track for each in listed} | {each.track for each in failed}
    for track in data.divided.test:
        if track.id not in known:
            raise DeepmirError(f"{path} does not list the test track {track.id}: {again}")
    for each in listed:
        file = paths.prediction(name, each.track)
        if not file.is_file():
            raise DeepmirError(f"{file} is missing: {again}")
        if hash_file(file) != each.sha256:
            raise DeepmirError(f"{file} has changed since it was predicted: {again}")
    return raw

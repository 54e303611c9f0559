"""The judgement of a generator, in the folder of the report."""

import json
import shutil
from pathlib import Path
from typing import Any

from deepmir import generators, paths
from deepmir.declarations.generated import GeneratorEntry
from deepmir.errors import DeepmirError, about
from deepmir.files.writing import write_json
from deepmir.models.card import read_generator_card


def judge(entry: GeneratorEntry) -> Path:
    """Judge a generator by its test part and its generated files, and return the path.

    Raises:
        DeepmirError: when something required is missing or damaged.
    """
    method, path = generators.get(entry.kind), paths.judgement(entry.name)
    with about(entry.name):
        card = read_generator_card(entry.folder)
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir(parents=True)
        found = method.judge(entry, paths.generated(entry.name).parent, path.parent)
        if method.primary not in found.metrics:
            raise DeepmirError(f"it lacks {method.primary}, its primary metric")
        raw = {
            "name": entry.name,
            "kind": entry.kind,
            "dataset": entry.files.name,
            "primary": method.primary,
            "model_hash": card.weights_sha256[:16],
            "data_hash": card.training.get("data_hash", ""),
            "split_hash": card.training.get("split_hash", ""),
            "declaration": entry.generator.model_dump(mode="json"),
            **found.as_json(),
        }
        write_json(path, raw)
    return path


def read(entry: GeneratorEntry) -> dict[str, Any]:
    """The judgement of a generator.

    Raises:
        DeepmirError: when it is missing or damaged.
    """
    path = paths.judgement(entry.name)
    try:
        raw: dict[str, Any] = json.loads(path.read_text())
        for key in ("kind", "dataset", "primary", "metrics", "baselines", "differences"):
            raw[key]
    except FileNotFoundError:
        raise DeepmirError(f"{path} is missing: {paths.again(path)}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DeepmirError(f"{path} is broken ({error}): {paths.again(path)}") from None
    return raw

"""The output of a trained generator: files, and the list of them."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from deepmir import generators, paths
from deepmir.declarations.generated import GeneratorEntry
from deepmir.errors import DeepmirError, about
from deepmir.files.writing import write_json
from deepmir.generators.base import Sample
from deepmir.models.card import read_generator_card

LIST = "index.json"


def generate(entry: GeneratorEntry, folder: Path, count: int, seed: int) -> Sequence[Sample]:
    """Generate with a trained model, replacing earlier files in the folder.

    Args:
        entry: with the model.
        folder: for the files, and for `index.json`, which lists them.
        count: number of items.
        seed: of all random numbers.

    Raises:
        DeepmirError: when the model is missing or damaged, or the folder contains other files.
    """
    with about(entry.name):
        card = read_generator_card(entry.folder)
        if folder.exists():
            # Snakemake removes the list before generating again, and a crash leaves none.
            ours = folder == paths.generated(entry.name).parent or (folder / LIST).is_file()
            if any(folder.iterdir()) and not ours:
                raise DeepmirError(f"{folder} holds other files: name a new folder")
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        samples = generators.get(entry.kind).generate(entry, folder, count, seed)
        listed = {
            "generator": entry.name,
            "seed": seed,
            "weights_sha256": card.weights_sha256,
            "samples": [asdict(sample) for sample in samples],
        }
        write_json(folder / LIST, listed)
    return samples


def read(folder: Path) -> list[Sample]:
    """The list of generated items.

    Raises:
        DeepmirError: when the list is missing or damaged.
    """
    path = folder / LIST
    try:
        rows = json.loads(path.read_text())["samples"]
        return [Sample(row["name"], row["said"], tuple(row["files"])) for row in rows]
    except FileNotFoundError:
        raise DeepmirError(f"{path} is missing: {paths.again(path)}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DeepmirError(f"{path} is broken ({error}): {paths.again(path)}") from None

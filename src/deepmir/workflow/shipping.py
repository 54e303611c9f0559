"""The networks that come with deepmir: copies of those that `params.yaml` marks as defaults."""

import shutil
from dataclasses import replace
from pathlib import Path

from deepmir import paths
from deepmir.declarations.schema import Params
from deepmir.errors import DeepmirError
from deepmir.files.store import replacing
from deepmir.models.model import CARD, WEIGHTS, read_card, write_card
from deepmir.paths import SHIPPED
from deepmir.workflow import provenance


def ship(params: Params, folder: Path = SHIPPED) -> list[Path]:
    """Copy the trained network of every default, in place of those that are there.

    Args:
        params: the declarations.
        folder: where `deepmir analyze` looks for the models that come with it.

    Returns:
        The folder of each network that is there now, in the order of `defaults`.

    Raises:
        DeepmirError: when `defaults` is empty or a network is not trained; nothing is changed then.
    """
    if not params.defaults:
        raise DeepmirError("defaults in params.yaml is empty: name the experiment of each task")
    made = {
        task: paths.model(name)
        for task, name in params.defaults.items()
        if params.experiments[name].task == task  # auxiliary tasks are in the same network
    }
    missing = [str(model / CARD) for model in made.values() if not (model / WEIGHTS).exists()]
    if missing:
        raise DeepmirError(f"not trained yet: run `{paths.snakemake(*missing)}` first")
    for model in made.values():
        read_card(model)
    if folder.exists():
        shutil.rmtree(folder)
    for task, model in made.items():
        with replacing(folder / task / WEIGHTS) as temporary:
            shutil.copyfile(model / WEIGHTS, temporary)
        card = read_card(model)
        made_by = {**card.training, "commit": provenance.commit()}
        write_card(folder / task, replace(card, training=made_by))
    return [folder / task for task in made]

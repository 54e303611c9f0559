"""The input of a trained network, if that is the output of another network.

The other one is not in the folder of the model but beside it, or where it was declared.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.files.samples import Samples
from deepmir.models import archive, external
from deepmir.models.card import CARD, NetworkCard, read_card
from deepmir.representations import Code, Network, Onnx

Function = Callable[[Samples], npt.NDArray[np.float32]]


def function(folder: Path, card: NetworkCard) -> Function:
    """A function that computes the input of a trained network from mono samples.

    Args:
        folder: of the model.
        card: of the model.

    Raises:
        DeepmirError: when that is another network, which is missing or has changed.
    """
    given = card.representation
    if isinstance(given, Onnx):
        places = [folder / Path(given.file).name, Path(given.file)]
        place = next((path for path in places if path.is_file()), None)
        if place is None:
            raise DeepmirError(
                f"{folder} takes the output of {places[0].name} as input: copy that file into it"
            )
        return external.function(given.model_copy(update={"file": str(place)}))
    if isinstance(given, Code):
        from deepmir.models import codes

        return codes.function(given, _source(folder, card, given.model))
    if not isinstance(given, Network):
        return given
    from deepmir.models import activations

    if given.model == "random":
        return activations.function(given, None)
    return activations.function(given, _source(folder, card, given.model))


def _source(folder: Path, card: NetworkCard, name: str) -> Path:
    """The folder of the model whose layers are a network's input, with its weights in training."""
    if "/" in name:
        source = archive.folder_of(Path(name))
    else:
        source = paths.SHIPPED / name if (paths.SHIPPED / name).is_dir() else folder.parent / name
    if not (source / CARD).is_file():
        raise DeepmirError(
            f"{folder} takes layers of {name} as input: copy the folder of that model to {source}"
        )
    weights = read_card(source).weights_sha256
    known = str(card.training.get("features_hash", ""))
    given = card.representation
    if weights != getattr(given, "weights", "") and known != f"{given.digest}-{weights[:16]}":
        raise DeepmirError(
            f"{folder} was trained on layers of another {name} than {source}: train it "
            "again, or restore that one"
        )
    return source

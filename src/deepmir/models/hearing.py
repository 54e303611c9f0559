"""What a trained network hears, where that is what another network makes of a recording.

The other one is not in the folder of the model: it lies beside it, or where it was declared.
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
    """What computes the input of a trained network of mono samples.

    Args:
        folder: of the model.
        card: of it.

    Raises:
        DeepmirError: when that is another network, which is not there or not the same.
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
    """The folder of the model whose layers a network hears: with the weights it has learned on."""
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

"""A trained network in use: by onnxruntime if it has been exported, else by torch."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from deepmir import networks
from deepmir.errors import DeepmirError
from deepmir.models import graph
from deepmir.models.card import CARD, NetworkCard, read_network_card, task_of

Array = npt.NDArray[np.float32]

Outputs: TypeAlias = Callable[[Array], Array]
"""What runs a network: from features (B, T, F, N) to what its decoder reads.

That is (B, T, V) for a time-varying task, with the last features beside the activations if the task
reads those, and (B, V) for any other.
"""


@dataclass(frozen=True)
class Runner:
    """A network in use, with any backend.

    Attributes:
        shape: its input.
        minimum_frames: the shortest input for which there is an output.
        outputs: a function of onnxruntime or torch.
    """

    shape: networks.InputShape
    minimum_frames: int
    outputs: Outputs

    def __call__(self, features: npt.NDArray[np.floating]) -> Array:
        """The outputs for tracks of one length, see :data:`Outputs`.

        Args:
            features: as stored, shape (B, T, F) or (B, T, F, N).

        Raises:
            DeepmirError: for wrong bins or channels, or too few frames.
        """
        given = features.reshape(*features.shape[:3], -1).astype(np.float32)
        _, frames, bins, channels = given.shape
        self.shape.refuse(channels, bins, frames, self.minimum_frames)
        return self.outputs(given)


def load(folder: Path) -> tuple[Runner, NetworkCard]:
    """A trained network, ready to predict, and its card.

    Raises:
        DeepmirError: when a file is missing, damaged, newer or does not match the card; or when
            the network was not exported and torch is not installed.
    """
    card = read_network_card(folder)
    try:
        task = task_of(card)
        shape = networks.InputShape.of(card.representation, card.ensemble)
        output = networks.Output(width=task.output.width, time_varying=task.time_varying)
        needed = networks.describe(card.network, shape, output).minimum_frames
    except DeepmirError as error:
        raise DeepmirError(f"{folder / CARD}: {str(error).partition(chr(10))[0]}") from None
    outputs = graph.load(folder, card) if card.graph_sha256 else _by_torch(folder)
    return Runner(networks.InputShape.of(card.representation), needed, outputs), card


def _by_torch(folder: Path) -> Outputs:
    try:
        from deepmir.models import inference
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise DeepmirError(
            f"{folder}: the network was not exported (`deepmir ship`), so it needs torch: "
            "pip install 'deepmir[pipeline]'"
        ) from None
    return inference.outputs(inference.whole(folder))

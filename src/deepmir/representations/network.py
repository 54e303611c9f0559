"""Outputs of the layers of a network for another representation (tutorial, section 2.3)."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from deepmir.fields import Count, Different, Seed, Text
from deepmir.representations.learned import Learned
from deepmir.representations.mel import Mel

if TYPE_CHECKING:  # any kind but raw audio and networks: see `deepmir/representations/__init__`
    from deepmir.representations.base import Base

    Heard = Base

Layers = Annotated[Different[tuple[Count, ...]], Field(min_length=1, max_length=500)]


class Network(Learned):
    """Activations of selected layers, averaged over frequency and concatenated (Choi et al. 2017).

    Frames of a layer with fewer frames than its input are repeated; outputs of a layer for the
    whole recording are the same in all frames. Only the stage `features` computes them.
    """

    kind: Literal["network"] = "network"
    model: Text = Field(
        "random",
        description="an experiment, the task of a network that comes with deepmir, the path of a "
        "model, `models.tar/beat` of one in an archive, or `random`: `network` with the first "
        "weights of `seed`",
    )
    layers: Literal["all"] | Layers = Field(
        "all",
        description="the numbers of the outermost layers, from 1; all: those with weights, but for "
        "the last",
    )
    network: str = Field(
        "c2(8,3x3) - p2(2x1) - c2(8,3x3) - p2(2x1) - c2(8,3x3) - d1",
        max_length=10_000,
        description="of random weights, in the tutorial's notation; else that of the model",
    )
    seed: Seed = Field(0, description="of random weights")
    source: "Heard" = Field(
        Mel(bins=40), description="the input of random weights; else that of the model"
    )

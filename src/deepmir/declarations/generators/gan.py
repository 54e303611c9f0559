"""A generative adversarial network (tutorial, A.2)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from deepmir.declarations.generators.base import GeneratorBase
from deepmir.errors import DeepmirError
from deepmir.fields import Count, Different, Positive, Text
from deepmir.representations import Representation, invertible

if TYPE_CHECKING:
    from deepmir.tasks.base import Task

Condition = Literal["instrument", "pitch"]


class Gan(GeneratorBase):
    """A generator and a discriminator, trained against each other (A.2)."""

    kind: Literal["gan"]
    classifier: Text = Field(
        description="an experiment of the task instrument on the same representation: "
        "its features are used to compare generated notes with the test part"
    )
    conditions: Different[tuple[Condition, ...]] = Field(
        (), description="what generator and discriminator are conditioned on, for each note"
    )
    loss: Literal["hinge", "wasserstein"] = Field(
        "hinge",
        description="hinge, with spectral normalisation; wasserstein, with a gradient penalty",
    )
    gradient_penalty: Positive = Field(
        10.0, le=1e6, description="weight of the penalty, for wasserstein"
    )
    discriminator_steps: Annotated[Count, Field(le=1000)] = Field(
        1, description="steps of the discriminator per step of the generator"
    )
    latent: Annotated[Count, Field(le=10_000)] = Field(64, description="size of the noise vector")
    width: Annotated[Count, Field(le=1024)] = Field(
        16, description="channels of the outermost layer; they double with each layer further in"
    )
    layers: Annotated[Count, Field(le=10)] = Field(
        4, description="layers of each network that double or halve both axes of a patch"
    )
    models: ClassVar[tuple[str, ...]] = ("classifier",)
    averaged: ClassVar[bool] = True

    def frames(self, representation: Representation) -> int:
        """Number of frames in a patch of `training.patch_seconds`."""
        return round(self.training.patch_seconds * representation.frame_rate)

    def check(self, representation: Representation, judges: "Mapping[str, Task]") -> None:
        """Refuse impossible declarations, before anything is computed.

        Raises:
            DeepmirError: naming the key.
        """
        super().check(representation, judges)
        usual = type(self).model_fields["gradient_penalty"].default
        if self.loss == "hinge" and self.gradient_penalty != usual:
            raise DeepmirError("gradient_penalty is for the loss wasserstein: leave it out")
        if self.training.optimizer != "adamw":
            raise DeepmirError("training.optimizer must be adamw for a gan: declare that")
        invertible.check(representation)
        shortest = min(self.frames(representation), representation.bins)
        if shortest < 2**self.layers:
            raise DeepmirError(
                f"layers: a patch of {self.frames(representation)} frames and "
                f"{representation.bins} bins cannot be halved {self.layers} times: declare fewer, "
                "or another training.patch_seconds"
            )
        if (task := judges["classifier"].name) != "instrument":
            raise DeepmirError(f"classifier: its task is {task}, but must be instrument")

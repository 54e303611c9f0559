"""A WaveNet (tutorial, A.3)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from deepmir.declarations.generators.base import GeneratorBase
from deepmir.errors import DeepmirError
from deepmir.fields import Count, Different, Text
from deepmir.representations import Representation

if TYPE_CHECKING:
    from deepmir.tasks.base import Task


class WaveNet(GeneratorBase):
    """Dilated causal convolutions that predict the next sample of audio (A.3)."""

    models: ClassVar[tuple[str, ...]] = ("classifier",)

    kind: Literal["wavenet"]
    channels: Count = Field(32, le=1024, description="of the residual path")
    skip_channels: Count = Field(64, le=4096, description="of the sum of all layers")
    layers: Count = Field(8, le=14, description="of a stack, with dilations 1, 2, 4 and so on")
    stacks: Count = Field(
        2, le=10, description="the network looks back `stacks * (2^layers - 1) + 1` samples"
    )
    conditioning: Different[tuple[Literal["instrument", "pitch"], ...]] = Field(
        ("instrument", "pitch"),
        description="what the network is conditioned on; `pitch` at every sample",
    )
    condition_channels: Count = Field(16, le=1024, description="of the embedded conditions")
    classifier: Text | None = Field(
        None, description="an experiment with the task instrument, which judges what is generated"
    )

    def check(self, representation: Representation, judges: "Mapping[str, Task]") -> None:
        """Refuse an input that is not plain audio, and a classifier of something else."""
        super().check(representation, judges)
        if representation.kind != "audio":
            raise DeepmirError(
                f"representation: a wavenet takes the kind audio, not {representation.kind}"
            )
        if representation.conditioning or representation.separation:
            raise DeepmirError(
                "representation: a wavenet takes raw audio: leave out conditioning and separation"
            )
        for key, task in judges.items():
            if task.name != "instrument":
                raise DeepmirError(f"{key}: its task is {task.name}, but must be instrument")
        if "classifier" in judges and "instrument" not in self.conditioning:
            raise DeepmirError("classifier: it judges instruments: add instrument to conditioning")

"""What all kinds of generators have in common."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from deepmir.declarations.training import Training, refuse_of_experiments
from deepmir.errors import DeepmirError
from deepmir.fields import Count, Declaration, Text
from deepmir.representations import Representation

if TYPE_CHECKING:
    from deepmir.tasks.base import Task


class GeneratorBase(Declaration):
    """A model that reconstructs or generates music, trained without a task (A.2 to A.4)."""

    kind: str
    dataset: Text = Field(description="a name under datasets")
    representation: Text = Field(description="a name under representations")
    samples: Count = Field(
        16, le=10_000, description="how many samples to generate for judging and listening"
    )
    training: Training = Field(
        Training(), description="values that differ from the section training"
    )

    models: ClassVar[tuple[str, ...]] = ()
    """The keys that name experiments whose networks judge what is generated."""
    averaged: ClassVar[bool] = False
    """Whether a running average of the weights may be kept."""

    @property
    def needed(self) -> dict[str, str]:
        """The experiments whose networks it needs to be judged, by the key that names each."""
        named = {key: getattr(self, key) for key in self.models}
        return {key: name for key, name in named.items() if name is not None}

    @property
    def decides(self) -> dict[str, object]:
        """The values that determine its model, for JSON."""
        return self.model_dump(mode="json", exclude={"samples", *self.models})

    def check(self, representation: Representation, judges: "Mapping[str, Task]") -> None:
        """Refuse impossible declarations, before anything is computed.

        Args:
            representation: its input.
            judges: the tasks of the experiments that are :attr:`needed`, by key.

        Raises:
            DeepmirError: naming the key.
        """
        refuse_of_experiments(self.training, "generators")
        if self.training.weight_average and not self.averaged:
            raise DeepmirError("training.weight_average is not supported here: set it to 0")

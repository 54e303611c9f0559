"""What autoencoders and principal components share: patches, and a code for each."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import Field

from deepmir.declarations.generators.base import GeneratorBase
from deepmir.errors import DeepmirError, about
from deepmir.fields import Count
from deepmir.representations import Activations, Representation

if TYPE_CHECKING:
    from deepmir.tasks.base import Task


class Coding(GeneratorBase):
    """Maps patches of `training.patch_seconds` to codes and back."""

    code: Count = Field(16, le=100_000, description="numbers in the code h of a patch")

    @property
    @abstractmethod
    def networks(self) -> tuple[str, str]:
        """Encoder and decoder; the latter empty for the mirror of the former."""

    @property
    def is_variational(self) -> bool:
        """Whether the encoder gives a distribution of codes."""
        return False

    def frames(self, representation: Representation) -> int:
        """Frames of a patch."""
        return round(self.training.patch_seconds * representation.frame_rate)

    def check(self, representation: Representation, judges: "Mapping[str, Task]") -> None:
        """Refuse an input without patches, and networks that do not fit them.

        Raises:
            DeepmirError: naming the key.
        """
        super().check(representation, judges)
        if representation.kind == "audio" or isinstance(representation, Activations):
            raise DeepmirError(
                f"representation: {self.representation} is {representation.kind}: name "
                "one with bins, such as a mel-spectrogram"
            )
        frames = self.frames(representation)
        if frames < 1:
            raise DeepmirError(
                "training.patch_seconds: a patch is shorter than a frame: make it longer"
            )
        self._check_networks(representation, frames)

    def _check_networks(self, representation: Representation, frames: int) -> None:
        from deepmir import networks
        from deepmir.networks.mirror import mirrored
        from deepmir.networks.plan import plan_decoder

        shape = replace(networks.InputShape.of(representation), frames=frames)
        encoder, decoder = self.networks
        with about("encoder"):
            found = networks.describe(encoder, shape, networks.Output(self.code, False))
        with about("decoder"):
            plan_decoder(networks.parse(decoder or mirrored(found.nodes)), self.code, shape)

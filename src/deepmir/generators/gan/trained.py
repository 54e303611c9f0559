"""A trained generator, and how patches are requested from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch

from deepmir.declarations.generated import GeneratorEntry
from deepmir.declarations.generators.gan import Gan
from deepmir.errors import DeepmirError
from deepmir.generators.gan import networks
from deepmir.generators.gan.networks import Generator, Sizes
from deepmir.generators.gan.patches import Array, Scale, Vocabulary
from deepmir.models import model
from deepmir.models.card import read_generator_card
from deepmir.representations import Representation

AT_ONCE = 256  # patches per batch


def declared(entry: GeneratorEntry) -> Gan:
    """Its options in `params.yaml`."""
    assert isinstance(entry.generator, Gan)
    return entry.generator


def sizes(options: Gan, representation: Representation, vocabulary: Vocabulary) -> Sizes:
    """The sizes of its networks."""
    return Sizes(
        bins=representation.bins,
        frames=options.frames(representation),
        classes=tuple(len(known) for known in vocabulary.values()),
        latent=options.latent,
        width=options.width,
        layers=options.layers,
    )


@dataclass(frozen=True)
class Trained:
    """A generator in use.

    Attributes:
        generator: with its trained weights.
        scale: of the values that it was trained on.
        vocabulary: its possible conditions.
    """

    generator: Generator
    scale: Scale
    vocabulary: Vocabulary

    @classmethod
    def load(cls, entry: GeneratorEntry) -> Self:
        """Load the model.

        Raises:
            DeepmirError: when a file is missing or damaged, or params.yaml has another network.
        """
        card = read_generator_card(entry.folder)
        vocabulary, scale = _learned(card.training)
        made = Generator(sizes(declared(entry), entry.representation, vocabulary))
        try:
            made.load_state_dict(model.read_weights(entry.folder))
        except RuntimeError:
            raise DeepmirError(
                f"{entry.folder}: the weights belong to another network than params.yaml "
                "declares: train it again"
            ) from None
        return cls(made.eval(), scale, vocabulary)

    def make(self, classes: Sequence[Sequence[int]], seed: int) -> Array:
        """Patches of some classes; the same seed gives the same patches.

        Args:
            classes: the class of every condition, for each patch.
            seed: of the noise.

        Returns:
            Frames of the representation, shape (n, T, F).
        """
        drawn = torch.Generator().manual_seed(seed)
        noise, wanted = networks.draw(self.generator.sizes, classes, drawn)
        with torch.inference_mode():
            parts = [
                self.generator(*some)
                for some in zip(
                    torch.split(noise, AT_ONCE), torch.split(wanted, AT_ONCE), strict=True
                )
            ]
        return self.scale.outwards(torch.cat(parts))


def _learned(card: Mapping[str, Any]) -> tuple[Vocabulary, Scale]:
    """The training data entry of the card.

    Raises:
        DeepmirError: when it is missing.
    """
    try:
        low, high = (float(value) for value in card["scale"])
        vocabulary = {str(c): [str(v) for v in known] for c, known in card["vocabulary"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DeepmirError("the card lacks vocabulary or scale: train it again") from None
    return vocabulary, Scale(low, high)

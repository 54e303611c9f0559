"""A trained generator, and how it is asked for patches."""

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

AT_ONCE = 256  # patches


def declared(entry: GeneratorEntry) -> Gan:
    """What `params.yaml` says of it."""
    assert isinstance(entry.generator, Gan)
    return entry.generator


def sizes(options: Gan, representation: Representation, vocabulary: Vocabulary) -> Sizes:
    """Those of its networks."""
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
        scale: of the values that it has learned from.
        vocabulary: what it can be asked for.
    """

    generator: Generator
    scale: Scale
    vocabulary: Vocabulary

    @classmethod
    def load(cls, entry: GeneratorEntry) -> Self:
        """Read it.

        Raises:
            DeepmirError: when a file is missing or broken, or params.yaml declares another network.
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
        """Patches of some classes; the same seed gives the same.

        Args:
            classes: of each patch the class of every condition.
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
    """What the card says of the training part.

    Raises:
        DeepmirError: when it is not there.
    """
    try:
        low, high = (float(value) for value in card["scale"])
        vocabulary = {str(c): [str(v) for v in known] for c, known in card["vocabulary"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DeepmirError("the card lacks vocabulary or scale: train it again") from None
    return vocabulary, Scale(low, high)

"""A generative adversarial network (tutorial, A.2)."""

from typing import Literal

from deepmir.declarations.generators.base import GeneratorBase


class Gan(GeneratorBase):
    """A generator and a discriminator, trained against each other (A.2)."""

    kind: Literal["gan"]

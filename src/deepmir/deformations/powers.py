"""Conversion of features to powers and back, for deformations in decibels or of added power.

This works if the features are a spectrum with no conditioning but a logarithm. Members of a stack
with PCEN are left as they are: PCEN itself removes gain and equalisation.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepmir.representations import Decibel, Log, Pcen, Representation, Stack

if TYPE_CHECKING:
    from torch import Tensor

    from deepmir.representations import Conditioning


def channels(representation: Representation) -> tuple[Representation, ...]:
    """The members of a stack, or the representation itself."""
    return representation.members if isinstance(representation, Stack) else (representation,)


def no_spectra(representation: Representation) -> list[str]:
    """The kinds of the parts of a representation that are not spectra, sorted."""
    parts = channels(representation)
    return sorted({part.kind for part in parts if part.axis != "frequency"})


def levelled(representation: Representation) -> tuple[Representation, list[int]]:
    """The part of a representation that has levels, and the indices of its channels.

    For a stack, the members without PCEN, if there are any; else the whole.
    """
    if isinstance(representation, Stack):
        steps = [member.conditioning for member in representation.members]
        kept = [i for i, chain in enumerate(steps) if not any(isinstance(s, Pcen) for s in chain)]
        if kept:
            members = tuple(representation.members[i] for i in kept)
            return representation.model_copy(update={"members": members}), kept
    return representation, [*range(representation.channels)]


def why_not(representation: Representation) -> str | None:
    """Why features cannot be converted to powers, as the end of a sentence; None if they can."""
    representation, _ = levelled(representation)
    others = no_spectra(representation)
    if others:
        return f"{others[0]} is not a spectrum"
    unit = unconditioned(representation).units
    if unit not in ("power", "magnitude"):
        return f"{unit} values are not magnitudes"
    if len({_chain(part) for part in channels(representation)}) > 1:
        return "the members of the stack are conditioned differently"
    for step in _chain(representation):
        if not isinstance(step, Log | Decibel):
            return f"the conditioning {step.kind} cannot be undone"
        if isinstance(step, Decibel) and step.reference == "maximum":
            return "decibel with the maximum as reference has lost the level"
    return None


def why_not_by_bin(representation: Representation) -> str | None:
    """Why a bin has no value of its own, as the end of a sentence; None if it does."""
    others = no_spectra(representation)
    if others:
        return f"{others[0]} is not a spectrum"
    members = channels(representation)
    for step in {*representation.conditioning, *(s for one in members for s in one.conditioning)}:
        if isinstance(step, Decibel) and (step.range is not None or step.reference == "maximum"):
            return "decibel relates to the loudest bin (or declare range: null)"
        if not isinstance(step, Log | Decibel | Pcen):
            return f"the conditioning {step.kind} depends on others"
    return None


def unconditioned(representation: Representation) -> Representation:
    """The same representation without its own conditioning or that of its members."""
    bare = representation.bare()
    if not isinstance(bare, Stack):
        return bare
    return bare.model_copy(update={"members": tuple(member.bare() for member in bare.members)})


def _chain(representation: Representation) -> tuple["Conditioning", ...]:
    """All steps between the spectrum and the features."""
    if isinstance(representation, Stack):
        return (*representation.members[0].conditioning, *representation.conditioning)
    return representation.conditioning


@dataclass(frozen=True)
class Powers:
    """The conversion between features and powers.

    Attributes:
        exponent: 1 if the values before the logarithm are powers, 2 if they are magnitudes.
        step: the logarithm, if any.
    """

    exponent: int
    step: Log | Decibel | None

    @classmethod
    def of(cls, representation: Representation) -> "Powers":
        """That of a representation to which :func:`why_not` has no objection."""
        exponent = 1 if unconditioned(representation).units == "power" else 2
        steps = [step for step in _chain(representation) if isinstance(step, Log | Decibel)]
        return cls(exponent, steps[0] if steps else None)

    def undo(self, x: "Tensor") -> "Tensor":
        """Features to powers, any shape."""
        if isinstance(self.step, Decibel):
            return (10 ** (x / 10)) * self._reference(self.step)
        values = x if self.step is None else x.exp() - self.step.epsilon
        return values.clamp(min=0) ** self.exponent

    def redo(self, power: "Tensor") -> "Tensor":
        """Powers to features, any shape.

        The range of a decibel step below the recording's peak is not applied again: the peak is not
        in the patch.
        """
        if isinstance(self.step, Decibel):
            level = 10 * power.clamp(min=self.step.floor).log10()
            return level - 10 * math.log10(self._reference(self.step))
        values = power ** (1 / self.exponent)
        return values if self.step is None else (values + self.step.epsilon).log()

    def _reference(self, step: Decibel) -> float:
        assert step.reference != "maximum"  # refused by why_not
        return float(max(step.reference**self.exponent, step.floor))

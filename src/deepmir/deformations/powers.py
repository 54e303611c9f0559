"""Features back to powers and forth, for what is declared in decibels or adds up as power.

It can be done where the features are a spectrum that no step but a logarithm has conditioned. In a
stack, members with PCEN are left as they are: PCEN takes gain and equaliser away by itself.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deepmir.representations import Decibel, Log, Pcen, Representation

if TYPE_CHECKING:
    from torch import Tensor

    from deepmir.representations import Conditioning

SPECTRA = frozenset(
    {"stft", "mel", "bark", "erb", "gammatone", "logfrequency", "cqt", "hcqt"}
)  # chroma, MFCC and tempogram are made from one and have lost its level or its frequencies


def kinds(representation: Representation) -> set[str]:
    """The kind of a representation, or those of the members of a stack."""
    return {part.kind for part in getattr(representation, "members", (representation,))}


def levelled(representation: Representation) -> tuple[Representation, list[int]]:
    """What of a representation has levels, and which of its channels that is.

    Of a stack, those members that PCEN has not conditioned, if there are any; else the whole.
    """
    members = getattr(representation, "members", ())
    steps = [member.conditioning for member in members]
    kept = [i for i, chain in enumerate(steps) if not any(isinstance(s, Pcen) for s in chain)]
    if not kept:
        return representation, [*range(representation.channels)]
    chosen = tuple(members[i] for i in kept)
    return representation.model_copy(update={"members": chosen}), kept


def why_not(representation: Representation) -> str | None:
    """Why features cannot be turned back to powers, as the end of a sentence; None if they can."""
    representation, _ = levelled(representation)
    others = sorted(kinds(representation) - SPECTRA)
    if others:
        return f"{others[0]} is no spectrum"
    if getattr(representation, "value", None) == "complex":
        return "complex values are no magnitudes"
    if len(set(_chains(representation))) > 1:
        return "the members of the stack are conditioned differently"
    for step in _chain(representation):
        if not isinstance(step, Log | Decibel):
            return f"the conditioning {step.kind} cannot be undone"
        if isinstance(step, Decibel) and step.reference == "maximum":
            return "decibel with the maximum as reference has lost the level"
    return None


def unconditioned(representation: Representation) -> Representation:
    """The same representation without conditioning, its own or that of its members."""
    bare = representation.bare()
    if not hasattr(bare, "members"):
        return bare
    return bare.model_copy(update={"members": tuple(member.bare() for member in bare.members)})


def _chains(representation: Representation) -> list[tuple["Conditioning", ...]]:
    parts = getattr(representation, "members", ())
    return [part.conditioning for part in parts]


def _chain(representation: Representation) -> tuple["Conditioning", ...]:
    """All steps between the spectrum and the features."""
    first = _chains(representation)[:1] or [()]
    return (*first[0], *representation.conditioning)


@dataclass(frozen=True)
class Powers:
    """How features are made of powers.

    Attributes:
        exponent: 1 where the values before the logarithm are powers, 2 where they are magnitudes.
        step: the logarithm, if there is any.
    """

    exponent: int
    step: Log | Decibel | None

    @classmethod
    def of(cls, representation: Representation) -> "Powers":
        """Those of a representation that :func:`why_not` has nothing against."""
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

        What a decibel step keeps below the recording's peak is not cut off anew: the peak is not in
        the patch.
        """
        if isinstance(self.step, Decibel):
            level = 10 * power.clamp(min=self.step.floor).log10()
            return level - 10 * math.log10(self._reference(self.step))
        values = power ** (1 / self.exponent)
        return values if self.step is None else (values + self.step.epsilon).log()

    def _reference(self, step: Decibel) -> float:
        assert step.reference != "maximum"  # refused by why_not
        return float(max(step.reference**self.exponent, step.floor))

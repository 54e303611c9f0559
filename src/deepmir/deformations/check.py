"""What may be deformed how: refused in one line, before anything is computed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deepmir.deformations import SCALES
from deepmir.errors import DeepmirError
from deepmir.naming import nearest, shortened

if TYPE_CHECKING:
    from deepmir.representations import Representation
    from deepmir.tasks.base import Task


def check(
    task: "Task",
    amounts: Mapping[str, float],
    representation: "Representation",
    *,
    on_the_fly: bool,
) -> None:
    """Refuse a deformation that a task forbids or that the network's input cannot undergo.

    Args:
        task: whose labels they must not falsify.
        amounts: the most of each deformation.
        representation: the network's input.
        on_the_fly: whether it is computed from audio as the network trains.

    Raises:
        DeepmirError: naming the deformation, and what to do.
    """
    for name, amount in amounts.items():
        if name not in SCALES:
            there = ", ".join(sorted(SCALES))
            hint = nearest(name, SCALES) or f" (there are: {there})"
            raise DeepmirError(f"deformations.{shortened(name)} is not known{hint}")
        unit, largest = SCALES[name]
        if not 0 <= amount <= largest:
            raise DeepmirError(
                f"deformations.{name}: {amount:g} is not between 0 and {largest:g} ({unit})"
            )
        if task.effect(name) == "forbid":
            raise DeepmirError(f"deformations.{name} would falsify the labels of {task.name}")
        reason = _unfit(name, representation, on_the_fly)
        reason = reason or _without_effect(name, amount, representation)
        if reason:
            raise DeepmirError(f"deformations.{name} {reason}")


def _unfit(name: str, representation: "Representation", on_the_fly: bool) -> str | None:
    """Why an input cannot undergo a deformation; None if it can."""
    if name in ("time_stretch", "pitch_shift"):
        return _moved(name, representation)
    if name == "time_mask":
        return None
    if name == "frequency_mask":
        return _no_bands(representation)
    if on_the_fly:
        return _no_codec(representation.sample_rate) if name == "codec" else None
    return _precomputed(name, representation)


def _without_effect(name: str, amount: float, representation: "Representation") -> str | None:
    """Why an amount would be rounded to another, such as to nothing; None if it is not."""
    if name == "pitch_shift" and amount != round(amount):
        return f"is of whole semitones, which {amount:g} is not"
    if amount == 0 and name != "codec":  # whose 0 is its best quality
        return "of 0 does nothing: leave it out"
    steps = {"time_mask": representation.frame_rate, "frequency_mask": representation.bins}
    if name in steps and round(amount * steps[name]) == 0:
        axis = "frame" if name == "time_mask" else "bin"
        return f"of {amount:g} rounds to no {axis} of the representation"
    return None


def _moved(name: str, representation: "Representation") -> str | None:
    if name == "time_stretch" and representation.kind in ("audio", "tempogram"):
        frames = {"audio": "samples are its frames", "tempogram": "lags would keep their tempo"}
        return f"interpolates frames, and {frames[representation.kind]}: use mel, for one"
    parts = getattr(representation, "members", (representation,))
    octaves = {part.bins_per_octave for part in parts}
    if name == "pitch_shift" and (None in octaves or len(octaves) > 1):
        return (
            "rolls the bins of a log-frequency representation, "
            f"which {representation.kind} is not: use cqt, for one"
        )
    if name == "pitch_shift" and (representation.bins_per_octave or 0) % 12:
        return (
            f"moves by semitones, which {representation.bins_per_octave} bins an octave do not "
            "have: use a multiple of 12"
        )
    return None


def _no_bands(representation: "Representation") -> str | None:
    from deepmir.deformations.powers import SPECTRA, kinds

    others = sorted(kinds(representation) - SPECTRA)
    return f"masks a band of a spectrum, which {others[0]} is not: leave it out" if others else None


def _no_codec(sample_rate: int) -> str | None:
    from deepmir.deformations.codec import SAMPLE_RATES

    if sample_rate in SAMPLE_RATES:
        return None
    known = ", ".join(map(str, SAMPLE_RATES))
    return f"is MP3, which has no {sample_rate} Hz: use a representation at one of {known}"


def _precomputed(name: str, representation: "Representation") -> str | None:
    from deepmir.deformations.powers import why_not

    if name in ("reverb", "codec"):
        return "acts on audio, and the features are precomputed: declare precompute: no"
    reason = why_not(representation)
    return f"acts on powers, and {reason}: declare precompute: no" if reason else None

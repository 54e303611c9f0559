"""The singers: each method of making a voice is a module with a function `sing`."""

from dataclasses import replace
from importlib import import_module
from typing import Literal

import numpy as np

from deepmir_render.playing.played import PlayedPart
from deepmir_render.singing.sung import Sung
from deepmir_render.writing.singer import Singer


def sing(
    method: Literal["formant", "speech"],
    part: PlayedPart,
    singer: Singer,
    samples: int,
    detuning: float,
    rng: np.random.Generator,
) -> Sung:
    """Sing a part.

    Args:
        method: how the voice is made.
        part: in the singer's octave.
        singer: who sings.
        samples: length of the whole recording.
        detuning: of the whole recording, in cents.
        rng: for words, vibrato and noise.
    """
    tuned = replace(
        part, notes=tuple(replace(n, pitch=n.pitch + detuning / 100) for n in part.notes)
    )
    sung: Sung = import_module(f"deepmir_render.singing.{method}").sing(tuned, singer, samples, rng)
    # An annotated note is one of the twelve, as those of the other instruments are.
    notes = tuple(replace(n, pitch=round(n.pitch - detuning / 100)) for n in sung.part.notes)
    return replace(sung, part=replace(sung.part, notes=notes))

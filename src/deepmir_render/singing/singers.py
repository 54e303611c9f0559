"""Who sings a part, and by which of the two voices: the formant synthesiser's or spoken ones."""

from dataclasses import replace
from typing import Literal

import numpy as np

from deepmir_render.playing.performance_plain import PlayedPart
from deepmir_render.singing import singing
from deepmir_render.singing.singer import Singer
from deepmir_render.singing.singing import Sung


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
    if method == "speech":
        from deepmir_render.singing import speech

        sung = speech.sing(tuned, singer, samples, rng)
    else:
        sung = singing.sing(tuned, singer, samples, rng)
    # An annotated note is one of the twelve, as those of the other instruments are.
    notes = tuple(replace(n, pitch=round(n.pitch - detuning / 100)) for n in sung.part.notes)
    return replace(sung, part=replace(sung.part, notes=notes))

"""The singers, by what their voices are made of."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from deepmir_render.playing.played import PlayedPart
from deepmir_render.singing import bank, formant, speech
from deepmir_render.singing.sung import Sung
from deepmir_render.writing.singer import Singer


def sing(
    method: Literal["formant", "speech", "recorded"],
    part: PlayedPart,
    singer: Singer,
    samples: int,
    detuning: float,
    rng: np.random.Generator,
    people: Path | None = None,
) -> Sung:
    """Sing a part.

    Args:
        method: how the voice is made.
        part: in the singer's octave.
        singer: who sings.
        samples: length of the whole recording.
        detuning: of the whole recording, in cents.
        rng: for words, vibrato and noise.
        people: folder of those whose speech `recorded` is made of.

    Raises:
        DeepmirError: when nobody is heard to speak there, or what speaks is not installed.
    """
    tuned = replace(
        part, notes=tuple(replace(n, pitch=n.pitch + detuning / 100) for n in part.notes)
    )
    if method == "formant":
        sung = formant.sing(tuned, singer, samples, rng)
    else:
        voices = bank.prepare(people if method == "recorded" else None)
        sung = speech.sing(tuned, singer, samples, rng, voices)
    # An annotated note is one of the twelve, as those of the other instruments are.
    notes = tuple(replace(n, pitch=round(n.pitch - detuning / 100)) for n in sung.part.notes)
    return replace(sung, part=replace(sung.part, notes=notes))

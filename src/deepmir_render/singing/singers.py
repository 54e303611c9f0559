"""The singers, by synthesis method."""

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
        method: of making the voice.
        part: in the singer's octave.
        singer: the singer.
        samples: length of the whole recording.
        detuning: of the whole recording, in cents.
        rng: for words, vibrato and noise.
        people: folder of the speakers for `recorded`.

    Raises:
        DeepmirError: when no speech is found there, or the software is not installed.
    """
    tuned = replace(
        part, notes=tuple(replace(n, pitch=n.pitch + detuning / 100) for n in part.notes)
    )
    if method == "formant":
        sung = formant.sing(tuned, singer, samples, rng)
    else:
        voices = bank.prepare(people if method == "recorded" else None)
        sung = speech.sing(tuned, singer, samples, rng, voices)
    # Annotated notes are on one of the twelve pitch classes, like those of other instruments.
    notes = tuple(replace(n, pitch=round(n.pitch - detuning / 100)) for n in sung.part.notes)
    return replace(sung, part=replace(sung.part, notes=notes))

"""Patches as audio and as pictures."""

from pathlib import Path

from deepmir.drawing import picture
from deepmir.generators import inversion, wav
from deepmir.generators.gan.patches import Array
from deepmir.representations import Representation

ENLARGED = (8, 4)  # pixels per frame, and per bin


def write(
    folder: Path, name: str, frames: Array, representation: Representation
) -> tuple[str, str]:
    """Write a patch as WAV, by inverting its representation, and as PNG.

    Args:
        folder: an existing one.
        name: of both files.
        frames: shape (T, F).
        representation: of the frames.

    Returns:
        The names of the files.
    """
    samples = inversion.audio(frames, representation)
    wav.write(folder / f"{name}.wav", samples, representation.sample_rate)
    return f"{name}.wav", write_png(folder, name, frames)


def write_png(folder: Path, name: str, frames: Array) -> str:
    """Write frames as an enlarged picture, and return the name of the file."""
    across, up = ENLARGED
    enlarged = frames.repeat(across, axis=0).repeat(up, axis=1)
    (folder / f"{name}.png").write_bytes(picture.png(enlarged))
    return f"{name}.png"

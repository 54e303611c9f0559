"""Patches as something to hear and to see."""

from pathlib import Path

from deepmir.drawing import picture
from deepmir.generators import inversion, wav
from deepmir.generators.gan.patches import Array
from deepmir.representations import Representation

ENLARGED = (8, 4)  # pixels for a frame, and for a bin


def write(
    folder: Path, name: str, frames: Array, representation: Representation
) -> tuple[str, str]:
    """Write a patch as WAV, by the inverse of its representation, and as PNG.

    Args:
        folder: there already.
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
    """Write frames as a picture, large enough to be seen; returns the name of the file."""
    across, up = ENLARGED
    enlarged = frames.repeat(across, axis=0).repeat(up, axis=1)
    (folder / f"{name}.png").write_bytes(picture.png(enlarged))
    return f"{name}.png"

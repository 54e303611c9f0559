"""The stems of a game's song as one recording."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError

Mix = npt.NDArray[np.float32]

STEMS = ("song.ogg", "guitar.ogg", "rhythm.ogg")
PEAK = 0.98  # of full scale, when a mix has to be made softer
BLOCK = 0.05  # seconds over which loudness is measured
SILENCE = 1e-4  # power, of the loudest block: before and after, nothing is heard


def mixed(folder: Path) -> tuple[Mix, int]:
    """The sum of a song's stems, shape (frames, channels), made softer if it would clip.

    Returns:
        The mix, and its sample rate in Hz.

    Raises:
        DeepmirError: when no stem is there, or they differ in sample rate or channels.
    """
    import soundfile

    paths = [folder / name for name in STEMS if (folder / name).exists()]
    if not paths:
        raise DeepmirError(f"{folder} has none of {', '.join(STEMS)}: install the package again")
    mix, rate = soundfile.read(paths[0], dtype="float32", always_2d=True)
    for path in paths[1:]:
        stem, other = soundfile.read(path, dtype="float32", always_2d=True)
        if (other, stem.shape[1]) != (rate, mix.shape[1]):
            raise DeepmirError(
                f"{path}: {other} Hz and {stem.shape[1]} channels, where {paths[0].name} has "
                f"{rate} Hz and {mix.shape[1]}"
            )
        shorter, longer = sorted((mix, stem), key=len)
        longer[: len(shorter)] += shorter
        mix = longer
    peak = float(np.abs(mix).max(initial=0.0))
    if peak > PEAK:
        mix *= PEAK / peak
    return mix, int(rate)


def sounding(mix: Mix, rate: int) -> tuple[float, float]:
    """When the music begins and ends in seconds: the first and the last block above -40 dB.

    Raises:
        DeepmirError: when it is too short to tell.
    """
    size = round(BLOCK * rate)
    if len(mix) < size:
        raise DeepmirError(f"the mix is too short, {len(mix) / rate:.2f} s")
    blocks = mix[: len(mix) // size * size].reshape(-1, size * mix.shape[1])
    power = np.einsum("ij,ij->i", blocks, blocks)
    loud = np.flatnonzero(power >= SILENCE * power.max())
    return float(loud[0] * BLOCK), float((loud[-1] + 1) * BLOCK)

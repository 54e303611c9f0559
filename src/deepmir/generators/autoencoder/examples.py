"""Excerpts passed through the bottleneck, and sampled codes, to listen to."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from deepmir.declarations.generated import GeneratorEntry
from deepmir.drawing import figures
from deepmir.errors import DeepmirError
from deepmir.features import downmix
from deepmir.files.store import Store
from deepmir.generators import inversion, wav
from deepmir.generators.autoencoder import coded, pictures
from deepmir.generators.autoencoder.coded import TestPart
from deepmir.generators.autoencoder.pictures import frames_of
from deepmir.generators.base import Sample
from deepmir.models.codes import Autoencoder
from deepmir.representations import invertible

Array = npt.NDArray[np.float32]

SECONDS = 4.0  # approximate length of an excerpt, in whole patches


def make(entry: GeneratorEntry, folder: Path, count: int, seed: int) -> list[Sample]:
    """Write pictures and audio of excerpts or samples; see `method.CodingMethod`."""
    network = coded.load(entry)
    assert network.shape.frames is not None
    part = TestPart(entry, network.shape.frames)
    audio = entry.files.open_audio(entry.representation.sample_rate)
    patches = max(1, round(SECONDS * entry.representation.frame_rate / part.frames))
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(part.tracks))
    made = []
    for number in range(count):
        if network.variational and number % 2:
            codes = rng.standard_normal((patches, network.code)).astype(np.float32)
            made.append(_drawn(entry, network, torch.from_numpy(codes), folder, number))
        else:
            track = part.tracks[order[number % len(order)]]
            made.append(_again(entry, network, part, audio, folder, number, track, patches, rng))
    return made


@torch.inference_mode()
def _again(
    entry: GeneratorEntry,
    network: Autoencoder,
    part: TestPart,
    audio: Store,
    folder: Path,
    number: int,
    track: str,
    patches: int,
    rng: np.random.Generator,
) -> Sample:
    """An excerpt, its features, and their reconstruction."""
    every = part.patches(track)
    first = int(rng.integers(0, max(1, len(every) - patches + 1)))
    x = every[first : first + patches]
    z = network.standardised(x)
    shown = {"features": frames_of(network, z), "from the code": frames_of(network, network(z))}
    name = f"{number + 1:02d}-{track}"
    rate, hop = entry.representation.sample_rate, entry.representation.hop
    start = first * part.frames * hop
    heard = downmix.samples_of(audio, track)[start : start + len(x) * part.frames * hop]
    wav.write(folder / f"{name}-recording.wav", heard, rate)
    files = _written(entry, name, shown, folder)
    return Sample(
        name,
        {"track": track, "from": f"{start / rate:.1f} s", "made of": f"{len(x)} codes"},
        (*files, f"{name}-recording.wav"),
    )


@torch.inference_mode()
def _drawn(
    entry: GeneratorEntry, network: Autoencoder, codes: Tensor, folder: Path, number: int
) -> Sample:
    """The decoded output of successive codes from the prior."""
    name = f"{number + 1:02d}-prior"
    shown = {"from drawn codes": frames_of(network, network.decode(codes))}
    files = _written(entry, name, shown, folder)
    return Sample(name, {"made of": f"{len(codes)} codes drawn from the prior"}, files)


def _written(
    entry: GeneratorEntry, name: str, shown: Mapping[str, Array], folder: Path
) -> tuple[str, ...]:
    """A picture of all, and the audio of each that can be inverted; the last first."""
    picture = pictures.side_by_side([("", shown)], entry.representation)
    (folder / f"{name}.png").write_bytes(figures.png(picture))
    files = [f"{name}.png"]
    try:
        invertible.check(entry.representation)
    except DeepmirError:
        return tuple(files)
    for what, values in shown.items():
        file = f"{name}-{what.replace(' ', '-')}.wav"
        samples = inversion.audio(values, entry.representation)
        wav.write(folder / file, samples, entry.representation.sample_rate)
        files.append(file)
    return tuple(files[::-1])

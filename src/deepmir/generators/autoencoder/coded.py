"""The test part seen by a trained model: reconstruction errors, and one vector per track."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from deepmir import paths
from deepmir.declarations.generated import GeneratorEntry
from deepmir.errors import DeepmirError
from deepmir.features import corpus, downmix
from deepmir.files.store import Store
from deepmir.generators.autoencoder.module import made
from deepmir.generators.autoencoder.patches import RandomPatches, usable, whole
from deepmir.generators.autoencoder.principal import Moments, linear
from deepmir.models import model
from deepmir.models.codes import Autoencoder
from deepmir.representations import Decibel, Mel, Mfcc
from deepmir.tasks.shared import tags

Floats = npt.NDArray[np.float64]

PATCHES = 4096  # for fitting the principal components that serve as a baseline


@dataclass(frozen=True)
class Listened:
    """The results of a system for tracks.

    Attributes:
        unexplained: lost share of each track's variance, shape (tracks,).
        halves: the mean of the codes in each half of each track, shape (tracks, 2, code).
    """

    unexplained: Floats
    halves: Floats

    @property
    def vectors(self) -> Floats:
        """The mean of each track's codes, both halves weighted equally, shape (tracks, code)."""
        found: Floats = self.halves.mean(1)
        return found


class TestPart:
    """The test tracks of a generator's data set, and the training tracks.

    Attributes:
        store: the features.
        frames: of a patch.
        tracks: identifiers of the test tracks that are at least one patch long.
        train: those of such training tracks.
        works: the group of each test track.
        genres: the genre of each, None if not annotated.
    """

    __test__ = False  # not a test class for pytest

    def __init__(self, entry: GeneratorEntry, frames: int) -> None:
        """Read the data.

        Raises:
            DeepmirError: when they are missing or stale, or no test track is as long as a patch.
        """
        data = entry.files.read()
        self.store: Store = entry.files.open_features(entry.representation)
        self.frames = frames
        self.tracks = usable(data, "test", self.store, frames)
        self.train = usable(data, "train", self.store, frames)
        known = {track.id: track for track in data.divided.test}
        annotated = corpus.read_annotations([known[t] for t in self.tracks], ("tag_open",))
        self.works = [known[t].group for t in self.tracks]
        self.genres = [
            tags.strongest(annotated[track].first("tag_open", "genre")) for track in self.tracks
        ]

    def patches(self, track: str) -> Tensor:
        """A track cut into adjacent patches, shape (patches, N, F, frames)."""
        return whole(self.store, track, self.frames)

    @torch.inference_mode()
    def through(self, network: Autoencoder) -> Listened:
        """The results of an autoencoder for the test tracks."""
        lost, codes = [], []
        for track in self.tracks:
            z = network.standardised(self.patches(track))
            code = network.encode(z)[0]
            error = (network.decode(code) - z).square().sum() / z.square().sum()
            lost.append(float(error))
            codes.append(halves(code.double().numpy()))
        return Listened(np.array(lost), np.stack(codes))

    def cepstra(self, recordings: Store, sample_rate: int) -> Floats:
        """The mean MFCCs of each half of each track, shape (tracks, 2, 20)."""
        mfcc = Mfcc(source=Mel(sample_rate=sample_rate, conditioning=(Decibel(),)))
        every = [mfcc(downmix.samples_of(recordings, track)) for track in self.tracks]
        return np.stack([halves(each.astype(np.float64)) for each in every])


def halves(values: Floats) -> Floats:
    """The means of the first and the second half, shapes (n, numbers) to (2, numbers).

    A single value counts as both.
    """
    middle = max(1, len(values) // 2)
    return np.stack([values[:middle].mean(0), values[min(middle, len(values) - 1) :].mean(0)])


def load(entry: GeneratorEntry) -> Autoencoder:
    """The trained encoder and decoder.

    Raises:
        DeepmirError: when the model is missing, damaged, or differs from the declaration.
    """
    network, weights = made(entry), model.read_weights(entry.folder)
    wanted = {name: value.shape for name, value in network.state_dict().items()}
    if wanted != {name: value.shape for name, value in weights.items()}:
        again = paths.model_again(entry.folder)
        raise DeepmirError(f"{entry.folder} is not what params.yaml declares: {again}")
    network.load_state_dict(weights)
    return network.eval()


def baselines(
    entry: GeneratorEntry, network: Autoencoder, part: TestPart
) -> dict[str, Autoencoder]:
    """Linear autoencoders of the same size, on the same standardised patches.

    Returns:
        `pca`: the principal components of random training patches; `random_projection`: as many
        random orthonormal directions.
    """
    options = entry.generator.training
    patches = RandomPatches(
        part.store,
        part.train,
        part.frames,
        batches=PATCHES // 64,
        batch_size=64,
        seed=(options.seed, 0),
    )
    shape = network.shape
    numbers = shape.channels * shape.bins * part.frames
    moments = Moments(numbers)
    for place in range(len(patches)):
        moments.add(network.standardised(patches[place]).flatten(1))
    mean, directions = moments.components(network.code)
    rng = np.random.default_rng(options.seed)
    drawn = np.linalg.qr(rng.standard_normal((numbers, network.code)))[0].T
    return {
        "pca": _linear(network, mean, directions),
        "random_projection": _linear(network, mean, drawn),
    }


def _linear(network: Autoencoder, mean: Floats, directions: Floats) -> Autoencoder:
    made = Autoencoder("d1", "", network.shape, network.code).eval()
    made.encoder.mean.copy_(network.encoder.mean)
    made.encoder.scale.copy_(network.encoder.scale)
    linear(made, mean, directions)
    return made

"""The WaveNet method: training, generation, judgement."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from deepmir.datasets.index import Track
from deepmir.datasets.splits import Divided
from deepmir.declarations.generated import GeneratorEntry
from deepmir.declarations.generators.wavenet import WaveNet as Declared
from deepmir.errors import DeepmirError
from deepmir.generators import wav
from deepmir.generators.base import Method, Sample
from deepmir.generators.judgement import Judgement
from deepmir.generators.wavenet import judging, module, mulaw, recordings, sampling
from deepmir.generators.wavenet.module import WaveNetModule
from deepmir.generators.wavenet.mulaw import Codes
from deepmir.generators.wavenet.network import Given, WaveNet
from deepmir.generators.wavenet.recordings import Recording, Vocabulary
from deepmir.models.card import read_generator_card
from deepmir.models.model import read_weights
from deepmir.tasks.base import Metric

TOGETHER = 256  # sounds sampled at once


class WaveNetMethod(Method):
    """Audio, sample by sample."""

    name = "wavenet"
    primary = judging.PRIMARY
    measures: Mapping[str, Metric] = judging.MEASURES

    def module(self, entry: GeneratorEntry) -> WaveNetModule:
        """The module to train, with initial weights from the seed."""
        return module.prepare(entry)

    def generate(self, entry: GeneratorEntry, folder: Path, count: int, seed: int) -> list[Sample]:
        """Imitate recordings of the test and of the training part in turn.

        Each sound is conditioned on the instrument of one recording and on its pitch at every
        sample. Notes of the test part were not part of training.
        """
        network, words = load(entry)
        rate, data = entry.representation.sample_rate, entry.files.read()
        store = entry.files.open_audio(rate)
        chosen = templates(data.divided, store.tracks, count, seed)
        read = recordings.read([track for _, track in chosen], store, rate, words)
        by_track = {one.track: one for one in read}
        models = [by_track[track.id] for _, track in chosen]
        samples = []
        # In double precision, rounding, which differs between processors, does not affect samples.
        for place, codes in enumerate(drawn(network.double(), models, seed)):
            part, model = chosen[place][0], models[place]
            name = f"{place:03d}-{model.track}"
            wav.write(folder / f"{name}.wav", mulaw.decode(codes), rate)
            said = {"like": model.track, "part": part, **_said(model, words)}
            samples.append(Sample(name, said, (f"{name}.wav",)))
        return samples

    def judge(self, entry: GeneratorEntry, generated: Path, figures: Path) -> Judgement:
        """Likelihood of test recordings, and pitch and instrument of generated sounds."""
        network, words = load(entry)
        return judging.judge(entry, network, words, generated, figures)


def load(entry: GeneratorEntry) -> tuple[WaveNet, Vocabulary]:
    """A trained network and its vocabulary.

    Raises:
        DeepmirError: when the model is missing, damaged or differs from the declaration.
    """
    card, declared = read_generator_card(entry.folder), entry.generator
    assert isinstance(declared, Declared)
    try:
        learned = card.training
        words = Vocabulary(tuple(learned["instruments"]), tuple(learned["pitches"]))
        network = module.build(declared, words)
        network.load_state_dict(read_weights(entry.folder))
    except (KeyError, TypeError, RuntimeError):
        raise DeepmirError(f"{entry.folder} is not the declared model: train it again") from None
    return network.eval(), words


def templates(
    divided: Divided, known: Sequence[str], count: int, seed: int
) -> list[tuple[str, Track]]:
    """Recordings of the test and training parts in turn, one of each group first.

    Args:
        divided: the tracks of the data set by part.
        known: the tracks with audio.
        count: number of recordings; they are repeated if there are not enough.
        seed: of their order.
    """
    rng, there = np.random.default_rng(seed), {*known}
    parts = {}
    for part in ("test", "train"):
        tracks = [track for track in getattr(divided, part) if track.id in there]
        seen: dict[str, int] = defaultdict(int)
        order = []
        for place in rng.permutation(len(tracks)):
            seen[tracks[place].group] += 1
            order.append((seen[tracks[place].group], place))
        parts[part] = [tracks[place] for _, place in sorted(order, key=lambda pair: pair[0])]
    kinds = [part for part, tracks in parts.items() if tracks]
    turns = [(kinds[turn % len(kinds)], turn // len(kinds)) for turn in range(count)]
    return [(part, parts[part][place % len(parts[part])]) for part, place in turns]


def drawn(network: WaveNet, models: Sequence[Recording], seed: int) -> list[Codes]:
    """Sounds that imitate recordings, of the same length.

    Args:
        network: for sampling.
        models: the recordings.
        seed: with its index, of the sampling of each.
    """
    found: list[Codes] = []
    for first in range(0, len(models), TOGETHER):
        some = models[first : first + TOGETHER]
        longest = max(len(one.codes) for one in some)
        pitch = np.stack([np.pad(one.pitch, (0, longest - len(one.pitch))) for one in some])
        chance = [
            np.random.default_rng((seed, place)).random(longest)
            for place in range(first, first + len(some))
        ]
        given = Given(torch.from_numpy(pitch), torch.tensor([one.instrument for one in some]))
        codes = sampling.cached(network, given, torch.from_numpy(np.stack(chance)))
        rows = codes.numpy().astype(np.uint8)
        found += [row[: len(one.codes)] for row, one in zip(rows, some, strict=True)]
    return found


def _said(model: Recording, words: Vocabulary) -> dict[str, str]:
    """The conditions of a sound, in words."""
    said = {}
    if words.instruments:
        said["instrument"] = words.instruments[model.instrument]
    if words.pitches:
        # A pitch change starts a new note; a rest is not a note.
        changes = np.flatnonzero(np.diff(model.pitch, prepend=0) != 0)
        held = [words.pitches[place - 1] for place in model.pitch[changes] if place]
        said["pitch"] = " ".join(map(str, held))
    return said

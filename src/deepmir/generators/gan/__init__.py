"""Generative adversarial networks of patches of a spectrogram (tutorial, section A.2)."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from deepmir.declarations.generated import GeneratorEntry
from deepmir.declarations.generators.gan import Gan
from deepmir.errors import DeepmirError
from deepmir.generators import base
from deepmir.generators.base import Sample
from deepmir.generators.gan import judging, patches, sound, trained
from deepmir.generators.gan.game import Game, Part
from deepmir.generators.gan.patches import Patches, Scale
from deepmir.generators.gan.trained import Trained
from deepmir.generators.judgement import Judgement
from deepmir.tasks.base import Metric


class Method(base.Method):
    """A GAN of notes, optionally conditioned on instrument and pitch."""

    name = "gan"
    primary = "frechet"
    measures: Mapping[str, Metric] = MappingProxyType(judging.MEASURES)

    def module(self, entry: GeneratorEntry) -> Game:
        """Both networks, and the patches of the training and the validation part."""
        options, representation = trained.declared(entry), entry.representation
        _check_classifier(entry, options)
        data, store = entry.files.read_to_train(), entry.files.open_features(representation)
        frames = options.frames(representation)
        train, validation = (
            patches.read(store, part, frames)
            for part in (data.divided.train, data.divided.validation)
        )
        vocabulary = patches.vocabulary(train, options.conditions)
        scale = Scale.of(train.frames)
        about: dict[str, Any] = {
            "data_hash": data.data_hash,
            "split_hash": data.split_hash,
            "tracks": {"train": len(train), "validation": len(validation)},
            "vocabulary": vocabulary,
            "scale": [scale.low, scale.high],
        }

        def part(some: Patches) -> Part:
            classes = torch.tensor(some.classes(vocabulary), dtype=torch.long)
            return Part(scale.inwards(some.frames), classes.reshape(len(some), len(vocabulary)))

        return Game(
            trained.sizes(options, representation, vocabulary),
            options.training,
            part(train),
            part(validation),
            about,
            loss=options.loss,
            discriminator_steps=options.discriminator_steps,
            penalty=options.gradient_penalty,
        )

    def generate(self, entry: GeneratorEntry, folder: Path, count: int, seed: int) -> list[Sample]:
        """Notes as WAV files and pictures: all instruments in turn, with random pitches."""
        model = Trained.load(entry)
        rng, vocabulary = np.random.default_rng(seed), model.vocabulary
        classes = [
            [
                number % len(known) if condition == "instrument" else int(rng.integers(len(known)))
                for condition, known in vocabulary.items()
            ]
            for number in range(count)
        ]
        made = []
        for number, frames in enumerate(model.make(classes, seed)):
            said = {c: vocabulary[c][k] for c, k in zip(vocabulary, classes[number], strict=True)}
            name = "-".join([f"{number:03d}", *said.values()]).replace(" ", "-")
            files = sound.write(folder, name, frames, entry.representation)
            made.append(Sample(name, said, files))
        return made

    def judge(self, entry: GeneratorEntry, generated: Path, figures: Path) -> Judgement:
        """See `deepmir.generators.gan.judging`."""
        return judging.judge(entry, generated, figures)


def _check_classifier(entry: GeneratorEntry, options: Gan) -> None:
    """Refuse a classifier with another input.

    Raises:
        DeepmirError: naming the key.
    """
    judge = entry.judges["classifier"]
    if judge.representation.digest != entry.representation.digest:
        raise DeepmirError(
            f"classifier: {options.classifier} takes another representation: declare one that "
            f"takes {options.representation}"
        )


METHOD = Method()

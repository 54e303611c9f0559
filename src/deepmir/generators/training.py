"""Training of generators, with the common training loop."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import lightning.pytorch as pl

from deepmir import generators
from deepmir.declarations.generated import GeneratorEntry
from deepmir.models.card import GeneratorCard
from deepmir.training import trainer
from deepmir.training.trainer import Run


def train(
    entry: GeneratorEntry,
    *,
    threads: int,
    progress: bool,
    code: str = "",
    callbacks: Sequence[pl.Callback] = (),
) -> Path:
    """Train a generator, and return the folder of the model.

    Args:
        entry: the generator and its data set.
        threads: of the CPU.
        progress: whether to show a progress bar.
        code: hash of the training code; a checkpoint of other code is not resumed.
        callbacks: further Lightning callbacks, which only observe.

    Raises:
        DeepmirError: when data are missing, stale or unusable, the loss is not finite, or another
            process is training the same generator.
    """
    training = entry.generator.training
    with trainer.alone(entry.name, training, threads):
        pl.seed_everything(training.seed, workers=True, verbose=False)
        module = generators.get(entry.kind).module(entry)
        learned = module.learned_from()
        decides = json.dumps([entry.decides, code, learned], sort_keys=True)
        run = Run(
            name=entry.name,
            training=training,
            fingerprint=hashlib.sha256(decides.encode()).hexdigest()[:16],
            monitor=module.monitor,
            mode=module.mode,
        )
        history = trainer.fit(module, run, callbacks, progress)
        card = GeneratorCard(
            name=entry.name,
            generator=entry.generator.model_dump(mode="json"),
            representation=entry.representation,
            training={
                **run.about(history),
                "dataset": entry.files.name,
                "features_hash": entry.representation.stamp,
                **learned,
                "parameters": sum(p.numel() for p in module.parameters()),
            },
        )
        return run.keep(entry.folder, history, module.kept(), card)

"""Training of generators, by the loop of every training."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import lightning.pytorch as pl

from deepmir import generators
from deepmir.declarations.generated import GeneratorEntry
from deepmir.models import model
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
    """Train a generator; returns the folder of the model.

    Args:
        entry: the generator and its data set.
        threads: of the CPU.
        progress: whether to draw a bar.
        code: hash of the code that trains; a checkpoint of other code is not resumed.
        callbacks: what else Lightning calls; they look on, and change nothing.

    Raises:
        DeepmirError: when data are missing, stale or unusable, the loss is not finite, or another
            process trains the same generator.
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
        best, history = trainer.fit(module, run, callbacks, progress)
        module.cpu().load_state_dict(best)
        tensors = module.kept()
        card = GeneratorCard(
            name=entry.name,
            generator=entry.generator.model_dump(mode="json"),
            representation=entry.representation,
            training={
                "seed": training.seed,
                "configuration_hash": run.fingerprint,
                "dataset": entry.files.name,
                "features_hash": entry.representation.digest,
                **learned,
                "parameters": sum(p.numel() for p in module.parameters()),
                "best": history.best(run.monitor, run.mode),
            },
        )
        history.write(entry.folder / "history.csv")
        model.save(entry.folder, tensors, card)
        shutil.rmtree(run.checkpoints)
        return entry.folder

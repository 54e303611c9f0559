import copy
import csv

import lightning.pytorch as pl
import pytest
import torch

import tiny
from deepmir import paths
from deepmir.errors import DeepmirError
from deepmir.generators import gan, training


def of_networks(module):
    """Copies of the weights of both networks."""
    return {
        name: [p.detach().clone() for p in getattr(module, name).parameters()]
        for name in ("generator", "discriminator")
    }


def changed(before, after):
    return {
        name
        for name, weights in before.items()
        if any(not torch.equal(a, b) for a, b in zip(weights, after[name], strict=True))
    }


class Steps(pl.Callback):
    """Records the changes in the steps of an epoch."""

    def __init__(self):
        self.changed = []

    def on_train_batch_start(self, trainer, module, batch, index):
        self.before = of_networks(module)

    def on_train_batch_end(self, trainer, module, outputs, batch, index):
        self.changed.append(changed(self.before, of_networks(module)))


def test_the_two_optimisers_alternate(entry):
    """`untold` has two steps of the discriminator per step of the generator."""
    steps = Steps()
    training.train(entry("untold"), threads=1, progress=False, code="x", callbacks=[steps])
    assert steps.changed == [{"discriminator"}, {"generator", "discriminator"}] * 3


def test_a_step_of_the_generator_leaves_the_discriminator_as_it_is(entry):
    """The gradient of the generator's loss passes through the discriminator without changing it."""
    torch.manual_seed(0)
    module = gan.METHOD.module(entry())
    module._against = lambda real, made, classes: module.discriminator.last.bias.sum() * 0
    other = copy.deepcopy(module)
    steps = Steps()
    trainer = pl.Trainer(
        accelerator="cpu",
        max_epochs=1,
        limit_train_batches=1,
        limit_val_batches=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[steps],
    )
    module.training_options = module.training_options.model_copy(update={"weight_decay": 0.0})
    trainer.fit(module)
    assert steps.changed == [{"generator"}]
    assert all(p.requires_grad for p in module.discriminator.parameters())
    assert changed(of_networks(other), of_networks(module)) == {"generator"}


def results(name):
    files = ("model.safetensors", "history.csv")
    return [(paths.model(name) / file).read_bytes() for file in files]


@pytest.mark.parametrize("name", ["told", "untold"])
def test_a_resumed_training_gives_the_same_bits(entry, name):
    whole = results(name)
    with pytest.raises(tiny.Killed):
        training.train(entry(name), threads=1, progress=False, callbacks=[tiny.killed_in(1)])
    assert [*paths.CHECKPOINTS.glob(f"{name}-*/last.ckpt")]
    training.train(entry(name), threads=1, progress=False)
    assert results(name) == whole


def test_half_precision_trains(entry):
    given = {"epochs": 1, "patches_per_epoch": 24, "precision": "bf16-mixed"}
    training.train(entry(training=given), threads=1, progress=False)


def test_another_seed_gives_other_weights(entry):
    whole = results("told")
    given = {"epochs": 2, "patches_per_epoch": 24, "weight_average": 0.9, "seed": 2}
    training.train(entry(training=given), threads=1, progress=False)
    assert results("told")[0] != whole[0]


def test_the_history_has_both_losses_and_the_distance(line):
    with (paths.model("told") / "history.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    for column in ("train/discriminator", "train/generator", "validation/frechet"):
        assert all(float(row[column]) == float(row[column]) for row in rows)


def test_the_card_says_what_it_learned(line):
    from deepmir.models.card import read_generator_card

    card = read_generator_card(paths.model("told")).training
    assert card["vocabulary"]["instrument"] == ["clarinet", "nylon guitar"]
    assert card["vocabulary"]["pitch"] == [f"{p:03d}" for p in range(60, 68)]
    assert card["tracks"] == {"train": 20, "validation": 4}
    assert card["best"]["validation/frechet"] > 0


def test_without_an_average_the_weights_themselves_are_kept(entry):
    module = gan.METHOD.module(entry(training={"patches_per_epoch": 8}))
    assert module.best_generator is module.generator
    assert {*module.kept()} == {*module.generator.state_dict()}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": 5}, "layers: a patch of 16 frames and 20 bins cannot be halved 5 times"),
        ({"conditions": ["pitch", "pitch"]}, "'pitch' appears twice"),
        ({"classifier": "nobody"}, "classifier"),
        ({"gradient_penalty": 3}, "gradient_penalty is for the loss wasserstein"),
        ({"training": {"patch_seconds": 30.0}}, "no track has 480 frames"),
    ],
)
def test_what_cannot_be_is_refused(entry, changes, message):
    with pytest.raises(DeepmirError, match=message):
        gan.METHOD.module(entry(**changes))


def test_a_classifier_of_another_representation_is_refused(line):
    import tiny
    from deepmir.declarations import generated

    mel = tiny.load().representations["mel"].model_dump(mode="json")
    both = {"mel": mel, "finer": {**mel, "bins": 24}}
    rows = {"told": {**tiny.load().generators["told"].model_dump(mode="json")}}
    rows["told"]["representation"] = "finer"
    declared = tiny.load(representations=both, generators=rows)
    with pytest.raises(DeepmirError, match="listener takes another representation.*finer"):
        gan.METHOD.module(generated.resolve(declared, "told"))

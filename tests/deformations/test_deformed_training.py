"""Training on deformed patches can be killed, and batches may be made in other processes."""

import shutil
from pathlib import Path

import pytest

import tiny
from deepmir.declarations import entries
from deepmir.training import loop

AMOUNTS = {
    "beat-tiny": {
        **{"time_stretch": 0.1, "equaliser": 6, "gain": 6, "noise": 0.1, "bandwidth": 1000},
        "time_mask": 0.2,
    },
    "key-fly": {
        **{"pitch_shift": 2, "reverb": 0.3, "equaliser": 6, "gain": 6, "noise": 0.1, "codec": 6},
        **{"clipping": 12, "bandwidth": 1000, "frequency_mask": 0.2},
    },
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("tiny")
    with pytest.MonkeyPatch.context() as patch:
        tiny.write(root, tracks=6)
        patch.chdir(root)
        tiny.prepare(tiny.load())
        yield root


def declared(name, workers):
    params = tiny.load()
    experiment = params.experiments[name]
    changed = experiment.model_copy(
        update={
            "deformations": AMOUNTS[name],
            "training": experiment.training.model_copy(update={"workers": workers}),
        }
    )
    return params.model_copy(update={"experiments": {name: changed}})


def train(name, workers=0, callbacks=()):
    entry = entries.resolve(declared(name, workers), name)
    folder = loop.train(entry, threads=1, progress=False, callbacks=callbacks)
    return (folder / "model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def whole(root):
    """The weights of undisturbed trainings."""
    return {name: train(name) for name in AMOUNTS}


@pytest.mark.parametrize("name", AMOUNTS)
def test_a_killed_training_goes_on_with_the_same_deformations(whole, name):
    shutil.rmtree(Path("models"))
    with pytest.raises(tiny.Killed):
        train(name, callbacks=[tiny.killed_in(1)])
    assert train(name) == whole[name]


@pytest.mark.parametrize("name", AMOUNTS)
def test_workers_deform_as_the_process_that_trains_does(whole, name):
    assert train(name, workers=2) == whole[name]


@pytest.mark.parametrize("name", AMOUNTS)
def test_validation_hears_what_was_recorded(root, name):
    params = declared(name, 0)
    module, plain = tiny.ready(params, name), tiny.ready(tiny.load(), name)
    for batch, other in zip(module.val_dataloader(), plain.val_dataloader(), strict=True):
        assert (module.features(batch) == plain.features(other)).all()

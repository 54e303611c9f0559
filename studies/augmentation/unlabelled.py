"""Do what deepmir refuses: deform the training data, and leave the labels unchanged.

Run after snakemake: ``(cd studies/augmentation && python unlabelled.py)``. plot.py shows the
results.
"""

from deepmir.declarations import entries, loading, sweeps
from deepmir.declarations.neural import NetworkEntry
from deepmir.declarations.schema import Params
from deepmir.declarations.sweeps import Setting
from deepmir.evaluation import prediction, scoring
from deepmir.tasks.base import Array, Task
from deepmir.training import loop

FORBIDDEN = {"key-deformed": "pitch shift", "tempo-deformed": "time stretch"}
"""By sweep, the setting whose labels are left."""


def declared() -> tuple[Params, dict[str, Setting]]:
    """What params.yaml declares and the forbidden trainings, and by sweep their setting."""
    params = loading.load()
    rows, settings = dict(params.experiments), {}
    for group in sweeps.groups(params):
        for setting in group.settings:
            if group.title(setting) == FORBIDDEN.get(group.name):
                names = {f"{name}-unlabelled": params.experiments[name] for name in setting.members}
                rows |= names
                settings[group.name] = Setting((f"{group.title(setting)}, labels left",), (*names,))
    return params.model_copy(update={"experiments": rows}), settings


def kept(task: Task, target: Array, deformation: str, amount: float) -> Array:
    """The target as it was."""
    return target


def main() -> None:
    """Train with labels that are wrong, and score."""
    params, settings = declared()
    every = entries.everything(params)
    for name in [name for setting in settings.values() for name in setting.members]:
        entry = every[name]
        assert isinstance(entry, NetworkEntry)
        type(entry.task).deform_target = kept  # type: ignore[method-assign]
        loop.train(entry, threads=1, progress=False)
        prediction.predict(entry, threads=1)
        scoring.evaluate(entry)


if __name__ == "__main__":
    main()

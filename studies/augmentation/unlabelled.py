"""Do what deepmir refuses: shift the pitch of the training data, and leave the keys as they were.

Run after snakemake: ``(cd studies/augmentation && python unlabelled.py)``.
"""

from deepmir.declarations import entries, loading
from deepmir.declarations.neural import NetworkEntry
from deepmir.evaluation import prediction, results, scoring
from deepmir.tasks.base import Array
from deepmir.tasks.key import Key
from deepmir.training import loop

SEEDS = (1, 2)
RIGHT = [f"key-deformed-pitch-shift-seed-{seed}" for seed in SEEDS]
WRONG = [f"key-unlabelled-seed-{seed}" for seed in SEEDS]
PLAIN = ["key", "key-deformed-none-seed-2"]


def kept(task: Key, target: Array, deformation: str, amount: float) -> Array:
    """The target as it was."""
    return target


def main() -> None:
    """Train with keys that are wrong, and print what that costs."""
    declared = loading.load()
    rows = {wrong: declared.experiments[right] for wrong, right in zip(WRONG, RIGHT, strict=True)}
    both = declared.model_copy(update={"experiments": {**declared.experiments, **rows}})
    every = entries.everything(both)
    Key.deform_target = kept  # type: ignore[method-assign]
    for name in WRONG:
        entry = every[name]
        assert isinstance(entry, NetworkEntry)
        loop.train(entry, threads=1, progress=False)
        prediction.predict(entry, threads=1)
        scoring.evaluate(entry)
    kinds = {"none": PLAIN, "keys shifted along": RIGHT, "keys as they were": WRONG}
    found = {
        kind: results.average(seeds[0], seeds)
        for kind, names in kinds.items()
        for seeds in [[results.read_one(every[name]) for name in names]]
    }
    for kind, result in found.items():
        score, off = result.score, results.compare(result, found["none"])
        print(
            f"{kind}: {score['mean']:.3f} [{score['low']:.3f}, {score['high']:.3f}], "
            f"{result.spread}; against none {off.mean:+.3f} [{off.low:+.3f}, {off.high:+.3f}]"
        )


if __name__ == "__main__":
    main()

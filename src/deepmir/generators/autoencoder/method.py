"""The base of autoencoders and principal components."""

from collections.abc import Mapping
from pathlib import Path

from deepmir.declarations.generated import GeneratorEntry
from deepmir.generators import generating
from deepmir.generators.autoencoder import coded, examples, similarity, verdict
from deepmir.generators.autoencoder.coded import TestPart
from deepmir.generators.base import Method, Sample
from deepmir.generators.judgement import Judgement
from deepmir.tasks.base import Metric

RELATIONS = ("recording", "work", "genre")


class CodingMethod(Method):
    """Reconstructs excerpts of the test part, and is judged by the loss."""

    primary = "unexplained"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """The lost share of variance, and the precision of neighbours."""
        names = [f"same_{each}_at_{k}" for each in RELATIONS for k in similarity.PLACES]
        return {"unexplained": Metric("less"), **dict.fromkeys(names, Metric())}

    def generate(self, entry: GeneratorEntry, folder: Path, count: int, seed: int) -> list[Sample]:
        """Excerpts of test tracks reconstructed from their codes.

        For a variational autoencoder, every second one is decoded from a sample of the prior.

        Raises:
            DeepmirError: when the model or the data are missing or damaged.
        """
        return examples.make(entry, folder, count, seed)

    def judge(self, entry: GeneratorEntry, generated: Path, figures: Path) -> Judgement:
        """The loss on the test tracks, and the value of their codes for similarity search.

        Raises:
            DeepmirError: when the model, the data or the generated files are missing or damaged.
        """
        network = coded.load(entry)
        assert network.shape.frames is not None
        part = TestPart(entry, network.shape.frames)
        beside = coded.baselines(entry, network, part)
        if self.name == "pca":  # it is its own baseline
            del beside["pca"]
        samples = generating.read(generated)
        return verdict.of(entry, network, beside, part, verdict.Places(generated, figures, samples))

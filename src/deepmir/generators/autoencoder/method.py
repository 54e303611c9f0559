"""What autoencoders and principal components have in common once they are trained."""

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
    """Gives back excerpts of the test part, and is judged by what it loses of it."""

    primary = "unexplained"

    @property
    def measures(self) -> Mapping[str, Metric]:
        """The share of variance that is lost, and the precision of neighbours."""
        names = [f"same_{each}_at_{k}" for each in RELATIONS for k in similarity.PLACES]
        return {"unexplained": Metric("less"), **dict.fromkeys(names, Metric())}

    def generate(self, entry: GeneratorEntry, folder: Path, count: int, seed: int) -> list[Sample]:
        """Excerpts of test tracks made again from their codes.

        Of a variational autoencoder, every second one is made of codes drawn from the prior.

        Raises:
            DeepmirError: when the model or the data are missing or broken.
        """
        return examples.make(entry, folder, count, seed)

    def judge(self, entry: GeneratorEntry, generated: Path, figures: Path) -> Judgement:
        """What is lost of the test tracks, and what their codes are good for in a search.

        Raises:
            DeepmirError: when the model, the data or what was generated is missing or broken.
        """
        network = coded.load(entry)
        assert network.shape.frames is not None
        part = TestPart(entry, network.shape.frames)
        beside = coded.baselines(entry, network, part)
        if self.name == "pca":  # it is that itself
            del beside["pca"]
        samples = generating.read(generated)
        return verdict.of(entry, network, beside, part, verdict.Places(generated, figures, samples))

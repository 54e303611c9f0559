"""Networks that write the annotation of a task as a sequence of symbols (tutorial, A.5)."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from deepmir.declarations.training import Training
from deepmir.fields import Count, Declaration, Number, Section, Text, filled
from deepmir.sequences.options import Decoding


class SequenceNetwork(Declaration):
    """An encoder in the notation and a recurrent decoder: from frames to symbols."""

    dataset: Text = Field(description="a name under datasets")
    task: Text = Field(description="chord or notes: the annotation to write")
    representation: Text = Field(description="a name under representations")
    network: str = Field(
        max_length=10_000,
        description="the encoder, in the tutorial's notation; its last d1 is as wide as the "
        "decoder, which reads it frame by frame",
    )
    decoder: Annotated[Decoding, BeforeValidator(filled)] = Field(
        Decoding(), description="what writes the symbols"
    )
    deformations: Section[Number] = Field(
        default_factory=dict,
        description="by name, the largest amount; applied to training data only",
    )
    training: Training = Field(
        Training(),
        description="values that differ from the section training; an excerpt of "
        "patch_seconds is one sequence, in prediction as well",
    )
    # Not dumped: how often it is trained changes nothing in one training.
    seeds: Count = Field(
        1,
        le=100,
        exclude=True,
        description="how many trainings, with seeds from training.seed on; see sweeps",
    )

    @property
    def labels(self) -> tuple[str, ...]:
        """The vocabulary is always the task's own."""
        return ()

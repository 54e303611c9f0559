"""How a network is trained, as `params.yaml` declares it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from deepmir.errors import DeepmirError
from deepmir.fields import Count, Declaration, Flag, Limit, Number, Positive, Seconds, Seed, Whole


class Training(Declaration):
    """How a network is trained (tutorial, section 2.2); an experiment overrides what it needs."""

    seed: Seed = Field(1, description="of initial weights, patches, deformations and dropout")
    epochs: Count = Field(30, le=100_000, description="at most; early stopping may end sooner")
    patience: Count = Field(8, le=100_000, description="epochs without improvement before stopping")
    monitor: str = Field(
        "validation/loss",
        description="what selects the best checkpoint: a loss, or a metric of the task; "
        "the task defines whether lower or higher is better",
    )
    batch_size: Count = Field(32, le=65_536, description="patches in a batch")
    patch_seconds: Seconds = Field(
        10.0, description="length of a random training patch; for a long task also of its excerpts"
    )
    patches_per_epoch: Limit | None = Field(
        None, description="default: the length of the training data divided by that of a patch"
    )
    tracks: Limit | None = Field(
        None,
        exclude_if=lambda tracks: tracks is None,  # says nothing
        description="how many training tracks, drawn by the seed; smaller sets are "
        "subsets of larger ones; default: all with annotations",
    )
    optimizer: Literal["adamw", "adam", "momentum", "sgd"] = Field(
        "adamw",
        exclude_if=lambda optimizer: optimizer == "adamw",
        description="AdamW; Adam; or stochastic gradient descent, with momentum or plain",
    )
    learning_rate: Positive = Field(
        1e-3, le=10, description="of the optimizer, at the peak of its one cycle"
    )
    weight_decay: Number = Field(
        1e-2, ge=0, le=100, description="of the optimizer; a penalty in the loss except for adamw"
    )
    gradient_clip: Positive = Field(1.0, le=1e9, description="largest norm of the gradient")
    weight_average: Number = Field(
        0.0,
        ge=0,
        lt=1,
        description="decay of a running average of the weights per step (0.998: about "
        "the last 500 steps); the average is validated and saved; 0: no "
        "average",
    )
    frozen: Whole = Field(
        0,
        ge=0,
        le=500,  # layers that a network can have
        exclude_if=lambda frozen: not frozen,
        description="how many of the first layers are frozen, at the weights of "
        "`start_from` or at random ones",
    )
    slower: Positive = Field(
        1.0,
        le=1,
        exclude_if=lambda slower: slower == 1,
        description="fraction of the learning rate for layers with weights of "
        "`start_from`; new layers use the full rate",
    )
    standardise: Flag = Field(
        True,
        exclude_if=lambda standardise: standardise,
        description="subtract the mean of the training data from every bin of the input "
        "and divide by the standard deviation; `start_from` brings the "
        "values of its source",
    )
    health: Flag = Field(
        False, description="record gradients, updates and activations of every layer in health.csv"
    )
    device: Literal["auto", "cpu", "gpu"] = Field("auto", description="what to train on")
    devices: Annotated[Count, Field(le=1024)] | Literal["auto"] = Field(
        1, description="how many devices share every batch, each in its own process"
    )
    workers: Whole = Field(
        0,
        ge=0,
        le=256,
        description="processes that make batches; 0: the training process itself; the batches are "
        "the same for any number",
    )
    precision: Literal["32-true", "16-mixed", "bf16-mixed"] = Field(
        "32-true", description="numeric precision; 16-mixed needs a GPU"
    )

    @model_validator(mode="after")
    def _on_the_device(self) -> Self:
        if self.device == "cpu" and self.precision == "16-mixed":
            raise ValueError("precision 16-mixed needs a gpu: use bf16-mixed or 32-true on a cpu")
        if self.devices != "auto" and self.batch_size % self.devices:
            raise ValueError(
                f"batch_size {self.batch_size} cannot be divided evenly among "
                f"{self.devices} devices"
            )
        return self


OF_EXPERIMENTS = {
    "sequences": ("weight_average", "frozen", "slower", "standardise", "health", "devices"),
    "generators": ("monitor", "tracks", "frozen", "slower", "standardise", "health", "devices"),
}
"""What the rows of a section cannot say; they have no defaults of these either."""


def refuse_of_experiments(training: Training, section: str) -> None:
    """Refuse keys that only experiments may have.

    Raises:
        DeepmirError: naming the key.
    """
    for key in OF_EXPERIMENTS[section]:
        if getattr(training, key) != Training.model_fields[key].default:
            raise DeepmirError(f"training.{key} is for experiments: leave it out")

"""The shape that every task has: the same five parts, in the same order.

1. the **target** that a network learns, made from the annotation;
2. the **output**: its width, activation and loss (tutorial, section 2.2);
3. the **decoder** from activations back to an annotation;
4. the **metrics**, on annotations alone;
5. the **deformations** of the audio: which keep, change or forbid its labels (section 2.3).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from deepmir.annotations import Annotation, Jams

Array = npt.NDArray[np.float32]
Decoder = Callable[[Array], list[Annotation]]
Effect = Literal["keep", "change", "forbid"]


@dataclass(frozen=True)
class Grid:
    """The instants at which a network speaks: frame k is at `start + k * step` seconds."""

    start: float
    step: float
    frames: int

    @property
    def end(self) -> float:
        """The first instant after the grid, in seconds."""
        return self.start + self.step * self.frames

    def position(self, times: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Times in seconds as fractional frame indices."""
        return (times - self.start) / self.step


@dataclass(frozen=True)
class Output:
    """What the last layer gives: the tutorial's rule pairs each activation with its loss.

    softmax with the cross entropy (one label of several), sigmoid with the binary cross entropy
    (independent labels), linear with the squared error (regression).
    """

    labels: tuple[str, ...]
    activation: Literal["softmax", "sigmoid", "linear"]

    @property
    def width(self) -> int:
        """Number of nodes V of the output layer."""
        return len(self.labels)


class Task(Protocol):
    """A task of the tutorial's Table 1."""

    @property
    def name(self) -> str:
        """The word of Table 1 under which `params.yaml` knows it."""

    @property
    def time_varying(self) -> bool:
        """Short decision time scale (one prediction a frame) or long (one an excerpt)."""

    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """The target, shape (frames, V) if time-varying, else (V,).

        None where the recording has no annotation that this task can use.
        """

    @property
    def output(self) -> Output:
        """Width, activation and loss."""

    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """Make the decoder of activations, shape (frames, V) or (V,), into annotations.

        Raises:
            DeepmirError: for an option it does not know.
        """

    @property
    def primary(self) -> str:
        """The metric that experiments are ranked by."""

    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Scores of one recording by name; higher is better."""

    @property
    def deformations(self) -> Mapping[str, Effect]:
        """What each deformation does to the labels."""

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """The target after a deformation that changes it."""

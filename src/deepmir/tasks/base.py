"""The structure of every task: the same five parts, in the same order.

1. the **target** that a network learns, made from the annotation;
2. the **output**: its width, activation and loss (tutorial, section 2.2);
3. the **decoder** from activations back to an annotation;
4. the **metrics**, computed from annotations only;
5. the **deformations** of the audio: which keep, change or forbid its labels (section 2.3).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams
from deepmir.tasks.output import Output

Array = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Decoder = Callable[[Array], list[Annotation]]
Effect = Literal["keep", "change", "forbid"]


@dataclass(frozen=True)
class Grid:
    """The output instants of a network: frame k is at `start + k * step` seconds."""

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

    @property
    def times(self) -> Floats:
        """The instant of every frame in seconds, shape (frames,)."""
        return self.start + self.step * np.arange(self.frames, dtype=np.float64)

    def inside(self, intervals: Floats) -> npt.NDArray[np.bool_]:
        """Whether each instant is in one of some intervals [start, end), which may overlap.

        Args:
            intervals: in seconds, shape (intervals, 2).
        """
        edges = np.ceil(self.position(intervals) - 1e-6).clip(0, self.frames).astype(int)
        change = np.zeros(self.frames + 1, dtype=np.int64)
        np.add.at(change, edges[:, 0], 1)
        np.add.at(change, edges[:, 1], -1)
        covered: npt.NDArray[np.bool_] = np.cumsum(change)[:-1] > 0
        return covered

    def index_of(self, intervals: Floats) -> npt.NDArray[np.int64]:
        """The interval [start, end) of each instant, -1 for none, shape (frames,).

        Args:
            intervals: in seconds, shape (intervals, 2), ascending; where two overlap the later one
                counts.
        """
        last = np.searchsorted(intervals[:, 0], self.times + 1e-6 * self.step, side="right") - 1
        ends = np.append(intervals[:, 1], -np.inf)
        return np.where(self.times < ends[last] - 1e-6 * self.step, last, -1).astype(np.int64)


@dataclass(frozen=True)
class Metric:
    """The scope, direction and worst value of a metric.

    Attributes:
        better: whether more or less of it is better.
        of: `track`: each recording has its own and the part has their mean; `part`: it is defined
            only for all recordings together (an area under a curve, R2).
        worst: the worst possible value; infinite if there is none.
    """

    better: Literal["more", "less"] = "more"
    of: Literal["track", "part"] = "track"
    worst: float = 0.0

    @property
    def sign(self) -> int:
        """1 if more is better, else -1: multiplied by this, more of any metric is better."""
        return 1 if self.better == "more" else -1


def shares(names: Iterable[str], of: Literal["track", "part"] = "track") -> dict[str, Metric]:
    """Metrics in [0, 1], higher is better, by name."""
    return dict.fromkeys(names, Metric(of=of))


class Task(ABC):
    """A task of the tutorial's Table 1; most tasks keep the defaults given here.

    A task that lacks one of the abstract parts is refused when its file is imported.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Create a task.

        Raises:
            DeepmirError: naming the parts that the class does not have.
        """
        if missing := sorted(cls.__abstractmethods__):
            raise DeepmirError(
                f"the task {cls.__name__} has no {', '.join(missing)}: see deepmir/tasks/base.py"
            )
        return super().__new__(cls)

    @property
    @abstractmethod
    def name(self) -> str:
        """Its name from Table 1, as used in `params.yaml`."""

    @property
    @abstractmethod
    def namespaces(self) -> tuple[str, ...]:
        """The JAMS namespaces that it reads from references and writes to estimates."""

    @property
    @abstractmethod
    def time_varying(self) -> bool:
        """Short decision time scale (one prediction per frame) or long (one per excerpt).

        A task with a long one is trained on excerpts; its output is the mean over excerpts.
        """

    @property
    def min_frame_rate(self) -> float:
        """The lowest frame rate at which its target can be represented."""
        return 0.0

    @property
    def shortest(self) -> float:
        """The shortest recording that is analysed, in seconds."""
        return 0.25

    @property
    def hidden(self) -> bool:
        """Whether the decoder also reads the network's last features."""
        return False

    @property
    def piecewise(self) -> bool:
        """Whether the decoder, which writes one annotation, forgets within ten seconds.

        Then long recordings are decoded piece by piece: hundreds of activations per frame, as for
        pitches, would fill half a gigabyte in two hours.
        """
        return False

    @property
    def confident(self) -> bool:
        """Whether its annotations have confidences, so that there are :meth:`claims`."""
        return False

    # 1. Target

    @abstractmethod
    def target(self, jams: Jams, grid: Grid) -> Array | None:
        """The target, shape (frames, V) if time-varying, else (V,); NaN where unknown.

        None if the recording has no annotation that this task can use.
        """

    # 2. Output

    @property
    @abstractmethod
    def output(self) -> Output:
        """Width, activation and loss."""

    # 3. Decoder

    @abstractmethod
    def decoder(self, frame_rate: float, **options: Any) -> Decoder:
        """Build the decoder from activations, shape (frames, V) or (V,), to annotations.

        If :attr:`hidden` is true, features follow the V activations of each frame.

        Raises:
            DeepmirError: for an option it does not know.
        """

    def learned(self, annotated: Sequence[Jams]) -> dict[str, Any]:
        """Options of the decoder estimated from the training part, such as transitions."""
        return {}

    @property
    def choices(self) -> Mapping[str, tuple[Any, ...]]:
        """Options of the decoder chosen on the validation part, with the candidates."""
        return {}

    # 4. Metrics

    @property
    @abstractmethod
    def primary(self) -> str:
        """The metric that experiments are ranked by."""

    @property
    @abstractmethod
    def measures(self) -> Mapping[str, Metric]:
        """The description of each metric of :meth:`metrics` and :meth:`corpus_metrics`."""

    @abstractmethod
    def metrics(self, reference: Jams, estimate: Jams) -> dict[str, float]:
        """Scores of one recording by name; empty if the reference cannot be used.

        Only the reference determines whether there is a primary one, so all systems have it for the
        same recordings.
        """

    def failed(self, reference: Jams) -> dict[str, float]:
        """The scores of a recording without a prediction: the worst value of each."""
        return {name: self.measures[name].worst for name in self.metrics(reference, reference)}

    def row(self, reference: Jams, estimate: Jams) -> tuple[float, ...] | None:
        """The numbers of one recording for :meth:`corpus_metrics`; None if it is not counted.

        As for :meth:`metrics`, only the reference determines whether there is one.
        """
        return None

    def failed_row(self, reference: Jams) -> tuple[float, ...] | None:
        """The row of a recording without a prediction: as wrong as an estimate can be."""
        return None

    def corpus_metrics(self, rows: Floats) -> dict[str, float]:
        """Scores that are only defined for a whole part (an area under a curve, R2), from rows."""
        return {}

    def claims(self, reference: Jams, estimate: Jams) -> Floats:
        """The statements of an estimate with confidence and correctness, shape (claims, 3).

        Columns: confidence in [0, 1], the share that is right, weight. None if the estimate has
        no confidences, or the reference is not sufficient.
        """
        return np.zeros((0, 3))

    # 5. Deformations

    @property
    @abstractmethod
    def deformations(self) -> Mapping[str, Effect]:
        """The effect of deformations on the labels, except those that keep them.

        Every task lists those of pitch and time; those that only change the sound, or mask part of
        it, are listed if its labels depend on that too.
        """

    def effect(self, deformation: str) -> Effect:
        """The effect of a deformation on the labels: the default is to keep them."""
        return self.deformations.get(deformation, "keep")

    def deform_target(self, target: Array, deformation: str, amount: float) -> Array:
        """The target after a deformation that changes it; by default only its grid moves."""
        return target

"""The view of intervals (chords, sections, singing, instruments): boxes above and below."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from deepmir.files.annotations import Jams, Observation
from deepmir.report.views.base import Box, Scene, View

LANE = 0.16

Same = Callable[[str, str], bool]


def equal(name: str, other: str) -> bool:
    """Whether two names are one."""
    return name == other


@dataclass(frozen=True)
class Lanes:
    """A view of the observations of one namespace.

    Attributes:
        namespace: of JAMS.
        kind: of a `tag_open`.
        same: whether the task scores two names as one; None for names that are not compared, as
            the letters of sections, which each side gives as it likes.
    """

    namespace: str
    kind: str = ""
    same: Same | None = equal

    def __call__(self, scene: Scene) -> View:
        """The reference's boxes above the picture, the prediction's below."""
        truth, guess = (self._shown(jams, scene) for jams in (scene.reference, scene.estimate))
        boxes = [
            *_boxes(truth, guess, -LANE, scene.seconds, self.same),
            *_boxes(guess, truth, 1.0, scene.seconds, self.same),
        ]
        words = (("Reference", _summary(truth)), ("Predicted", _summary(guess)))
        legend = (("right", "both agree for most of it"), ("wrong", "they do not"))
        return View(words, legend=legend if self.same else (), margin=LANE, boxes=tuple(boxes))

    def _shown(self, jams: Jams, scene: Scene) -> list[Observation]:
        annotation = jams.first(self.namespace, self.kind)
        found = () if annotation is None else annotation.observations
        return [
            replace(o, duration=min(o.duration, scene.seconds - o.time))
            for o in found
            if o.time < scene.seconds and o.duration > 0
        ]


def _boxes(
    own: Sequence[Observation],
    other: Sequence[Observation],
    top: float,
    seconds: float,
    same: Same | None,
) -> list[Box]:
    names = list(dict.fromkeys(str(o.value) for o in own))
    rows = {name: i for i, name in enumerate(names)} if _overlap(own) else dict.fromkeys(names, 0)
    count = max(rows.values(), default=0) + 1
    return [
        Box(
            str(o.value),
            o.time,
            min(o.time + o.duration, seconds),
            top + LANE * rows[str(o.value)] / count,
            LANE / count,
            same is None or _agrees(o, other, same),
        )
        for o in own
    ]


def _overlap(observations: Sequence[Observation]) -> bool:
    ordered = sorted(observations, key=lambda o: o.time)
    return any(b.time < a.time + a.duration - 1e-6 for a, b in pairwise(ordered))


def _agrees(box: Observation, others: Sequence[Observation], same: Same) -> bool:
    """Whether the other side has the same name for more than half of a box."""
    end = box.time + box.duration
    alike = (o for o in others if same(str(o.value), str(box.value)))
    shared = sum(max(0.0, min(end, o.time + o.duration) - max(box.time, o.time)) for o in alike)
    return shared > box.duration / 2


def _summary(observations: Sequence[Observation]) -> str:
    if not observations:
        return "nothing"
    total: dict[str, float] = {}
    for o in observations:
        total[str(o.value)] = total.get(str(o.value), 0.0) + o.duration
    longest = sorted(total, key=lambda name: -total[name])
    text = ", ".join(f"{name} for {total[name]:.0f} s" for name in longest[:6])
    return text + (f" and {len(longest) - 6} more" if len(longest) > 6 else "")

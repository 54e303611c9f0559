"""One tempo from two networks: that of the tempo, and that of the beats.

By themselves, the two sometimes choose different metrical levels of one piece. The beats have been
decoded over the whole recording and count first; the network of the tempo makes them more or less
certain, and gives the other candidate. What that gains is in docs/history.md.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deepmir.decoders.tempo_peak import DISTANCE
from deepmir.files.annotations import Annotation, Observation

FEWEST = 4  # beats that have a tempo


def agreed(found: Sequence[Annotation], duration: float) -> list[Annotation]:
    """What was found in a recording, with the tempo by both networks where there are both.

    Each counts half. The first tempo is that of the beats (60 s over the median of their
    distances), the second the strongest of the network's own that differs by more than 8 %. Where
    there are hardly any beats, its own remain, each half as certain.

    Args:
        found: annotations of a recording; the sandbox of each names its task.
        duration: of the recording in seconds.
    """
    of = {annotation.sandbox["task"]: annotation for annotation in found}
    if "tempo" not in of or "beat" not in of:
        return list(found)
    candidates = [(float(o.value), o.confidence or 0.0) for o in of["tempo"].observations]
    total = 2.0
    if len(of["beat"].observations) >= FEWEST:
        bpm = round(60 / float(np.median(np.diff(of["beat"].times))), 3)
        others = [pair for pair in candidates if abs(pair[0] - bpm) > DISTANCE * bpm]
        own = 1 + sum(w for _, w in candidates) - sum(w for _, w in others)
        candidates = [(bpm, own), *sorted(others, key=lambda pair: -pair[1])[:1]]
        total = sum(weight for _, weight in candidates)
    both = replace(
        of["tempo"],
        observations=tuple(
            Observation(0.0, duration, b, round(w / total, 6)) for b, w in candidates
        ),
        sandbox={**of["tempo"].sandbox, "beats": of["beat"].sandbox["model"]},
    )
    return [both if annotation is of["tempo"] else annotation for annotation in found]

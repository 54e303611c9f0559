"""One tempo from two networks: the tempo network and the beat network.

Alone, the two sometimes choose different metrical levels of one piece. The beats have been decoded
over the whole recording and take precedence; the tempo network raises or lowers their confidence
and adds the second candidate. docs/history.md has the gain.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from deepmir.decoders.tempo_peak import DISTANCE
from deepmir.files.annotations import Annotation, Observation

FEWEST = 4  # beats that have a tempo


def agreed(found: Sequence[Annotation], duration: float) -> list[Annotation]:
    """The annotations of a recording, with the tempo by both networks if both were run.

    Each counts half. The first tempo is that of the beats (60 s over their median interval), the
    second the strongest of the tempo network that differs by more than 8 %. If there are hardly any
    beats, the network's own tempi remain, with half their confidence.

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

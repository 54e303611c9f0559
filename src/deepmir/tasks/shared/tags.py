"""Tags of a recording in JAMS: the namespace `tag_open`, with the kind in the sandbox."""

from collections.abc import Iterable

from deepmir.files.annotations import Annotation, Jams, Observation


def annotation(kind: str, observations: Iterable[Observation]) -> Annotation:
    """Tags of a kind, such as `genre`."""
    return Annotation("tag_open", tuple(observations), sandbox={"kind": kind})


def strongest(found: Annotation | None) -> str | None:
    """The tag with the greatest confidence, the first of equal ones; None without any.

    Tags of a human annotator, who states no confidence, count as certain.
    """
    if found is None or not found.observations:
        return None
    return str(max(found.observations, key=confidence).value)


def confidence(observation: Observation) -> float:
    """The confidence of a tag in [0, 1]; 1 if none is given."""
    return 1.0 if observation.confidence is None else float(observation.confidence)


def words(jams: Jams, kind: str) -> dict[str, float] | None:
    """Every tag of a kind with its greatest confidence; None if nothing is annotated."""
    found = jams.first("tag_open", kind)
    if found is None:
        return None
    found_words: dict[str, float] = {}
    for observation in found.observations:
        word = str(observation.value)
        found_words[word] = max(found_words.get(word, 0.0), confidence(observation))
    return found_words


def heard(jams: Jams, kind: str, start: float, end: float) -> dict[str, float] | None:
    """Every tag of a kind with its mean confidence from `start` to `end`, seconds.

    A tag is weighted by the duration of its statement, and counts everywhere if that is zero.
    None if nothing is annotated.
    """
    found = jams.first("tag_open", kind)
    if found is None:
        return None
    end = max(min(end, jams.duration), start + 1e-6)
    heard_words: dict[str, float] = {}
    for observation in found.observations:
        share, over = 1.0, observation.time + observation.duration
        if observation.duration:
            share = max(0.0, min(over, end) - max(observation.time, start)) / (end - start)
        word = str(observation.value)
        total = heard_words.get(word, 0.0) + share * confidence(observation)
        heard_words[word] = min(1.0, total)
    return heard_words

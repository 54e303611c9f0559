"""Key by 'conventional machine learning' (tutorial, section 2.1): a logistic regression.

The features are hand-designed: mean and standard deviation over time of the chromagram. The
classifier is trained on each track in all twelve transpositions, rotations of the chromagram,
which corresponds to the pitch shifts used for the networks.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.baselines import mfcc_logistic
from deepmir.baselines.shared.lesson import Lesson, Search
from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task
from deepmir.tasks.key import TASK

Array = npt.NDArray[np.float64]

# Inverse strength of regularisation, chosen on the validation part.
PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)


def summary(samples: Samples, sample_rate: int) -> Array:
    """Mean and deviation over time of librosa's CQT chromagram, shape (2, 12)."""
    import librosa

    chroma = librosa.feature.chroma_cqt(y=samples, sr=sample_rate, hop_length=2048)
    return np.stack([chroma.mean(axis=1), chroma.std(axis=1)]).astype(np.float64)


def fit(lesson: Lesson) -> None:
    """Learn from the training part, choose the regularisation on the validation part.

    Raises:
        DeepmirError: when no recording of a part has a key.
    """
    train, validation = (
        _examples(lesson.parts[part], int(lesson.sample_rate)) for part in ("train", "validation")
    )
    x, y = _transposed(*train)
    held_out, truth = validation[0].reshape(-1, 24), validation[1]
    fitted = {p: mfcc_logistic.regression(x, np.eye(24)[y], "softmax", p) for p in PENALTIES}
    scores = {
        penalty: float((one.activations(held_out, "softmax").argmax(axis=1) == truth).mean())
        for penalty, one in fitted.items()
    }
    search = Search("C", "validation/accuracy", scores, better="more")
    fitted[search.best].save(lesson, "logistic regression", search)


def _examples(
    part: Iterable[tuple[Samples, Jams]], sample_rate: int
) -> tuple[Array, npt.NDArray[np.int64]]:
    labelled = [(x, key) for x, jams in part if (key := TASK.index(jams)) is not None]
    if not labelled:
        raise DeepmirError(f"no recording has an annotation for the task {TASK.name}")
    features = np.stack([summary(samples, sample_rate) for samples, _ in labelled])
    return features, np.array([key for _, key in labelled])


def _transposed(
    features: Array, keys: npt.NDArray[np.int64]
) -> tuple[Array, npt.NDArray[np.int64]]:
    """All examples in twelve keys, shapes (12 * tracks, 24) and (12 * tracks,)."""
    rotated = [np.roll(features, shift, axis=2).reshape(-1, 24) for shift in range(12)]
    labels = [keys // 12 * 12 + (keys + shift) % 12 for shift in range(12)]
    return np.concatenate(rotated), np.concatenate(labels)


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Read the weights from `folder`."""
    from deepmir.models.model import read_weights

    weights = {key: value.numpy() for key, value in read_weights(folder).items()}

    def annotate(samples: Samples) -> list[Annotation]:
        x = (summary(samples, sample_rate).reshape(24) - weights["mean"]) * weights["scale"]
        logits = weights["coefficients"] @ x + weights["intercept"]
        probabilities = np.exp(logits - logits.max())
        probabilities /= probabilities.sum()
        best = int(np.argmax(probabilities))
        return [TASK.annotation(best, float(probabilities[best]))]

    return annotate

"""Ridge regression on a representation, for the valence and arousal of a mood."""

from deepmir.baselines import mfcc_ridge
from deepmir.baselines.shared import examples, linear
from deepmir.baselines.shared.lesson import Lesson

annotator = linear.of_frames


def fit(lesson: Lesson) -> None:
    """Learn from the training part, choose the regularisation on the validation part.

    Raises:
        DeepmirError: when a part has no annotation for the task.
    """
    mfcc_ridge.learn(lesson, examples.read_frames(lesson), "ridge regression")

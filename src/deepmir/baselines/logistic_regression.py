"""Logistic regression on a representation, such as the layers of a network (tutorial, section 2.3).

For a task of long decision time scale, it uses the mean over the frames of a recording.
"""

from deepmir.baselines import mfcc_logistic
from deepmir.baselines.shared import examples, linear
from deepmir.baselines.shared.lesson import Lesson

annotator = linear.of_frames


def fit(lesson: Lesson) -> None:
    """Learn from the training part, choose regularisation and decoder on the validation part.

    Raises:
        DeepmirError: when a part has no annotation for the task.
    """
    parts = examples.read_frames(lesson)
    regression = mfcc_logistic.regression
    mfcc_logistic.learn(lesson, parts, lesson.sample_rate, "logistic regression", regression)

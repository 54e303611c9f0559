import numpy as np

from deepmir.baselines import pyin
from deepmir.files.annotations import Jams
from deepmir.tasks.melody import TASK, annotation


def test_a_voice_alone_is_followed(tmp_path):
    rate, seconds = 22050, 4.0
    time = np.arange(round(seconds * rate)) / rate
    hertz = 220 * 2 ** (np.floor(2 * time) * 3 / 12)
    sounding = (time % 1.0) < 0.8
    phase = 2 * np.pi * np.cumsum(hertz) / rate
    samples = (0.2 * sounding * sum(np.sin(k * phase) / k for k in range(1, 6))).astype(np.float32)
    every = slice(0, None, rate // 100)
    reference = Jams(seconds, (annotation(time[every], hertz[every], sounding[every]),))
    estimate = Jams(seconds, tuple(pyin.annotator(tmp_path, TASK, rate)(samples)))
    times = estimate.first("pitch_contour").times
    np.testing.assert_allclose(np.diff(times), 0.02)
    scores = TASK.metrics(reference, estimate)
    assert scores["overall_accuracy"] > 0.85, scores
    assert scores["raw_pitch"] > 0.95, scores

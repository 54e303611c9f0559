"""The data set `games-tagged`: the pieces of `games`, tagged by musicnn.

Run from this folder when `games` exists, in a separate environment, with musicnn (J. Pons and X.
Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", ISMIR
late-breaking 2019; code and weights ISC): ``python3.11 -m venv musicnn``, ``musicnn/bin/pip install
"tensorflow-cpu==2.15.*" "librosa<0.11" "setuptools<70"``, ``musicnn/bin/pip install --no-deps
musicnn``, ``musicnn/bin/python musicnn_tags.py``. For every three seconds each tag has the
confidence that the network trained on the Million Song Dataset gives it.
"""

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import librosa
import musicnn
import numpy as np
import tensorflow as tf
from musicnn import configuration, models

SOURCE = Path("../../data/sources/games")
MADE = Path("../../data/sources/games-tagged")
TABLE = "metadata.csv"
TRAINED_ON = "MSD_musicnn"
FRAMES = 187  # of a patch, 3 s
LEAST = 0.01  # confidence that is written


class Teacher:
    """The network with its weights, and the words that it knows."""

    def __init__(self, trained_on: str, labels: Sequence[str]) -> None:
        tf.compat.v1.disable_eager_execution()
        with tf.name_scope("model"):
            self.input = tf.compat.v1.placeholder(tf.float32, [None, FRAMES, configuration.N_MELS])
            self.is_training = tf.compat.v1.placeholder(tf.bool)
            logits, *_ = models.define_model(self.input, self.is_training, trained_on, len(labels))
            self.tags = tf.nn.sigmoid(logits)
        self.session = tf.compat.v1.Session()
        weights = Path(musicnn.__file__).parent / trained_on
        tf.compat.v1.train.Saver().restore(self.session, f"{weights}/")

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Confidences of the tags, shape (patches, tags), of samples at `configuration.SR`."""
        mel = librosa.feature.melspectrogram(
            y=samples,
            sr=configuration.SR,
            hop_length=configuration.FFT_HOP,
            n_fft=configuration.FFT_SIZE,
            n_mels=configuration.N_MELS,
        )
        features = np.log10(10_000 * mel.T.astype(np.float16) + 1).astype(np.float32)
        count = len(features) // FRAMES
        patches = features[: count * FRAMES].reshape(count, FRAMES, -1)
        found = [
            self.session.run(self.tags, {self.input: part, self.is_training: False})
            for part in np.array_split(patches, max(1, count // 50))
        ]
        return np.concatenate(found)


def jams(tags: np.ndarray, seconds: float) -> dict[str, object]:
    """What is said of a recording, as JAMS has it."""
    lasts = FRAMES * configuration.FFT_HOP / configuration.SR
    said = [
        {
            "time": round(number * lasts, 3),
            "duration": lasts,
            "value": label,
            "confidence": round(float(value), 3),
        }
        for number, row in enumerate(tags)
        for label, value in zip(configuration.MSD_LABELS, row, strict=True)
        if value >= LEAST
    ]
    return {
        "file_metadata": {"duration": seconds, "jams_version": "0.3.4"},
        "annotations": [
            {
                "namespace": "tag_open",
                "data": said,
                "sandbox": {"kind": "tags"},
                "time": 0,
                "duration": seconds,
            }
        ],
    }


def names() -> list[str]:
    """The files of all pieces."""
    with (SOURCE / TABLE).open(newline="") as file:
        return [row["file"] for row in csv.DictReader(file)]


def main() -> None:
    """Write a link to every piece that is long enough, and its tags."""
    teacher = Teacher(TRAINED_ON, configuration.MSD_LABELS)
    MADE.mkdir(exist_ok=True)
    shutil.copyfile(SOURCE / TABLE, MADE / TABLE)
    for name in names():
        recording = MADE / name
        if recording.with_suffix(".jams").exists():
            continue
        samples, _ = librosa.load(SOURCE / name, sr=configuration.SR)
        found = jams(teacher(samples), len(samples) / configuration.SR)
        if not recording.exists():
            recording.symlink_to((SOURCE / name).resolve())
        recording.with_suffix(".jams").write_text(json.dumps(found))


if __name__ == "__main__":
    main()

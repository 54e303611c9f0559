"""How much voice musicnn detects in each piece of `games`: `voices.csv` among the sources.

Run from this folder when `games` exists, in the environment of `musicnn_tags.py`:
``musicnn/bin/python musicnn_voices.py``. The network trained on MagnaTagATune has fifteen words for
a voice. Their confidences are summed in every three seconds of 90 s of each piece; nine tenths of
these sums are below the value written.
"""

import csv

import librosa
import numpy as np
from musicnn import configuration
from musicnn_tags import SOURCE, Teacher, names

MADE = SOURCE.with_name("voices.csv")
TRAINED_ON = "MTT_musicnn"
EXCERPT = 90.0  # s, from the middle
WORDS = {"choir", "choral", "female", "female vocal", "female voice", "male", "male vocal"}
WORDS |= {"male voice", "man", "opera", "singing", "vocal", "vocals", "voice", "woman"}


def main() -> None:
    """Write a row for every piece."""
    labels = configuration.MTT_LABELS
    teacher = Teacher(TRAINED_ON, labels)
    voice = [labels.index(word) for word in sorted(WORDS)]
    with MADE.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("file", "start", "voice"))
        for name in names():
            lasts = librosa.get_duration(path=SOURCE / name)
            start = max(0.0, lasts - EXCERPT) / 2
            samples, _ = librosa.load(
                SOURCE / name, sr=configuration.SR, offset=start, duration=EXCERPT
            )
            heard = teacher(samples)[:, voice].sum(axis=1)
            table.writerow((name, round(start, 3), round(float(np.percentile(heard, 90)), 3)))


if __name__ == "__main__":
    main()

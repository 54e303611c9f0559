"""A recording of tone bursts, and an analysis of it with every task."""

import numpy as np
import soundfile

from deepmir.analysis.results import Source
from deepmir.files.annotations import Annotation, Jams, Observation

RATE, SECONDS = 22050, 34.0  # two segments
EVIL = """<img src=x onerror="window.hacked=1"></script><script>window.hacked=1</script>'"&"""


def statement(task, namespace, *observations, **sandbox):
    return Annotation(namespace, tuple(observations), "deepmir", {"task": task, **sandbox})


def spans(task, *rows, kind):
    return statement(task, "tag_open", *(Observation(*row) for row in rows), kind=kind)


def melody(time):
    value = {"frequency": 220.0 if time < 17 else 440.0, "index": 0, "voiced": time > 2}
    return Observation(time, 0.0, value)


def beats():
    return [Observation(0.25 + 0.5 * k, 0.0, 1 + (k + 3) % 4) for k in range(67)]


def full(title="A song", tag="calm"):
    whole = SECONDS
    return Jams(
        SECONDS,
        (
            statement(
                "tempo",
                "tempo",
                Observation(0, whole, 120.4, 0.8),
                Observation(0, whole, 60.2, 0.2),
            ),
            statement("key", "key_mode", Observation(0, whole, "Eb:minor", 0.9)),
            # Another network's annotation in the same namespace is not the key.
            statement("chord", "key_mode", Observation(0, whole, "C:major", 0.9)),
            statement("beat", "beat", *beats()),
            statement("onset", "onset", *(Observation(0.5 * k) for k in range(60))),
            statement("melody", "pitch_contour", *(melody(k / 50) for k in range(1700))),
            statement(
                "chord",
                "chord",
                Observation(0, 16, "A:min7", 0.9),
                Observation(16, 10, "C:maj/3", 0.9),
                Observation(26, 8, "N", 0.9),
            ),
            statement(
                "structure", "segment_open", Observation(0, 16, "A"), Observation(16, 18, "B")
            ),
            statement("notes", "note_midi", Observation(1, 1, 60), Observation(1.5, 3, 64)),
            spans("singing", (4.0, 6.0, "voice"), kind="voice"),
            spans("instrument", (0, 3, "flute"), (0, 30, tag), (5, 2, "flute"), kind="instrument"),
            spans("genre", (0, whole, "reel", 0.2), (0, whole, "march", 0.7), kind="genre"),
            spans("tagging", (0, whole, tag, 0.9), (0, whole, "loud", 0.1), kind="tags"),
            statement("mood", "mood_thayer", Observation(0, whole, [-0.5, -0.2])),
        ),
        title,
        "Somebody",
        {"deepmir": {"left_out": {"chord_large": "too short"}}},
    )


SOURCES = {"chord": Source("chord", "chord-crnn", "0.1.0", "44a0aaf30a0eaadf", "c193ee42cddb")}
EMPTY = [
    *(("beat", "beat"), ("onset", "onset"), ("melody", "pitch_contour"), ("chord", "chord")),
    *(("structure", "segment_open"), ("notes", "note_midi"), ("singing", "tag_open")),
    *(("instrument", "tag_open"), ("genre", "tag_open"), ("tagging", "tag_open")),
    *(("key", "key_mode"), ("tempo", "tempo"), ("mood", "mood_thayer")),
]


def dense(seconds):
    """As many annotations as a busy recording of this length has."""
    rows = {
        ("beat", "beat"): [Observation(0.5 * k, 0, 1 + k % 4) for k in range(2 * seconds)],
        ("onset", "onset"): [Observation(0.2 * k) for k in range(5 * seconds)],
        ("melody", "pitch_contour"): [melody(0.02 * k) for k in range(50 * seconds)],
        ("chord", "chord"): [Observation(k, 1, "CDEFGAB"[k % 7] + ":min") for k in range(seconds)],
        ("structure", "segment_open"): [
            Observation(10 * k, 10, "ABC"[k % 3]) for k in range(seconds // 10)
        ],
        ("notes", "note_midi"): [
            Observation(0.1 * k, 0.4, 40 + k * 7 % 40) for k in range(10 * seconds)
        ],
    }
    return Jams(seconds, tuple(statement(*pair, *found) for pair, found in rows.items()))


def record(path):
    """A tone burst on every beat, the right channel half as loud as the left."""
    samples = np.zeros((int(RATE * SECONDS), 2), np.float32)
    time = np.arange(int(0.1 * RATE)) / RATE
    burst = np.sin(2 * np.pi * 440 * time) * np.exp(-time / 0.02)
    for beat in beats():
        start = round(beat.time * RATE)
        samples[start : start + len(burst)] += 0.6 * burst[:, None] * np.array([1.0, 0.5])
    soundfile.write(path, samples, RATE)
    return path

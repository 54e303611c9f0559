"""What tasks and metrics are called on the page, and what they mean, in a sentence.

What is not here is shown by its own name, so a new task works before it has a line.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A heading and an explanation."""

    title: str
    meaning: str = ""


TASKS = {
    "key": Term("Key detection", "Find the tonic and the mode, one of 24 keys, of a recording."),
    "mode": Term("Mode of a triad", "Tell major from minor."),
    "pitch_class": Term("Pitch class", "Tell which of the twelve pitch classes a tone has."),
    "beat": Term("Beat tracking", "Find the instant of every beat and which beats begin a bar."),
}

METRICS = {
    ("key", "weighted"): Term(
        "Weighted score",
        "1 for the right key, 0.5 for a fifth above, 0.3 for the relative and 0.2 for the parallel "
        "key, else 0, as MIREX scores it.",
    ),
    ("key", "accuracy"): Term("Accuracy", "Share of recordings whose key is exactly right."),
    ("mode", "accuracy"): Term("Accuracy", "Share of triads whose mode is right."),
    ("pitch_class", "accuracy"): Term("Accuracy", "Share of tones whose pitch class is right."),
    ("beat", "f_measure"): Term(
        "Beat F",
        "Harmonic mean of precision and recall, a beat being right within 70 ms; the first 5 "
        "seconds of a recording do not count.",
    ),
    ("beat", "cmlc"): Term(
        "CMLc", "Longest unbroken stretch of right beats at the annotated tempo, as a share."
    ),
    ("beat", "cmlt"): Term(
        "CMLt", "Share of all beats that continue a right beat at the annotated tempo."
    ),
    ("beat", "amlc"): Term("AMLc", "As CMLc; double and half tempo and the off-beat also count."),
    ("beat", "amlt"): Term("AMLt", "As CMLt; double and half tempo and the off-beat also count."),
    ("beat", "downbeat_f"): Term(
        "Downbeat F", "As beat F, of the first beats of bars; only for systems that find them."
    ),
}

SOURCES = {
    "tones": "Tones and triads of sines with random timbres, made by deepmir.",
    "scores": "Scores of the music21 corpus, rendered to audio by deepmir. M. S. Cuthbert and "
    "C. Ariza, music21: A Toolkit for Computer-Aided Musicology and Symbolic Music Data, "
    "ISMIR 2010.",
    "folder": "Recordings and annotations of your own.",
}


def task(name: str) -> Term:
    """What a task is called."""
    return TASKS.get(name, Term(name.replace("_", " ").capitalize()))


def metric(task_name: str, name: str) -> Term:
    """What a metric is called."""
    return METRICS.get((task_name, name), Term(name.replace("_", " ")))

"""Analysis of generated audio: pitch by pYIN, instrument by a trained classifier."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from deepmir.declarations.neural import NetworkEntry
from deepmir.errors import DeepmirError
from deepmir.evaluation import prediction
from deepmir.files import audio
from deepmir.files.samples import Samples
from deepmir.generators import pitch
from deepmir.models import model
from deepmir.tasks.shared.pitched import Notes


@dataclass(frozen=True)
class Heard:
    """The analysis of a sound.

    Attributes:
        pitch: share of its notes with the requested pitch; None without one.
        instrument: according to the classifier; None without one.
    """

    pitch: float | None
    instrument: str | None


class Listener:
    """Analyses sounds of one sample rate."""

    def __init__(self, rate: int, classifier: NetworkEntry | None) -> None:
        """Load the classifier.

        Raises:
            DeepmirError: when its model is missing or damaged.
        """
        self.rate = rate
        self.classifier = None if classifier is None else model.load(classifier.folder)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the classifier; empty without one."""
        return () if self.classifier is None else tuple(map(str, self.classifier[1].labels))

    def hear(self, samples: Samples, notes: Notes | None) -> Heard:
        """Analyse a sound, shape (samples,), that was conditioned on some notes."""
        on_pitch = self.on_pitch(samples, notes) if notes and len(notes.pitches) else None
        return Heard(on_pitch, None if self.classifier is None else self.instrument(samples))

    def on_pitch(self, samples: Samples, notes: Notes) -> float:
        """Share of notes with a median pitch by pYIN within 50 cents.

        A note in which pYIN finds no pitch is wrong.
        """
        times, hertz = pitch.contour(samples, self.rate, *notes.pitches)
        right = []
        for start, end, wanted in zip(notes.starts, notes.ends, notes.pitches, strict=True):
            found = pitch.median(hertz[(times >= start) & (times < end)])
            right.append(pitch.is_right(found, wanted))
        return float(np.mean(right))

    def instrument(self, samples: Samples) -> str:
        """The label with the highest mean activation over the frames of a sound."""
        assert self.classifier is not None
        network, card, representation = self.classifier
        there = audio.resample(samples, self.rate, representation.sample_rate)
        answer: Any = prediction.activations(network, card, representation(there))
        return self.labels[int(answer.reshape(-1, len(self.labels)).mean(axis=0).argmax())]

    def check(self, instruments: tuple[str, ...]) -> None:
        """Refuse a classifier that lacks some instruments.

        Raises:
            DeepmirError: naming them.
        """
        unknown = [name for name in instruments if name not in self.labels]
        if self.classifier is not None and unknown:
            raise DeepmirError(
                f"the classifier does not know {', '.join(unknown)}: declare its `labels`"
            )

"""Listening to what was generated: its pitch by pYIN, its instrument by a trained classifier."""

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
    """What was heard in a sound.

    Attributes:
        pitch: share of its notes that have the pitch that was asked; None where none was.
        instrument: what the classifier says; None without one.
    """

    pitch: float | None
    instrument: str | None


class Listener:
    """What listens to sounds of one sample rate."""

    def __init__(self, rate: int, classifier: NetworkEntry | None) -> None:
        """Open the classifier.

        Raises:
            DeepmirError: when its model is missing or broken.
        """
        self.rate = rate
        self.classifier = None if classifier is None else model.load(classifier.folder)

    @property
    def labels(self) -> tuple[str, ...]:
        """What the classifier can say; empty without one."""
        return () if self.classifier is None else tuple(map(str, self.classifier[1].labels))

    def hear(self, samples: Samples, notes: Notes | None) -> Heard:
        """Listen to a sound, shape (samples,), that was asked to have some notes."""
        on_pitch = self.on_pitch(samples, notes) if notes and len(notes.pitches) else None
        return Heard(on_pitch, None if self.classifier is None else self.instrument(samples))

    def on_pitch(self, samples: Samples, notes: Notes) -> float:
        """Share of notes whose median pitch, where pYIN finds one, is within 50 cents.

        A note in which it finds no pitch is wrong.
        """
        times, hertz = pitch.contour(samples, self.rate, *notes.pitches)
        right = []
        for start, end, wanted in zip(notes.starts, notes.ends, notes.pitches, strict=True):
            found = pitch.median(hertz[(times >= start) & (times < end)])
            right.append(pitch.is_right(found, wanted))
        return float(np.mean(right))

    def instrument(self, samples: Samples) -> str:
        """What the classifier is surest of, in the mean over the frames of a sound."""
        assert self.classifier is not None
        network, card, representation = self.classifier
        there = audio.resample(samples, self.rate, representation.sample_rate)
        answer: Any = prediction.activations(network, card, representation(there))
        return self.labels[int(answer.reshape(-1, len(self.labels)).mean(axis=0).argmax())]

    def check(self, instruments: tuple[str, ...]) -> None:
        """Refuse a classifier that does not know the instruments.

        Raises:
            DeepmirError: naming them.
        """
        unknown = [name for name in instruments if name not in self.labels]
        if self.classifier is not None and unknown:
            raise DeepmirError(
                f"the classifier does not know {', '.join(unknown)}: declare its `labels`"
            )

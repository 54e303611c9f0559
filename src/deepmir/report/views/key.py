"""The view of a key: both tonics as lines at their pitches, and the pitch classes that sound."""

import numpy as np

from deepmir.report.views.base import Bar, Mark, Scene, View
from deepmir.tasks.key import TASK, relation
from deepmir.tasks.shared.harte import ROOTS
from deepmir.tasks.shared.keys import LABELS

C0 = 440.0 * 2 ** (-57 / 12)  # Hz
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 11))  # major, harmonic minor

RELATIONS = {
    "accuracy": "the same key",
    "fifth": "a fifth above",
    "relative": "the relative key: same notes, other tonic",
    "parallel": "the parallel key: same tonic, other mode",
    "other": "another key",
}


def view(scene: Scene) -> View:
    """Words, tonic lines over the picture, and a profile where the bins tell pitches apart."""
    truth, guess = TASK.index(scene.reference), TASK.index(scene.estimate)
    words = [("Reference", _named(truth)), ("Predicted", _named(guess) + _confidence(scene))]
    if truth is not None and guess is not None:
        words.append(("Relation", described(truth, guess)))
    marks, legend = _tonics(scene, truth, guess)
    bars = _profile(scene, truth, guess) if scene.octaves else ()
    return View(tuple(words), marks, legend, bars=bars)


def described(truth: int, guess: int) -> str:
    """The predicted key relative to the reference, as indices in `tasks.shared.keys.LABELS`."""
    below = guess // 12 == truth // 12 and (guess - truth) % 12 == 5
    return "a fifth below" if below else RELATIONS[relation(LABELS[truth], LABELS[guess])]


def _named(index: int | None) -> str:
    if index is None:
        return "none"
    tonic, _, mode = LABELS[index].partition(":")
    return f"{spelt(tonic)} {mode}"


def spelt(tonic: str) -> str:
    """A tonic with the signs of printed music: `Bb` as B♭."""
    return tonic[0] + tonic[1:].replace("#", "♯").replace("b", "♭")


def _confidence(scene: Scene) -> str:
    annotation = scene.estimate.first("key_mode")
    if annotation is None or not annotation.observations:
        return ""
    confidence = annotation.observations[0].confidence
    return "" if confidence is None else f" (confidence {confidence:.2f})"


def _tonics(
    scene: Scene, truth: int | None, guess: int | None
) -> tuple[tuple[Mark, ...], tuple[tuple[str, str], ...]]:
    """One line an octave where both agree on the tonic, else one of each look."""
    if truth is not None and guess is not None and truth % 12 == guess % 12:
        return tuple(_lines(scene, truth, "right")), (("right", "tonic, which both agree on"),)
    marks = _lines(scene, truth, "right") + _lines(scene, guess, "wrong")
    return tuple(marks), (
        ("right", "tonic of the reference, in every octave"),
        ("wrong", "tonic of the prediction"),
    )


def _lines(scene: Scene, key: int | None, kind: str) -> list[Mark]:
    if key is None:
        return []
    pitches = C0 * 2 ** (np.arange(11) + key % 12 / 12)
    low, high = scene.frequencies[0], scene.frequencies[-1]
    heights = [scene.height(float(hertz)) for hertz in pitches if low <= hertz <= high]
    return [Mark(kind, 0, height, scene.seconds, height) for height in heights]


def _profile(scene: Scene, truth: int | None, guess: int | None) -> tuple[Bar, ...]:
    """Mean level of each pitch class, from the quietest (0) to the loudest (1)."""
    semitones = np.rint(12 * np.log2(scene.frequencies / C0)).astype(int) % 12
    levels = scene.values.mean(axis=0)
    means = np.array([levels[semitones == pitch].mean() for pitch in range(12)])
    heights = (means - means.min()) / max(float(np.ptp(means)), 1e-9)
    return tuple(
        Bar(spelt(tonic), float(heights[pitch]), _belongs(pitch, truth), _belongs(pitch, guess))
        for pitch, tonic in enumerate(ROOTS)
    )


def _belongs(pitch: int, key: int | None) -> bool:
    return key is not None and (pitch - key % 12) % 12 in SCALES[key // 12]

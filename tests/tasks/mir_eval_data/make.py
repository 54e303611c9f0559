"""Write the annotations and scores beside this file: `python tests/tasks/mir_eval_data/make.py`.

They have the form of mir_eval's own regression data, `tests/data` of its repository: for each
module `refNN`, `estNN` and the result of `mir_eval.<module>.evaluate`, `outputNN.json`.
"""

import json
import warnings
from pathlib import Path

import mir_eval
import numpy as np

HERE = Path(__file__).parent
RNG = np.random.default_rng(2026)


def write(module, number, kind, rows, suffix="txt"):
    path = HERE / module / f"{kind}{number:02}.{suffix}"
    path.parent.mkdir(exist_ok=True)
    lines = ("\t".join(f"{x:.4f}" if isinstance(x, float) else str(x) for x in r) for r in rows)
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def score(module, number, load, reference, estimate, suffix="txt"):
    """Write a pair of annotations and mir_eval's result for them."""
    sides = (("ref", reference), ("est", estimate))
    paths = [write(module, number, kind, rows, suffix) for kind, rows in sides]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = [load(path) for path in paths]
        arguments = [a for one in loaded for a in (one if isinstance(one, tuple) else [one])]
        if module == "tempo":
            arguments = arguments[:3]  # the weight of the estimate is not asked for
        found = getattr(mir_eval, module).evaluate(*arguments)
    numbers = {name: float(value) for name, value in found.items()}
    (HERE / module / f"output{number:02}.json").write_text(json.dumps(numbers, indent=1) + "\n")


def events():
    """Shifted, missed and spurious events."""
    for number, wrong in enumerate((0.02, 0.06, 0.1)):
        times = np.cumsum(RNG.uniform(0.3, 0.7, 40))
        moved = (times + RNG.normal(0, wrong / 2, 40))[RNG.uniform(size=40) > wrong]
        found = np.sort(np.concatenate([moved.clip(0), RNG.uniform(0, times[-1], 3)]))
        for module in ("beat", "onset"):
            rows = [[(float(t),) for t in side] for side in (times, found)]
            score(module, number, mir_eval.io.load_events, *rows)


def tempi():
    pairs = (
        ((60.0, 120.0, 0.75), (120.0, 180.0, 0.5)),
        ((80.0, 160.0, 0.2), (81.0, 155.0, 0.9)),
        ((70.0, 140.0, 0.5), (100.0, 200.0, 0.5)),
    )
    for number, (reference, estimate) in enumerate(pairs):
        score("tempo", number, mir_eval.io.load_tempo, [reference], [estimate], "lab")


def keys():
    for number, guess in enumerate(
        (
            "C# major",
            "Ab major",
            "Gb major",
            "Bb minor",
            "Db minor",
            "D minor",
            "Db other",
            "Bb other",
        )
    ):
        rows = [("Db", "major")], [guess.split()]
        score("key", number, mir_eval.io.load_key, *rows)


def spans(edges, labels):
    return [(float(a), float(b), x) for a, b, x in zip(edges, edges[1:], labels, strict=False)]


def chords():
    """Inversions, large chords, unknown ones on both sides, estimates that end early or late."""
    words = ["C:maj", "A:min7/b3", "F:maj(9)", "G:7", "N", "X", "D:sus4", "B:dim", "E:min/5"]
    for number, shift in enumerate((-1.3, 0.0, 2.1)):
        edges = np.concatenate([[0.5], 0.5 + np.cumsum(RNG.uniform(1, 4, 12))])
        truth = RNG.choice(words, 12)
        guess = [
            x if RNG.uniform() < 0.6 else y
            for x, y in zip(truth, RNG.choice(words, 12), strict=True)
        ]
        found = (
            edges + shift - min(0, 0.5 + shift) + np.append(RNG.uniform(0, 0.9, 12), shift + 0.9)
        )
        rows = spans(edges, truth), spans(np.sort(found), guess)
        score("chord", number, mir_eval.io.load_labeled_intervals, *rows, "lab")


def segments():
    """Estimates that begin late and end 20 s, 0.4 s early or late; letters in both cases."""
    for number, late in enumerate((-20.0, -0.4, 7.0)):
        edges = np.concatenate([[0.3], np.cumsum(RNG.uniform(8, 25, 8))])
        found = np.sort(np.append(edges[:-2] + RNG.normal(0, 1, 7).clip(-0.2), edges[-1] + late))
        rows = spans(edges, RNG.choice(list("ABab"), 8)), spans(found, RNG.choice(list("ABC"), 7))
        score("segment", number, mir_eval.io.load_labeled_intervals, *rows, "lab")


def melodies():
    """Estimates at other instants, with guesses in unvoiced frames (negative)."""
    for number, hop in enumerate((0.01, 0.0232, 0.05)):
        times = np.arange(0, 4, 0.01)
        pitch = 220 * 2 ** ((np.cumsum(RNG.normal(0, 0.3, 400)) + 5 * np.sin(times * 2)) / 12)
        hertz = pitch * (np.sin(times * 3) > -0.6)
        other = np.arange(number * 0.02, 4.2, hop)
        near = np.interp(other, times, pitch) * 2 ** RNG.choice([0, 0, 0.03, 1], other.size)
        guess = near * RNG.choice([1, 1, 1, -1, 0], other.size)
        rows = ([*map(tuple, np.stack(x, 1).tolist())] for x in ((times, hertz), (other, guess)))
        score("melody", number, mir_eval.io.load_time_series, *rows)


def notes():
    """Several instruments on one pitch at a time; pitches between semitones, off the keyboard."""
    for number in range(3):
        starts, lengths = RNG.uniform(0, 12, 50), RNG.uniform(0.1, 1.5, 50)
        midi = RNG.choice([12, 36, 40, 43, 48, 60, 60.3, 64, 110], 50).astype(float)
        rows = np.stack([starts, starts + lengths, 440 * 2 ** ((midi - 69) / 12)], 1)
        moved = rows * [1, 1, 1.01] + RNG.normal(0, 0.03, (50, 1)) * [1, 1, 0]
        moved[:, 0] = moved[:, 0].clip(0)
        found = np.concatenate([moved[: 40 + number], rows[:5] + np.array([0.01, 0.02, 0])])
        sides = (map(tuple, side[np.argsort(side[:, 0])].tolist()) for side in (rows, found))
        score("transcription", number, mir_eval.io.load_valued_intervals, *sides)


if __name__ == "__main__":
    for make in (events, tempi, keys, chords, segments, melodies, notes):
        make()

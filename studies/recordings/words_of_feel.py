"""Mood, genre, instruments and tags against a composer's descriptions of his own recordings.

Run by hand: ``python studies/recordings/words_of_feel.py FOLDER``, a folder of recordings with JAMS
beside them that have tags of the kinds `tags` (mood words), `genre` and `instrument`. Each figure
has its chance level, and a 95 % interval over recordings: `deepmir analyze` withholds what does not
clearly beat chance here (`withheld` in params.yaml).
"""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from named_instruments import families

import deepmir
from deepmir.analysis.results import Analysis, Span
from deepmir.files import annotations
from deepmir.tasks.instrument import FAMILIES
from deepmir.tasks.shared import ranking, tags
from deepmir.tasks.shared.moods import CIRCLE, NEAREST

Floats = npt.NDArray[np.float64]

LEAST = 0.34  # of a coordinate that counts: a word within 20 degrees of an axis has one sign alone
GENRES = {
    "electronica": {"electronic"},
    "jazz": {"jazz"},
    "disco": {"electronic", "funk", "pop"},
    "polka": {"folk"},
    "reggae": {"reggae"},
    "ska": {"reggae"},
    "latin": {"latin"},
    "funk": {"funk"},
    "rock": {"rock"},
    "soundtrack": {"classical"},
    "silent film score": {"classical", "jazz"},
    "contemporary": {"classical"},
}
# Tags of the network that are genres, and an instrument.
SAID = {"electronic", "folk", "funk", "jazz", "pop", "rock", "guitar"}
SAMPLES = 2000


def genres_of(words: Iterable[str]) -> set[str]:
    """A composer's genres as the network's."""
    return set().union(*(GENRES.get(word, set()) for word in words))


def signs(words: dict[str, float]) -> tuple[float, float]:
    """Sign of valence and of arousal that some words have; NaN where none has it, or two differ."""
    placed = [NEAREST.get(word, word) for word in words]
    angles = np.radians([CIRCLE[word] for word in placed if word in CIRCLE])
    found = []
    for values in (np.cos(angles), np.sin(angles)):
        known = {float(np.sign(value)) for value in values if abs(value) > LEAST}
        found.append(known.pop() if len(known) == 1 else np.nan)
    return found[0], found[1]


def area(truth: Floats, guess: Floats) -> float:
    """Area under the ROC curve of one label; .5 by chance."""
    return float(ranking.roc_auc(truth[:, None], guess[:, None])[0])


def with_interval(score: Callable[[Floats], float], rows: Floats) -> str:
    """A score of all rows, and its interval over resamplings of them."""
    rng = np.random.default_rng(0)
    drawn = [score(rows[rng.integers(len(rows), size=len(rows))]) for _ in range(SAMPLES)]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return f"{score(rows):.3f} [{low:.3f}, {high:.3f}], {len(rows)} recordings"


def confidences(spans: tuple[Span, ...] | None) -> dict[str, float]:
    """How sure the network is of each label."""
    return {span.label: span.confidence or 0.0 for span in spans or ()}


def sounding(spans: tuple[Span, ...] | None, duration: float) -> dict[str, float]:
    """The share of a recording in which each label is found."""
    shares: dict[str, float] = {}
    for span in spans or ():
        shares[span.label] = shares.get(span.label, 0.0) + (span.end - span.start) / duration
    return shares


def print_areas(
    title: str, rows: list[tuple[set[str], dict[str, float]]], labels: set[str]
) -> None:
    """The area of each label that five recordings have and five have not, and their mean."""
    truth = np.array([[label in said for label in sorted(labels)] for said, _ in rows], float)
    guess = np.array([[found.get(x, 0.0) for x in sorted(labels)] for _, found in rows])
    kept = [i for i in range(len(labels)) if 5 <= truth[:, i].sum() <= len(rows) - 5]
    both = np.hstack([truth[:, kept], guess[:, kept]])

    def mean(drawn: Floats) -> float:
        return float(np.nanmean(ranking.roc_auc(*np.split(drawn, 2, axis=1))))

    print(f"{title}, mean ROC-AUC of {len(kept)} labels: {with_interval(mean, both)}")
    for i, column in enumerate(kept):
        pair = both[:, [i, len(kept) + i]]
        print(
            f"  {sorted(labels)[column]}: {with_interval(lambda r: area(r[:, 0], r[:, 1]), pair)}"
        )


def main() -> None:
    """Print how far the networks agree with the composer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=Path)
    options = parser.parse_args()
    networks = ["mood", "genre", "instrument", "tagging"]
    feel, genres, instruments, said_tags = [], [], [], []
    for path in sorted(options.folder.glob("*.jams")):
        reference = annotations.read(path)
        recording = next(p for p in path.parent.glob(f"{path.stem}.*") if p.suffix != ".jams")
        heard: Analysis = deepmir.analyze(recording, tasks=networks, models=options.models)
        said = {kind: tags.words(reference, kind) for kind in ("tags", "genre", "instrument")}
        if said["tags"] is not None and heard.mood is not None:
            feel.append((*signs(said["tags"]), heard.mood.valence, heard.mood.arousal))
        right = genres_of(said["genre"] or ())
        if right and heard.genre:
            genres.append((right, confidences(heard.genre)))
        if said["instrument"]:
            words = said["instrument"]
            sounds = sounding(heard.instruments, heard.duration)
            instruments.append((families(words), sounds))
            said_tags.append((right | set(words), confidences(heard.tags)))
    table = np.array(feel)
    for i, name in enumerate(("valence", "arousal")):
        known = table[~np.isnan(table[:, i])][:, [i, 2 + i]]
        known[:, 0] = known[:, 0] > 0
        text = with_interval(lambda rows: area(rows[:, 0], rows[:, 1]), known)
        print(f"{name}, ROC-AUC of the sign: {text}")
    right = np.array([[max(found, key=found.__getitem__) in said] for said, found in genres], float)
    print(f"genre, accuracy: {with_interval(lambda rows: float(rows.mean()), right)}")
    words = sorted({word for said, _ in genres for word in said})
    usual = max(words, key=lambda word: sum(word in said for said, _ in genres))
    share = np.mean([usual in said for said, _ in genres])
    print(f"  always {usual}: {share:.3f}")
    print_areas("genre", genres, set(words))
    print_areas("instrument", instruments, {*FAMILIES.values(), "drums"})
    print_areas("tagging", said_tags, SAID)


if __name__ == "__main__":
    main()

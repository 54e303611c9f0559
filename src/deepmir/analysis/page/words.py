"""The results of an analysis in the words of musicians."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from deepmir.analysis.results import NAMED_TAG, Analysis, Span

SIGNS = str.maketrans({"#": "♯", "b": "♭"})
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

# Harte's names of qualities as a lead sheet writes them; what is not here is written as it is.
QUALITIES = {
    "maj": "",
    "min": "m",
    "dim": "dim",
    "aug": "aug",
    "maj7": "maj7",
    "min7": "m7",
    "7": "7",
    "dim7": "dim7",
    "hdim7": "m7♭5",
    "minmaj7": "m(maj7)",
    "maj6": "6",
    "min6": "m6",
    "9": "9",
    "maj9": "maj9",
    "min9": "m9",
    "sus2": "sus2",
    "sus4": "sus4",
}
DEGREES = {"1": 0, "2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11, "9": 14}
SHARPS = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")

TEMPI = ((60, "very slow"), (76, "slow"), (108, "moderate"), (132, "lively"), (168, "fast"))
SURE = ((0.85, "quite sure"), (0.6, "fairly sure"), (0.35, "unsure"))
DEGREES_OF_MOOD = ((0.1, None), (0.3, "a little "), (0.6, ""))

SHOWN_TAGS = 8

TASKS = {
    "tempo": "Tempo",
    "key": "Key",
    "beat": "Beats and bars",
    "onset": "Onsets",
    "melody": "Melody",
    "chord": "Chords",
    "chord_large": "Chords",
    "structure": "Sections",
    "notes": "Notes",
    "genre": "Genre",
    "instrument": "Instruments",
    "mood": "Mood",
    "singing": "Singing",
    "tagging": "Tags",
    "vocal_melody": "Vocal melody",
}


@dataclass(frozen=True)
class Fact:
    """A line of the header.

    Attributes:
        name: its subject.
        value: the result.
        more: further details, such as the second choice.
        share: confidence of the network in [0, 1], if there is one.
    """

    name: str
    value: str
    more: str = ""
    share: float | None = None


def title(analysis: Analysis) -> str:
    """The title of the recording, or the name of its file, with `_` as a space."""
    stem = "" if analysis.path is None else analysis.path.stem
    name = analysis.jams.title or stem or "Recording"
    return name.replace("_", " ").strip() or stem if name == stem else name


def task(name: str) -> str:
    """The name of a task on the page."""
    return TASKS.get(name, name.replace("_", " ").capitalize())


def pitch_class(name: str) -> int | None:
    """The number of a note such as `Eb`, C being 0; None if it is not a note."""
    if not name or name[0] not in STEPS or set(name[1:]) - {"#", "b"}:
        return None
    return (STEPS[name[0]] + name.count("#") - name[1:].count("b")) % 12


def key(tonic: str, mode: str) -> str:
    """A key such as `E♭ major`."""
    return f"{tonic.translate(SIGNS)} {mode}".strip()


def chord(label: str) -> str:
    """A label in Harte's syntax as on a lead sheet: `Am7`, `C/E`; a dash for no chord."""
    if label in ("N", "X"):
        return "–" if label == "N" else "?"
    body, _, bass = label.partition("/")
    root, colon, quality = body.partition(":")
    shown = QUALITIES.get(quality if colon else "maj", quality)
    return f"{root.translate(SIGNS)}{shown}{_slash(root, bass)}"


def _slash(root: str, degree: str) -> str:
    """The bass of a chord, given as a degree of its root such as `b3`."""
    number, name = degree.lstrip("#b"), pitch_class(root)
    if not degree or name is None or number not in DEGREES or number == "1":
        return ""
    steps = DEGREES[number] + degree.count("#") - degree.count("b")
    return f"/{SHARPS[(name + steps) % 12]}"


def sure(share: float) -> str:
    """How sure a network is, in words."""
    return next((word for least, word in SURE if share >= least), "a guess")


def facts(analysis: Analysis) -> list[Fact]:
    """The header: facts about the whole recording."""
    found = [_tempo(analysis), _key(analysis), _metre(analysis), _genre(analysis), _mood(analysis)]
    for name, spans in analysis.others.items():
        if analysis.of_the_whole(spans):
            first = max(spans, key=lambda span: span.confidence or 0.0)
            found.append(Fact(task(name), first.label, share=first.confidence))
    return [fact for fact in found if fact is not None]


def _tempo(analysis: Analysis) -> Fact | None:
    tempo = analysis.tempo
    if tempo is None:
        return None
    word = next((word for most, word in TEMPI if tempo.bpm < most), "very fast")
    tasks = (a for a in analysis.jams.find("tempo") if a.sandbox.get("task") == "tempo")
    others = [float(o.value) for a in tasks for o in a.observations if o.value != tempo.bpm]
    more = f"{word}; or perhaps {others[0]:.0f}" if others else word
    return Fact("Tempo", f"{tempo.bpm:.0f} beats a minute", more, tempo.confidence)


def _key(analysis: Analysis) -> Fact | None:
    found = analysis.key
    if found is None:
        return None
    return Fact("Key", key(found.tonic, found.mode), share=found.confidence)


def _metre(analysis: Analysis) -> Fact | None:
    """The commonest number of beats between two downbeats."""
    if analysis.beats is None:
        return None
    downbeats = [i for i, place in enumerate(analysis.beats.positions) if place == 1]
    bars = Counter(b - a for a, b in pairwise(downbeats))
    if not bars:
        return Fact("Metre", "no bars found")
    beats, count = bars.most_common(1)[0]
    share = count / bars.total()
    more = "throughout" if share == 1 else f"in {share:.0%} of {bars.total()} bars"
    return Fact("Metre", f"{beats} beats a bar" if beats > 1 else "1 beat a bar", more)


def _genre(analysis: Analysis) -> Fact | None:
    if not analysis.genre:
        return None
    first, *others = analysis.genre
    more = ", ".join(f"{s.label} {s.confidence:.0%}" for s in others[:2] if s.confidence)
    return Fact("Genre", first.label, f"or {more}" if more else "", first.confidence)


def _mood(analysis: Analysis) -> Fact | None:
    mood = analysis.mood
    if mood is None:
        return None
    strength = max(abs(mood.valence), abs(mood.arousal))
    degree = next((degree for most, degree in DEGREES_OF_MOOD if strength < most), "very ")
    more = f"pleasant {mood.valence:+.2f}, excited {mood.arousal:+.2f} (−1 to 1)"
    word = "neutral" if degree is None else degree + mood.quadrant
    return Fact("Mood", word, more.replace("-", "−"))


def tags(analysis: Analysis) -> Sequence[Span] | None:
    """The likely tags, the most likely first; None if there was no network for them."""
    if analysis.tags is None:
        return None
    return [tag for tag in analysis.tags if (tag.confidence or 0) >= NAMED_TAG][:SHOWN_TAGS]


def unanswered(analysis: Analysis) -> list[tuple[str, str]]:
    """The tasks without a result for this recording, with the reasons."""
    reasons = analysis.jams.sandbox.get("deepmir", {}).get("left_out", {})
    return [(task(name), reason) for name, reason in reasons.items()]


def remarks(analysis: Analysis) -> list[str]:
    """Remarks about the recording or its results."""
    return list(analysis.jams.sandbox.get("deepmir", {}).get("remarks", []))

"""The judgement of a WaveNet.

Likelihood compared with simple predictors; pitch and instrument of generated audio compared with
the recordings that it imitates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepmir.declarations.generated import GeneratorEntry
from deepmir.declarations.schema import Evaluation
from deepmir.errors import DeepmirError
from deepmir.features.corpus import read_annotations
from deepmir.files.samples import Samples
from deepmir.generators import generating
from deepmir.generators.base import Sample
from deepmir.generators.judgement import Estimate, Judgement, estimate
from deepmir.generators.wavenet import likelihood, mulaw, recordings, showing
from deepmir.generators.wavenet.likelihood import NETWORK
from deepmir.generators.wavenet.listening import Heard, Listener
from deepmir.generators.wavenet.network import WaveNet
from deepmir.generators.wavenet.recordings import Vocabulary
from deepmir.tasks.base import Metric

PRIMARY = "bits"
REAL = "real notes"
SUFFIXES = {"test": "", "train": "_heard"}
MEASURES = {
    PRIMARY: Metric(better="less", worst=float("inf")),
    **{f"{what}{end}": Metric() for what in ("pitch", "instrument") for end in SUFFIXES.values()},
}
ALIKE = (
    "Recordings of one group of the split are alike, so each group counts once in bits, as the "
    "mean of its recordings. All intervals are over groups."
)


@dataclass(frozen=True)
class Pair:
    """A generated sound and the recording that it imitates, also in mu-law codes.

    Attributes:
        sample: the generated item.
        generated: shape (samples,).
        real: shape (samples,).
        heard: the analyses of `generated` and `real`.
        group: of the recording.
    """

    sample: Sample
    generated: Samples
    real: Samples
    heard: tuple[Heard, Heard]
    group: str


def judge(
    entry: GeneratorEntry, network: WaveNet, words: Vocabulary, generated: Path, figures: Path
) -> Judgement:
    """See :meth:`deepmir.generators.base.Method.judge`."""
    rate, data, options = entry.representation.sample_rate, entry.files.read(), entry.evaluation
    store, divided = entry.files.open_audio(rate), data.divided
    parts = {
        part: recordings.read(getattr(divided, part), store, rate, words)
        for part in ("train", "validation", "test")
    }
    found = likelihood.measure(network, parts, divided.test)
    others = {name: bits for name, bits in found.bits.items() if name != NETWORK}
    pairs = _pairs(entry, words, generated)
    baselines = {name: {PRIMARY: estimate(bits, options)} for name, bits in others.items()}
    return Judgement(
        metrics={PRIMARY: estimate(found.bits[NETWORK], options), **_shares(pairs, 0, options)},
        baselines={**baselines, REAL: _shares(pairs, 1, options)},
        differences={
            name: estimate(found.bits[NETWORK] - bits, options) for name, bits in others.items()
        },
        figures=[
            showing.likelihoods(found, figures),
            *showing.confusion(_said(pairs, words), words.instruments, figures),
        ],
        sounds=[
            showing.side_by_side(p.sample, p.real, p.generated, rate, figures)
            for p in pairs[: showing.EXAMPLES]
        ],
        notes=[ALIKE, *found.chosen],
    )


def _pairs(entry: GeneratorEntry, words: Vocabulary, folder: Path) -> list[Pair]:
    """The generated sounds with the recordings they imitate, analysed."""
    import soundfile

    rate, data = entry.representation.sample_rate, entry.files.read()
    store, samples = entry.files.open_audio(rate), generating.read(folder)
    tracks = {track.id: track for track in (*data.divided.train, *data.divided.test)}
    if missing := [one.name for one in samples if one.said.get("like") not in tracks]:
        raise DeepmirError(
            f"{folder}: {missing[0]} matches no track of {data.name}: generate again"
        )
    listener = Listener(rate, entry.judges.get("classifier"))
    listener.check(words.instruments)
    like = [tracks[one.said["like"]] for one in samples]
    jams = read_annotations(like, ("note_midi",))
    real = {one.track: one for one in recordings.read(like, store, rate, words)}
    pairs = []
    for sample, track in zip(samples, like, strict=True):
        made, _ = soundfile.read(folder / sample.files[0], dtype="float32")
        other = mulaw.decode(real[track.id].codes)
        notes = recordings.notes_of(track.id, jams[track.id]) if words.pitches else None
        heard = listener.hear(made, notes), listener.hear(other, notes)
        pairs.append(Pair(sample, made, other, heard, track.group))
    return pairs


def _shares(pairs: Sequence[Pair], side: int, options: Evaluation) -> dict[str, Estimate]:
    """Shares of correct attributes, generated (side 0) or recorded (1), by imitated part."""
    shares = {}
    for part, suffix in SUFFIXES.items():
        own = [pair for pair in pairs if pair.sample.said["part"] == part]
        pitches = [pair.heard[side].pitch for pair in own]
        instruments = [pair.heard[side].instrument for pair in own]
        right = [
            None if heard is None else heard == pair.sample.said.get("instrument")
            for heard, pair in zip(instruments, own, strict=True)
        ]
        for what, answers in (("pitch", pitches), ("instrument", right)):
            known = [(a, p.group) for a, p in zip(answers, own, strict=True) if a is not None]
            if known:
                values, groups = zip(*known, strict=True)
                found = estimate(np.array(values, np.float64), options, groups)
                shares[f"{what}{suffix}"] = found
    return shares


def _said(pairs: Sequence[Pair], words: Vocabulary) -> dict[str, list[tuple[str, str]]]:
    """The conditions and the classifier's answers; empty without a classifier."""
    said: dict[str, list[tuple[str, str]]] = {}
    for side, title in enumerate(("generated", REAL)):
        for pair in pairs:
            answer = pair.heard[side].instrument
            if answer is not None and words.instruments:
                said.setdefault(title, []).append((pair.sample.said["instrument"], answer))
    return said

"""Distribution of syllables over a melody: phrases, melismas, and room for consonants."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from deepmir_render.playing.played import SAMPLE_RATE, PlayedNote
from deepmir_render.writing.singer import Singer

HOP = SAMPLE_RATE // 100  # samples between values of time-varying parameters
FRAME = 0.005  # seconds of a frame of speech
LEGATO = 0.12  # seconds: a shorter gap between two notes is sung through
LONG = 0.45  # seconds of a note after which there is time to breathe
BREATH = 0.3  # maximum seconds of a breath
SHORTEST = 0.15  # seconds: a note that follows sooner has no syllable of its own
ROOM = 0.45  # share of a note that consonants may take at its end
SQUEEZED = 0.5  # consonants faster than this, relative to speech, are left out


@dataclass(frozen=True)
class SpokenSyllable:
    """The position of a syllable in its speaker's frames: onset, vowel from `vowel`, coda."""

    first: int
    vowel: int
    coda: int
    end: int


@dataclass(frozen=True)
class SungSyllable:
    """A sung syllable.

    Attributes:
        frames: its position in the speaker's frames.
        notes: of its vowel, in order; they end where they fall silent.
        start: first sample of its onset.
        end: last sample of its coda.
        breath: whether the singer breathed before it.
        last: whether the singer pauses after it.
    """

    frames: SpokenSyllable
    notes: tuple[PlayedNote, ...]
    start: int
    end: int
    breath: bool
    last: bool

    @property
    def vowel(self) -> int:
        """First sample of the vowel."""
        return self.notes[0].start

    @property
    def coda(self) -> int:
        """First sample after the vowel."""
        return self.notes[-1].end


def lay(
    notes: Sequence[PlayedNote],
    vocabulary: Sequence[SpokenSyllable],
    singer: Singer,
    rng: np.random.Generator,
) -> tuple[SungSyllable, ...]:
    """Draw a syllable for every few notes, and make room for its consonants."""
    if not notes:
        return ()
    groups = _groups(_phrased(_one_by_one(notes), singer.phrase), singer, rng)
    laid: list[SungSyllable] = []
    for index, group in enumerate(groups):
        frames = vocabulary[int(rng.integers(len(vocabulary)))]
        if rng.random() > singer.diction:
            frames = replace(frames, first=frames.vowel)
        gap = (group[0].start - groups[index - 1][-1].end) / SAMPLE_RATE if index else np.inf
        after = groups[index + 1][0].start - group[-1].end if index + 1 < len(groups) else None
        syllable = SungSyllable(
            frames=frames,
            notes=group,
            start=group[0].start - _length(frames.vowel - frames.first, singer),
            end=group[-1].end,
            breath=gap > LEGATO,
            last=after is None or after > LEGATO * SAMPLE_RATE,
        )
        syllable = replace(syllable, start=max(0, syllable.start))
        if laid:
            laid[-1], syllable = _joined(laid[-1], syllable, singer)
        laid.append(syllable)
    if laid:
        laid[-1] = _closed(laid[-1], None, singer)
    return tuple(laid)


def _length(frames: int, singer: Singer) -> int:
    """Duration of consonants with some frames, in samples."""
    return round(frames * FRAME * singer.speed * SAMPLE_RATE)


def _one_by_one(notes: Sequence[PlayedNote]) -> list[PlayedNote]:
    """Notes that end before the next one starts, as nobody sings two at once."""
    kept: list[PlayedNote] = []
    for note in sorted(notes, key=lambda n: (n.start, -n.pitch)):
        if kept and note.start == kept[-1].start:
            continue
        if kept and kept[-1].end > note.start:
            kept[-1] = replace(kept[-1], end=note.start)
        kept.append(note)
    return kept


def _phrased(notes: list[PlayedNote], phrase: float) -> list[PlayedNote]:
    """Join notes across short gaps, with time to breathe after a long note in a long phrase."""
    phrased: list[PlayedNote] = []
    since = notes[0].start
    for note, following in zip(notes, [*notes[1:], None], strict=True):
        end = note.end
        if following is not None and following.start - end < LEGATO * SAMPLE_RATE:
            end = following.start
            long = end - note.start >= LONG * SAMPLE_RATE
            if long and end - since > phrase * SAMPLE_RATE:
                end -= min(round(BREATH * SAMPLE_RATE), (end - note.start) * 2 // 5)
        if following is not None and end < following.start:
            since = following.start
        phrased.append(replace(note, end=end))
    return phrased


def _groups(
    notes: list[PlayedNote], singer: Singer, rng: np.random.Generator
) -> list[tuple[PlayedNote, ...]]:
    """The notes of each syllable."""
    groups: list[tuple[PlayedNote, ...]] = []
    for note in notes:
        joined = groups and groups[-1][-1].end == note.start
        soon = joined and note.start - groups[-1][0].start < SHORTEST * SAMPLE_RATE
        other = joined and groups[-1][-1].pitch != note.pitch
        if soon or (other and rng.random() < singer.melisma):
            groups[-1] = (*groups[-1], note)
        else:
            groups.append((note,))
    return groups


def _joined(
    before: SungSyllable, syllable: SungSyllable, singer: Singer
) -> tuple[SungSyllable, SungSyllable]:
    """End a syllable before the consonants of the next, compressed if necessary."""
    coda = _length(before.frames.end - before.frames.coda, singer)
    onset = syllable.vowel - syllable.start
    room = syllable.vowel - before.coda
    room += round(ROOM * (before.coda - before.notes[-1].start))
    if coda and coda + onset > room / SQUEEZED:
        before, coda = _bare(before), 0
    if onset > room / SQUEEZED:
        syllable, onset = _without_onset(syllable), 0
    if coda + onset > room:
        onset = round(onset * room / (coda + onset))
    syllable = replace(syllable, start=syllable.vowel - onset)
    return _closed(before, syllable.start, singer), syllable


def _bare(syllable: SungSyllable) -> SungSyllable:
    return replace(syllable, frames=replace(syllable.frames, end=syllable.frames.coda))


def _without_onset(syllable: SungSyllable) -> SungSyllable:
    frames = replace(syllable.frames, first=syllable.frames.vowel)
    return replace(syllable, frames=frames, start=syllable.vowel)


def _closed(syllable: SungSyllable, limit: int | None, singer: Singer) -> SungSyllable:
    """Place the coda after the last note, or at its end if there is something at `limit`."""
    coda = _length(syllable.frames.end - syllable.frames.coda, singer)
    last = syllable.notes[-1]
    end = last.end + coda if limit is None else min(last.end + coda, limit)
    shortest = last.start + round((1 - ROOM) * (last.end - last.start))
    vowel_end = max(min(last.end, end - coda), min(shortest, end))
    notes = (*syllable.notes[:-1], replace(last, end=vowel_end))
    return replace(syllable, notes=notes, end=end)

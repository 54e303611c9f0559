"""Works of the music21 corpus as songs: chorales and folk tunes in the public domain.

Chorales have their lower voices for an accompaniment and, where the corpus has an analysis, its
chords; tunes are a melody alone, and get a triad a bar by rule. The catalogue of `datasets/scores`
says which works there are.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

from deepmir.errors import DeepmirError
from deepmir_render.sources import catalogue
from deepmir_render.writing.harmonisation import harmonise
from deepmir_render.writing.notation import ChordSpan, Note, Score, Section
from deepmir_render.writing.song import Bar, KeySpan, Song, SongNote

PREFIX = "music21"


def songs() -> list[str]:
    """Identifiers of the works, as the catalogue has them, in order."""
    return list(_works())


def group_of(work: str) -> str:
    """The tune that a work is a setting of, apart from all groups of other sources."""
    return f"{PREFIX}-{_work(work).group}"


def licence_of(work: str) -> str:
    """The licence of a work."""
    return _work(work).collection.licence


def read(work: str) -> Song:
    """Read a work from the installed corpus.

    Args:
        work: of :func:`songs`.

    Raises:
        DeepmirError: when there is no such work, or the installed corpus lacks it.
    """
    entry = _work(work)
    score = entry.read()
    pickup = max(0.0, -score.bars[0])
    bars, end = _bars(score, pickup)
    lower = [note for part in score.parts[1:] for note in part.notes]
    return Song(
        id=f"{PREFIX}-{work}",
        group=group_of(work),
        title=entry.title,
        artist="Johann Sebastian Bach" if entry.chorale else "Traditional",
        collection=entry.collection.title,
        licence=entry.collection.licence,
        melody=_line(_placed(score.melody, pickup)),
        second=(),
        accompaniment=_placed(sorted(lower, key=lambda n: (n.start, n.pitch)), pickup),
        bars=bars,
        end=end,
        chords=tuple(_later(chord, pickup) for chord in _chords(entry, score)),
        keys=(KeySpan(0.0, end, score.tonic, score.mode),),
        sections=_sections(score, pickup, bars, end),
    )


@cache
def _works() -> dict[str, catalogue.Work]:
    return {work.id: work for work in catalogue.works()}


def _work(name: str) -> catalogue.Work:
    try:
        return _works()[name]
    except KeyError:
        raise DeepmirError(f"there is no work {name} in the catalogue of scores") from None


def _chords(work: catalogue.Work, score: Score) -> Sequence[ChordSpan]:
    """Of a person's analysis; of a tune, which has no other voices, those that it is given."""
    if score.chords or work.chorale:
        return score.chords
    return [triad.span() for triad in harmonise(score)]


def _bars(score: Score, pickup: float) -> tuple[tuple[Bar, ...], float]:
    """The bars, from the one that a pickup ends, and the end of the last one, which is whole."""
    starts = [round(bar + pickup, 6) for bar in score.bars]
    return tuple(Bar(start, score.metre) for start in starts), starts[-1] + score.metre.bar_length


def _line(notes: Sequence[SongNote]) -> tuple[SongNote, ...]:
    """Notes of which each ends, to the last digit, no later than the next one starts."""
    cut = [replace(note, end=min(note.end, after.start)) for note, after in pairwise(notes)]
    return (*cut, *notes[-1:])


def _placed(notes: Sequence[Note], pickup: float) -> tuple[SongNote, ...]:
    return tuple(
        SongNote(round(n.start + pickup, 6), round(n.end + pickup, 6), n.pitch) for n in notes
    )


def _later(chord: ChordSpan, pickup: float) -> ChordSpan:
    return replace(chord, start=round(chord.start + pickup, 6), end=round(chord.end + pickup, 6))


def _sections(score: Score, pickup: float, bars: Sequence[Bar], end: float) -> tuple[Section, ...]:
    """The sections, each from the bar line that is nearest to its start, which may be a pickup."""
    length = score.metre.bar_length
    starts: dict[float, str] = {}
    for index, section in enumerate(score.sections):
        bar = int((section.start + pickup) / length + 0.5) if index else 0
        if bar < len(bars):
            starts[bars[bar].start] = section.label
    edges = [*starts, end]
    return tuple(
        Section(start, stop, label)
        for (start, stop), label in zip(pairwise(edges), starts.values(), strict=True)
    )

"""Which files beside a recording are annotations: one table for readers and docs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deepmir.datasets.folder import doubts, foreign, kinds
from deepmir.datasets.folder.events import Event, annotation, check_events
from deepmir.datasets.folder.layouts import Layout
from deepmir.datasets.folder.lines import Line, read
from deepmir.datasets.folder.problems import Findings
from deepmir.datasets.folder.rows import read_rows
from deepmir.files import decoding
from deepmir.files.annotations import Annotation

AUDIO = decoding.SUFFIXES
JAMS = ".jams"
PACKED = ".jamz"  # the same, compressed
TEXT = ("", ".csv", ".tsv", ".txt", ".lab", ".textgrid", ".svl")


@dataclass(frozen=True)
class Convention:
    """A kind of text file with annotations.

    Attributes:
        kind: of annotation: `song.<kind>`, `song.<kind>.csv`, `.tsv`, `.txt`, `.lab`, `.TextGrid`
            and `.svl` are such files of `song.wav`.
        example: of a row.
        layouts: of its rows, the usual one first.
        namespace: of JAMS, the key of the rules for its events.
        reading: its rows as events.
        writing: its events as annotations; by default one of the namespace has them all.
        others: endings of such files beside those that follow from the kind.
        exports: layouts that other programs write, also without a header.
        headed: layouts that are read only if a header names them.
    """

    kind: str
    example: str
    layouts: tuple[str, ...]
    namespace: str
    reading: kinds.Reading
    writing: kinds.Writing | None = None
    others: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    headed: tuple[str, ...] = ()

    @property
    def endings(self) -> tuple[str, ...]:
        """The endings after the name of the recording."""
        return (*(f".{self.kind}{ending}" for ending in TEXT), *self.others)

    def read(self, findings: Findings, duration: float) -> list[Annotation]:
        """The annotations of a file beside a recording of `duration` seconds.

        Args:
            findings: of the file; receives all its problems.
            duration: in seconds.
        """
        try:
            lines = foreign.lines(read(findings), self.kind)
        except ValueError as error:
            findings.error(0, str(error))
            lines = []
        return self.of(lines, findings, duration)

    def of(self, lines: Sequence[Line], findings: Findings, duration: float) -> list[Annotation]:
        """The annotations that lines make; as :meth:`read`."""
        layouts = [Layout.of(columns) for columns in (*self.layouts, *self.exports)]
        headed = [Layout.of(columns) for columns in self.headed]
        doubting = doubts.of(self.namespace, duration)
        rows = read_rows(lines, layouts, findings, doubting, headed) if lines else []
        events = self.reading(rows, duration, findings)
        check_events(self.namespace, events, duration, findings)
        return self.made(events, duration)

    def made(self, events: Sequence[Event], duration: float) -> list[Annotation]:
        """The annotations made from events, except impossible ones."""
        kept = [event for event in events if event.start >= 0 and event.end >= event.start]
        if self.writing is None:
            return [annotation(self.namespace, kept, duration)]
        return self.writing(kept, duration)


@dataclass(frozen=True)
class MidiFile:
    """A MIDI file that plays the recording: its notes, and the onsets of notes and drums."""

    kind: str = "notes"
    example: str = "(MIDI)"
    layouts: tuple[str, ...] = ()
    endings: tuple[str, ...] = (".mid", ".midi")

    def read(self, findings: Findings, duration: float) -> list[Annotation]:
        """As that of a :class:`Convention`; problems refer to the number of the note."""
        findings.unit = "note"
        notes, drums = kinds.midi(findings)
        check_events("note_midi", [*notes, *drums], duration, findings)
        pitched, _ = kinds.notes_and_onsets(notes, duration)
        _, onsets = kinds.notes_and_onsets([*notes, *drums], duration)
        struck = [annotation("note_midi", drums, duration, drums=True)] if drums else []
        return [pitched, *struck, onsets]


@dataclass(frozen=True)
class AnalysisFile:
    """What `deepmir analyze --format json` writes: a table of each kind."""

    kind: str = "analysis"
    example: str = ""
    layouts: tuple[str, ...] = ()
    endings: tuple[str, ...] = (foreign.ANALYSIS,)

    def read(self, findings: Findings, duration: float) -> list[Annotation]:
        """As that of a :class:`Convention`."""
        try:
            tables = foreign.analysis(read(findings))
        except ValueError as error:
            findings.error(0, str(error))
            return []
        found: list[Annotation] = []
        for convention in (*TABLES, *ANALYSED):
            lines = tables.get(convention.kind)
            if lines is not None:
                found += (
                    convention.of(lines, findings, duration)
                    if lines
                    else convention.made((), duration)
                )
        return found


@dataclass(frozen=True)
class TextGrid:
    """A TextGrid of Praat whose tiers are named after the kinds of annotations."""

    kind: str = "tiers"
    example: str = ""
    layouts: tuple[str, ...] = ()
    endings: tuple[str, ...] = (".textgrid",)

    def read(self, findings: Findings, duration: float) -> list[Annotation]:
        """As that of a :class:`Convention`; a tier with another name is reported."""
        text = read(findings)
        try:
            tiers = foreign.tiers(text) if foreign.is_textgrid(text) else []
        except ValueError as error:
            findings.error(0, str(error))
            return []
        if text and not tiers:
            findings.error(0, "it is not a TextGrid")
        found: list[Annotation] = []
        for tier in tiers:
            fitting = [c for c in TABLES if foreign.is_kind(tier.name, c.kind)]
            if fitting:
                found += fitting[0].of(tier.lines, findings, duration)
            else:
                known = ", ".join(c.kind for c in TABLES)
                text = f"its tier {tier.name!r} is not read; the known ones are {known}"
                findings.warning(tier.lines[0].number, text)
        return found


SURE = " {confidence}"
LABELLED, WORDS = "start end label... {confidence}", "label... {confidence}"
SPANS = ("start end label...", "time label...")
# In the order of their columns: durations, then regions, texts and values of Sonic Visualiser.
SHOWN = ("start duration label...", "start value duration label...", "time value label...")
LASTING = ("start duration [label...]", "start value duration [label...]", "time label...")
NOTES = ("start end pitch [velocity]", "start duration pitch [velocity]")
PLAYED = (
    "start end hertz [velocity]",
    "start duration hertz [velocity]",
    *("start pitch duration [velocity] [label...]", "start hertz duration [velocity] [label...]"),
)
# What Audacity, Sonic Visualiser and the Harmonix set have beside times and positions.
COUNTS = ("time [label...]", "start end [position]", "start end label...", "time position label...")
BARS = ("time position bar", "time bar position")
POINTS = ("time [label...]", "start end [label...]", "time value [label...]")
KEYS = ("start end key...", "key...")
MODULATIONS = ("time key...", "start duration key...", "start value duration key...")
SINGING = ("start end [label...]",)
F0 = tuple(f".f0{ending}" for ending in TEXT)
BPM = tuple(f".bpm{ending}" for ending in TEXT)

CONVENTIONS: tuple[Convention | MidiFile, ...] = (
    Convention(
        *("beats", "0.512 1", ("time [position]",), "beat", kinds.beats), exports=(*COUNTS, *BARS)
    ),
    Convention("onsets", "0.512", ("time",), "onset", kinds.instants, exports=POINTS),
    Convention(
        *("chords", "0.0 2.1 C:min7", tuple(s + SURE for s in SPANS), "chord", kinds.labelled),
        others=(".lab",),
        exports=SHOWN,
    ),
    Convention(
        *("segments", "0.0 14.2 verse", SPANS, "segment_open", kinds.labelled), exports=SHOWN
    ),
    Convention(
        *("notes", "0.5 0.9 60 100", NOTES, "note_midi", kinds.notes, kinds.notes_and_onsets),
        exports=PLAYED,
    ),
    MidiFile(),
    Convention(
        *("melody", "0.01 220.5", ("time hertz",), "pitch_contour", kinds.melody),
        others=F0,
        exports=("time hertz confidence",),
        headed=("time midi", "time melody"),
    ),
    Convention(
        *("singing", "8.1 15.0 sing", SINGING, "voice", kinds.singing, kinds.voice),
        exports=LASTING,
    ),
    Convention(
        *("key", "A minor", KEYS, "key_mode", kinds.keys),
        exports=MODULATIONS,
        headed=("tonic... mode... {confidence}",),
    ),
    Convention(*("tempo", "120.5", ("bpm {confidence}",), "tempo", kinds.tempo), others=BPM),
    Convention("mood", "0.5 -0.2", ("valence arousal",), "mood_thayer", kinds.mood),
    Convention("genre", "jig", (WORDS,), "genre", kinds.words, kinds.tagged("genre")),
    Convention("tags", "loud", (WORDS,), "tags", kinds.words, kinds.tagged("tags")),
    Convention(
        *("instruments", "0.0 3.5 flute", (LABELLED,), "instrument", kinds.labelled),
        kinds.tagged("instrument"),
    ),
)
TABLES = tuple(each for each in CONVENTIONS if isinstance(each, Convention))

# What `deepmir analyze` writes for tasks that have no file of their own in the field.
ANALYSED = (
    Convention("chord_large", "", (LABELLED,), "chord", kinds.labelled),
    Convention("offset", "", (LABELLED,), "offset", kinds.labelled, kinds.tagged("offset")),
    Convention("mode", "", (LABELLED,), "mode", kinds.labelled, kinds.tagged("mode")),
    Convention("pitch_class", "", (LABELLED,), "pitch_class", kinds.plain("pitch_class")),
    Convention("chroma", "", (LABELLED,), "vector", kinds.plain("vector")),
)
EVERY: tuple[Convention | MidiFile | TextGrid | AnalysisFile, ...] = (
    *(*CONVENTIONS, *ANALYSED, TextGrid(), AnalysisFile()),
)


@cache
def endings() -> Mapping[str, Convention | MidiFile | TextGrid | AnalysisFile]:
    """The convention of every ending."""
    return {ending: each for each in EVERY for ending in each.endings}


def split_name(name: str) -> tuple[str, str]:
    """The name of a file as that of its recording and an ending, which is empty if none is known.

    If two endings fit, the longer one is used: `song.chords.lab` belongs to `song`. A compressed
    JAMS file has the same ending as any other.
    """
    for dots in (2, 1):  # in an ending
        stem, *rest = name.lower().rsplit(".", dots)
        ending = "".join(f".{part}" for part in rest)
        if stem and (ending in endings() or ending in (JAMS, PACKED)):
            return name[: -len(ending)], JAMS if ending == PACKED else ending
    return name, ""


def table() -> str:
    """The conventions as a table in Markdown, for the docs."""
    return "\n".join(["| kind | files | columns | example |", "|---|---|---|---|", *_lines()])


def _lines() -> Iterator[str]:
    for each in CONVENTIONS:
        text = ", ".join(f"`song{ending}`" for ending in _shown(each))
        columns = " or ".join(f"`{Layout.of(layout)}`" for layout in each.layouts) or "MIDI"
        example = f"`{each.example}`" if each.layouts else ""
        yield f"| {each.kind} | {text} | {columns} | {example} |"


def _shown(each: Convention | MidiFile) -> Sequence[str]:
    """The endings without those that differ in `.csv`, `.tsv`, `.txt` or `.lab` alone."""
    return [e for e in each.endings if Path(f"x{e}").suffix == e]

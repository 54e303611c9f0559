"""Which files beside a recording are annotations: one table, which readers and docs follow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deepmir.datasets.folder import kinds
from deepmir.datasets.folder.events import annotation, check_events
from deepmir.datasets.folder.problems import Findings
from deepmir.datasets.folder.rows import Layout, read_lines, read_rows
from deepmir.files import decoding
from deepmir.files.annotations import Annotation

AUDIO = decoding.SUFFIXES
JAMS = ".jams"
TEXT = ("", ".csv", ".tsv", ".txt", ".lab")


@dataclass(frozen=True)
class Convention:
    """A kind of text file with annotations.

    Attributes:
        kind: of annotation: `song.<kind>`, `song.<kind>.csv`, `.tsv`, `.txt` and `.lab` are such
            files of `song.wav`.
        example: of a row.
        layouts: of its rows, the usual one first.
        namespace: of JAMS, as the key of the rules that its events are held to.
        reading: its rows as events.
        writing: its events as annotations; by default one of the namespace has them all.
        others: endings of such files beside those that follow from the kind.
    """

    kind: str
    example: str
    layouts: tuple[str, ...]
    namespace: str
    reading: kinds.Reading
    writing: kinds.Writing | None = None
    others: tuple[str, ...] = ()

    @property
    def endings(self) -> tuple[str, ...]:
        """What follows the name of the recording."""
        return (*(f".{self.kind}{ending}" for ending in TEXT), *self.others)

    def read(self, findings: Findings, duration: float) -> list[Annotation]:
        """The annotations of a file beside a recording of `duration` seconds.

        Args:
            findings: of the file; gets everything that is wrong with it.
            duration: in seconds.
        """
        layouts = [Layout.of(columns) for columns in self.layouts]
        rows = read_rows(read_lines(findings), layouts, findings)
        events = self.reading(rows, duration, findings) if rows else []
        check_events(self.namespace, events, duration, findings)
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
        """As that of a :class:`Convention`; what is wrong is found by the number of the note."""
        findings.unit = "note"
        notes, drums = kinds.midi(findings)
        check_events("note_midi", [*notes, *drums], duration, findings)
        pitched, _ = kinds.notes_and_onsets(notes, duration)
        _, onsets = kinds.notes_and_onsets([*notes, *drums], duration)
        struck = [annotation("note_midi", drums, duration, drums=True)] if drums else []
        return [pitched, *struck, onsets]


CHORDS = ("start end label...",)
SEGMENTS = ("start end label...", "time label...")
NOTES = ("start end pitch [velocity]", "start duration pitch [velocity]")
SINGING = ("start end [label...]",)
F0 = tuple(f".f0{ending}" for ending in TEXT)
BPM = tuple(f".bpm{ending}" for ending in TEXT)

CONVENTIONS: tuple[Convention | MidiFile, ...] = (
    Convention("beats", "0.512 1", ("time [position]",), "beat", kinds.beats),
    Convention("onsets", "0.512", ("time",), "onset", kinds.instants),
    Convention("chords", "0.0 2.1 C:min7", CHORDS, "chord", kinds.labelled, others=(".lab",)),
    Convention("segments", "0.0 14.2 verse", SEGMENTS, "segment_open", kinds.labelled),
    Convention("notes", "0.5 0.9 60 100", NOTES, "note_midi", kinds.notes, kinds.notes_and_onsets),
    MidiFile(),
    Convention("melody", "0.01 220.5", ("time hertz",), "pitch_contour", kinds.melody, others=F0),
    Convention("singing", "8.1 15.0 sing", SINGING, "voice", kinds.singing, kinds.voice),
    Convention("key", "A minor", ("start end key...", "key..."), "key_mode", kinds.keys),
    Convention("tempo", "120.5", ("bpm",), "tempo", kinds.tempo, others=BPM),
)


def endings() -> Mapping[str, Convention | MidiFile]:
    """The convention of every ending."""
    return {ending: each for each in CONVENTIONS for ending in each.endings}


def split_name(name: str) -> tuple[str, str]:
    """The name of a file as that of its recording and an ending, which is empty if none is known.

    Of two endings that fit the longer one holds: `song.chords.lab` is of `song`.
    """
    fitting = [e for e in (*endings(), JAMS) if name.lower().endswith(e) and len(name) > len(e)]
    ending = max(fitting, key=len, default="")
    return name[: len(name) - len(ending)], ending


def table() -> str:
    """The conventions as a table in Markdown, for the docs."""
    return "\n".join(["| kind | files | columns | example |", "|---|---|---|---|", *_lines()])


def _lines() -> Iterator[str]:
    for each in CONVENTIONS:
        text = ", ".join(f"`song{ending}`" for ending in _shown(each))
        columns = " or ".join(f"`{layout}`" for layout in each.layouts) or "those of MIDI"
        example = f"`{each.example}`" if each.layouts else ""
        yield f"| {each.kind} | {text} | {columns} | {example} |"


def _shown(each: Convention | MidiFile) -> Sequence[str]:
    """The endings without those that differ in `.csv`, `.tsv`, `.txt` or `.lab` alone."""
    return [e for e in each.endings if Path(f"x{e}").suffix == e]

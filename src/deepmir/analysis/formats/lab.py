"""The usual text files of the field, which mir_eval's loaders and a data set `folder` read.

Times are seconds with six decimals, columns are separated by a tab, in `.csv` by a comma. There are
no headers. Results without a usual file (genre, tags, mood) are not written; any other task has a
file with its name.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from itertools import cycle, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir.analysis.formats.tables import OTHERS
from deepmir.analysis.results import Analysis, Span
from deepmir.files.text import open_quotes
from deepmir.files.writing import replacing

if TYPE_CHECKING:
    from deepmir.analysis.formats import PathOf

Lines = Iterable[str] | None


def write(analysis: Analysis, path_of: "PathOf") -> list[Path]:
    """Write a file for every task with a result; that nobody sings is a result, too."""
    found = {path_of(suffix): lines_of(analysis) for suffix, lines_of in FILES.items()}
    texts = {
        path: "".join(f"{line}\n" for line in lines)
        for path, lines in found.items()
        if lines is not None
    }
    with ExitStack() as together:  # all of them, or none
        for path, text in texts.items():
            if text:
                temporary = together.enter_context(replacing(path))
                temporary.write_text(text, encoding="utf-8", newline="\n")
    for path, text in texts.items():
        if not text:
            path.unlink(missing_ok=True)  # what an earlier run found
    return [path for path, text in texts.items() if text]


def _beats(analysis: Analysis) -> Lines:
    """Time, position in the bar."""
    found = analysis.beats
    if found is None:
        return None
    pairs = zip(found.times.tolist(), found.positions.tolist(), strict=True)
    return (f"{time:.6f}\t{position}" for time, position in pairs)


def _onsets(analysis: Analysis) -> Lines:
    """Time."""
    return None if analysis.onsets is None else (f"{time:.6f}" for time in analysis.onsets)


def _key(analysis: Analysis) -> Lines:
    """Tonic and mode, such as `Eb minor`."""
    return None if analysis.key is None else [f"{analysis.key.tonic} {analysis.key.mode}"]


def _tempo(analysis: Analysis) -> Lines:
    """The stronger tempo in BPM."""
    return None if analysis.tempo is None else [f"{analysis.tempo.bpm:.6f}"]


def _melody(analysis: Analysis) -> Lines:
    """Time, frequency in Hz: negative for a guess where nothing is voiced, as MIREX has it."""
    found = analysis.melody
    if found is None:
        return None
    columns = (found.times.tolist(), found.frequencies.tolist(), found.voiced.tolist())
    rows = zip(*columns, strict=True)
    return (f"{time:.6f},{hertz if sung else 0.0 - hertz:.6f}" for time, hertz, sung in rows)


def _notes(analysis: Analysis) -> Lines:
    """Start, end, MIDI number."""
    found = analysis.notes
    return None if found is None else (f"{n.start:.6f},{n.end:.6f},{n.pitch}" for n in found)


def _spans(spans: Iterable[Span] | None) -> Lines:
    """Start, end, label."""
    if spans is None:
        return None
    return (f"{s.start:.6f}\t{s.end:.6f}\t{_label(s.label)}" for s in spans)


def _label(label: str) -> str:
    """A label on its line; in quotes where its own could be taken for those of a cell."""
    taken = label.startswith('"') or open_quotes(label)
    return '"' + label.replace('"', '""') + '"' if taken else label


def _singing(analysis: Analysis) -> Lines:
    """Start, end, `sing` or `nosing`, without gaps.

    As in M. Ramona, G. Richard and B. David, "Vocal detection in music with support vector
    machines", ICASSP 2008.
    """
    if analysis.singing is None:
        return None
    edges = [0.0, *(edge for span in analysis.singing for edge in (span.start, span.end))]
    edges.append(analysis.duration)
    words = cycle(("nosing", "sing"))
    spans = (Span(a, b, word) for (a, b), word in zip(pairwise(edges), words, strict=False))
    return _spans(span for span in spans if round(span.end - span.start, 6) > 0)


def _other(task: str, analysis: Analysis) -> Lines:
    """Start, end, label."""
    return _spans(analysis.others.get(task))


FILES: dict[str, Callable[[Analysis], Lines]] = {
    ".beats": _beats,
    ".bpm": _tempo,
    ".key": _key,
    ".onsets.txt": _onsets,
    ".f0.csv": _melody,
    ".notes.csv": _notes,
    ".chords.lab": lambda analysis: _spans(analysis.chords),
    ".segments.lab": lambda analysis: _spans(analysis.sections),
    ".singing.lab": _singing,
    # Not `.lab`: that ending alone means chords.
    ".instruments.txt": lambda analysis: _spans(analysis.instruments),
    **{f".{task}.txt": partial(_other, task) for task in OTHERS},
}

SUFFIXES = tuple(FILES)

"""Contents of the files of published sets: silence, MIDI, tables."""

import hashlib
import io
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pretty_midi
import soundfile

SECONDS = 4.0


@cache
def silence(number=0):
    """A distinct recording for each number: 4 s at 8 kHz, silent except for one sample."""
    samples = np.zeros(int(8000 * SECONDS), dtype=np.int16)
    samples[number] = 1
    written = io.BytesIO()
    soundfile.write(written, samples, 8000, format="WAV")
    return written.getvalue()


def midi(notes, drums=False, program=0, meter=(4, 4), bpm=120.0):
    """A MIDI file of notes (start, end, pitch)."""
    made = pretty_midi.PrettyMIDI(initial_tempo=bpm)
    made.time_signature_changes.append(pretty_midi.TimeSignature(*meter, 0))
    part = pretty_midi.Instrument(program, is_drum=drums)
    part.notes = [pretty_midi.Note(90, pitch, start, end) for start, end, pitch in notes]
    made.instruments.append(part)
    written = io.BytesIO()
    made.write(written)
    return written.getvalue()


@dataclass(frozen=True)
class Layout:
    """One set.

    Attributes:
        rows: of the index: the keys of each track, each with a path and the content of the file.
        tasks: that can use the first track, with the labels of those whose data decide them.
        said: for some (namespace, kind) the content of the first such annotation of the first
            track, as rows (time, duration, value).
        member: group, stratum and part of every track.
        shared: files of the index's metadata.
        beside: files that are in no index.
        stems: for multitracks: the index rows of the tracks of each of `rows`.
        mixes: for stems: the index row of each multitrack, whose tracks are those of `rows` that
            begin with its name.
        version: stated in the index.
    """

    rows: dict
    tasks: dict
    said: dict
    member: dict
    shared: dict = field(default_factory=dict)
    beside: dict = field(default_factory=dict)
    stems: dict = field(default_factory=dict)
    mixes: dict = field(default_factory=dict)
    version: str = "1"


def pair(path, content):
    return [path, None if path is None else hashlib.md5(encoded(content)).hexdigest()]


def listed(row):
    """A row of the index."""
    return {key: pair(*value) for key, value in row.items()}


def encoded(content):
    return content if isinstance(content, bytes) else content.encode()


def lines(*rows, sep="\t"):
    return "".join(sep.join(str(cell) for cell in row) + "\n" for row in rows)


def melody(hop, frequencies, sep=","):
    return lines(*((round(i * hop, 6), f) for i, f in enumerate(frequencies)), sep=sep)


def contour(hop, frequencies, start=0.0):
    return [
        (start + hop * i, 0, {"frequency": f, "index": 0, "voiced": f > 0})
        for i, f in enumerate(frequencies)
    ]


def tempo_and_beats(audio, beats, tempo, separator="\t"):
    return {
        "audio": audio,
        "beats": (beats, lines((0.5, 2), (1.0, 1), (1.5, 2), sep=separator)),
        "tempo": (tempo, "119.5\n"),
    }


BEATS_SAID = {
    ("beat", ""): [(0.5, 0, 2), (1.0, 0, 1), (1.5, 0, 2)],
    ("tempo", ""): [(0, 4, 119.5)],
}

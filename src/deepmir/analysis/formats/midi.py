"""One MIDI file for a sequencer: notes, melody, chords, basses and clicks over a tempo map.

The bars of the sequencer are those of the recording: place the recording at its beginning. Beats
fall on ticks exactly (the tempo is a whole number of microseconds), everything else on the nearest
tick: 960 a beat, halved as often as needed for a long recording to have at most ten million.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deepmir.analysis.formats.melody_notes import SungNote, melody_notes
from deepmir.analysis.formats.tempo_map import TempoMap, tempo_map
from deepmir.analysis.results import Analysis, Beats, Key
from deepmir.files.annotations import ANALYSED
from deepmir.files.writing import replacing

if TYPE_CHECKING:
    import mido

    from deepmir.analysis.formats import PathOf

SUFFIXES = (".mid",)

USUAL_BPM = 120.0  # where neither beats nor a tempo are known
DRUMS = 9  # the channel of drums in General MIDI
CLICKS = {True: (76, 120), False: (77, 90)}  # wood blocks: number and velocity, of downbeat or not
CLICK = 0.05  # seconds
CHORD_OCTAVE, BASS_OCTAVE = 60, 36  # MIDI numbers of the lowest C of each
BEND_RANGE = 2.0  # semitones, the default of General MIDI
BEND_STEP = 16  # of 8192: 0.4 cents; what bends less is not written


@dataclass(frozen=True)
class Part:
    """A track: its name, channel, General MIDI program (from 0) and velocity."""

    name: str
    channel: int
    program: int
    velocity: int


NOTES = Part("Notes", 0, 0, 80)  # grand piano
MELODY = Part("Melody", 1, 73, 100)  # flute
CHORDS = Part("Chords", 2, 48, 60)  # strings
BASS = Part("Bass", 3, 32, 80)  # acoustic bass

# A message with its tick. At one tick: notes end, then pitches bend, then notes begin.
Event = tuple[int, int, "mido.Message | mido.MetaMessage"]
END, STATE, BEGIN = 0, 1, 2


def write(analysis: Analysis, path_of: "PathOf") -> list[Path]:
    """Write everything with notes or times: tempo, beats, key, sections, chords, melody, notes."""
    path = path_of(".mid")
    with replacing(path) as temporary:
        midi(analysis).save(temporary)
    return [path]


def midi(analysis: Analysis) -> "mido.MidiFile":
    """The file: a first track of tempo, metre, key and section markers, then one for each part.

    A part that was not found, or has no notes, has no track. The results of a task that is not
    known here are the text of a track.
    """
    import mido

    beats = analysis.beats or Beats(np.zeros(0), np.zeros(0, np.int64))
    bpm = USUAL_BPM if analysis.tempo is None else analysis.tempo.bpm
    clock = tempo_map(beats.times, beats.positions, bpm, analysis.duration)
    file = mido.MidiFile(type=1, ticks_per_beat=clock.ticks_per_quarter, charset="utf-8")
    end = clock.tick(analysis.duration)
    file.tracks.append(_track(_title(analysis), _conductor(analysis, clock), end))
    for name, events in _parts(analysis, beats, clock):
        if events:
            file.tracks.append(_track(name, events, end))
    return file


def _title(analysis: Analysis) -> str:
    name = analysis.jams.title or ("" if analysis.path is None else analysis.path.stem)
    return name.encode(errors="replace").decode()


def _parts(analysis: Analysis, beats: Beats, clock: TempoMap) -> Iterator[tuple[str, list[Event]]]:
    """Names and events of the tracks with notes."""
    yield "Clicks", list(_clicks(beats, clock))
    notes = [(n.start, n.end, n.pitch) for n in analysis.notes or ()]
    yield NOTES.name, _playing(NOTES, notes, clock)
    sung = [] if analysis.melody is None else melody_notes(analysis.melody)
    line = _playing(MELODY, [(n.start, n.end, n.pitch) for n in sung], clock)
    yield MELODY.name, line + list(_bends(MELODY, sung, clock))
    voiced = [(chord, *_voicing(chord.label)) for chord in analysis.chords or ()]
    blocks = [(c.start, c.end, pitch) for c, pitches, _ in voiced for pitch in pitches]
    names = [_meta(clock.tick(c.start), "text", text=c.label) for c, _, _ in voiced]
    yield CHORDS.name, names + _playing(CHORDS, blocks, clock) if names else []
    roots = [(c.start, c.end, bass) for c, _, basses in voiced for bass in basses]
    yield BASS.name, _playing(BASS, roots, clock)
    for task, spans in analysis.others.items():
        yield task, [_meta(clock.tick(s.start), "text", text=s.label) for s in spans]


def _conductor(analysis: Analysis, clock: TempoMap) -> list[Event]:
    """Tempo, time signatures, key and sections."""
    changes = zip(clock.ticks.tolist(), clock.tempi.tolist(), strict=True)
    events = [_meta(0, "sequencer_specific", data=ANALYSED)]
    events += [_meta(tick, "set_tempo", tempo=tempo) for tick, tempo in changes]
    for bar in clock.bars:
        metre = {"numerator": bar.numerator, "denominator": bar.denominator}
        events.append(_meta(bar.tick, "time_signature", **metre))
    if analysis.key is not None and (key := _key_signature(analysis.key)):
        events.append(_meta(0, "key_signature", key=key))
    events += [
        _meta(clock.tick(section.start), "marker", text=section.label)
        for section in analysis.sections or ()
    ]
    return events


def _key_signature(key: Key) -> str | None:
    """As mido has it, such as `Ebm`; None for modes that MIDI has no signature for."""
    return {"major": key.tonic, "minor": f"{key.tonic}m"}.get(key.mode)


def _meta(tick: int, kind: str, **values: Any) -> Event:
    import mido

    return tick, STATE, mido.MetaMessage(kind, **values)


def _message(tick: int, order: int, kind: str, **values: Any) -> Event:
    import mido

    return tick, order, mido.Message(kind, **values)


def _clicks(beats: Beats, clock: TempoMap) -> Iterator[Event]:
    """A wood block on every beat, a higher and louder one on downbeats."""
    _, first = np.unique(np.round(beats.times, 6), return_index=True)
    lasting = max(clock.ticks_per_quarter // 8, 1)
    for tick, position in zip(clock.beats.tolist(), beats.positions[first].tolist(), strict=True):
        number, velocity = CLICKS[position == 1]
        values = {"channel": DRUMS, "note": number}
        yield _message(tick, BEGIN, "note_on", velocity=velocity, **values)
        yield _message(tick + lasting, END, "note_off", velocity=0, **values)


def _playing(part: Part, notes: Iterable[tuple[float, float, int]], clock: TempoMap) -> list[Event]:
    """Notes (start and end in seconds, MIDI number); one ends where its pitch begins anew."""
    spans: dict[int, dict[int, int]] = {}
    for start, end, pitch in notes:
        tick = clock.tick(start)
        ends = spans.setdefault(pitch, {})
        ends[tick] = max(ends.get(tick, 0), clock.tick(end), tick + 1)
    if not spans:
        return []
    events = [_message(0, STATE, "program_change", channel=part.channel, program=part.program)]
    for pitch, ends in spans.items():
        values = {"channel": part.channel, "note": pitch}
        starts = sorted(ends)
        for start, following in zip(starts, [*starts[1:], None], strict=True):
            end = ends[start] if following is None else min(ends[start], following)
            events.append(_message(start, BEGIN, "note_on", velocity=part.velocity, **values))
            events.append(_message(end, END, "note_off", velocity=0, **values))
    return events


def _bends(part: Part, notes: Iterable[SungNote], clock: TempoMap) -> Iterator[Event]:
    """The contour about each note, where it changes; at most two semitones."""
    last = 0
    for note in notes:
        for time, semitones in zip(note.times.tolist(), note.bends.tolist(), strict=True):
            bend = round(min(max(semitones / BEND_RANGE, -1.0), 8191 / 8192) * 8192)
            if abs(bend - last) >= BEND_STEP:
                yield _message(
                    clock.tick(time), STATE, "pitchwheel", channel=part.channel, pitch=bend
                )
                last = bend


def _voicing(label: str) -> tuple[list[int], list[int]]:
    """MIDI numbers of a chord in one octave from middle C, and of its bass; empty for none."""
    from deepmir.tasks.shared.harte import parse

    chord = parse(label)
    if chord.root is None:
        return [], []
    pitches = sorted(CHORD_OCTAVE + (chord.root + step) % 12 for step in chord.steps)
    return pitches, [BASS_OCTAVE + (chord.root + chord.bass) % 12]


def _track(name: str, events: Iterable[Event], end: int) -> "mido.MidiTrack":
    """The events in order, as differences in ticks, up to the end of the recording at least."""
    import mido

    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        message.time = tick - now
        track.append(message)
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=max(end - now, 0)))
    return track

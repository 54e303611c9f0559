"""The Groove set in its published layout, and the reading of its MIDI files."""

import csv

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepmir.errors import DeepmirError
from deepmir_render.sources import groove, midi

FIELDS = ("drummer", "session", "id", "style", "bpm", "beat_type", "time_signature")
FIELDS += ("midi_filename", "audio_filename", "duration", "split")


def write_take(path, hits, ticks=480):
    track, now = mido.MidiTrack(), 0
    for at, pitch, velocity in hits:
        tick = round(at * ticks)
        track.append(
            mido.Message("note_on", channel=9, note=pitch, velocity=velocity, time=tick - now)
        )
        track.append(mido.Message("note_off", channel=9, note=pitch, time=1))
        now = tick + 1
    path.parent.mkdir(parents=True, exist_ok=True)
    mido.MidiFile(type=0, ticks_per_beat=ticks, tracks=[track]).save(path)


def write_set(home, takes):
    """Takes as dictionaries of columns, with `hits` in quarter notes."""
    folder = home / "groove_midi"
    folder.mkdir(exist_ok=True)
    with (folder / "info.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        for take in takes:
            name = f"{take['id']}.mid"
            if "hits" in take:
                write_take(folder / name, take["hits"])
            row = {"bpm": 120, "beat_type": "beat", "time_signature": "4-4", "split": "train"}
            row |= {"style": "funk/fast", "midi_filename": name}
            writer.writerow({k: v for k, v in (row | take).items() if k in FIELDS})


BAR = [(0, 36, 100), (0.99, 38, 90), (2.03, 36, 80), (3.02, 40, 1), (3.5, 22, 127)]


def test_take(tmp_path):
    write_set(tmp_path, [{"id": "drummer1/session1/12", "hits": BAR, "split": "test"}])
    (take,) = groove.read(tmp_path)
    assert (take.id, take.style, take.bpm, take.part) == (
        "drummer1-session1-12",
        "funk",
        120,
        "test",
    )
    assert (take.bars, take.fill, str(take.metre)) == (1, False, "4/4")
    # Human deviations stay; the snare's rim and the hi-hat's edge are drums of General MIDI.
    assert [hit.drum for hit in take.hits] == [36, 38, 36, 38, 42]
    assert [hit.velocity for hit in take.hits] == [100, 90, 80, 1, 127]
    assert [hit.position for hit in take.hits] == pytest.approx(
        [0, 0.99, 2.03, 3.02, 3.5], abs=2e-3
    )


def test_whole_bars(tmp_path):
    def shifted(bar):
        return [(at + 4 * bar, pitch, velocity) for at, pitch, velocity in BAR]

    beginning = [(8.02, 36, 90)]
    takes = [
        {"id": "d/s/1", "hits": [*BAR, *shifted(1), *beginning]},
        {"id": "d/s/2", "hits": [*BAR, *shifted(1)[:3]], "beat_type": "fill"},
        {"id": "d/s/3", "hits": BAR[:3]},
        {"id": "d/s/4", "hits": []},
        {"id": "d/s/5", "hits": [*BAR[:3], (4, 36, 9), (5.2, 36, 9)], "time_signature": "6-8"},
    ]
    write_set(tmp_path, takes)
    read = {take.id: take for take in groove.read(tmp_path)}
    assert {name: take.bars for name, take in read.items()} == {"d-s-1": 2, "d-s-2": 1, "d-s-5": 1}
    # What comes after the whole bars is left out.
    assert max(hit.position for hit in read["d-s-1"].hits) < 8
    assert read["d-s-2"].fill
    assert read["d-s-5"].metre.compound


def test_order_does_not_depend_on_the_table(tmp_path):
    takes = [{"id": f"d/s/{n}", "hits": BAR} for n in (3, 1, 2)]
    write_set(tmp_path, takes)
    assert [take.id for take in groove.read(tmp_path)] == ["d-s-1", "d-s-2", "d-s-3"]


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(DeepmirError, match="info.csv is missing"):
        groove.read(tmp_path)
    write_set(tmp_path, [{"id": "d/s/1"}])
    with pytest.raises(DeepmirError, match=r"d/s/1.mid is missing"):
        groove.read(tmp_path)
    write_set(tmp_path, [{"id": "d/s/1", "hits": BAR, "time_signature": "four"}])
    with pytest.raises(DeepmirError, match="is not the table"):
        groove.read(tmp_path)


def test_broken_take_is_named(tmp_path):
    write_set(tmp_path, [{"id": "d/s/1", "hits": BAR}])
    path = tmp_path / "groove_midi/d/s/1.mid"
    whole = path.read_bytes()
    for damaged in (
        b"",
        b"RIFF" + whole[4:],
        whole[:-9],
        whole[:12] + b"\x00\x00" + whole[14:],
        whole[:30] + b"\x01\x90\xff" + whole[33:],
    ):
        path.write_bytes(damaged)
        with pytest.raises(DeepmirError, match=r"1.mid is not a readable MIDI file"):
            groove.read(tmp_path)


NOTES = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(1, 900), st.integers(0, 127), st.integers(1, 127)),
    max_size=30,
)


@given(NOTES, st.sampled_from([24, 480, 960]))
def test_midi_as_mido_writes_it(tmp_path_factory, notes, ticks):
    events = []
    for channel, (start, length, pitch, velocity) in enumerate(notes):
        on = mido.Message("note_on", channel=channel % 16, note=pitch, velocity=velocity)
        off = mido.Message("note_on", channel=channel % 16, note=pitch, velocity=0)
        events += [(start, 1, on), (start + length, 0, off)]
        bend = mido.Message("pitchwheel", channel=channel % 16, pitch=velocity)
        events += [(start, 2, bend), (start, 2, mido.Message("program_change", program=5))]
    tracks = [mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=654321)]), mido.MidiTrack()]
    tracks[0].append(mido.MetaMessage("key_signature", key="Ebm", time=7))
    tracks[0].append(mido.MetaMessage("time_signature", numerator=6, denominator=8, time=70000))
    tracks[1].append(mido.MetaMessage("track_name", name="drums"))
    tracks[1].append(mido.Message("sysex", data=(1, 2, 3)))
    now = 0
    for at, _, message in sorted(events, key=lambda event: event[:2]):
        tracks[1].append(message.copy(time=at - now))
        now = at
    path = tmp_path_factory.mktemp("midi") / "file.mid"
    mido.MidiFile(type=1, ticks_per_beat=ticks, tracks=tracks).save(path)
    read = midi.read(path)
    assert read.ticks == ticks
    assert read.tempi == ((0, 654321),)
    assert read.keys == ((7, midi.KeySignature(-6, minor=True)),)
    assert read.keys[0][1].tonic == 3
    assert read.metres == ((70007, (6, 8)),)
    # Overlapping notes of one pitch share their ends; but the strokes are the same.
    assert sorted((n.start, n.pitch, n.velocity) for n in read.notes) == sorted(
        (start, pitch, velocity) for start, _, pitch, velocity in notes
    )
    if len({pitch for _, _, pitch, _ in notes}) == len(notes):
        assert {(n.start, n.end) for n in read.tracks.get("drums", ())} == {
            (start, start + length) for start, length, _, _ in notes
        }


@pytest.mark.parametrize(
    ("key", "tonic", "minor"),
    [("C", 0, False), ("Am", 9, True), ("Gb", 6, False), ("F#", 6, False), ("Abm", 8, True)],
)
def test_keys(tmp_path, key, tonic, minor):
    track = mido.MidiTrack([mido.MetaMessage("key_signature", key=key)])
    mido.MidiFile(tracks=[track]).save(tmp_path / "key.mid")
    ((_, found),) = midi.read(tmp_path / "key.mid").keys
    assert (found.tonic, found.minor) == (tonic, minor)

"""Songs of POP909 from its three data sets, in their published layout."""

from itertools import pairwise

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepmir.errors import DeepmirError
from deepmir_render import chords as chord_names
from deepmir_render.song import Metre, Section
from deepmir_render.sources import bar_grid, duplicates, human_sections, pop909
from deepmir_render.sources.edition import find_shift
from deepmir_render.sources.midi import MidiNote

QUARTER = 480
CHORDS = {"C": (48, 52, 55), "Am": (45, 48, 52), "F": (41, 45, 48), "G/3": (47, 50, 55)}
CLASSES = {"C": [0, 4, 7], "Am": [0, 4, 9], "F": [0, 5, 9], "G/3": [2, 7, 11]}
ROOTS = {"C": "C:maj", "Am": "A:min", "F": "F:maj", "G/3": "G:maj/3"}
ORDER = ("C", "Am", "F", "G/3")


def write_midi(path, tracks, metas=(), ticks=QUARTER):
    file = mido.MidiFile(ticks_per_beat=ticks)
    file.tracks.append(mido.MidiTrack(metas))
    for name, notes in tracks.items():
        events = []
        for start, end, pitch, velocity in notes:
            events.append((end, 0, mido.Message("note_off", note=pitch)))
            events.append((start, 1, mido.Message("note_on", note=pitch, velocity=velocity)))
        track, now = mido.MidiTrack([mido.MetaMessage("track_name", name=name)]), 0
        for at, _, message in sorted(events, key=lambda event: event[:2]):
            track.append(message.copy(time=at - now))
            now = at
        file.tracks.append(track)
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)


def melody(first):
    """One note per beat over four bars, with imprecise ends, the last of them overlapping."""
    pitches = (67, 69, 71, 72, 74, 72, 71, 69, 67, 65, 64, 65, 67, 69, 71, 79)
    return [
        ((first + i) * QUARTER, (first + i) * QUARTER + (400 if i < 14 else 700), pitch, 100)
        for i, pitch in enumerate(pitches)
    ]


def bass(first, bars):
    return [
        ((first + 4 * bar) * QUARTER, (first + 4 * bar + 3) * QUARTER, 36 + bar % 7, 70)
        for bar in range(bars)
    ]


def moved(notes, ticks, scale=1):
    return [((a + ticks) * scale, (b + ticks) * scale, pitch, v) for a, b, pitch, v in notes]


def labelled_chords(beats):
    return "".join(
        f"{ROOTS[name]} {CLASSES[name]} {CLASSES[name][0]} {length}\n" for name, length in beats
    )


def write_song(home, number="001", at=1, extra=0, metre=(4, 4), shift=40, scale=1, bars=12):
    """A song of some bars from beat `at`; `extra` beats follow the eighth of them."""
    starts = [at + 4 * bar + (extra if bar > 7 else 0) for bar in range(bars)]
    chords = []
    for start, end in pairwise([*starts, starts[-1] + 4]):
        bar = starts.index(start)
        chords += [(start * QUARTER, end * QUARTER, pitch, 90) for pitch in CHORDS[ORDER[bar % 4]]]
    parts = {
        "MELODY": melody(at + 16),
        "BRIDGE": [(at * QUARTER, (at + 1) * QUARTER, 84, 60)],
        "PIANO": bass(at, bars),
    }
    metas = [
        mido.MetaMessage("set_tempo", tempo=600000),
        mido.MetaMessage("time_signature", numerator=metre[0], denominator=metre[1]),
        mido.MetaMessage("key_signature", key="Am"),
        mido.MetaMessage("key_signature", key="C", time=(at + 16) * QUARTER),
    ]
    merged = [note for part in parts.values() for note in part]
    write_midi(
        home / f"pop909_cl/POP909_processed/{number}.mid",
        {"piano": merged, "MIDI 01": chords},
        metas,
    )
    write_midi(
        home / f"pop909/{number}/{number}.mid",
        {name: moved(notes, shift, scale) for name, notes in parts.items()},
        [
            mido.MetaMessage("set_tempo", tempo=1_000_000),
            mido.MetaMessage("set_tempo", tempo=500_000, time=(at + 24) * QUARTER * scale),
        ],
        ticks=QUARTER * scale,
    )
    folder = home / "pop909_structure" / number
    folder.mkdir(parents=True)
    (folder / "human_label1.txt").write_text(f"i4A4o{bars - 8}\n")
    (folder / "finalized_chord.txt").write_text(
        labelled_chords([(ORDER[bar % 4], 4) for bar in range(bars)])
    )


@pytest.fixture(autouse=True)
def _none_left_out(monkeypatch):
    monkeypatch.setattr(pop909, "left_out", dict)


def test_song(tmp_path):
    write_song(tmp_path)
    assert pop909.songs(tmp_path) == ["001"]
    song = pop909.read(tmp_path, "001")
    assert song.id == song.group == "pop909-001"
    # The first chord starts on the second beat of the file, and there the first bar is.
    assert [bar.start for bar in song.bars] == [4.0 * bar for bar in range(12)]
    assert {bar.metre for bar in song.bars} == {Metre(4, 4)}
    assert song.end == 48
    assert [(n.start, n.pitch, n.velocity) for n in song.melody[:2]] == [
        (16, 67, 100),
        (17, 69, 100),
    ]
    # 400 ticks are 20 of 24 bins; the note that overlaps is cut where the next one starts.
    assert song.melody[0].end == pytest.approx(16 + 20 / 24)
    assert [n.end for n in song.melody[-2:]] == [31, pytest.approx(31 + 35 / 24)]
    assert [(n.start, n.pitch) for n in song.second] == [(0, 84)]
    assert len(song.parts[0].notes) == 12
    names = [(c.start, c.end, c.root, c.quality) for c in song.chords[:4]]
    assert names == [
        (0, 4, 0, ":maj"),
        (4, 8, 9, ":min"),
        (8, 12, 5, ":maj"),
        (12, 16, 7, ":maj/3"),
    ]
    assert [(k.start, k.end, k.tonic, k.mode) for k in song.keys] == [
        (0, 16, 9, "minor"),
        (16, 48, 0, "major"),
    ]
    assert song.sections == (Section(0, 16, "i"), Section(16, 32, "A"), Section(32, 48, "o"))


def test_tempo_is_that_of_the_whole(tmp_path):
    write_song(tmp_path, shift=0)
    # From beat 1 to 48: 24 beats of a second and 23 of half a second.
    assert pop909.read(tmp_path, "001").bpm == pytest.approx(60 * 47 / (24 + 23 / 2), abs=0.01)


@pytest.mark.parametrize("at", [0, 1, 2, 3, 6])
def test_first_bar_line_is_where_chords_say(tmp_path, at):
    write_song(tmp_path, at=at)
    song = pop909.read(tmp_path, "001")
    assert song.chords[0].start == song.bars[0].start == 0
    assert song.melody[0].start == 16


@pytest.mark.parametrize(("shift", "scale"), [(0, 1), (-200, 1), (1234, 1), (40, 2)])
def test_parts_are_found_wherever_the_original_has_them(tmp_path, shift, scale):
    write_song(tmp_path, at=2, shift=shift, scale=scale)
    song = pop909.read(tmp_path, "001")
    assert [round(note.start * 24) for note in song.melody[:3]] == [384, 408, 432]


def test_bar_of_half_the_length(tmp_path):
    write_song(tmp_path, extra=2, bars=24)
    song = pop909.read(tmp_path, "001")
    assert [str(bar.metre) for bar in song.bars] == ["4/4"] * 8 + ["2/4"] + ["4/4"] * 16
    assert song.bars[8].start == 32
    assert song.bars[9].start == 34
    # Sections move with the bars after it.
    assert song.sections[-1] == Section(34, 98, "o")


def test_pickup_has_a_bar_of_its_own(tmp_path):
    write_song(tmp_path, at=5)
    path = tmp_path / "pop909/001/001.mid"
    file = mido.MidiFile(path)
    file.tracks[2].insert(1, mido.Message("note_on", note=84, time=3 * QUARTER + 40))
    file.tracks[2].insert(2, mido.Message("note_off", note=84, time=QUARTER))
    file.tracks[2][3].time -= 4 * QUARTER + 40
    file.save(path)
    song = pop909.read(tmp_path, "001")
    assert song.second[0].start == 2
    assert song.chords[0].start == 4
    assert song.sections[:2] == (Section(0, 20, "i"), Section(20, 36, "A"))


def test_triple_time(tmp_path):
    chords = [
        (3 * bar * QUARTER, 3 * (bar + 1) * QUARTER, pitch, 90)
        for bar in range(8)
        for pitch in CHORDS[ORDER[bar % 4]]
    ]
    write_song(tmp_path)
    metas = [mido.MetaMessage("time_signature", numerator=3, denominator=8)]
    parts = {"MELODY": melody(0), "BRIDGE": [], "PIANO": bass(1, 5)}
    merged = [note for part in parts.values() for note in part]
    write_midi(
        tmp_path / "pop909_cl/POP909_processed/001.mid", {"piano": merged, "chords": chords}, metas
    )
    tempo = [mido.MetaMessage("set_tempo", tempo=500_000)]
    write_midi(tmp_path / "pop909/001/001.mid", parts, tempo)
    folder = tmp_path / "pop909_structure/001"
    (folder / "human_label1.txt").write_text("A4B4")
    (folder / "finalized_chord.txt").write_text(
        labelled_chords([(ORDER[bar % 4], 3) for bar in range(8)])
    )
    song = pop909.read(tmp_path, "001")
    assert {str(bar.metre) for bar in song.bars} == {"3/4"}
    assert song.bars[1].start == 3
    assert song.sections[1] == Section(12, 24, "B")
    assert song.bpm == 120


def test_invariants(tmp_path):
    write_song(tmp_path, at=3, extra=2, bars=24)
    song = pop909.read(tmp_path, "001")
    for spans in (song.sections, song.keys):
        assert spans[0].start == 0
        assert spans[-1].end == song.end
        assert all(before.end == after.start for before, after in pairwise(spans))
    assert all(before.end <= after.start for before, after in pairwise(song.melody))
    for bar, after in pairwise(song.bars):
        assert bar.start + bar.metre.bar_length == after.start
    notes = (*song.melody, *song.second, *song.parts[0].notes)
    assert all(0 <= note.start < note.end <= song.end for note in notes)


def test_space_in_a_file_name(tmp_path):
    write_song(tmp_path, "043")
    folder = tmp_path / "pop909_cl/POP909_processed"
    (folder / "043.mid").rename(folder / "043 .mid")
    assert pop909.songs(tmp_path) == ["043"]
    assert pop909.read(tmp_path, "043").end == 48


def test_songs_have_all_three(tmp_path, monkeypatch):
    for number in ("007", "002", "005", "009"):
        write_song(tmp_path, number)
    (tmp_path / "pop909_structure/005/human_label1.txt").unlink()
    assert pop909.songs(tmp_path) == ["002", "007", "009"]
    monkeypatch.setattr(pop909, "left_out", lambda: {"007": "the same song as 002"})
    assert pop909.songs(tmp_path) == ["002", "009"]
    assert pop909.published(tmp_path) == ["002", "007", "009"]


def test_what_cannot_be_used(tmp_path):
    write_song(tmp_path)
    write_song(tmp_path, "002", at=2, metre=(6, 8))
    write_song(tmp_path, "003", extra=5, bars=36)
    write_song(tmp_path, "004", at=2)
    write_midi(tmp_path / "pop909/004/004.mid", {"MELODY": [(0, 9, 30, 9), (100, 200, 31, 9)]})
    reasons = duplicates.find(tmp_path)
    assert reasons == {
        "002": "its metre (6/8) does not say where its beats are",
        "003": "a bar of 9 beats where 4 were expected",
        "004": "only 0% of its notes are in POP909-CL as well",
    }


def test_song_that_is_there_twice(tmp_path):
    write_song(tmp_path)
    write_song(tmp_path, "002", at=2, shift=0)
    assert duplicates.find(tmp_path) == {"002": "the same song as 001"}


def test_broken_files_are_named(tmp_path):
    write_song(tmp_path)
    chords = tmp_path / "pop909_structure/001/finalized_chord.txt"
    chords.write_text("C:maj [0, 4, 7] 0 4\nC:maj 0 4\n")
    with pytest.raises(DeepmirError, match="POP909 song 001: .*finalized_chord.txt.*line 2"):
        pop909.read(tmp_path, "001")
    (tmp_path / "pop909/001/001.mid").unlink()
    with pytest.raises(DeepmirError, match="001.mid is missing"):
        pop909.read(tmp_path, "001")


def test_chords_of_another_song(tmp_path):
    write_song(tmp_path)
    path = tmp_path / "pop909_structure/001/finalized_chord.txt"
    path.write_text("Db:aug [1, 5, 10] 1 40\n")
    with pytest.raises(DeepmirError, match="agree"):
        pop909.read(tmp_path, "001")


def test_bars_against_the_chords():
    bars = [(4 * bar, 4) for bar in range(8)]
    bar_grid.refuse_upbeats([4.0 * bar for bar in range(8)], bars)
    bar_grid.refuse_upbeats([2.0 * half for half in range(16)], bars)
    with pytest.raises(DeepmirError, match="beat 3"):
        bar_grid.refuse_upbeats([2 + 4.0 * bar for bar in range(8)], bars)


@given(st.data(), st.integers(-300, 300))
def test_shift_is_found(data, bins):
    starts = data.draw(st.lists(st.integers(0, 900), min_size=12, max_size=40, unique=True))
    notes = [MidiNote(at, at + 3, 60 + at % 13, 80) for at in starts]
    other = [MidiNote(n.start + bins, n.end + bins, n.pitch, 80) for n in notes]
    found = find_shift(notes, [*other, MidiNote(5, 6, 20, 80)])
    assert (found.bins, found.found) == (bins, 1.0)


@pytest.mark.parametrize(
    ("pitches", "name"),
    [
        ((48, 52, 55), (0, ":maj")),
        ((52, 55, 60), (0, ":maj/3")),
        ((55, 60, 64), (0, ":maj/5")),
        ((57, 60, 64, 67), (9, ":min7")),
        ((60, 64, 67, 69), (0, ":maj6")),
        ((48, 50, 55), (0, ":sus2")),
        ((48, 53, 55), (0, ":sus4")),
        ((47, 50, 53, 56), (11, ":dim7")),
        ((47, 50, 53, 57), (11, ":hdim7")),
        ((53, 55, 59, 62), (7, ":7/b7")),
        ((48, 52, 56), (0, ":aug")),
        ((48, 51), (0, ":min")),
        ((48, 52, 58), (0, ":7")),
        ((48, 49, 50), (None, "X")),
        ((48, 55), (None, "X")),
    ],
)
def test_names_of_chords(pitches, name):
    assert chord_names.name(pitches) == name


@given(
    st.sampled_from(sorted(chord_names.QUALITIES)), st.integers(0, 11), st.integers(0, 3), st.data()
)
@settings(max_examples=200)
def test_names_mean_the_pitches_they_are_given_to(quality, root, octave, data):
    mir_eval = pytest.importorskip("mir_eval")
    steps = chord_names.QUALITIES[quality]
    bass = data.draw(st.sampled_from(sorted(steps)))
    lowest = 24 + 12 * octave + (root + bass) % 12
    pitches = [lowest] + [lowest + (step - bass) % 12 for step in steps]
    found, label = chord_names.name(pitches)
    names = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
    number, bitmap, low = mir_eval.chord.encode(names[found] + label)
    sounding = {(number + step) % 12 for step in range(12) if bitmap[step]}
    # What is above the octave, mir_eval leaves out.
    within = {step for step, name in steps.items() if name != "9"}
    assert sounding - {lowest % 12} == {(root + step) % 12 for step in within} - {lowest % 12}
    assert (number + low) % 12 == lowest % 12


def test_phrases(tmp_path):
    path = tmp_path / "human_label1.txt"
    path.write_text("i4A8b12\no0\n")
    phrases = human_sections.read(path)
    assert [(p.letter, p.bars) for p in phrases] == [("i", 4), ("A", 8), ("b", 12)]
    assert human_sections.starts(phrases) == (0, 4, 12, 24)
    for text in ("", "i4A", "4A", "i4 & A8"):
        path.write_text(text)
        with pytest.raises(DeepmirError, match="is not a label"):
            human_sections.read(path)


def test_music_around_the_labelled_bars():
    phrases = (human_sections.Phrase("A", 2), human_sections.Phrase("B", 2))
    bars = [40.0, 44.0, 48.0, 52.0, 56.0]
    placed = human_sections.place(phrases, bars, 4, 80.0)
    assert placed == (
        Section(0, 40, "i"),
        Section(40, 48, "A"),
        Section(48, 56, "B"),
        Section(56, 80, "o"),
    )
    near = human_sections.place(phrases, [at - 36 for at in bars], 4, 28.0)
    assert near == (Section(0, 12, "A"), Section(12, 28, "B"))


def test_labels_of_another_version_say_nothing():
    phrases = (human_sections.Phrase("A", 20),)
    assert human_sections.place(phrases, [0.0, 4.0, 8.0], 4, 8.0) == ()

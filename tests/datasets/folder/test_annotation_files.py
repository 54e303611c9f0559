import json
import math

import pretty_midi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepmir.datasets.folder.conventions import CONVENTIONS, JAMS, endings, split_name
from deepmir.datasets.folder.kinds import key_mode
from deepmir.datasets.folder.problems import Findings
from deepmir.datasets.folder.rows import number

DURATION = 100.0


def read(folder, name, text, duration=DURATION):
    """The annotations of a file with this text or these bytes, and its problems."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    findings = Findings(path)
    found = endings()[split_name(name)[1]].read(findings, duration)
    return found, [(p.severity, p.line) for p in findings.problems]


def only(folder, name, text, duration=DURATION):
    """Times, durations and values of the first annotation of a file without problems."""
    (found, *_), problems = read(folder, name, text, duration)
    assert problems == []
    return [(o.time, o.duration, o.value) for o in found.observations]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


# How people save tables: every combination has to give the same rows.
FORMS = st.fixed_dictionaries(
    {
        "separator": st.sampled_from(["\t", ";", ",", " ", "   ", ", ", " ; "]),
        "end": st.sampled_from(["\n", "\r\n", "\r"]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
        "comment": st.sampled_from(["", "# 1, 2; 3\t4", "\n#"]),
        "header": st.booleans(),
        "last": st.booleans(),
    }
)
WORDS = st.text(st.sampled_from("abcXYZ'éß:/#()"), min_size=1, max_size=8).filter(
    lambda word: not word.startswith("#") and word.lower() != "end"
)
STARTS = st.lists(st.integers(0, 90_000_000), min_size=1, max_size=20, unique=True).map(
    lambda times: [time / 1e6 for time in sorted(times)]
)


def table(rows, form, names):
    lines = [form["comment"], *([form["separator"].join(names)] if form["header"] else [])]
    lines += [form["separator"].join(map(str, row)) for row in rows]
    text = "\n".join(lines) + ("\n" if form["last"] else "")
    return text.replace("\n", form["end"]).encode(form["encoding"])


@given(starts=STARTS, form=FORMS, data=st.data())
def test_intervals_are_read_back_however_they_are_saved(folder, starts, form, data):
    ends = [*starts[1:], DURATION]
    words = [data.draw(WORDS) for _ in starts]
    rows = list(zip(starts, ends, words, strict=True))
    content = table(rows, form, ["start", "end", "label"])
    (found,), problems = read(folder, "song.segments.csv", content)
    assert found.values == words
    assert found.intervals[:, 0] == pytest.approx(starts, abs=1e-6)
    assert found.intervals[:, 1] == pytest.approx(ends, abs=2e-6)
    assert problems == []


@given(starts=STARTS, form=FORMS)
def test_positions_in_the_bar_are_read_back_however_they_are_saved(folder, starts, form):
    rows = [(time, 1 + index % 3) for index, time in enumerate(starts)]
    (found,), _ = read(folder, "song.beats", table(rows, form, ["time", "position"]))
    assert [(o.time, o.value) for o in found.observations] == rows


@given(form=FORMS, order=st.permutations(["start", "duration", "pitch", "velocity", "channel"]))
def test_a_header_says_where_the_columns_are(folder, form, order):
    row = {"start": 1.5, "duration": 0.5, "pitch": 60.0, "velocity": 100, "channel": 3}
    content = table([[row[name] for name in order]] * 2, {**form, "header": True}, order)
    notes, onsets = read(folder, "song.notes.csv", content)[0]
    assert [(o.time, o.duration, o.value) for o in notes.observations] == [(1.5, 0.5, 60.0)] * 2
    assert onsets.times.tolist() == [1.5]


@given(text=st.binary(max_size=200), kind=st.sampled_from(CONVENTIONS))
def test_no_file_breaks_the_reader(folder, text, kind):
    found, problems = read(folder, f"song{kind.endings[0]}", text)
    assert found or problems


@given(
    lines=st.lists(st.from_regex(r"[0-9 .,;\tx-]{0,12}", fullmatch=True), max_size=12),
    kind=st.sampled_from(CONVENTIONS),
)
def test_every_problem_is_in_a_line_of_the_file(folder, lines, kind):
    found, problems = read(folder, f"song{kind.endings[0]}", "\n".join(lines))
    assert all(0 <= line <= len(lines) for _, line in problems)
    for annotation in found:
        assert all(0 <= o.time <= DURATION for o in annotation.observations)
        assert annotation.times.tolist() == sorted(annotation.times)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "0\tSilence\n1.5\tA, a, Verse\n9\tEnd\n",
            [(0, 1.5, "Silence"), (1.5, 7.5, "A, a, Verse")],
        ),
        ("0 intro\n10 verse 1", [(0, 10, "intro"), (10, 90, "verse 1")]),
        ("0.0 2.5 verse 1\n2.5 5 B", [(0, 2.5, "verse 1"), (2.5, 2.5, "B")]),
        ("0,5;1,5;x\n1,5;3;y", [(0.5, 1, "x"), (1.5, 1.5, "y")]),
    ],
)
def test_segments(tmp_path, text, wanted):
    assert only(tmp_path, "song.segments.txt", text) == wanted


def test_the_comma_of_a_chord_separates_nothing(tmp_path):
    wanted = [(0, 2, "C:maj(9,11)"), (2, 2, "N")]
    for text in ("0 2 C:maj(9,11)\n2 4 N", "0,2,C:maj(9,11)\n2,4,N", '0,2,"C:maj(9,11)"\n2,4,N'):
        assert only(tmp_path, "song.lab", text) == wanted


def test_melody_singing_tempo_and_onsets(tmp_path):
    values = [v for _, _, v in only(tmp_path, "song.f0.csv", "time,hertz\n0,0\n0.1,220\n0.2,-110")]
    assert [value["voiced"] for value in values] == [False, True, False]
    assert [value["frequency"] for value in values] == [0, 220, 110]
    sung = only(tmp_path, "song.singing.lab", "0 1 nosing\n1 3 sing\n3 4 nosing\n5 6 Voice")
    assert sung == [(1, 2, "voice"), (5, 1, "voice")]
    assert only(tmp_path, "song.singing", "0 1 nosing") == []
    assert only(tmp_path, "song.bpm", "120,5") == [(0, DURATION, 120.5)]
    assert only(tmp_path, "song.onsets", "0.5\n1e0") == [(0.5, 0, None), (1, 0, None)]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("song.pitch_class", '{"tonic": "C", "pitch": 3}', ["5", "[1, 2]", "C", '{"pitch": 3}']),
        ("song.chroma", "[0.5, 1.0]", ["5", "[1, null]", "[1, NaN]", "[" * 5000]),
    ],
)
def test_values_in_json_are_those_of_their_namespace(tmp_path, name, good, bad):
    text = "".join(f"{start} {start + 1} {value}\n" for start, value in enumerate([good, *bad]))
    (found, *_), problems = read(tmp_path, name, text)
    assert [o.value for o in found.observations] == [json.loads(good)]
    assert problems == [("error", line) for line in range(2, len(bad) + 2)]


def test_keys(tmp_path):
    assert only(tmp_path, "song.key", "F# minor\n") == [(0, DURATION, "F#:minor")]
    wanted = [(0, 50, "A:minor"), (50, 50, "Bb:major")]
    assert only(tmp_path, "song.key", "0 50 A minor\n50 100 Bb") == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        *(("Am", "A:minor"), ("A minor", "A:minor"), ("a min", "A:minor"), ("A:min", "A:minor")),
        *(("C", "C:major"), ("CM", "C:major"), ("Bb_Major", "Bb:major"), ("E♭m", "Eb:minor")),
        *(("d dorian", "D:dorian"), ("c", None), ("H", None), ("A minorish", None), ("", None)),
        *(("Abm", "Ab:minor"), ("bb minor", "Bb:minor"), ("A-flat", None), ("1", None)),
    ],
)
def test_names_of_keys(name, wanted):
    assert key_mode(name) == wanted


@given(st.floats())
def test_numbers(value):
    assert number(repr(value)) == (value if math.isfinite(value) else None)


@pytest.mark.parametrize("cell", ["", "1_0", "1,5,2", "0x1", "1 2", "one", "inf"])
def test_what_is_no_number(cell):
    assert number(cell) is None


def test_a_header_with_a_digit_is_a_row_that_is_wrong(tmp_path):
    assert read(tmp_path, "song.beats", "x1.5\n2.0")[1] == [("error", 1)]


def test_events_at_the_edge_are_kept_and_intervals_cut(tmp_path):
    (found,), problems = read(tmp_path, "song.lab", "0 5 C\n5 10.2 G", duration=10.0)
    assert problems == []
    assert found.intervals.tolist() == [[0, 5], [5, 10]]


def test_a_midi_file_gives_notes_drums_and_onsets(tmp_path):
    midi = pretty_midi.PrettyMIDI(initial_tempo=90)
    piano, drums = pretty_midi.Instrument(0), pretty_midi.Instrument(0, is_drum=True)
    piano.notes = [pretty_midi.Note(80, 60, 1.0, 2.0), pretty_midi.Note(80, 64, 1.0, 1.5)]
    drums.notes = [pretty_midi.Note(80, 36, 3.0, 3.1)]
    midi.instruments = [piano, drums]
    midi.write(str(tmp_path / "song.mid"))
    findings = Findings(tmp_path / "song.mid")
    notes, struck, onsets = endings()[".mid"].read(findings, 2.5)
    assert notes.values == [64, 60]
    assert notes.intervals[:, 1] == pytest.approx([1.5, 2.0], abs=0.01)
    assert struck.sandbox == {"drums": True}
    assert onsets.times == pytest.approx([1.0], abs=0.01)
    assert [(p.severity, p.unit, p.line) for p in findings.problems] == [("error", "note", 3)]


def test_the_name_of_a_file_says_whose_it_is():
    for ending in (*endings(), JAMS):
        assert split_name(f"a.song{ending.upper()}") == ("a.song", ending)
    assert split_name("song.chords.lab") == ("song", ".chords.lab")
    assert split_name(".chords.lab") == (".chords", ".lab")
    assert split_name("song.lab") == ("song", ".lab")
    assert split_name("Song.F0.CSV") == ("Song", ".f0.csv")
    assert split_name("my.beats.song.key.txt") == ("my.beats.song", ".key.txt")
    assert split_name("song.jamz") == ("song", ".jams")
    assert split_name("song.csv") == ("song.csv", "")
    assert split_name(".lab") == (".lab", "")


def test_no_ending_is_that_of_two_kinds():
    every = [ending for each in CONVENTIONS for ending in each.endings]
    assert len(set(every)) == len(every)
    assert JAMS not in every

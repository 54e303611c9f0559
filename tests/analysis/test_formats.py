import csv
import json
from dataclasses import replace
from importlib import resources
from itertools import pairwise
from pathlib import Path

import hypothesis.strategies as st
import jams
import jsonschema
import mido
import mir_eval
import numpy as np
import pretty_midi
import pytest
from hypothesis import HealthCheck, given, settings
from made_analysis import (
    BEATS,
    CHORDS,
    CONTOUR_HERTZ,
    CONTOUR_TIMES,
    CONTOUR_VOICED,
    NAMESPACES,
    NOTES,
    SECTIONS,
    SUNG,
    analysis_of,
    everything,
    melody,
    spans,
)

from deepmir.analysis import formats
from deepmir.analysis.formats.validity import valid
from deepmir.analysis.results import Analysis
from deepmir.analysis.summary import summary
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.annotations import Observation

SCHEMA = json.loads(resources.files(formats).joinpath("schema.json").read_text())
MICROSECOND = 1.000001e-6
EVERYTHING = everything()


def written(analysis, folder, format, name="song"):
    files = formats.write(analysis, Path(folder), name, format)
    assert {f.name for f in files} == {f.name for f in Path(folder).iterdir()}
    assert set(files) <= set(formats.paths(Path(folder), name, format))
    return {file.name.removeprefix(name): file for file in files}


# JAMS --------------------------------------------------------------------------------------


def test_jams_is_valid_by_the_schema_in_every_namespace(tmp_path):
    (file,) = written(EVERYTHING, tmp_path, "jams").values()
    loaded = jams.load(str(file), validate=True, strict=True)
    spaces = [annotation.namespace for annotation in loaded.annotations]
    assert set(spaces) == {*NAMESPACES.values(), "tag_open"} - {"pitch_class"}
    assert spaces.count("tag_open") == 5
    for annotation in loaded.annotations:
        assert annotation.validate(strict=True)
        assert {"task", "model", "version", "data_hash", "commit"} <= set(annotation.sandbox.keys())
    assert loaded.file_metadata.duration == 10.0


def test_jams_says_what_was_found(tmp_path):
    (file,) = written(EVERYTHING, tmp_path, "jams").values()
    again = Analysis(None, annotations.read(file))
    assert again.tempo.bpm == 118.5 and again.tempo.confidence == 0.75
    assert (again.key.tonic, again.key.mode, again.key.confidence) == ("Eb", "minor", 0.9)
    assert list(zip(again.beats.times, again.beats.positions, strict=True)) == [
        (pytest.approx(time), position) for time, position in BEATS
    ]
    assert [(s.start, s.end) for s in again.singing] == [(1.0, 2.5), (6.0, 10.0)]
    assert {s.label for s in again.singing} == {"voice"}
    assert np.allclose(again.melody.frequencies, CONTOUR_HERTZ, atol=MICROSECOND)
    assert np.array_equal(again.melody.voiced, CONTOUR_VOICED)
    assert again.mood.valence == 0.25


def test_what_is_said_of_the_whole_lasts_as_long():
    jams_of = valid(EVERYTHING.jams)
    for space in ("tempo", "key_mode", "mood_thayer"):
        assert all(o.duration == 10.0 for o in jams_of.first(space).observations)
    assert all(o.duration == 10.0 for o in jams_of.first("tag_open", "genre").observations)


def test_nothing_is_outside_of_the_recording():
    found = valid(EVERYTHING.jams)
    for annotation in found.annotations:
        for o in annotation.observations:
            assert o.time + o.duration <= 10.0 + 1e-9
    assert found.first("onset").times.tolist() == [0.25, 0.75, 4.0]
    assert found.first("chord").observations[-1].duration == 1.0
    assert found.first("chord").observations[-1].confidence == 1.0


def test_a_tempo_without_confidence_gets_an_equal_share():
    rows = [Observation(0.0, 0.0, 120.0), Observation(0.0, 0.0, 60.0)]
    found = valid(analysis_of(5.0, tempo=rows).jams).first("tempo")
    assert [o.confidence for o in found.observations] == [0.5, 0.5]


def test_what_lasts_no_microsecond_of_the_recording_is_left_out():
    rows = [Observation(0.0, 0.5, "C:maj"), Observation(0.5, 0.03, "G:maj")]
    (kept,) = valid(analysis_of(0.5 + 1e-16, chord=rows).jams).first("chord").observations
    assert kept.value == "C:maj"
    (kept,) = valid(analysis_of(0.5 + 2e-16, chord=rows).jams).first("chord").observations
    assert kept.value == "C:maj"


def test_a_pitch_that_is_no_number_is_unvoiced():
    rows = melody([0.0, 0.01, 0.02], [np.nan, -3.0, np.float32(220)], [True, True, np.True_])
    values = valid(analysis_of(1.0, melody=rows).jams).first("pitch_contour").values
    assert [v["frequency"] for v in values] == [0.0, 0.0, 220.0]
    assert [v["voiced"] for v in values] == [False, False, True]


# JSON --------------------------------------------------------------------------------------


def test_json_follows_its_schema(tmp_path):
    (file,) = written(EVERYTHING, tmp_path, "json").values()
    found = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(found, SCHEMA)
    assert set(found) == set(SCHEMA["properties"]) - {"others"}
    assert found["schema_version"] == 1
    assert found["file"] == "song.mp3"
    assert found["tempo"] == {"bpm": 118.5, "confidence": 0.75}
    assert found["key"] == {"tonic": "Eb", "mode": "minor", "confidence": 0.9}
    assert found["mood"] == {"valence": 0.25, "arousal": -0.5}
    assert found["beats"][1] == {"time_seconds": 0.804, "position": 4}
    assert [g["label"] for g in found["genre"]] == ["jig", "reel"]
    assert found["notes"][0] == {"start_seconds": 0.25, "end_seconds": 0.75, "pitch_midi": 60}
    assert found["segments"][1] == {"start_seconds": 4.35, "end_seconds": 10.0, "label": "B"}
    assert found["models"]["beat"]["data_hash"] == "da7a"


def test_the_schema_refuses_what_it_should():
    document = json.loads(json.dumps(_document(EVERYTHING)))
    for path, value in [("tempo", {"bpm": -1, "confidence": 1}), ("beats", [{"time_seconds": 1}])]:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**document, path: value}, SCHEMA)


def _document(analysis):
    from deepmir.analysis.formats.json import document

    return document(replace(analysis, jams=valid(analysis.jams)))


def test_the_melody_of_json_can_be_laid_out_again():
    columns = _document(EVERYTHING)["melody"]
    count = len(columns["frequencies_hz"])
    times = columns["start_seconds"] + columns["step_seconds"] * np.arange(count)
    assert np.allclose(times, CONTOUR_TIMES, atol=MICROSECOND, rtol=0)
    voiced = [hertz is not None for hertz in columns["frequencies_hz"]]
    assert voiced == CONTOUR_VOICED.tolist()
    assert columns["frequencies_hz"][400] == 440.0


def test_tasks_that_were_not_asked_for_are_null_in_json():
    found = _document(analysis_of(3.0, beat=[], path=None))
    jsonschema.validate(found, SCHEMA)
    assert found["beats"] == []
    rest = set(found) - {"schema_version", "duration_seconds", "beats", "models"}
    assert all(found[key] is None for key in rest)


def test_a_file_name_that_is_not_unicode_does_not_spoil_json(tmp_path):
    analysis = replace(analysis_of(3.0, beat=[]), path=Path("so\udcffng.wav"))
    (file,) = written(analysis, tmp_path, "json").values()
    assert json.loads(file.read_bytes().decode("utf-8"))["file"] == "so?ng.wav"


# CSV ---------------------------------------------------------------------------------------


def test_csv_is_read_back(tmp_path):
    files = written(EVERYTHING, tmp_path, "csv")
    assert len(files) == 13
    with files[".beats.csv"].open(newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert [(float(r["time_seconds"]), int(r["position"])) for r in rows] == [
        (pytest.approx(time), position) for time, position in BEATS
    ]
    with files[".instruments.csv"].open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert [r["label"] for r in rows] == ['pi"ano, grand', "Flöte"]


def test_csv_is_as_rfc_4180_has_it(tmp_path):
    raw = written(EVERYTHING, tmp_path, "csv")[".instruments.csv"].read_bytes()
    lines = raw.split(b"\r\n")
    assert lines[0] == b"start_seconds,end_seconds,label,confidence"
    assert lines[1] == b'0.0,3.0,"pi""ano, grand",0.5'
    assert lines[-1] == b"" and b"\n" not in raw.replace(b"\r\n", b"")


def test_an_unknown_confidence_is_an_empty_field(tmp_path):
    analysis = analysis_of(3.0, key=[Observation(0.0, 0.0, "C:major")])
    raw = written(analysis, tmp_path, "csv")[".key.csv"].read_text()
    assert raw.splitlines()[1] == "C,major,"


def test_csv_has_no_file_for_what_was_not_asked_for(tmp_path):
    files = written(analysis_of(3.0, beat=[], chord=[]), tmp_path, "csv")
    assert set(files) == {".beats.csv", ".chords.csv"}
    assert files[".beats.csv"].read_bytes() == b"time_seconds,position\r\n"


# LAB ---------------------------------------------------------------------------------------


def test_mir_eval_reads_the_lab_files(tmp_path):
    files = {suffix: str(path) for suffix, path in written(EVERYTHING, tmp_path, "lab").items()}
    times, labels = mir_eval.io.load_labeled_events(files[".beats"])
    assert np.allclose(times, [time for time, _ in BEATS], atol=MICROSECOND)
    assert labels == [str(position) for _, position in BEATS]
    for suffix, wanted in ((".chords.lab", CHORDS), (".segments.lab", SECTIONS)):
        intervals, labels = mir_eval.io.load_labeled_intervals(files[suffix])
        assert labels == [label for *_, label in wanted]
        edges = np.minimum([row[:2] for row in wanted], 10.0)
        assert np.allclose(intervals, edges, atol=MICROSECOND)
    intervals, labels = mir_eval.io.load_labeled_intervals(files[".singing.lab"])
    sung = [label == "sing" for label in labels]
    assert np.allclose(intervals[sung], np.minimum(SUNG, 10.0))
    _, labels = mir_eval.io.load_labeled_intervals(files[".instruments.txt"])
    assert labels == ['pi"ano, grand', "Flöte"]
    assert mir_eval.io.load_events(files[".onsets.txt"]).tolist() == [0.25, 0.75, 4.0]
    intervals, pitches = mir_eval.io.load_valued_intervals(files[".notes.csv"], delimiter=",")
    assert sorted(map(tuple, np.column_stack([intervals, pitches]))) == sorted(NOTES)
    times, hertz = mir_eval.io.load_time_series(files[".f0.csv"], delimiter=",")
    assert np.array_equal(hertz > 0, CONTOUR_VOICED)
    assert np.allclose(np.abs(hertz), CONTOUR_HERTZ, atol=MICROSECOND)
    assert mir_eval.io.load_key(files[".key"]) == "Eb minor"
    assert mir_eval.io.load_events(files[".bpm"]).tolist() == [118.5]


def test_singing_is_told_without_gaps(tmp_path):
    rows = [Observation(start, end - start, "voice") for start, end in [(0.0, 1.5), (2.0, 2.5)]]
    text = written(analysis_of(3.0, singing=rows), tmp_path, "lab")[".singing.lab"].read_text()
    assert [(float(a), float(b), word) for a, b, word in map(str.split, text.splitlines())] == [
        (0.0, 1.5, "sing"), (1.5, 2.0, "nosing"), (2.0, 2.5, "sing"), (2.5, 3.0, "nosing")
    ]  # fmt: skip


# MIDI --------------------------------------------------------------------------------------


@pytest.fixture
def midi(tmp_path):
    def read(analysis):
        (file,) = written(analysis, tmp_path, "midi").values()
        return pretty_midi.PrettyMIDI(str(file)), mido.MidiFile(file, charset="utf-8")

    return read


def _distance(times, others):
    return max(np.abs(np.asarray(others) - time).min() for time in times)


def _part(read, name):
    return next(i for i in read.instruments if i.name == name)


def test_the_bars_of_the_midi_file_are_those_of_the_recording(midi):
    read, _ = midi(EVERYTHING)
    times = [time for time, _ in BEATS]
    assert _distance(times, read.get_beats()) < 2e-6
    assert _distance([t for t, position in BEATS if position == 1], read.get_downbeats()) < 2e-6
    assert np.allclose(sorted(n.start for n in _part(read, "Clicks").notes), times, atol=2e-6)
    # From the first downbeat on, no bar line is anywhere else.
    downbeats = [t for t, position in BEATS if position == 1]
    lines = read.get_downbeats()
    assert len(lines[lines >= downbeats[0] - 1e-6]) == len(downbeats)


def test_beats_stay_exact_in_a_long_recording(midi):
    rng = np.random.default_rng(1)
    times = 0.07 + np.cumsum(rng.uniform(0.4, 0.6, 3000))
    rows = [Observation(t, 0.0, 1 + i % 3) for i, t in enumerate(times)]
    read, _ = midi(analysis_of(1600.0, beat=rows))
    assert np.abs(np.sort([n.start for n in _part(read, "Clicks").notes]) - times).max() < 2e-6
    assert _distance(times[::3], read.get_downbeats()) < 1e-3
    assert {(s.numerator, s.denominator) for s in read.time_signature_changes[1:]} == {(3, 4)}


def test_two_hours_have_no_more_ticks_than_readers_allow(midi):
    rows = [Observation(t, 0.0, 1 + i % 4) for i, t in enumerate(np.arange(0.2, 7200, 0.4))]
    read, file = midi(analysis_of(7200.0, beat=rows))
    assert file.ticks_per_beat == 480
    assert read.get_end_time() == pytest.approx(rows[-1].time, abs=0.1)


def test_the_notes_of_the_midi_file_are_those_found(midi):
    read, file = midi(EVERYTHING)
    found = sorted((n.start, n.end, n.pitch) for n in _part(read, "Notes").notes)
    tick = 0.5 / file.ticks_per_beat
    assert np.abs(np.array(found) - np.array(sorted(NOTES))).max() < tick


def test_the_chords_sound_as_mir_eval_reads_them(midi):
    read, file = midi(EVERYTHING)
    for start, end, label in CHORDS:
        root, bitmap, bass = mir_eval.chord.encode(label)
        wanted = {(root + step) % 12 for step in np.flatnonzero(bitmap)} if root >= 0 else set()
        middle = (start + min(end, 10.0)) / 2
        sounding = [n for n in _part(read, "Chords").notes if n.start < middle < n.end]
        assert {n.pitch % 12 for n in sounding} == wanted
        low = [n.pitch % 12 for n in _part(read, "Bass").notes if n.start < middle < n.end]
        assert low == ([(root + bass) % 12] if wanted else [])
    words = [m.text for track in file.tracks for m in track if m.type == "text"]
    assert words == [label for *_, label in CHORDS]


def test_the_melody_of_the_midi_file_bends_to_the_contour(midi):
    cents = 30 * np.sin(2 * np.pi * 5 * CONTOUR_TIMES)
    rows = melody(CONTOUR_TIMES, CONTOUR_HERTZ * 2 ** (cents / 1200), CONTOUR_VOICED)
    read, _ = midi(replace(analysis_of(10.0, melody=rows)))
    part = _part(read, "Melody")
    assert [n.pitch for n in part.notes] == [69, 72]
    starts = [n.start for n in part.notes]
    assert np.allclose(starts, [4.0, 5.0], atol=0.03)
    assert part.notes[-1].end == pytest.approx(6.0, abs=0.01)
    times = np.array([bend.time for bend in part.pitch_bends])
    bends = np.array([bend.pitch for bend in part.pitch_bends]) / 8192 * 200
    for time in (4.35, 4.45, 5.35, 5.45):
        held = bends[np.searchsorted(times, time + 1e-3) - 1]
        assert held == pytest.approx(30 * np.sin(2 * np.pi * 5 * time), abs=10)


def test_vibrato_is_one_note_and_a_blip_is_none(midi):
    times = np.arange(400) * 0.005
    hertz = 440 * 2 ** (0.75 * np.sin(2 * np.pi * 6 * times) / 12)
    voiced = (times < 1) | ((times > 1.5) & (times < 1.53))
    read, _ = midi(analysis_of(2.0, melody=melody(times, hertz, voiced)))
    (note,) = _part(read, "Melody").notes
    assert (note.pitch, note.start) == (69, 0.0)
    assert note.end == pytest.approx(1.0, abs=0.01)


def test_what_lies_between_two_notes_goes_to_the_first(midi):
    times = np.arange(200) * 0.01
    pitch = np.select([times < 1, times < 1.06], [69, 71], 73)
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    read, _ = midi(analysis_of(2.0, melody=melody(times, hertz, times >= 0)))
    first, second = _part(read, "Melody").notes
    assert (first.pitch, second.pitch) == (69, 73)
    assert first.end == second.start == pytest.approx(1.06, abs=0.02)


def test_a_note_ends_before_its_pitch_begins_anew(midi):
    rows = spans([(0.5, 1.0, 60), (1.0, 1.5, 60), (1.2, 2.0, 60)])
    _, file = midi(analysis_of(3.0, notes=rows))
    kinds = [m.type for m in file.tracks[1] if m.type.startswith("note_o")]
    assert kinds == ["note_on", "note_off"] * 3


def test_key_sections_and_title_stand_in_the_first_track(midi):
    titled = replace(EVERYTHING.jams, title="Größe 曲")
    read, file = midi(replace(EVERYTHING, jams=titled))
    (key,) = read.key_signature_changes
    assert pretty_midi.key_number_to_key_name(key.key_number) == "Eb minor"
    assert file.tracks[0].name == "Größe 曲"
    ticks, marks = 0, []
    for message in file.tracks[0]:
        ticks += message.time
        if message.type == "marker":
            marks.append((read.tick_to_time(ticks), message.text))
    assert [text for _, text in marks] == ["A", "B"]
    assert np.allclose([time for time, _ in marks], [0.0, 4.35], atol=5e-4)


def test_without_beats_the_tempo_holds(midi):
    read, file = midi(analysis_of(4.0, tempo=[Observation(0.0, 0.0, 90.0, 1.0)]))
    assert read.get_tempo_changes()[1] == pytest.approx([90.0], abs=1e-3)
    assert len(file.tracks) == 1
    assert file.length == pytest.approx(4.0, abs=1e-3)


@pytest.mark.parametrize(
    ("times", "positions"),
    [
        ([0.0, 0.5, 1.0, 1.5], [1, 2, 1, 2]),
        ([2.1, 2.6, 3.1], [3, 4, 1]),
        ([0.001, 0.5], [2, 1]),
        ([40.0, 40.5, 90.0, 90.5], [1, 2, 1, 2]),
        ([5.0], [1]),
        ([23.125], [1]),
        ([1.0, 1.0000001, 1.5], [1, 1, 2]),
        (list(np.arange(0, 30, 0.5)), [2] * 60),
    ],
)
def test_wherever_beats_are_they_fall_on_ticks(midi, times, positions):
    rows = [Observation(t, 0.0, p) for t, p in zip(times, positions, strict=True)]
    read, file = midi(analysis_of(100.0, beat=rows))
    wanted = np.unique(np.round(times, 6))
    clicks = np.sort([n.start for n in _part(read, "Clicks").notes])
    assert np.abs(clicks - wanted).max() < 1e-6
    assert _distance(wanted, read.get_beats()) < 1e-3
    tempi = [m.tempo for m in file.tracks[0] if m.type == "set_tempo"]
    assert max(tempi) < 2**24


# All ---------------------------------------------------------------------------------------


def test_an_unknown_format_is_refused_by_name(tmp_path):
    with pytest.raises(DeepmirError, match=r"no format 'jsn' \(did you mean 'json'\?\)"):
        formats.write(EVERYTHING, tmp_path, "song", "jsn")


@pytest.mark.parametrize("format", formats.FORMATS)
@pytest.mark.parametrize("name", ["ü" * 127, "a b\nc", "曲" * 85, "so\udcffng" * 40, ".x.y", "%s"])
def test_any_name_that_a_recording_can_have(tmp_path, format, name):
    files = (
        written(EVERYTHING, tmp_path, format, name)
        if len(name) < 20
        else {f.name: f for f in formats.write(EVERYTHING, tmp_path, name, format)}
    )
    assert files and all(file.stat().st_size for file in files.values())
    other = formats.paths(tmp_path, name + "2", format)
    assert not any(path.exists() for path in other)


@pytest.mark.parametrize("format", formats.FORMATS)
def test_the_same_analysis_gives_the_same_bytes(tmp_path, format):
    one = formats.write(EVERYTHING, tmp_path / "one", "song", format)
    two = formats.write(EVERYTHING, tmp_path / "two", "song", format)
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


def _instants(duration):
    return st.lists(
        st.floats(0, duration + 0.05), max_size=12, unique_by=lambda t: round(t, 2)
    ).map(sorted)


CONFIDENCE = st.none() | st.floats(0, 1) | st.just(float("nan")) | st.just(np.float32(0.3))
LABELS = st.sampled_from(["C:maj", "N", "Bb:min7", "X", "D:hdim7/b5", "F#:sus4"])


@st.composite
def analyses(draw):
    duration = draw(st.floats(0.5, 40))
    instants = _instants(duration)

    def labelled(labels):
        edges = draw(instants)
        return [Observation(a, b - a, draw(labels), draw(CONFIDENCE)) for a, b in pairwise(edges)]

    step, count = draw(st.sampled_from([0.01, 0.02, 256 / 22050])), draw(st.integers(0, 40))
    hertz = st.floats(30, 2000) | st.just(0.0)
    contour = [(k * step, draw(hertz), draw(st.booleans())) for k in range(count)]
    words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)
    tasks = {
        "tempo": [Observation(0.0, 0.0, bpm, draw(CONFIDENCE)) for bpm in draw(
            st.lists(st.floats(30, 285), max_size=2))],
        "key": [Observation(0.0, 0.0, draw(st.sampled_from(["C:major", "Ab:minor"])))],
        "beat": [Observation(t, 0.0, draw(st.integers(1, 7))) for t in draw(instants)],
        "onset": [Observation(t) for t in draw(instants)],
        "melody": melody(*zip(*contour, strict=True)) if contour else [],
        "chord": labelled(LABELS),
        "structure": labelled(words),
        "notes": labelled(st.integers(21, 108)),
        "singing": labelled(st.just("voice"))[::2],
        "instrument": labelled(words),
        "genre": [Observation(0.0, 0.0, draw(words), 0.5)],
        "mood": [Observation(0.0, 0.0, [np.float32(0.1), -1.0])],
    }  # fmt: skip
    kept = draw(st.sets(st.sampled_from(sorted(tasks))))
    return analysis_of(duration, **{task: tasks[task] for task in tasks if task in kept})


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(analysis=analyses())
def test_every_format_says_the_same_of_any_analysis(tmp_path_factory, analysis):
    folder = tmp_path_factory.mktemp("any")
    found = {f: formats.write(analysis, folder / f, "song", f) for f in formats.FORMATS}
    loaded = jams.load(str(found["jams"][0]), validate=True, strict=True)
    assert len(loaded.annotations) == len(analysis.jams.annotations)
    read = Analysis(None, annotations.read(found["jams"][0]))
    document = json.loads(found["json"][0].read_text(encoding="utf-8"), parse_constant=pytest.fail)
    jsonschema.validate(document, SCHEMA)
    tables = {path.name.split(".")[1]: _rows(path) for path in found["csv"]}
    labs = {path.name.removeprefix("song"): path for path in found["lab"]}
    for task, name, suffix in (
        ("chords",) * 2 + (".chords.lab",),
        ("notes", "notes", ".notes.csv"),
    ):
        original = getattr(analysis, task)
        if original is None:
            assert document[name] is None and name not in tables and suffix not in labs
            continue
        wanted = [(s.start, min(s.end, analysis.duration)) for s in original]
        wanted = [(a, b) for a, b in wanted if round(b, 6) > round(a, 6)]
        for starts_ends in (
            [(s.start, s.end) for s in getattr(read, task)],
            [(s["start_seconds"], s["end_seconds"]) for s in document[name]],
            [(float(r["start_seconds"]), float(r["end_seconds"])) for r in tables[name]],
            [tuple(map(float, line.replace(",", "\t").split("\t")[:2])) for line in
             (labs[suffix].read_text() if suffix in labs else "").splitlines()],
        ):  # fmt: skip
            assert len(starts_ends) == len(wanted)
            assert np.allclose(starts_ends, wanted, rtol=0, atol=1.6e-6)
            assert np.all(np.array(starts_ends) <= analysis.duration + MICROSECOND)
    if analysis.beats is not None:
        times = [o["time_seconds"] for o in document["beats"]]
        clicks = [i for i in pretty_midi.PrettyMIDI(str(found["midi"][0])).instruments if i.is_drum]
        starts = sorted(n.start for i in clicks for n in i.notes)
        assert np.allclose(starts, times, rtol=0, atol=2e-6)
    else:
        pretty_midi.PrettyMIDI(str(found["midi"][0]))


def _rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def test_nothing_found_is_not_nothing_asked(tmp_path):
    tasks = ("beat", "onset", "melody", "chord", "structure", "notes", "singing", "instrument")
    empty = analysis_of(5.0, **{task: [] for task in tasks})
    for format in formats.FORMATS:
        formats.write(empty, tmp_path / format, "song", format)
    (only,) = (tmp_path / "lab").iterdir()
    assert only.read_text() == "0.000000\t5.000000\tnosing\n"
    assert len(list((tmp_path / "csv").iterdir())) == 8
    assert formats.write(analysis_of(5.0), tmp_path / "none", "song", "lab") == []


def test_what_is_not_from_a_decoder_of_chords_is_silent_in_midi(midi):
    read, _ = midi(analysis_of(3.0, chord=spans([(0.0, 3.0, "nonsense")])))
    assert not any(i.notes for i in read.instruments)


# Tasks that no format knows ------------------------------------------------------------------

OTHERS = analysis_of(
    10.0,
    offset=[Observation(time, 0.0, "offset") for time in (0.5, 3.0)],
    mode=[Observation(0.0, 10.0, "major", 0.75)],
    pitch_class=[Observation(0.0, 10.0, {"tonic": "C", "pitch": 4}, 0.5)],
)


def test_a_task_that_has_no_column_of_its_own_is_in_every_format(tmp_path):
    for format in formats.FORMATS:
        written(OTHERS, tmp_path / format, format)
    files = {path.name: path for path in tmp_path.rglob("song.*")}
    with files["song.offset.csv"].open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file))[1] == {
            "start_seconds": "3.0", "end_seconds": "3.0", "label": "offset", "confidence": "",
        }  # fmt: skip
    found = json.loads(files["song.json"].read_text("utf-8"))
    jsonschema.validate(found, SCHEMA)
    assert [row["label"] for row in found["others"]["offset"]] == ["offset", "offset"]
    assert found["others"]["mode"][0]["end_seconds"] == 10.0
    assert files["song.offset.txt"].read_text() == (
        "0.500000\t0.500000\toffset\n3.000000\t3.000000\toffset\n"
    )
    assert files["song.pitch_class.txt"].read_text().endswith('{"tonic": "C", "pitch": 4}\n')
    tracks = {track.name: track for track in mido.MidiFile(files["song.mid"]).tracks}
    assert [m.text for m in tracks["offset"] if m.type == "text"] == ["offset", "offset"]


def test_a_task_that_is_not_known_has_a_line_in_the_summary():
    assert summary(OTHERS) == [
        "offset:      2",
        "mode:        major (75 %)",
        'pitch class: {"tonic": "C", "pitch": 4} (50 %)',
    ]

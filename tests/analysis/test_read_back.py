"""Files that `deepmir analyze` writes beside a recording give the same annotations when read."""

import unicodedata
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from made_analysis import analysis_of, everything, melody, spans
from test_formats import OTHERS, analyses

from deepmir.analysis import formats
from deepmir.analysis.formats.validity import valid
from deepmir.datasets.folder import reading
from deepmir.datasets.folder.files import scan
from deepmir.files.annotations import Jams, Observation

# Information that a format cannot hold: docs/how-to/formats.md has the same list.
ALL = frozenset({"jams", "json", "csv", "lab", "midi"})
CARRIED = {
    **dict.fromkeys(("tempo", "key", "beat", "onset", "melody", "chord"), ALL - {"midi"}),
    **dict.fromkeys(("structure", "singing", "instrument"), ALL - {"midi"}),
    **dict.fromkeys(("offset", "chord_large", "mode", "pitch_class"), ALL - {"midi"}),
    "notes": ALL,
    **dict.fromkeys(("genre", "tagging", "mood"), ALL - {"midi", "lab"}),
    "mood_quadrant": frozenset({"jams"}),
}
WITH_CONFIDENCE = frozenset({"jams", "json", "csv"})
SURE = frozenset({"tempo", "key", "chord", "instrument", "genre", "tagging", "chord_large", "mode"})
# A tick of MIDI is long where beats are far apart.
TOLERANCE = {"midi": 0.05, "json": 2e-6, "csv": 2e-6, "lab": 2e-6, "jams": 0.0}


def read_back(folder, analysis, format):
    """The annotations of a folder in which a recording has such files, without problems."""
    written = formats.write(analysis, folder, "song", format)
    (folder / "song.wav").touch()
    (recording,) = scan(folder).recordings
    found = reading.read(recording, analysis.duration)
    assert [p for p in found.problems if p.severity == "error"] == []
    return found.jams, written


def of_task(jams, annotation):
    """The annotation with the same namespace and kind; None if there is none."""
    kind = annotation.sandbox.get("kind", annotation.sandbox["task"])
    found = list(jams.find(annotation.namespace))
    if annotation.namespace == "tag_open":
        found = [a for a in found if a.sandbox.get("kind", a.sandbox.get("task")) == kind]
    return found[0] if found else None


def value(task, found, format):
    """A value as far as a format can represent it."""
    if isinstance(found, str):
        return unicodedata.normalize("NFC", found)
    if task == "melody":
        # Guesses in unvoiced frames are only in JAMS and LAB.
        guess = format in ("jams", "lab") or found["voiced"]
        return pytest.approx([found["voiced"], found["frequency"] if guess else 0.0], abs=1e-3)
    return round(found) if task == "notes" else found


def check(analysis, jams, format):
    for annotation in valid(analysis.jams).annotations:
        task = annotation.sandbox["task"]
        if format not in CARRIED[task]:
            continue
        rows = list(annotation.observations)
        if task == "tempo" and format != "jams":
            rows = sorted(rows, key=lambda o: -(o.confidence or 0.0))[:1]
        if format in ("csv", "json") and task in ("genre", "tagging"):
            rows = sorted(rows, key=lambda o: -(o.confidence or 0.0))
        found = of_task(jams, annotation)
        if not rows and (format in ("lab", "midi") or task in ("tempo", "key")):
            continue
        assert found is not None, (format, task)
        got = list(found.observations)
        if task == "notes":
            rows, got = (sorted(r, key=lambda o: (o.time, o.value)) for r in (rows, got))
        values = [o.value for o in got]
        if task == "melody":
            values = [[v["voiced"], v["frequency"]] for v in values]
        assert values == [value(task, o.value, format) for o in rows], (format, task)
        times = [(o.time, o.time + o.duration) for o in got]
        wanted = [(o.time, o.time + o.duration) for o in rows]
        if task == "onset" and format != "jams":
            times = [time[:1] for time in times]
            wanted = [time[:1] for time in wanted]
        assert np.allclose(times, wanted, rtol=0, atol=TOLERANCE[format]), (format, task)
        if format in WITH_CONFIDENCE and task in SURE:
            sure = [o.confidence for o in got]
            assert sure == pytest.approx([o.confidence for o in rows], abs=1e-6), (format, task)


@pytest.mark.parametrize("format", sorted(ALL))
def test_everything_is_read_back(tmp_path, format):
    for place, analysis in enumerate((everything(), OTHERS)):
        jams, written = read_back(tmp_path / str(place), analysis, format)
        assert written
        check(analysis, jams, format)


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(analysis=analyses())
def test_any_analysis_is_read_back(tmp_path_factory, analysis):
    for format in sorted(ALL):
        jams, _ = read_back(tmp_path_factory.mktemp("any"), analysis, format)
        check(analysis, jams, format)


@pytest.mark.parametrize("format", ["csv", "json"])
def test_words_that_look_like_comments_separators_and_quotes_are_read_back(tmp_path, format):
    labels = ["#1 hit", 'say "x"', "a, b; c", "1,5", "label", "=1+1", "ende"]
    analysis = analysis_of(
        10.0,
        tagging=[Observation(0.0, 0.0, word, 0.5) for word in labels],
        structure=spans([(place, place + 1, word) for place, word in enumerate(labels)]),
    )
    jams, _ = read_back(tmp_path, analysis, format)
    check(analysis, jams, format)


def test_quotes_in_the_labels_of_a_lab_file_are_letters(tmp_path):
    """A label ends with a comma and a quote, the next begins with one: they are separate cells."""
    labels = [',"', '0"', '"', 'a;"b', "'\"x"]
    rows = [(place, place + 1, word) for place, word in enumerate(labels)]
    analysis = analysis_of(10.0, structure=spans(rows), instrument=spans(rows))
    jams, _ = read_back(tmp_path, analysis, "lab")
    check(analysis, jams, "lab")


def test_what_is_not_the_notes_of_a_midi_file_is_no_note(tmp_path):
    analysis = everything()
    jams, _ = read_back(tmp_path / "all", analysis, "midi")
    assert {a.namespace for a in jams.annotations} == {"note_midi", "onset"}
    kept = tuple(a for a in analysis.jams.annotations if a.sandbox["task"] != "notes")
    without = replace(analysis, jams=replace(analysis.jams, annotations=kept))
    jams, _ = read_back(tmp_path / "none", without, "midi")
    assert all(not a.observations for a in jams.annotations)


def test_json_of_another_program_is_left_alone(tmp_path):
    (tmp_path / "song.json").write_text('{"title": "x"}')
    (tmp_path / "package.json").write_text("[]")
    (tmp_path / "song.wav").touch()
    found = scan(tmp_path)
    assert found.problems == ()
    assert not found.recordings[0].annotated


def test_a_melody_of_frames_is_read_back_from_its_step(tmp_path):
    times = np.arange(500) * 256 / 22050
    analysis = analysis_of(6.0, melody=melody(times, np.full(500, 220.0), times > 2))
    jams, _ = read_back(tmp_path, analysis, "json")
    check(analysis, jams, "json")
    assert isinstance(jams, Jams)

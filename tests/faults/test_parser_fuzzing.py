"""Any bytes in an annotation file give annotations or one error that names it.

Half of the files are well-formed ones with some bytes changed: they get further than noise.
"""

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deepmir.datasets import splits
from deepmir.datasets.folder import tables
from deepmir.datasets.folder.conventions import EVERY
from deepmir.datasets.folder.events import RULES, check_events, of_annotation
from deepmir.datasets.folder.problems import Findings
from deepmir.datasets.recordings import words
from deepmir.datasets.recordings.jamendolyrics import COLUMNS, JamendoLyrics
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.files.namespaces import READINGS

DURATION = 100.0
EXAMPLES = {"suppress_health_check": list(HealthCheck)}

TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"
0 2.5 <exists> 2
"IntervalTier" "chords" 0 2.5 1 0 1 "C:maj"
"TextTier" "beats" 0 2.5 1 0.5 "1"
"""
LAYER = """<sv><data><model sampleRate="44100" type="sparse" units="Hz"/>
<point frame="22050" value="440" duration="100" label="a &amp; b"/></data></sv>"""
ANALYSIS = """{"schema_version": 1, "file": "a", "duration_seconds": 9, "beats": [
{"time_seconds": 0.5, "position": 1}], "key": {"tonic": "C", "mode": "major", "confidence": null},
"melody": {"start_seconds": 0, "step_seconds": 0.01, "frequencies_hz": [null, 220]}}"""
SEEDS = [
    *("0.5 1\n1.0 2\n", "0,5\n1,5\n", "time,position\n0.5,1\n", "0;1,5;x\n1,5;3;y\n"),
    *('start,end,label\n0,1,"a\nb"\n1,2,c\n', "0.5,60,0.4,0.8\n", "# time f0\n0.1 220\n"),
    *("A minor", "\\\t1\t2\n", TEXTGRID, LAYER, ANALYSIS, "file,tag\na,x\n"),
    *("word_start,word_end\n1,2\n", "group,part\na,test"),
    *('0 1 {"tonic": "C", "pitch": 3}\n', "0 1 [1, 2.5]\n"),
]
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-32"])
LETTERS = st.sampled_from(list("0123456789.,;:\t\n\r \"'#\\-+eENnaif<>[]{}é\0½"))


@st.composite
def changed(draw, seeds):
    """One of some texts in any encoding, with changed letters and bytes."""
    text = list(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 5))):
        place = draw(st.integers(0, len(text)))
        text[place : place + draw(st.integers(0, 4))] = draw(st.lists(LETTERS, max_size=4))
    data = bytearray("".join(text).encode(draw(ENCODINGS), errors="replace"))
    if data and draw(st.booleans()):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)


PITCH_CLASS = next(each for each in EVERY if each.kind == "pitch_class")
CONTENTS = changed(SEEDS) | st.binary(max_size=300)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzzed")


@settings(max_examples=400, **EXAMPLES)
@given(data=CONTENTS, convention=st.sampled_from(EVERY))
@example(data=b'"', convention=EVERY[0])
@example(data=b"0 1 5", convention=PITCH_CLASS)
@example(data=b'file type = "ooTextFile" 9e999 <exists> 1e400', convention=EVERY[-2])
def test_a_file_beside_a_recording(folder, data, convention):
    path = folder / f"a{convention.endings[0]}"
    path.write_bytes(data)
    findings = Findings(path)
    found = convention.read(findings, DURATION)
    assert found or findings.problems
    for annotation in found:
        assert all(0 <= o.time <= DURATION for o in annotation.observations)
    # It can be written, and is what is read again.
    annotations.write(folder / "b.jams", Jams(DURATION, tuple(found)))
    assert len(annotations.read(folder / "b.jams").annotations) == len(found)


@settings(max_examples=100, **EXAMPLES)
@given(data=CONTENTS, name=st.sampled_from(["metadata.csv", "tags.csv"]))
def test_a_table_about_recordings(folder, data, name):
    (folder / name).write_bytes(data)
    found = tables.read([folder / name], {folder / "a.wav": "a"})
    description = found.of("a")
    list(tables.annotations(description.values, description.words, DURATION))


@settings(max_examples=60, **EXAMPLES)
@given(data=CONTENTS)
def test_other_tables(folder, data):
    for name in ("a.csv", "JamendoLyrics.csv"):
        (folder / name).write_bytes(data)
    declared = JamendoLyrics(source="jamendolyrics", home=folder, shards=1)
    for read in (splits.read, lambda path: words.read(path, 10.0), lambda _: declared.songs()):
        try:
            read(folder / "a.csv")
        except DeepmirError as error:
            assert ".csv" in str(error)
    assert COLUMNS


KEYS = (
    *("time", "duration", "value", "confidence", "frequency", "voiced", "level", "label"),
    *("position", "tonic", "pitch", "data", "namespace", "sandbox", "annotations"),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.sampled_from(["time", "beat", "C:maj", "\ud800", "", "1e999", "NaN"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"time": st.floats(0, 10) | JSON, "duration": JSON, "value": JSON, "confidence": JSON}
    ),
    max_size=3,
)
WHOLE = tuple(Annotation(space, (Observation(0.0, 1.0, "C"),)) for space in ("chord", "tag_open"))


def check(path):
    """Read a JAMS file and check its content, as the check of a folder does."""
    try:
        found = annotations.read(path)
    except DeepmirError as error:
        assert path.name in str(error)
        assert "\n" not in str(error)
        return
    for annotation in found.annotations:
        if annotation.namespace in RULES:
            findings = Findings(path)
            check_events(annotation.namespace, of_annotation(annotation), DURATION, findings)
    annotations.write(path.with_name("again.jams"), found)


@settings(max_examples=300, **EXAMPLES)
@given(namespace=st.sampled_from([*READINGS, "blob"]), data=ROWS | JSON, sandbox=JSON, whole=JSON)
@example(namespace="tag_gtzan", data=[], sandbox=[[None, None]], whole=None)
def test_a_jams_file_of_any_values(folder, namespace, data, sandbox, whole):
    raw = {
        "file_metadata": {"duration": whole, "title": whole, "artist": sandbox},
        "annotations": [{"namespace": namespace, "data": data, "sandbox": sandbox}],
        "sandbox": sandbox,
    }
    (folder / "a.jams").write_text(json.dumps(raw))
    check(folder / "a.jams")
    (folder / "a.jams").write_text(json.dumps(whole))
    check(folder / "a.jams")


@settings(max_examples=150, **EXAMPLES)
@given(data=st.data())
def test_a_jams_file_of_any_bytes(folder, data):
    annotations.write(folder / "a.jams", Jams(DURATION, WHOLE))
    seed = (folder / "a.jams").read_text()
    (folder / "a.jams").write_bytes(data.draw(changed([seed]) | st.binary(max_size=100)))
    check(folder / "a.jams")


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"annotations": [', "(", '"'])
def test_a_deeply_nested_file_is_refused(folder, opening):
    (folder / "deep.jams").write_text(opening * 100_000)
    check(folder / "deep.jams")
    (folder / "deep.json").write_text(opening * 100_000)
    findings = Findings(folder / "deep.json")
    EVERY[-1].read(findings, DURATION)
    assert findings.problems

"""Files written by `jams` in every namespace: converted as by `jams`, or unchanged."""

import gzip
import json

import jams
import numpy as np
import pytest

from deepmir import tasks
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.files.namespaces import READ, READINGS
from deepmir.tasks.base import Grid

# `jams` warns of what it saves all the same.
pytestmark = pytest.mark.filterwarnings("ignore")

# A value of each namespace, what it is read as, and the task that learns from it.
VALUES = {
    "beat": (1.0, 1, "beat"),
    "beat_position": (
        {"position": 3, "measure": 1, "num_beats": 4, "beat_units": 4}, 3, "beat",
    ),
    "onset": (None, None, "onset"),
    "chord": ("F#:min7/b3", "F#:min7/b3", "chord"),
    "chord_harte": ("Bb:maj", "Bb:maj", "chord"),
    "key_mode": ("Db:minor", "Db:minor", "key"),
    "tempo": (120, 120.0, "tempo"),
    "note_midi": (60, 60.0, "notes"),
    "note_hz": (440.0, 69.0, "notes"),
    "pitch_contour": (
        {"index": 0, "frequency": 220.0, "voiced": True},
        {"index": 0, "frequency": 220.0, "voiced": True}, "melody",
    ),
    "pitch_hz": (-220.0, {"index": 0, "frequency": 220.0, "voiced": False}, "melody"),
    "pitch_midi": (69, {"index": 0, "frequency": 440.0, "voiced": True}, "melody"),
    "pitch_class": ({"tonic": "Db", "pitch": 2}, {"tonic": "C", "pitch": 3}, "pitch_class"),
    "segment_open": ("Verse", "Verse", "structure"),
    "segment_salami_function": ("chorus", "chorus", "structure"),
    "segment_salami_upper": ("A'", "A'", "structure"),
    "segment_salami_lower": ("a", "a", "structure"),
    "segment_tut": ("Refrain", "Refrain", "structure"),
    "multi_segment": ({"label": "A", "level": 0}, "A", "structure"),
    "mood_thayer": ([0.5, -0.5], [0.5, -0.5], "mood"),
    "vector": ([0.5, 1], [0.5, 1.0], None),
    "tag_open": ("loud", "loud", "tagging"),
    "tag_gtzan": ("rock", "rock", "genre"),
    "tag_fma_genre": ("Rock", "Rock", "genre"),
    "tag_fma_subgenre": ("Ambient", "Ambient", "genre"),
    "tag_msd_tagtraum_cd1": ("jazz", "jazz", "genre"),
    "tag_msd_tagtraum_cd2": ("jazz", "jazz", "genre"),
    "tag_audioset_genre": ("Blues", "Blues", "genre"),
    "tag_medleydb_instruments": ("cello", "cello", "instrument"),
    "tag_audioset_instruments": ("Cello", "Cello", "instrument"),
    "tag_cal500": ("Emotion-Angry_/_Aggressive", "Emotion-Angry_/_Aggressive", "tagging"),
    "tag_cal10k": ("a ballad tempo", "a ballad tempo", "tagging"),
    "tag_audioset": ("Applause", "Applause", "tagging"),
}  # fmt: skip
OPEN = ("genre", "instrument", "tagging")


def saved(path, namespace, *values, strict=True, **metadata):
    """A file saved by `jams`, with values one second apart."""
    whole = jams.JAMS(file_metadata=jams.FileMetadata(duration=10.0, **metadata))
    found = jams.Annotation(namespace, time=0, duration=10.0)
    for place, value in enumerate(values):
        found.append(time=place, duration=1.0, value=value, confidence=None)
    whole.annotations.append(found)
    whole.save(str(path), strict=strict)
    return path


def test_every_namespace_of_jams_is_read_or_known_to_be_of_no_use():
    left = set(jams.schema.__NAMESPACE__) - set(READINGS)
    assert set(VALUES) == set(READINGS)
    assert left == {
        *("blob", "chord_roman", "lyrics", "lyrics_bow", "pattern_jku", "scaper", "tag_urbansound"),
    }
    assert not left & READ


@pytest.mark.parametrize("namespace", VALUES)
def test_a_namespace_is_read_as_the_annotation_of_its_task(tmp_path, namespace):
    value, wanted, task = VALUES[namespace]
    path = saved(tmp_path / "a.jams", namespace, value, strict=False)
    reading = READINGS[namespace]
    (found,) = annotations.read(path, {reading.namespace}).annotations
    assert found.namespace == reading.namespace
    assert found.observations == (Observation(0.0, 1.0, wanted, None),)
    assert found.sandbox.get("kind", "") == reading.kind
    if task is not None:
        labels = (wanted, "another") if task in OPEN else ()
        whole = Jams(10.0, (found,))
        target = tasks.get(task, labels).target(whole, Grid(0.0, 0.1, 100))
        assert np.isfinite(target).any()


# `jams` has no conversion of a hierarchy.
CONVERTED = [n for n in VALUES if READINGS[n].namespace != n and n != "multi_segment"]


@pytest.mark.parametrize("namespace", CONVERTED)
def test_values_are_those_of_jams_own_conversion(tmp_path, namespace):
    value = VALUES[namespace][0]
    path = saved(tmp_path / "a.jams", namespace, value)
    reading = READINGS[namespace]
    (theirs,) = jams.load(str(path), validate=False).annotations
    theirs = jams.nsconvert.convert(theirs, reading.namespace)
    (ours,) = annotations.read(path).annotations
    wanted = [o.value for o in theirs.data]
    assert ours.values == (pytest.approx(wanted) if namespace == "note_hz" else wanted)


def test_what_a_task_reads_comes_before_what_is_converted(tmp_path):
    path = tmp_path / "a.jams"
    spaces = ("segment_salami_lower", "tempo", "segment_salami_upper", "segment_open", "beat")
    found = (Annotation(space, (Observation(0.0, 1.0, "1"),)) for space in spaces)
    annotations.write(path, Jams(10.0, tuple(found), sandbox={"group": "g"}))
    read = annotations.read(path)
    names = [a.namespace for a in read.annotations]
    assert names == ["tempo", "segment_open", "beat", "segment_open", "segment_open"]
    assert len(annotations.read(path, {"segment_open"}).annotations) == 3


def test_of_a_hierarchy_the_coarsest_level_is_read(tmp_path):
    levels = [{"label": label, "level": level} for label, level in (("a", 1), ("A", 0), ("b", 1))]
    path = saved(tmp_path / "a.jams", "multi_segment", *levels)
    assert annotations.read(path).first("segment_open").values == ["A"]


def test_what_jams_does_not_know_it_writes_as_null_or_nan(tmp_path):
    whole = jams.JAMS()
    found = jams.Annotation("pitch_hz")
    for time, value in enumerate((np.nan, 220.0, 0.0)):
        found.append(time=time, duration=np.nan, value=value, confidence=np.nan)
    whole.annotations.append(found)
    path = tmp_path / "a.jams"
    whole.save(str(path), strict=False)
    assert json.loads(path.read_text())["file_metadata"]["duration"] is None
    read = annotations.read(path)
    assert read.duration == 0.0
    rows = read.first("pitch_contour").observations
    assert [(o.duration, o.confidence) for o in rows] == [(0.0, None)] * 3
    assert [o.value["voiced"] for o in rows] == [False, True, False]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8", "cp1252"])
def test_a_mark_at_its_beginning_is_no_part_of_a_file(tmp_path, encoding):
    path = saved(tmp_path / "a.jams", "tag_open", "laut", title="T")
    path.write_bytes(path.read_text().replace("laut", "größer").encode(encoding))
    assert annotations.read(path).first("tag_open").values == ["größer"]


def test_a_dense_annotation_with_lists_of_two_lengths_is_refused(tmp_path):
    path = saved(tmp_path / "a.jams", "pitch_hz", 220.0, 221.0)
    raw = json.loads(path.read_text())
    data = raw["annotations"][0]["data"]
    columns = {key: [row[key] for row in data] for key in data[0]} if type(data) is list else data
    raw["annotations"][0]["data"] = columns
    path.write_text(json.dumps(raw))
    assert len(annotations.read(path).first("pitch_contour").observations) == 2
    columns["value"].pop()
    path.write_text(json.dumps(raw))
    with pytest.raises(DeepmirError, match=r"a\.jams is not a readable JAMS file"):
        annotations.read(path)


@pytest.mark.parametrize(
    ("namespace", "value", "said"),
    [
        ("beat", "downbeat", "beat observation 2: 'downbeat' is not a finite number"),
        ("beat_position", 3, "has no `position`"),
        ("note_hz", 0.0, "no frequency of 0 Hz"),
        ("pitch_contour", 220.0, "220.0 has no `frequency`"),
        ("tempo", None, "None is not a finite number"),
        ("mood_thayer", [0.5], "not a pair"),
        ("pitch_class", {"tonic": "H", "pitch": 1}, "'H' is not a tonic"),
        ("chord", 5, "5 is not a chord"),
        ("tag_open", {"a": "b" * 100}, "is not a word"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_place(tmp_path, namespace, value, said):
    path = tmp_path / "a.jams"
    good = VALUES[namespace][0]
    rows = (Observation(0.0, 1.0, good), Observation(1.0, 1.0, value))
    annotations.write(path, Jams(10.0, (Annotation(namespace, rows),)))
    with pytest.raises(DeepmirError) as caught:
        annotations.read(path)
    assert f"{namespace} observation 2" in str(caught.value)
    assert said in str(caught.value)
    assert len(str(caught.value).rpartition("a.jams")[2]) < 200
    # Of no interest to a task that does not read the namespace.
    assert annotations.read(path, {"none"}).annotations == ()


def test_a_file_above_the_bound_is_refused_at_once(tmp_path):
    with (tmp_path / "huge.jams").open("wb") as file:
        file.truncate(annotations.LARGEST + 1)
    with pytest.raises(DeepmirError, match=r"huge\.jams is larger than 64 MiB"):
        annotations.read(tmp_path / "huge.jams")


def test_a_compressed_file_is_read_within_the_bound(tmp_path):
    path = saved(tmp_path / "a.jamz", "chord", "C")
    assert annotations.read(path).first("chord").values == ["C"]
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(
        DeepmirError, match=r"a\.jamz is not a readable JAMS file: it cannot be decompressed"
    ):
        annotations.read(path)
    path.write_bytes(gzip.compress(bytes(annotations.LARGEST + 1)))
    with pytest.raises(DeepmirError, match=r"a\.jamz is not .* larger than 64 MiB"):
        annotations.read(path)

import jams
import pytest

from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation

BEATS = tuple(Observation(0.5 * i, 0.0, 1 + i % 3) for i in range(6))
F0 = {"index": 0, "frequency": 440.0, "voiced": True}
TRACK = Jams(
    4.0,
    (
        Annotation("beat", BEATS, tool="a tool", sandbox={"x": 1}),
        Annotation("key_mode", (Observation(0.0, 4.0, "Db:minor", 0.75),)),
        Annotation("tempo", (Observation(0.0, 4.0, 120.0, 1.0),)),
        Annotation("pitch_contour", (Observation(0.0, 0.0, F0),)),
    ),
    title="Größe",
    artist="somebody",
    sandbox={"group": "g"},
)  # fmt: skip


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "new folder" / "track.jams"
    annotations.write(path, TRACK)
    assert annotations.read(path) == TRACK


def test_the_schema_holds_for_what_is_written(tmp_path):
    annotations.write(tmp_path / "track.jams", TRACK)
    loaded = jams.load(str(tmp_path / "track.jams"), validate=True, strict=True)
    assert [a.namespace for a in loaded.annotations] == [a.namespace for a in TRACK.annotations]
    assert [o.time for o in loaded.search(namespace="beat")[0].data] == [b.time for b in BEATS]


def test_what_the_jams_package_writes_is_read(tmp_path):
    theirs = jams.JAMS()
    theirs.file_metadata.duration = 3.0
    beats = jams.Annotation("beat", time=0, duration=3)
    beats.append(time=1.0, duration=0.0, value=1, confidence=None)
    theirs.annotations.append(beats)
    theirs.save(str(tmp_path / "theirs.jams"))
    read = annotations.read(tmp_path / "theirs.jams")
    assert read.first("beat").observations == (Observation(1.0, 0.0, 1, None),)
    assert read.first("tempo") is None


@pytest.mark.parametrize("time", [-0.1, float("nan"), float("inf")])
def test_a_time_that_cannot_be_is_refused(time):
    with pytest.raises(ValueError, match="finite and not negative"):
        Observation(time)


@pytest.mark.parametrize("text", ["", "{}", "no json", '{"file_metadata": {"duration": 1}}'])
def test_a_broken_file_is_refused_by_name(tmp_path, text):
    path = tmp_path / "broken.jams"
    path.write_text(text)
    with pytest.raises(DeepmirError, match="broken.jams is not a readable JAMS file"):
        annotations.read(path)


def test_a_negative_time_in_a_file_is_refused_by_name(tmp_path):
    path = tmp_path / "track.jams"
    annotations.write(path, TRACK)
    path.write_text(path.read_text().replace('"time": 0.5', '"time": -0.5'))
    with pytest.raises(DeepmirError, match="track.jams.*-0.5"):
        annotations.read(path)

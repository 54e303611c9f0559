import unicodedata
from pathlib import Path

import jams
import planted
import pytest

from deepmir import paths
from deepmir.datasets import base, splits
from deepmir.datasets.folder import check, conventions
from deepmir.datasets.folder.dataset import Folder
from deepmir.datasets.folder.files import scan
from deepmir.datasets.index import Member
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation

DECLARED = Folder(source="folder", path=Path("mine"), shards=1)


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine").mkdir()
    return Path("mine")


def recording(name):
    planted.save(Path("mine") / name, planted.piece(1, seconds=4.0))


def index():
    found = base.make_shard("set", DECLARED, 0, workers=1)
    return {t.id: t for t in found.tracks}, {f.track: f.reason for f in found.failures}


def beats(*times):
    return Annotation("beat", tuple(Observation(time) for time in times))


def test_a_folder_of_every_kind_becomes_valid_jams(mine):
    planted.clean(mine)
    tracks, failures = index()
    assert failures == {}
    assert list(tracks) == ["album--01 one", "album--02 two", "four", "three"]
    for track in tracks.values():
        jams.load(track.annotations, validate=True, strict=True)
    spaces = {}
    for name, track in tracks.items():
        found = annotations.read(Path(track.annotations)).annotations
        spaces[name] = {(a.namespace, a.sandbox.get("kind")) for a in found}
    whole = {("tag_open", "tags"), ("tag_open", "genre")}
    assert spaces["album--01 one"] == whole | {
        *(("beat", None), ("chord", None), ("segment_open", None), ("key_mode", None)),
        *(("mood_thayer", None), ("tag_open", "instrument")),
    }
    assert spaces["three"] == whole | {
        *(("onset", None), ("pitch_contour", None), ("tempo", None), ("tag_open", "voice")),
    }
    assert tracks["three"].annotations == str(paths.raw("set") / "annotations" / "three.jams")
    one = annotations.read(Path(tracks["album--01 one"].annotations))
    assert one.artist == "Zoë"
    assert one.first("mood_thayer").values == [[0.5, -0.5]]
    three = annotations.read(Path(tracks["three"].annotations))
    assert three.first("tag_open", "tags").values == ["fast"]
    assert [o.value for o in three.first("tag_open", "voice").observations] == ["voice"]


def test_written_annotations_are_the_same_bytes_again(mine):
    planted.clean(mine)
    first = {t.id: t.annotations_sha256 for t in index()[0].values()}
    assert {t.id: t.annotations_sha256 for t in index()[0].values()} == first


def test_the_group_is_the_metadatas_then_the_jams_files_then_the_artist_then_the_file(mine):
    for name in ("a", "b", "c", "d", "e"):
        recording(f"{name}.wav")
        sandbox = {"group": f"jams {name}"} if name in "ab" else {}
        artist = f"artist {name}" if name in "abc" else ""
        found = Jams(4.0, (beats(1.0),), artist=artist, sandbox=sandbox)
        annotations.write(mine / f"{name}.jams", found)
    text = "file,group,artist,part\na.wav,table a,,test\nd.wav,,table d,train\n"
    (mine / "metadata.csv").write_text(text)
    wanted = [Member("table a", "", "test"), Member("jams b", ""), Member("artist c", "")]
    wanted += [Member("table d", "", "train"), Member("e", "")]
    assert DECLARED.members() == wanted
    tracks, _ = index()
    assert [t.group for t in tracks.values()] == [member.group for member in wanted]
    # Nothing is to be added, so the JAMS files are read where they are.
    assert {t.annotations for t in tracks.values()} == {f"mine/{n}.jams" for n in "abcde"}


def test_a_part_of_the_metadata_is_an_official_one(mine):
    for name in ("a", "b"):
        recording(f"{name}.wav")
        (mine / f"{name}.key").write_text("C")
    (mine / "metadata.csv").write_text("file,part\na,test\nb,train\n")
    parts = splits.make(DECLARED.members(), 1)
    assert parts["a"] == "test"
    assert parts["b"] in ("train", "validation")


def test_what_the_jams_file_says_holds_and_other_kinds_are_added(mine):
    recording("a.wav")
    annotations.write(mine / "a.jams", Jams(4.0, (beats(1.0, 2.0),), title="A"))
    (mine / "a.beats").write_text("3.0\n")
    (mine / "a.key").write_text("A minor")
    (mine / "metadata.csv").write_text("file,key,bpm\na,C,100\n")
    track = index()[0]["a"]
    found = annotations.read(Path(track.annotations))
    assert track.annotations != str(mine / "a.jams")
    assert found.title == "A"
    assert found.first("beat").times.tolist() == [1.0, 2.0]
    assert found.first("key_mode").values == ["A:minor"]
    assert found.first("tempo").values == [100]
    assert [a.namespace for a in found.annotations] == ["beat", "key_mode", "tempo"]


def test_an_error_in_a_file_is_the_failure_of_its_track_with_the_line(mine):
    for name in ("good", "bad", "bare", "row"):
        recording(f"{name}.wav")
    (mine / "good.beats").write_text("1.0\n2.0\n")
    (mine / "bad.beats").write_text("1.0\n2.0\nthree\nfour\n")
    (mine / "row.key").write_text("C")
    (mine / "metadata.csv").write_text("file,bpm\nrow,fast\n")
    tracks, failures = index()
    assert list(tracks) == ["good"]
    assert failures["bad"].startswith("mine/bad.beats:3: time is 'three'")
    assert failures["row"].startswith("mine/metadata.csv:2: bpm is 'fast'")
    assert "bare.jams is missing beside it" in failures["bare"]


def test_a_warning_keeps_nothing_out(mine):
    recording("a.wav")
    (mine / "a.lab").write_text("0 1 Cmajor\n2 3 G\n")
    found = annotations.read(Path(index()[0]["a"].annotations))
    assert found.first("chord").values == ["Cmajor", "G"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,artist\na,Ann,x\n", r"metadata.csv:2: 3 columns, the header has 2"),
        ("name,artist\na,Ann\n", r"metadata.csv:1: the header must name .*`file`"),
        ("file,part\na,tset\n", r"metadata.csv:2: part is 'tset'"),
    ],
)
def test_no_split_is_made_by_a_table_that_cannot_be_read(mine, text, said):
    recording("a.wav")
    (mine / "a.key").write_text("C")
    (mine / "metadata.csv").write_text(text)
    with pytest.raises(DeepmirError, match=said):
        DECLARED.members()


@pytest.mark.parametrize("name", ["a.wav", "a.beats", "a.jams", "sub/tags.csv", "metadata.csv"])
def test_every_file_that_is_read_changes_the_state(mine, name):
    for each in ("a.wav", "sub/b.wav"):
        recording(each)
    annotations.write(mine / "a.jams", Jams(4.0, ()))
    (mine / "a.beats").write_text("1.0\n")
    (mine / "sub/tags.csv").write_text("file,tag\nb,x\n")
    (mine / "metadata.csv").write_text("file,artist\na,Ann\n")
    before = DECLARED.state()
    assert DECLARED.state() == before
    with (mine / name).open("a") as file:
        file.write("\n")
    assert DECLARED.state() != before


def test_what_two_files_have_is_used_once_and_told_of(mine):
    recording("a.wav")
    (mine / "a.lab").write_text("0 4 C\n")
    (mine / "a.onsets").write_text("1.0\n")
    (mine / "a.notes").write_text("2 3 60\n")
    (mine / "a.TextGrid").write_text(
        '"ooTextFile" "TextGrid" 0 4 <exists> 1 "IntervalTier" "chords" 0 4 1 0 4 "G"'
    )
    found = annotations.read(Path(index()[0]["a"].annotations))
    assert found.first("chord").values == ["C"]
    assert found.first("onset").times.tolist() == [1.0]
    (warning,) = check.check(scan(mine))[1]
    assert warning.text == "its chord annotations are not used: another file already has some"


def test_an_ending_that_is_misspelt_is_told(mine):
    recording("a.wav")
    for name in ("a.beat", "a.chords", "a.txt", "b.beat"):
        (mine / name).write_text("0 4 C\n")
    (told,) = [p for p in check.check(scan(mine))[1] if p.path.name != "a.chords"]
    assert told.shown(told.path) == f"{mine / 'a.beat'}: not read (did you mean '.beats'?)"


def test_an_analysis_does_not_replace_what_people_wrote(mine):
    recording("a.wav")
    (mine / "a.lab").write_text("0 4 C\n")
    (mine / "metadata.csv").write_text("file,key\na.wav,C major\n")
    said = [Annotation("chord", (Observation(0.0, 4.0, "G"),)), beats(1.0, 2.0)]
    said.append(Annotation("key_mode", (Observation(0.0, 4.0, "G:major"),)))
    for sandbox, chord, key in (({"deepmir": {}}, "C", "C:major"), ({}, "G", "G:major")):
        annotations.write(mine / "a.jams", Jams(4.0, tuple(said), sandbox=sandbox))
        found = annotations.read(Path(index()[0]["a"].annotations))
        assert found.first("chord").values == [chord]
        assert found.first("key_mode").values == [key]
        assert found.first("beat").times.tolist() == [1.0, 2.0]
    annotations.write(mine / "a.jams", Jams(4.0, tuple(said), sandbox={"deepmir": {}}))
    told = {problem.text for problem in check.check(scan(mine))[1]}
    assert "its chord annotations are not used: another file already has some" in told


@pytest.mark.filterwarnings("ignore")
def test_a_jams_file_that_is_not_complete_is_completed_and_what_is_not_read_is_told(mine):
    recording("a.wav")
    whole = jams.JAMS()
    for namespace, value in (("chord_harte", "C:min"), ("lyrics", "la")):
        found = jams.Annotation(namespace)
        found.append(time=0.0, duration=4.0, value=value, confidence=None)
        whole.annotations.append(found)
    whole.save(str(mine / "a.jams"), strict=False)
    track = index()[0]["a"]
    found = annotations.read(Path(track.annotations))
    assert (found.duration, found.first("chord").values) == (4.0, ["C:min"])
    (warning,) = check.check(scan(mine))[1]
    assert warning.shown(Path("a.jams")) == (
        "a.jams: no task reads its lyrics annotations: they are not used"
    )


@pytest.mark.parametrize(("stored", "typed"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_names_are_the_same_composed_and_decomposed(mine, stored, typed):
    def names(form):
        return (unicodedata.normalize(form, text) for text in ("Größe/Zoë", "Ünder"))

    recording(next(names(stored)) + ".wav")
    folder, group = mine / next(names(stored)).rpartition("/")[0], [*names(typed)][1]
    (folder / unicodedata.normalize(typed, "Zoë.beats")).write_text("1.0\n2.0\n")
    (mine / "metadata.csv").write_text(f"file,key,group\n{next(names(typed))}.wav,C,{group}\n")
    tracks, failures = index()
    assert failures == {}
    (track,) = tracks.values()
    assert (track.id, track.group) == ("Größe--Zoë", "Ünder")
    found = annotations.read(Path(track.annotations))
    assert [a.namespace for a in found.annotations] == ["beat", "key_mode"]
    # The split file too, and the folder of the declaration.
    paths.split("set").parent.mkdir(parents=True)
    paths.split("set").write_text(f"group,part\n{[*names(stored)][1]},test\n")
    assert splits.divide([track], splits.read(paths.split("set")), "").test == (track,)
    folder = Folder(source="folder", path=mine / unicodedata.normalize(typed, "Größe"), shards=1)
    assert len(folder.recordings()) == 1


def test_of_two_names_that_look_the_same_one_is_refused(mine):
    recording("Zoë.wav")
    for form in ("NFC", "NFD"):
        (mine / unicodedata.normalize(form, "Zoë.key")).write_text("C")
    with pytest.raises(DeepmirError, match=r"its name looks the same as .*: keep one"):
        DECLARED.recordings()
    (mine / unicodedata.normalize("NFD", "Zoë.key")).unlink()
    recording(unicodedata.normalize("NFD", "Zoë.wav"))
    with pytest.raises(DeepmirError, match="would both be the track"):
        DECLARED.recordings()


def test_recordings_in_linked_folders_belong_to_it(mine):
    recording("../elsewhere/b.wav")
    Path("elsewhere/b.key").write_text("C")
    (mine / "linked").symlink_to(Path("elsewhere").absolute())
    (mine / "linked" / "loop").symlink_to(mine.absolute())
    assert list(index()[0]) == ["linked--b"]


def test_the_docs_have_the_table_of_the_conventions():
    text = (Path(__file__).parents[3] / "docs/how-to/own-folder.md").read_text("utf-8")
    assert conventions.table() in text

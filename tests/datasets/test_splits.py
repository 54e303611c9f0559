import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepmir.datasets import folds, splits
from deepmir.datasets.index import Member, Track
from deepmir.errors import DeepmirError

NAMES = st.text("abcdef", min_size=1, max_size=4)
GROUPS = st.dictionaries(NAMES, st.sampled_from("xyz"), min_size=1, max_size=80)


def track(name, group, stratum=""):
    return Track(name, group, stratum, f"{name}.flac", f"{name}.jams", name, "", "CC0")


@given(GROUPS, st.integers(0, 5))
def test_every_group_has_one_part_whatever_the_order(groups, seed):
    members = [Member(group, stratum) for group, stratum in groups.items()]
    parts = splits.make(members, seed)
    assert set(parts) == set(groups)
    assert splits.make(reversed(members), seed) == parts


def test_shares_hold_in_all_and_in_every_stratum():
    members = [Member(f"g{i}", "major" if i % 3 else "minor") for i in range(600)]
    parts = splits.make(members, 0)
    for stratum in ("major", "minor"):
        mine = [parts[member.group] for member in members if member.stratum == stratum]
        for part, share in splits.SHARES.items():
            assert mine.count(part) / len(mine) == pytest.approx(share, abs=0.01)


def test_the_seed_decides_who_is_where():
    members = [Member(f"g{i}", "") for i in range(100)]
    assert splits.make(members, 0) == splits.make(members, 0) != splits.make(members, 1)


def test_splits_that_were_dealt_before_are_dealt_the_same_today():
    parts = splits.make([Member(f"g{i}", "ab"[i % 2]) for i in range(8)], 0)
    assert {g for g, part in parts.items() if part == "validation"} == {"g6"}
    assert {g for g, part in parts.items() if part == "test"} == {"g0", "g3"}


OFFICIAL = st.dictionaries(NAMES, st.sampled_from(splits.PARTS), max_size=40)


@given(OFFICIAL, GROUPS, st.integers(0, 5))
def test_official_parts_hold_and_validation_comes_out_of_training_alone(said, others, seed):
    members = [Member(group, group[0], part) for group, part in said.items()]
    members += [Member(group, stratum) for group, stratum in others.items() if group not in said]
    parts = splits.make(members, seed)
    assert set(parts) == {*said, *others}
    for group, part in said.items():
        dealt = part == "train" and "validation" not in said.values()
        assert parts[group] in (("train", "validation") if dealt else (part,))
    assert splits.make(reversed(members), seed) == parts


def test_validation_is_a_fifth_of_the_authors_training_groups_in_every_stratum():
    members = [Member(f"g{i}", "xy"[i % 4 == 0], "train") for i in range(200)]
    members += [Member(f"t{i}", "x", "test") for i in range(60)]
    parts = splits.make(members, 0)
    for stratum, share in (("x", 150), ("y", 50)):
        mine = [m.group for m in members if m.part == "train" and m.stratum == stratum]
        held_out = [group for group in mine if parts[group] == "validation"]
        assert len(held_out) == pytest.approx(share / 5, abs=1)
    assert all(parts[f"t{i}"] == "test" for i in range(60))


def test_a_data_set_that_is_all_test_stays_so():
    members = [Member(f"g{i}", "", "test") for i in range(5)]
    assert set(splits.make(members, 0).values()) == {"test"}


def test_a_track_that_the_authors_do_not_speak_of_is_with_its_group():
    assert splits.make([Member("a", ""), Member("a", "", "test")], 0) == {"a": "test"}


def test_two_official_parts_of_one_group_are_a_leak():
    members = [Member("b", "", "test"), Member("a", "", "train"), Member("a", "", "test")]
    with pytest.raises(DeepmirError, match="leak: .* group 'a' in test and in train"):
        splits.make(members, 0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/splits").mkdir(parents=True)
    return tmp_path / "data/splits"


def test_dealing_says_what_the_authors_give_and_what_they_do_not(folder):
    members = [Member(f"g{i}", "", "train" if i % 2 else "test") for i in range(20)]
    told = splits.deal("set", members, seed=0)
    assert "8 train, 2 validation, 10 test groups, 20 of them new" in told
    assert "authors define the part of 20 groups" in told
    assert "no validation part: it was taken from their training groups" in told
    assert "0 of them new" in splits.deal("set", members, seed=1)
    plain = splits.deal("plain", [Member(f"g{i}", "") for i in range(20)], seed=0)
    assert "authors" not in plain


def test_groups_without_a_track_are_counted(folder):
    splits.write(folder / "set.csv", {"a": "train", "gone": "test", "left": "test"})
    folds.write(folder / "set-3-folds.csv", {"a": 0, "gone": 1})
    members = [Member(name, "") for name in "abcd"]
    assert "2 groups of the file have no track, such as gone" in splits.deal("set", members, seed=0)
    assert "1 groups of the file have no track" in folds.deal("set", members, 3, seed=0)
    assert "no track" not in splits.deal("other", members, seed=0)


def test_a_file_that_is_not_what_the_authors_say_is_refused(folder):
    splits.write(folder / "set.csv", {"a": "train", "b": "test"})
    members = [Member("a", "", "test"), Member("b", "", "test")]
    with pytest.raises(
        DeepmirError, match=r"set.csv has the group 'a' in train, .* authors put it in test"
    ):
        splits.deal("set", members, seed=0)


def test_a_file_is_read_as_it_was_written(tmp_path):
    parts = splits.make([Member(f"group, {i}", "") for i in range(9)], 0)
    splits.write(tmp_path / "set.csv", parts)
    assert splits.read(tmp_path / "set.csv") == parts


def read(tmp_path, text):
    (tmp_path / "set.csv").write_text(text)
    return splits.read(tmp_path / "set.csv")


def test_a_group_in_two_parts_is_a_leak(tmp_path):
    with pytest.raises(
        DeepmirError, match=r"set.csv, line 4: leak, a is in the part train and in test"
    ):
        read(tmp_path, "group,part\na,train\nb,test\na,test\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the header"),
        ("track,split\n", "line 1: the header"),
        ("group,part\na,dev\n", "line 2: expected a group and one of train, validation, test"),
        ("group,part\na\n", "line 2"),
    ],
)
def test_a_malformed_file_is_refused_with_its_line(tmp_path, text, said):
    with pytest.raises(DeepmirError, match=said):
        read(tmp_path, text)


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(DeepmirError, match="deepmir split set"):
        splits.read(tmp_path / "set.csv")


def test_tracks_follow_their_groups():
    tracks = [track("a1", "a"), track("a2", "a"), track("b1", "b"), track("c1", "c")]
    divided = splits.divide(tracks, {"a": "train", "b": "validation", "c": "test"}, "")
    parts = (divided.train, divided.validation, divided.test)
    assert [[t.id for t in part] for part in parts] == [["a1", "a2"], ["b1"], ["c1"]]


def test_a_missing_track_moves_no_other():
    parts = {"a": "train", "b": "validation", "c": "test"}
    tracks = [track(f"{g}{i}", g) for g in "abc" for i in range(3)]
    whole, fewer = splits.divide(tracks, parts, ""), splits.divide(tracks[1:], parts, "")
    assert fewer.test == whole.test
    assert fewer.train == whole.train[1:]


def test_a_group_without_a_part_is_named():
    with pytest.raises(DeepmirError, match="no part for the group 'b' of the track b1"):
        splits.divide([track("b1", "b")], {"a": "train"}, "deepmir split x")

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepmir.datasets import Track, splits
from deepmir.errors import DeepmirError

NAMES = st.text("abcdef", min_size=1, max_size=4)
GROUPS = st.dictionaries(NAMES, st.sampled_from("xyz"), min_size=1, max_size=80)


def track(name, group, sha="", stratum=""):
    return Track(name, group, stratum, f"{name}.flac", f"{name}.jams", sha or name, "", "CC0")


@given(GROUPS, st.integers(0, 5))
def test_every_group_has_one_part_whatever_the_order(groups, seed):
    parts = splits.make(groups.items(), seed)
    assert set(parts) == set(groups)
    assert splits.make(reversed(groups.items()), seed) == parts


def test_shares_hold_in_all_and_in_every_stratum():
    groups = [(f"g{i}", "major" if i % 3 else "minor") for i in range(600)]
    parts = splits.make(groups, 0)
    for stratum in ("major", "minor"):
        mine = [parts[group] for group, of in groups if of == stratum]
        for part, share in splits.SHARES.items():
            assert mine.count(part) / len(mine) == pytest.approx(share, abs=0.01)


def test_the_seed_decides_who_is_where():
    groups = [(f"g{i}", "") for i in range(100)]
    assert splits.make(groups, 0) == splits.make(groups, 0) != splits.make(groups, 1)


def test_a_file_is_read_as_it_was_written(tmp_path):
    parts = splits.make([(f"group, {i}", "") for i in range(9)], 0)
    splits.write(tmp_path / "set.csv", parts)
    assert splits.read(tmp_path / "set.csv") == parts


def read(tmp_path, text):
    (tmp_path / "set.csv").write_text(text)
    return splits.read(tmp_path / "set.csv")


def test_a_group_in_two_parts_is_a_leak(tmp_path):
    with pytest.raises(DeepmirError, match=r"set.csv, line 4: leak, a is in train and in test"):
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
    divided = splits.divide(tracks, {"a": "train", "b": "validation", "c": "test"})
    parts = (divided.train, divided.validation, divided.test)
    assert [[t.id for t in part] for part in parts] == [["a1", "a2"], ["b1"], ["c1"]]


def test_a_missing_track_moves_no_other():
    parts = {"a": "train", "b": "validation", "c": "test"}
    tracks = [track(f"{g}{i}", g) for g in "abc" for i in range(3)]
    whole, fewer = splits.divide(tracks, parts), splits.divide(tracks[1:], parts)
    assert fewer.test == whole.test
    assert fewer.train == whole.train[1:]


def test_the_same_audio_in_two_parts_is_a_leak():
    tracks = [track("a1", "a", sha="same"), track("b1", "b", sha="same")]
    with pytest.raises(DeepmirError, match=r"leak: b1 \(test\) and a1 \(train\) are the same"):
        splits.divide(tracks, {"a": "train", "b": "test"})


def test_a_group_without_a_part_is_named():
    with pytest.raises(DeepmirError, match="no part for the group 'b' of the track b1"):
        splits.divide([track("b1", "b")], {"a": "train"})

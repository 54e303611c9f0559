import re

import pytest
import soundfile

import tiny
from deepmir.errors import DeepmirError
from deepmir.inspection import page
from deepmir.models import model
from deepmir.representations import Audio, Cqt, Log, Mel, Mfcc, Stack

CASES = {
    "c2": ("key", "c2(4,3x3,bn) - p2(2x2) - c2(4,3x3) - d1(8) - d1", Cqt(hop=4410, bins=60)),
    "r1": ("beat", "c2(4,3x3) - p1(2) - r1(6) - d1", Mel(hop=441, conditioning=(Log(),))),
    "raw": ("key", "c1(5,2) - p1(4) - r2(6) - d1", Audio(hop=441)),
    "groups": ("key", "[c2(4,3x3) | c2(4,5x1)] - res[c2(8,3x3)] - p2(global) - d1", Cqt(hop=4410)),
    "mfcc": ("key", "c1(8,3) - d1", Mfcc()),
    "stack": ("key", "c2(4,3x3) - d1", Stack(members=(Mel(), Mel(window=1024)))),
    "ensemble": ("key", "c2(4,3x3) - d1", Stack(members=(Mel(), Mel(window=1024)))),
    "transformer": ("beat", "d1(16) - t1 - d1", Mel(hop=441)),
}


@pytest.fixture
def song(tmp_path, tone):
    path = tmp_path / "song & dance.wav"
    soundfile.write(path, tone, 22050)
    return path


def trained(folder, case):
    task, notation, representation = CASES[case]
    network, card = tiny.untrained(notation, representation, task, ensemble=case == "ensemble")
    model.save(folder, network.state_dict(), card)
    return folder


@pytest.mark.parametrize("case", CASES)
def test_every_kind_of_network_gets_its_page(tmp_path, song, case):
    out = tmp_path / "page.html"
    page.write(trained(tmp_path / "model", case), song, out, seconds=2)
    text = out.read_text()
    assert "song &amp; dance.wav" in text
    assert "://" not in re.sub(r'"data:[^"]*"', "", text)
    players = text.count("<audio")
    if case == "mfcc":
        assert players == 1
        assert "cannot be heard" in text
    elif case == "transformer":
        assert "recurrent layers and attention have no transposed kernels" in text
    else:
        assert players > 1
    assert ("The kernels of layer 1" in text) is (case == "raw")
    assert ("the first network of an ensemble" in text) is (case == "ensemble")


def test_one_layer_and_one_feature_can_be_asked_for(tmp_path, song):
    folder, out = trained(tmp_path / "model", "c2"), tmp_path / "page.html"
    page.write(folder, song, out, layer=3, feature=2)
    text = out.read_text()
    assert text.count("<audio") == 2
    assert "Feature 2" in text
    with pytest.raises(DeepmirError, match="there is no layer 99"):
        page.write(folder, song, out, layer=99)


def test_what_cannot_be_read_is_named(tmp_path, song):
    folder, out = trained(tmp_path / "model", "c2"), tmp_path / "page.html"
    with pytest.raises(DeepmirError, match=r"nowhere/card.json is missing"):
        page.write(tmp_path / "nowhere", song, out)
    with pytest.raises(DeepmirError, match=r"none.wav: the file is missing"):
        page.write(folder, tmp_path / "none.wav", out)
    with pytest.raises(DeepmirError, match="it ends at 3.00 s, before 60 s"):
        page.write(folder, song, out, start=60)
    assert not out.exists()

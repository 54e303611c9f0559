"""Models that are edited, damaged, or inconsistent with their card."""

import hashlib
import json
import os
import random
import resource
import struct

import pytest

from deepmir import networks, tasks
from deepmir.errors import DeepmirError
from deepmir.models import model
from deepmir.models.card import NetworkCard
from deepmir.representations import Mel

# What the weights do not depend on: another value of these is another card, and no broken one.
FREE = {"name", "training", "decoder", "representation", "excerpt_frames", "network"}


@pytest.fixture
def folder(tmp_path):
    """A small model whose card has every kind of entry."""
    task, mel = tasks.get("beat"), Mel(bins=20, window=1024)
    card = NetworkCard(
        name="x",
        task="beat",
        labels=task.output.labels,
        activation=task.output.activation,
        network="c2(4,3x3) - r1(4) - d1",
        representation=mel,
        excerpt_frames=100,
        decoder={"observation_lambda": 16},
        training={"seed": 1},
    )
    made = model.build(card.network, mel, task.output, varying=True)
    model.save(tmp_path, made.state_dict(), card)
    return tmp_path


def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kB


def test_every_byte_of_a_card_that_is_changed(folder):
    """Refused in a line that names the file, or a card of the same network, without much memory."""
    rng, path = random.Random(0), folder / "card.json"
    data = path.read_bytes()
    good = model.load(folder)[1]
    before = memory()
    for place in range(len(data)):
        for byte in {rng.choice(b"0123456789eE.-"), rng.randrange(256), data[place] ^ 1}:
            path.write_bytes(data[:place] + bytes([byte]) + data[place + 1 :])
            try:
                found = model.load(folder)[1]
            except DeepmirError as error:
                assert str(folder) in str(error)
                assert "\n" not in str(error)
                continue
            same = found.model_dump(exclude=FREE) == good.model_dump(exclude=FREE)
            assert same or found.auxiliary, (place, byte)
            assert networks.parse(found.network) == networks.parse(good.network)
    assert memory() - before < 100_000


HUGE = (10**9, 2**34, 10**30, 1e300, 1e-300, 0, -1, None, [], {}, "x", True, [[0]], "0" * 900)


def leaves(value, at=()):
    """The paths of all values inside a value."""
    inside = value.items() if isinstance(value, dict) else ()
    yield at
    for key, each in inside:
        yield from leaves(each, (*at, key))


def put(value, at, new):
    """A value with one part replaced."""
    return {**value, at[0]: put(value[at[0]], at[1:], new)} if at else new


def test_values_of_a_card_that_cannot_be(folder):
    path = folder / "card.json"
    good = json.loads(path.read_text())
    before, refused = memory(), 0
    for at in leaves(good):
        for new in HUGE:
            path.write_text(json.dumps(put(good, at, new)))
            try:
                model.load(folder)
            except DeepmirError as error:
                assert str(path) in str(error) or "weights" in str(error)
                refused += 1
            else:
                assert at[0] in FREE - {"network"} or not new, (at, new)
    assert refused > 200
    assert memory() - before < 100_000


@pytest.mark.parametrize(
    ("key", "value"), [("activation", "softmax"), ("labels", []), ("labels", ["beat"])]
)
def test_a_card_that_says_other_than_its_task_is_refused(folder, key, value):
    path = folder / "card.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(
        DeepmirError, match=rf"card\.json: its key {key} does not match the task beat"
    ):
        model.load(folder)


def test_weights_whose_header_lies(folder):
    """With a corrected hash in the card: the shapes remain to be checked."""
    path, card = folder / model.WEIGHTS, folder / "card.json"
    data, said = path.read_bytes(), json.loads(card.read_text())
    end = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:end])
    name = max(header, key=lambda one: header[one].get("data_offsets", [0, 0])[1])

    def written(changes):
        text = json.dumps({**header, name: {**header[name], **changes}}).encode()
        return struct.pack("<Q", len(text)) + text + data[end:]

    lies = [written({"shape": shape}) for shape in ([10**12], [2**62, 4], [0], [-1], [1e9], [])]
    lies += [written({"data_offsets": offsets}) for offsets in ([0, 10**15], [5, 2], [-1, 3])]
    lies += [written({"dtype": "XX"}), b"", struct.pack("<Q", 2**63) + data[8:]]
    lies += [struct.pack("<Q", 10**6) + b"[" * 10**6]
    before = memory()
    for lie in lies:
        path.write_bytes(lie)
        card.write_text(json.dumps({**said, "weights_sha256": hashlib.sha256(lie).hexdigest()}))
        with pytest.raises(DeepmirError, match=r"model\.safetensors"):
            model.load(folder)
    assert memory() - before < 100_000


def test_a_file_that_is_too_large_is_not_hashed(folder):
    with (folder / model.WEIGHTS).open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(DeepmirError, match=r"model\.safetensors is too large"):
        model.load(folder)


@pytest.mark.parametrize("name", ["card.json", "model.safetensors"])
@pytest.mark.parametrize("kind", ["pipe", "zeros", "folder", "circle", "nothing"])
def test_what_is_no_file_is_not_read(folder, name, kind):
    path = folder / name
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    if kind == "folder":
        path.mkdir()
    if kind in ("zeros", "circle"):
        path.symlink_to({"zeros": "/dev/zero", "circle": path}[kind])
    wanted = {"circle": "cannot be read", "nothing": "is missing"}.get(kind, "is not a file")
    with pytest.raises(DeepmirError, match=rf"{name} {wanted}"):
        model.load(folder)


def test_weights_of_a_baseline_are_those_of_its_card(folder):
    assert model.read_weights(folder)
    path = folder / model.WEIGHTS
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(DeepmirError, match=r"model\.safetensors: the weights do not match"):
        model.read_weights(folder)

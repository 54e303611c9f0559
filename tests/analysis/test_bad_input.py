"""Every bad input gets one clear line and an exit status, and the other recordings are analysed."""

import json
import os
import pickle
import struct

import numpy as np
import pytest
import soundfile
import untrained

from deepmir import cli
from deepmir.files import annotations

RATE = untrained.RATE


@pytest.fixture
def here(here):
    untrained.write(here / "good.wav", untrained.pulses(2.0))
    return here


def not_audio(path):
    path.write_text("these are words\n" * 100)


def empty(path):
    path.touch()


def truncated(path):
    untrained.write(path, untrained.pulses(3.0))
    path.write_bytes(path.read_bytes()[:50_000])


def truncated_flac(path):
    untrained.write(path, untrained.pulses(3.0), format="FLAC")
    path.write_bytes(path.read_bytes()[:30_000])


def truncated_mp3(path):
    untrained.write(path, untrained.pulses(20.0), format="MP3")
    path.write_bytes(path.read_bytes()[:30_000])


def truncated_ogg(path):
    untrained.write(path, untrained.pulses(20.0), format="OGG")
    path.write_bytes(path.read_bytes()[:60_000])


def no_samples(path):
    untrained.write(path, np.zeros(0, np.float32))


def silence(path):
    untrained.write(path, np.zeros(5 * RATE, np.float32))


def not_finite(path):
    samples = untrained.pulses(3.0)
    samples[RATE] = np.nan
    untrained.write(path, samples, subtype="FLOAT")


def infinite(path):
    samples = untrained.pulses(3.0)
    samples[-1] = np.inf
    untrained.write(path, samples, subtype="FLOAT")


def a_header_alone(path):
    path.write_bytes(b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + bytes(20))


BAD = [
    (not_audio, "not readable as audio"),
    (empty, "the file is empty"),
    (truncated, "truncated"),
    (truncated_flac, "truncated"),
    (truncated_mp3, "truncated"),
    (truncated_ogg, "truncated"),
    (no_samples, "no samples"),
    (silence, "silent"),
    (not_finite, "not finite"),
    (infinite, "not finite"),
    (a_header_alone, "no data chunk"),
]


@pytest.mark.parametrize(("make", "message"), BAD, ids=lambda x: getattr(x, "__name__", ""))
def test_a_recording_that_cannot_be_used(here, folder, capfd, make, message):
    make(here / "bad.wav")
    assert cli.main(["analyze", "bad.wav", "good.wav", "--models", str(folder)]) == 1
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("deepmir: bad.wav: ") and message in lines[0]
    assert lines[1] == "deepmir: 1 of 2 recordings failed: bad.wav"
    assert (here / "good.jams").exists() and not (here / "bad.jams").exists()


@pytest.mark.parametrize(("make", "message"), BAD, ids=lambda x: getattr(x, "__name__", ""))
def test_alone_it_gets_one_line(here, folder, capfd, make, message):
    make(here / "bad.wav")
    assert cli.main(["analyze", "bad.wav", "--models", str(folder)]) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("deepmir: bad.wav: ") and message in line


def test_no_permission(here, folder, capfd):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    untrained.write(here / "bad.wav", untrained.pulses(2.0)).chmod(0)
    assert cli.main(["analyze", "bad.wav", "--models", str(folder)]) == 1
    assert capfd.readouterr().err == "deepmir: bad.wav: no permission to read it\n"


def test_no_permission_whoever_runs_this(here, folder, capfd, monkeypatch):
    from deepmir.files import containers

    def forbidden(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(containers, "parts", forbidden)
    assert cli.main(["analyze", "good.wav", "--models", str(folder)]) == 1
    assert capfd.readouterr().err == "deepmir: good.wav: no permission to read it\n"


@pytest.mark.parametrize(
    ("rate", "channels"), [(8000, 1), (192_000, 8), (11025, 2), (44100, 1)], ids=str
)
def test_any_rate_and_any_channels_work(here, folder, capfd, rate, channels):
    samples = np.repeat(untrained.pulses(3.0, rate)[:, None], channels, axis=1)
    untrained.write(here / "a.wav", samples, rate)
    assert cli.main(["analyze", "a.wav", "--models", str(folder)]) == 0
    assert capfd.readouterr().err == ""
    jams = annotations.read(here / "a.jams")
    assert jams.duration == pytest.approx(3.0)
    assert len(jams.annotations) == len(untrained.NETWORKS)


def test_two_seconds_work_and_less_says_for_which_task_it_is_too_short(here, folder, capfd):
    untrained.write(here / "a.wav", untrained.pulses(2.0))
    assert cli.main(["analyze", "a.wav", "--models", str(folder)]) == 0
    assert capfd.readouterr().err == ""
    untrained.write(here / "b.wav", untrained.pulses(0.9))
    assert cli.main(["analyze", "b.wav", "--models", str(folder)]) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert "b.wav: " in line and "key: " in line and "too short" in line
    assert (here / "b.jams").exists()


@pytest.mark.parametrize("name", ["two words.wav", "li\nne.wav", "Größe 音楽.wav", "-dash.wav"])
def test_odd_names_work(here, folder, capfd, name):
    untrained.write(here / name, untrained.pulses(2.0))
    arguments = ["analyze", "--models", str(folder), "--tasks", "onset"]
    assert cli.main([*arguments, f"./{name}"]) == 0
    assert (here / f"{name.removesuffix('.wav')}.jams").exists()
    told = capfd.readouterr()
    assert told.err == "" and told.out.count("\n") == 3
    not_audio(here / name)
    assert cli.main([*arguments, f"./{name}", "good.wav"]) == 1
    assert capfd.readouterr().err.count("\n") == 2


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_name_that_is_no_text_works(here, folder, capfd, suffix):
    name = os.fsdecode(b"bad\xff." + suffix.encode())
    untrained.write(here / f"a.{suffix}", untrained.pulses(2.0))
    try:
        (here / f"a.{suffix}").rename(here / name)
    except OSError:
        pytest.skip("this file system has no such names")
    assert cli.main(["analyze", name, "--models", str(folder), "--tasks", "onset"]) == 0
    assert f"bad\\udcff.{suffix}" in capfd.readouterr().out


# Models ------------------------------------------------------------------------------------------


class Trap:
    """An object whose unpickling would be noticed."""

    def __reduce__(self):
        return os.system, ("touch trapped",)


def corrupt(model):
    path = model / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def other_weights(model):
    path = model / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


def a_pickle(model):
    (model / "model.safetensors").write_bytes(pickle.dumps(Trap()))


def no_weights(model):
    (model / "model.safetensors").unlink()


def card_with(**entries):
    def change(model):
        card = json.loads((model / "card.json").read_text())
        (model / "card.json").write_text(json.dumps({**card, **entries}))

    return change


def without(key):
    def change(model):
        card = json.loads((model / "card.json").read_text())
        del card[key]
        (model / "card.json").write_text(json.dumps(card))

    return change


def too_large(model):
    with (model / "card.json").open("ab") as file:
        file.truncate(2**30)  # a hole: it takes no room


def a_list(model):
    (model / "card.json").write_text("[" * 100_000)


def no_json(model):
    (model / "card.json").write_text("{")


MODELS = {
    "corrupt": (corrupt, "do not match the card"),
    "other weights": (other_weights, "do not match the card"),
    "pickle": (a_pickle, "do not match the card"),
    "no weights": (no_weights, "is missing"),
    "newer": (card_with(card_version=99), "newer deepmir: update deepmir"),
    "no json": (no_json, "not the card of a model"),
    "older": (card_with(card_version=1), "older deepmir: copy the folder"),
    "no version": (without("card_version"), "not the card of a model"),
    "too large": (too_large, "too large"),
    "a list of cards": (a_list, "not the card of a model"),
    "no task": (card_with(task="dancing"), "no task 'dancing': update deepmir"),
    "a module": (card_with(task="base"), "no task 'base'"),
    "no representation": (card_with(representation={"kind": "sonar"}), "representation"),
    "other network": (card_with(network="c2(99,3x3) - d1"), "do not fit"),
    "no labels": (card_with(labels=["a", "b"]), "labels"),
    "strange decoder": (card_with(decoder={"threshold": "high"}), "decoder: threshold"),
    "unknown key": (card_with(surprise=1), "surprise is not a known key"),
    "a list": (card_with(network=["d1"]), "network: input should be text"),
    "newer letter": (card_with(network="q7(8) - d1"), "update"),
    "newer kind": (card_with(kind="oracle"), "not oracle: if it is from a newer deepmir"),
    "no kind": (without("kind"), "kind: it must be one of network,"),
    "huge network": (card_with(network="d1(1000000) - d1(1000000) - d1"), "parameters"),
    "wide network": (card_with(network="d1(30000) - d1(30000) - d1"), "do not fit"),
    "huge representation": (card_with(representation={"kind": "mel", "bins": 10**9}), "bins"),
    "odd excerpt": (card_with(excerpt_frames=-1), "excerpt_frames"),
    "odd option": (card_with(decoder={"frame_rate": 1.0}), "decoder"),
    "a baseline": (card_with(kind="baseline"), "is not a known key"),
    "no such task beside": (card_with(auxiliary={"dancing": 1.0}), "no task 'dancing'"),
}


@pytest.mark.parametrize("fault", MODELS)
def test_a_model_that_cannot_be_used(here, capfd, fault):
    change, message = MODELS[fault]
    change(untrained.save(here / "models" / "onset", "onset"))
    assert cli.main(["analyze", "good.wav", "--models", "models"]) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("deepmir: ") and "models" in line and message in line
    assert not (here / "trapped").exists()


def test_missing_models(here, capfd):
    assert cli.main(["analyze", "good.wav", "--models", "nowhere"]) == 1
    assert capfd.readouterr().err == "deepmir: nowhere: no such folder of models\n"


def test_reading_stops_where_a_recording_ends_early(here, folder, capfd):
    """A file that shrinks while it is read, or whose header lies."""
    samples = untrained.pulses(3.0)
    with soundfile.SoundFile(here / "a.wav", "w", RATE, 1, format="FLAC") as file:
        file.write(samples)
    data = (here / "a.wav").read_bytes()
    (here / "a.wav").write_bytes(data[:-2000])
    assert cli.main(["analyze", "a.wav", "--models", str(folder)]) == 1
    assert "a.wav: truncated" in capfd.readouterr().err

"""An incomplete kind is refused at once, and digests match existing files."""

from importlib import import_module
from typing import ClassVar, Literal

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter

from deepmir.errors import DeepmirError
from deepmir.features.frontend import Frontend
from deepmir.representations import Cqt, Hcqt, Mel, Representation
from deepmir.representations.base import KINDS, Framed
from deepmir.representations.derived import Derived
from deepmir.representations.filterbank import Filterbank

# Files of features are known by these: another digest computes all of them anew.
DIGESTS = {
    "audio": "58a139a484675ac7",
    "bark": "31c5b6c3a6ef0e8e",
    "cqt": "c22fca3cefa8e1b3",
    "logfrequency": "52f498708e70eb18",
    "chroma": "98533510cdbc4cf7",
    "erb": "26737de28e87e493",
    "gammatone": "55412bdb017d8fbb",
    "hcqt": "f821bfc544d18072",
    "mel": "f74ddaaf499cc253",
    "mfcc": "ce242be76dc052e8",
    "code": "fb0619d4001b76b6",
    "network": "41639828c8b0e298",
    "onnx": "8d3650e0e3ef7e5b",
    "stack": "62896bbb79aed761",
    "stft": "584b100f67f7c738",
    "tempogram": "6c0988faff817278",
}


NEEDED = {  # by the kind that asks for it
    "onnx": {
        **{"file": "network.onnx", "source": {"kind": "audio"}},
        **{"input_axes": ["batch", "samples"], "output_axes": ["batch", "bins"]},
    }
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_digest_of_a_kind_is_what_it_always_was(kind):
    assert KINDS[kind](**NEEDED.get(kind, {})).digest == DIGESTS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_declared_and_has_its_front_end(kind):
    declared = {"kind": kind, **NEEDED.get(kind, {})}
    assert type(TypeAdapter(Representation).validate_python(declared)) is KINDS[kind]
    module, name = KINDS[kind].frontend.split(".")
    assert issubclass(
        getattr(import_module(f"deepmir.features.frontend.{module}"), name), torch.nn.Module
    )


@pytest.mark.parametrize(
    ("base", "missing"),
    [
        (Framed, "analyse, axis, bins, bins_per_octave, frequencies, frontend, raw_unit, reach"),
        (Derived, "analyse, axis, bins, bins_per_octave, frequencies, frontend, raw_unit"),
        (Filterbank, "bins, bins_per_octave, check_band, frequencies, weights"),
    ],
)
def test_a_kind_that_lacks_a_part_is_refused_with_all_that_it_lacks(base, missing):
    with pytest.raises(TypeError, match=f"^representation Bare lacks {missing}$"):

        class Bare(base):
            kind: Literal["bare"] = "bare"


def test_two_classes_of_one_kind_are_refused():
    with pytest.raises(TypeError, match="Twin: Mel is of kind 'mel'"):

        class Twin(Mel):
            kind: Literal["mel"] = "mel"

    assert KINDS["mel"] is Mel


def test_a_front_end_that_is_not_there_is_named():
    class Lost(Mel):
        frontend: ClassVar[str] = "fourier.Bnak"

    with pytest.raises(DeepmirError, match=r"mel names fourier\.Bnak as its front end"):
        Frontend(Lost())


@pytest.mark.parametrize(
    "representation",
    [
        Mel(conditioning=[{"kind": "log"}], separation={"keep": "harmonic"}),
        Hcqt(source=Cqt(bins=24, bins_per_octave=12), harmonics=(1, 2)),
    ],
    ids=["mel", "hcqt"],
)
def test_what_has_no_torch_of_its_own_is_computed_recording_by_recording(
    representation, monkeypatch, music
):
    signals = [music(22050, 2.0), music(22050, 1.3)]
    batch = torch.zeros(2, len(signals[0]))
    for row, signal in zip(batch, signals, strict=True):
        row[: len(signal)] = torch.from_numpy(signal.copy())
    monkeypatch.setattr(type(representation), "frontend", "rows.Rows")
    if representation.separation is None:
        lengths = torch.tensor([len(signal) for signal in signals])
        values = Frontend(representation)(batch, lengths).numpy()
        for row, signal in zip(values, signals, strict=True):
            wanted = representation(signal)
            wanted = wanted.reshape(*wanted.shape[:2], -1).transpose(2, 1, 0)
            np.testing.assert_array_equal(row[..., : wanted.shape[2]], wanted)
            assert not row[..., wanted.shape[2] :].any()
    else:
        wanted = representation(signals[0]).T
        np.testing.assert_allclose(Frontend(representation)(batch)[0, 0], wanted, atol=1e-3)

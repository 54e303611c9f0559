"""Refused deformations: see docs/reference/tasks.md for what each task allows."""

import pytest

from deepmir import tasks
from deepmir.deformations.check import check
from deepmir.deformations.names import NAMES as DEFORMATIONS
from deepmir.errors import DeepmirError
from deepmir.representations import (
    Audio,
    Chroma,
    Cqt,
    Decibel,
    LocalContrast,
    Log,
    Mel,
    Mfcc,
    Pcen,
    Stack,
    Stft,
    Tempogram,
    Whitening,
)
from deepmir.tasks.names import NAMES

LOG_MEL = Mel(conditioning=(Log(),))
AROUSING = ("time_stretch", "gain", "clipping")
SENSIBLE = {"pitch_shift": 1.0, "bandwidth": 4000.0}  # where 0.5 is not
FORBIDDEN = {
    *((task, name) for task in ("mood", "mood_quadrant") for name in AROUSING),
    *(("tagging", name) for name in ("time_stretch", "reverb", "equaliser", "noise", "codec")),
    *(("tagging", name) for name in ("clipping", "bandwidth")),
    ("onset", "time_mask"),
    ("offset", "time_mask"),
    ("offset", "reverb"),
    ("notes", "time_mask"),
}


@pytest.mark.parametrize("task", NAMES)
def test_every_task_says_what_pitch_and_time_do_and_names_what_there_is(task):
    declared = tasks.get(task).deformations
    assert {"pitch_shift", "time_stretch"} <= set(declared) <= set(DEFORMATIONS)


@pytest.mark.parametrize("name", DEFORMATIONS)
@pytest.mark.parametrize("task", NAMES)
def test_what_a_task_forbids_is_refused_by_name(task, name):
    cqt = Cqt(conditioning=(Log(),))
    amounts = {name: SENSIBLE.get(name, 0.5)}
    if (task, name) in FORBIDDEN:
        with pytest.raises(
            DeepmirError, match=rf"deformations.{name} would invalidate .* of {task}$"
        ):
            check(tasks.get(task), amounts, cqt, on_the_fly=True)
    else:
        check(tasks.get(task), amounts, cqt, on_the_fly=True)


def test_what_an_auxiliary_task_forbids_is_refused():
    both = tasks.sharing(tasks.get("chord"), {"mood": 0.1})
    with pytest.raises(DeepmirError, match=r"deformations.gain would invalidate"):
        check(both, {"gain": 3}, LOG_MEL, on_the_fly=True)
    assert both.effect("pitch_shift") == "change"
    assert both.effect("equaliser") == "keep"


@pytest.mark.parametrize("name", ["equaliser", "gain", "noise"])
@pytest.mark.parametrize(
    ("representation", "reason"),
    [
        (Mel(conditioning=(Pcen(),)), "pcen cannot be undone"),
        (Mel(conditioning=(Whitening(),)), "whitening cannot be undone"),
        (Mel(conditioning=(Log(), LocalContrast())), "local_contrast cannot be undone"),
        (Mel(conditioning=(Decibel(reference="maximum"),)), "has lost the level"),
        (Stft(value="complex"), "complex values are not magnitudes"),
        (Chroma(), "chroma is not a spectrum"),
        (Mfcc(), "mfcc is not a spectrum"),
        (Tempogram(), "tempogram is not a spectrum"),
        (
            Stack(members=[Mel(conditioning=(Log(epsilon=e),)) for e in (1e-3, 1e-6)]),
            "conditioned differently",
        ),
    ],
)
def test_features_that_cannot_be_undone_are_refused_unless_there_is_audio(
    name, representation, reason
):
    beat = tasks.get("beat")
    with pytest.raises(DeepmirError, match=rf"^deformations.{name} .*{reason}.*precompute: no"):
        check(beat, {name: 0.1}, representation, on_the_fly=False)
    check(beat, {name: 0.1}, representation, on_the_fly=True)
    check(beat, {name: 0.1}, LOG_MEL, on_the_fly=False)


@pytest.mark.parametrize(
    ("representation", "reason"),
    [
        (Mel(conditioning=(Whitening(),)), "whitening depends on others"),
        (Mel(conditioning=(Log(), LocalContrast())), "local_contrast depends on others"),
        (Mel(conditioning=(Decibel(),)), "relates to the loudest bin .or declare range: null"),
        (Mfcc(), "mfcc is not a spectrum"),
        (Stack(members=[LOG_MEL, Mel(conditioning=(Whitening(),))]), "whitening depends"),
    ],
)
def test_bandwidth_needs_bins_that_do_not_depend_on_others(representation, reason):
    beat, amounts = tasks.get("beat"), {"bandwidth": 4000}
    with pytest.raises(DeepmirError, match=rf"^deformations.bandwidth .*{reason}.*precompute: no"):
        check(beat, amounts, representation, on_the_fly=False)
    check(beat, amounts, representation, on_the_fly=True)
    for fit in (Pcen(), Decibel(range=None)):
        check(beat, amounts, Mel(conditioning=(fit,)), on_the_fly=False)


@pytest.mark.parametrize("name", ["reverb", "clipping", "codec"])
def test_what_acts_on_audio_is_refused_for_precomputed_features(name):
    with pytest.raises(DeepmirError, match=rf"deformations.{name} acts on audio.*precompute: no"):
        check(tasks.get("beat"), {name: 0.5}, LOG_MEL, on_the_fly=False)


@pytest.mark.parametrize(
    ("name", "representation", "reason"),
    [
        ("pitch_shift", LOG_MEL, "but mel is not one"),
        ("pitch_shift", Stack(), "but stack is not one"),
        ("time_stretch", Audio(), "samples are its frames"),
        ("time_stretch", Tempogram(), "lags would keep their tempo"),
        ("frequency_mask", Chroma(), "but chroma is not one"),
        ("frequency_mask", Mfcc(), "but mfcc is not one"),
        ("frequency_mask", Audio(), "but audio is not one"),
        ("codec", Mel(sample_rate=30000), "not support 30000 Hz"),
    ],
)
def test_what_a_representation_cannot_undergo_is_refused(name, representation, reason):
    with pytest.raises(DeepmirError, match=rf"deformations.{name} .*{reason}"):
        check(tasks.get("key"), {name: 0.5}, representation, on_the_fly=True)


@pytest.mark.parametrize("amount", [-0.1, float("nan"), float("inf"), 1e6])
@pytest.mark.parametrize("name", DEFORMATIONS)
def test_an_amount_without_sense_is_refused(name, amount):
    with pytest.raises(DeepmirError, match=rf"deformations.{name}: .* is not between 0 and"):
        check(tasks.get("key"), {name: amount}, Cqt(), on_the_fly=True)


@pytest.mark.parametrize(
    ("name", "amount", "reason"),
    [
        ("pitch_shift", 0.4, "needs whole semitones, not 0.4"),
        ("pitch_shift", 2.5, "needs whole semitones, not 2.5"),
        *(
            (name, 0.0, "of 0 does nothing: leave it out")
            for name in DEFORMATIONS
            if name != "codec"
        ),
        ("bandwidth", 4.0, "of 4 Hz leaves no music: the number is Hz, from 500 on"),
        ("bandwidth", 11025.0, "of 11025 Hz does nothing at 22050 Hz: use less than 11025"),
        ("time_mask", 0.01, "of 0.01 rounds to no frame"),
        ("frequency_mask", 0.005, "of 0.005 rounds to no bin"),
    ],
)
def test_an_amount_that_does_nothing_is_refused(name, amount, reason):
    with pytest.raises(DeepmirError, match=rf"deformations.{name} {reason}"):
        check(tasks.get("key"), {name: amount}, Cqt(), on_the_fly=True)


def test_the_best_quality_of_a_codec_is_not_nothing():
    check(tasks.get("key"), {"codec": 0.0}, Cqt(), on_the_fly=True)


def test_a_semitone_has_to_be_whole_bins():
    with pytest.raises(
        DeepmirError, match=r"pitch_shift shifts by semitones, which do not fit 30 bins"
    ):
        check(tasks.get("key"), {"pitch_shift": 1}, Cqt(bins_per_octave=30), on_the_fly=True)


def test_an_unknown_deformation_is_refused_with_those_there_are():
    with pytest.raises(DeepmirError, match=r"deformations.pitch is not known .*pitch_shift"):
        check(tasks.get("key"), {"pitch": 1}, Cqt(), on_the_fly=False)

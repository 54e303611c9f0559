"""Every name is a complete deformation, and an incomplete one cannot be created."""

import pytest

from deepmir import tasks
from deepmir.deformations import base
from deepmir.deformations.base import (
    BinDeformation,
    LevelDeformation,
    Mask,
    MusicDeformation,
    SoundDeformation,
)
from deepmir.deformations.check import check
from deepmir.deformations.names import NAMES
from deepmir.errors import DeepmirError
from deepmir.representations import Cqt

EVERY = [base.get(name) for name in NAMES]


@pytest.mark.parametrize("kind", [MusicDeformation, SoundDeformation, Mask])
def test_deformations_of_a_kind_have_an_order(kind):
    orders = [one.order for one in EVERY if isinstance(one, kind)]
    assert len(set(orders)) == len(orders)


def test_a_recording_meets_them_in_order_however_they_are_declared():
    amounts = dict.fromkeys(reversed(NAMES), 1.0)
    sound = [one.name for one, _ in SoundDeformation.chosen(amounts)]
    assert sound == [*("reverb", "equaliser", "clipping", "gain", "noise", "bandwidth", "codec")]


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (MusicDeformation, "draw.*unfit"),
        (SoundDeformation, "deform_audio"),
        (LevelDeformation, "deform_audio.*deform_levels.*draw"),
        (BinDeformation, "deform_audio.*deform_bins.*draw"),
        (Mask, "longest.*unfit"),
    ],
)
def test_one_without_a_method_cannot_be_made(kind, missing):
    class Bare(kind):
        name, unit, largest, order = "bare", "nothing", 1.0, 1

    with pytest.raises(TypeError, match=f"abstract class Bare .*{missing}"):
        Bare()


def test_one_that_does_not_say_what_it_is_cannot_be_made():
    class Silent(SoundDeformation):
        name = "silent"

        def deform_audio(self, samples, most, sample_rate, rng):
            return samples

    with pytest.raises(TypeError, match="deformation Silent lacks unit, largest, order"):
        Silent()


def test_a_task_has_to_say_what_becomes_of_its_labels_when_the_music_changes(monkeypatch):
    class Reversed(MusicDeformation):
        name, unit, largest, order = "gain", "nothing", 1.0, 1

        def unfit(self, representation, *, on_the_fly):
            return None

        def draw(self, most, rng):
            return 1.0

    monkeypatch.setattr(base, "get", lambda name: Reversed())
    with pytest.raises(DeepmirError, match="the task key does not define its effect on the labels"):
        check(tasks.get("key"), {"gain": 1.0}, Cqt(), on_the_fly=True)

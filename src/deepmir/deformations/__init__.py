"""Deformations of training patches (tutorial, section 2.3: data augmentation).

Each is drawn anew for every patch and is never applied to validation or test data. What it does to
the labels is the task's to say (`tasks/base.py`), and :mod:`deepmir.deformations.check` refuses,
before anything runs, what would falsify them. B. McFee, E. J. Humphrey and J. P. Bello, "A software
framework for musical data augmentation", ISMIR 2015, deform audio and annotation together so.

They follow each other as they would on a record's way to a listener. Where the network's input is
computed from audio on the fly, `audio.py` deforms that audio, in the process that makes the
batches; else `features.py` deforms the stored features, on the device that trains. Time, pitch and
masks belong to the features in either case. Drawing is the loader's work, with the patch's own
generator.
"""

from typing import NamedTuple


class Scale(NamedTuple):
    """What the one number of a deformation means: its unit, and the largest that makes sense."""

    unit: str
    largest: float


SCALES = {
    "time_stretch": Scale("share slower or faster", 3.0),
    "pitch_shift": Scale("semitones up and down", 24.0),
    "reverb": Scale("seconds of reverberation time", 10.0),
    "equaliser": Scale("dB up and down", 40.0),
    "gain": Scale("dB up and down", 40.0),
    "noise": Scale("amplitude of the noise over that of the patch", 10.0),
    "codec": Scale("LAME's quality -V", 9.0),
    "time_mask": Scale("seconds", 60.0),
    "frequency_mask": Scale("share of the bins", 1.0),
}

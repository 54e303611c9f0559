"""Deformations of training patches (tutorial, section 2.3: data augmentation).

Each is drawn anew for every patch, from the patch's own generator, and is never applied to
validation or test data. Its effect on the labels is defined by the task (`tasks/base.py`), and
:mod:`deepmir.deformations.check` refuses in advance anything that would falsify them. B. McFee,
E. J. Humphrey and J. P. Bello, "A software framework for musical data augmentation", ISMIR 2015,
deform audio and annotation together in this way.

If the network's input is computed from audio on the fly, its sound is deformed as audio, in the
process that makes the batches; otherwise as stored features, on the training device
(`device.py`). Time, pitch and masks are always deformed on features.
"""

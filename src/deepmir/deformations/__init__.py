"""Deformations of training patches (tutorial, section 2.3: data augmentation).

Each is drawn anew for every patch, by the patch's own generator, and is never applied to validation
or test data. What it does to the labels is the task's to say (`tasks/base.py`), and
:mod:`deepmir.deformations.check` refuses, before anything runs, what would falsify them. B. McFee,
E. J. Humphrey and J. P. Bello, "A software framework for musical data augmentation", ISMIR 2015,
deform audio and annotation together so.

Where the network's input is computed from audio on the fly, its sound is deformed as audio, in the
process that makes the batches; else as the stored features, on the device that trains
(`device.py`). Time, pitch and masks belong to the features in either case.
"""

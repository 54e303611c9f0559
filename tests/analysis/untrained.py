"""Models with random weights in the layout of trained ones, and recordings for them."""

import numpy as np
import soundfile
import torch

from deepmir import tasks
from deepmir.files import audio
from deepmir.models import model
from deepmir.models.card import NetworkCard
from deepmir.representations import Cqt, Log, Mel

# Networks this small are slower on several threads, and far slower where these are not free.
torch.set_num_threads(1)

RATE = 22050
MEL = Mel(sample_rate=RATE, hop=441, window=1024, bins=20, conditioning=(Log(),))
CQT = Cqt(sample_rate=RATE, hop=2205, fmin=65.406, bins=48, conditioning=(Log(epsilon=1e-3),))
PITCHES = Cqt(sample_rate=RATE, hop=441, fmin=65.406, bins=48, conditioning=(Log(epsilon=1e-3),))

# Task, representation, network, frames of an excerpt.
NETWORKS = {
    "beat": (MEL, "c2(4,3x5,bn) - p1(20) - r1(6) - d1", None),
    "onset": (MEL, "c2(4,3x7,bn) - p1(20) - d2(8,5) - d1", None),
    "key": (CQT, "c2(4,3x3) - p2(2x2) - d1(16) - d1", 40),
    "structure": (CQT, "c2(4,3x3) - p1(48) - r1(6) - d1", None),
    "melody": (PITCHES, "c2(4,5x3) - d1", None),
    "singing": (MEL, "d2(8,31) - d1", None),
}


OTHERS = {"tempo": (MEL, "c2(4,3x5,bn) - p1(20) - p1(global) - d1", 200)}


def save(folder, task, *, auxiliary=None, seed=0, **card):
    """Save one model with random weights; returns its folder."""
    representation, network, excerpt = (NETWORKS | OTHERS)[task]
    torch.manual_seed(seed)
    whole = tasks.sharing(tasks.get(task), auxiliary or {})
    made = model.build(network, representation, whole.output, whole.time_varying)
    with torch.no_grad():
        made.mean.fill_(-5.0)
        made.scale.fill_(0.3)
    about = {
        "name": f"{task}-tiny",
        "task": task,
        "network": network,
        "representation": representation,
        "labels": whole.output.labels,
        "activation": whole.output.activation,
        "training": {"data_hash": "da7a", "commit": "c0de"},
        "auxiliary": auxiliary or {},
        "excerpt_frames": excerpt,
    }
    model.save(folder, made.state_dict(), NetworkCard(**{**about, **card}))
    return folder


def save_all(root):
    """Save a model for every task of :data:`NETWORKS`, in folders named by task."""
    for task in NETWORKS:
        save(root / task, task)
    return root


def levelled(samples, rate=None):
    """The samples with the loudness of a decoded recording."""
    source = audio.from_samples(samples, rate or RATE)
    return np.concatenate([block.copy() for block in source.blocks])


def pulses(seconds, sample_rate=RATE, seed=0):
    """Noise bursts twice a second over a chord, shape (samples,)."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    chord = sum(np.sin(2 * np.pi * hertz * time) for hertz in (220.0, 277.2, 329.6))
    bursts = rng.standard_normal(len(time)) * np.exp(-30 * (time % 0.5))
    return (0.1 * chord + 0.2 * bursts).astype(np.float32)


def write(path, samples, sample_rate=RATE, **options):
    soundfile.write(path, samples, sample_rate, **options)
    return path

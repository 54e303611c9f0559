"""A tiny pipeline of recordings with chords and notes, for sequences."""

import itertools
import shutil

import numpy as np
import pytest
import soundfile

import tiny
from deepmir.datasets import splits
from deepmir.declarations import loading
from deepmir.files import annotations
from deepmir.files.annotations import Annotation, Jams, Observation

SECONDS = 8.0
DECLARED = """
datasets:
  tunes: {source: folder, path: recordings, shards: 1, max_failures: 0.2}
representations:
  cqt: {kind: cqt, hop: 2205, fmin: 65.406, bins: 48, bins_per_octave: 12, conditioning: [{kind: log}]}
  fine: {kind: cqt, hop: 735, fmin: 65.406, bins: 48, bins_per_octave: 12, conditioning: [{kind: log}]}
training: {epochs: 2, batch_size: 4, patch_seconds: 4, learning_rate: 0.01, device: cpu}
sequences:
  chord-tiny: &chord
    dataset: tunes
    task: chord
    representation: cqt
    network: d1(16,drop=0.2) - d1
    decoder: {units: 16, longest: 32, drop: 0.2, beam: 2}
    deformations: {pitch_shift: 2, time_stretch: 0.1}
    seeds: 2
  chord-none:
    <<: *chord
    decoder: {units: 16, longest: 32, attention: none, cell: lstm}
    training: {monitor: validation/majmin}
    seeds: 1
  notes-tiny:
    dataset: tunes
    task: notes
    representation: fine
    network: d1
    decoder: {units: 16, longest: 64, step: 0.05, attention: dot}
experiments:
  chord-frames: {dataset: tunes, task: chord, representation: cqt, network: d1(16) - d1}
baselines:
  chord-templates: {dataset: tunes, task: chord, method: chord_templates}
"""  # noqa: E501


def recording(index):
    """Successive triads, whose notes last as long as the chord."""
    rng = np.random.default_rng(index)
    time = np.arange(round(SECONDS * tiny.RATE)) / tiny.RATE
    audio = 0.001 * rng.standard_normal(len(time))
    edges = [*np.arange(0.0, SECONDS - 0.5, rng.uniform(1.2, 2.2)), SECONDS]
    chords, notes = [], []
    for start, end in itertools.pairwise(edges):
        root, minor = int(rng.integers(12)), int(rng.integers(2))
        inside = (time >= start) & (time < end)
        for step in (0, 4 - minor, 7):
            pitch = 48 + root + step
            hertz = 440 * 2 ** ((pitch - 69) / 12)
            audio += 0.15 * inside * np.sin(2 * np.pi * hertz * time)
            notes.append(Observation(start, end - start, pitch))
        name = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")[root]
        chords.append(Observation(start, end - start, f"{name}:{('maj', 'min')[minor]}"))
    found = Annotation("chord", tuple(chords)), Annotation("note_midi", tuple(notes))
    return audio.astype(np.float32), Jams(SECONDS, found, title=f"tune {index}")


@pytest.fixture(scope="session")
def tunes(tmp_path_factory):
    """The folder of the pipeline, with computed features."""
    root = tmp_path_factory.mktemp("tunes")
    (root / "recordings").mkdir()
    for index in range(6):
        audio, jams = recording(index)
        soundfile.write(root / "recordings" / f"tune {index}.wav", audio, tiny.RATE)
        annotations.write(root / "recordings" / f"tune {index}.jams", jams)
    (root / "params.yaml").write_text(DECLARED)
    (root / "data/splits").mkdir(parents=True)
    parts = {f"tune {i}": ("train", "validation", "test")[i % 3] for i in range(6)}
    splits.write(root / "data/splits/tunes.csv", parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        tiny.prepare(loading.load())
    return root


@pytest.fixture
def line(tunes, tmp_path, monkeypatch):
    """A copy to work in."""
    shutil.copytree(tunes, tmp_path / "line")
    monkeypatch.chdir(tmp_path / "line")
    return tmp_path / "line"

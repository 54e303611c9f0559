from pathlib import Path

import numpy as np
import pytest
import soundfile
from pydantic import TypeAdapter

from deepmir.datasets import base, splits, tones
from deepmir.datasets.index import read_index
from deepmir.datasets.tones import Tones
from deepmir.declarations.schema import Dataset
from deepmir.files import annotations
from deepmir.representations import Chroma
from deepmir.tasks import mode, pitch_class


def declared(**values) -> Tones:
    return TypeAdapter(Dataset).validate_python({"source": "tones", "timbres": 3, **values})


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def make(**values):
        declaration = declared(shards=2, **values)
        for shard in range(2):
            base.make_shard("tones", declaration, shard, workers=1)
        return read_index([Path(f"data/raw/tones/index/{s:04d}.json") for s in range(2)])

    return make


def test_every_timbre_plays_every_tone_or_triad_once(made):
    index = made()
    assert len(index.tracks) == 36
    assert {track.group for track in index.tracks} == {"timbre00", "timbre01", "timbre02"}
    assert not index.failures
    assert len(made(content="triad").tracks) == 72


def test_a_tone_sounds_at_its_annotated_pitch_class(made):
    """Without overtones, the strongest pitch class is the annotated one."""
    for track in made(partials=1).tracks:
        samples, rate = soundfile.read(track.audio, dtype="float32")
        assert rate == tones.SAMPLE_RATE
        classes = Chroma()(samples)[20:60].mean(axis=0)
        truth = pitch_class.TASK.index(annotations.read(Path(track.annotations)))
        assert classes.argmax() == truth
        assert len(samples) == 2.5 * rate


def test_a_triad_has_its_third_and_not_the_other(made):
    for track in made(content="triad", partials=1).tracks:
        samples, _ = soundfile.read(track.audio, dtype="float32")
        jams = annotations.read(Path(track.annotations))
        root = tones.PITCHES.index(jams.first("chord").observations[0].value.partition(":")[0])
        third = (4, 3)[mode.TASK.index(jams)]
        classes = np.roll(Chroma()(samples)[20:60].mean(axis=0), -root)
        assert set(np.argsort(classes)[-3:]) == {0, third, 7}


def test_the_same_seed_gives_the_same_sounds_and_another_other_ones():
    sound = tones.Sound(1, 4, "min")
    first = tones.synthesised(sound, declared())
    np.testing.assert_array_equal(first, tones.synthesised(sound, declared()))
    assert not np.array_equal(first, tones.synthesised(sound, declared(seed=2)))
    assert np.abs(first).max() <= 1


def test_the_split_separates_timbres():
    parts = splits.make(declared(timbres=20).members(), seed=0)
    assert set(parts) == {f"timbre{n:02d}" for n in range(20)}
    assert {list(parts.values()).count(part) for part in splits.PARTS} == {12, 3, 5}

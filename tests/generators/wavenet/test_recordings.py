import numpy as np
import pytest
import torch

from deepmir.errors import DeepmirError
from deepmir.files.annotations import Annotation, Jams, Observation
from deepmir.generators.wavenet import recordings
from deepmir.generators.wavenet.mulaw import SILENCE
from deepmir.generators.wavenet.recordings import IGNORED, Excerpts, Recording, Vocabulary, Whole

WORDS = Vocabulary(("flute", "harp"), (60, 62, 64))


def recording(length=10, track="a", instrument=1):
    return Recording(track, np.arange(length, dtype=np.uint8), np.arange(length) % 4, instrument)


def test_an_excerpt_in_the_middle_says_what_came_before_each_sample():
    batch = recordings.excerpt(recording(), start=5, length=3, field=4)
    assert batch.target.tolist() == [[5, 6, 7]]
    assert batch.past.tolist() == [[1, 2, 3, 4, 5, 6]]
    assert batch.given.pitch.tolist() == [[2, 3, 0, 1, 2, 3]]  # of the samples from 2 to 7
    assert batch.given.instrument.tolist() == [1]


def test_before_a_recording_is_silence_and_behind_it_nothing_to_predict():
    batch = recordings.excerpt(recording(4), start=0, length=6, field=3)
    assert batch.past.tolist() == [[SILENCE] * 3 + [0, 1, 2, 3, SILENCE]]
    assert batch.given.pitch.tolist() == [[0, 0, 0, 1, 2, 3, 0, 0]]
    assert batch.target.tolist() == [[0, 1, 2, 3, IGNORED, IGNORED]]


def drawn(seed, index=0):
    some = [recording(200, "a", 0), recording(200, "b", 1)]
    epoch = Excerpts(some, batches=500, batch_size=3, length=20, field=5, seed=seed)
    return epoch[index]


def test_a_batch_depends_on_the_seed_the_epoch_and_its_place_alone():
    first = drawn((1, 0), 7)
    for one, same in zip(first, drawn((1, 0), 7), strict=True):
        assert all(map(torch.equal, one, same))
    for other in (drawn((1, 0), 8), drawn((1, 1), 7), drawn((2, 0), 7)):
        assert not torch.equal(first.target, other.target)


def test_the_ends_of_a_recording_are_drawn_as_often_as_its_middle():
    counts = np.zeros(200)
    for index in range(400):
        np.add.at(counts, drawn((0, 0), index).target.flatten().numpy(), 1)
    assert counts.min() > 0.6 * counts.mean()


def test_every_recording_is_validated_whole_and_once():
    some = [recording(length, f"{length}") for length in (30, 10, 20, 25, 5)]
    whole = Whole(some, 2, field=4)
    batches = [whole[place] for place in range(len(whole))]
    lengths = [(row != IGNORED).sum().item() for batch in batches for row in batch.target]
    assert lengths == [5, 10, 20, 25, 30] == [len(one.codes) for one in whole.recordings]


def jams(*values, instrument=("harp",)):
    notes = tuple(Observation(float(n), 0.5, value) for n, value in enumerate(values))
    names = tuple(Observation(0.0, 1.0, name) for name in instrument)
    tags = Annotation("tag_open", names, sandbox={"kind": "instrument"})
    return Jams(2.0, (Annotation("note_midi", notes), tags))


@pytest.fixture
def read(monkeypatch):
    def read(found, words=WORDS):
        monkeypatch.setattr(recordings.corpus, "read_annotations", lambda *_: {"a": found})
        monkeypatch.setattr(recordings.downmix, "samples_of", lambda *_: np.zeros(20, np.float32))
        return recordings.read([], {"a": None}, 10, words)

    return read


def test_the_pitch_is_told_as_long_as_a_note_is_held(read):
    (found,) = read(jams(62.02, 60))
    assert found.pitch.tolist() == [2] * 5 + [0] * 5 + [1] * 5 + [0] * 5
    assert found.instrument == 1
    assert set(found.codes.tolist()) == {SILENCE}


def test_what_a_network_is_not_told_need_not_be_annotated(read):
    (found,) = read(Jams(2.0, ()), Vocabulary((), ()))
    assert not found.pitch.any()
    assert found.instrument == 0


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (jams(61), "a has conditions that no training recording has"),
        (jams(60, instrument=("tuba",)), "a has conditions that no training"),
        (jams(60, instrument=("harp", "flute")), "a must have one instrument, not 2"),
        (Jams(2.0, jams().annotations[1:]), "a has no note_midi"),
    ],
)
def test_what_cannot_be_told_is_refused(read, found, message):
    with pytest.raises(DeepmirError, match=message):
        read(found)

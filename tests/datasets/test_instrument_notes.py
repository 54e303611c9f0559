from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pydantic import TypeAdapter, ValidationError

from deepmir import tasks
from deepmir.datasets import base, splits
from deepmir.datasets.index import read_index
from deepmir.datasets.instrument_notes import InstrumentNotes, melody
from deepmir.declarations.schema import Dataset
from deepmir.errors import DeepmirError
from deepmir.files import annotations
from deepmir.tasks.base import Grid
from deepmir.tasks.instrument import Instrument

PAIR = ("clarinet", "nylon guitar")


def declared(**values) -> InstrumentNotes:
    given = {"source": "instrument_notes", "instruments": PAIR, "highest": 67, "takes": 1, **values}
    return TypeAdapter(Dataset).validate_python({**given, "shards": 1})


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def make(**values):
        base.make_shard("notes", declared(**values), 0, workers=1)
        return read_index([Path("data/raw/notes/index/0000.json")])

    return make


def strongest(samples, rate):
    """The lag of the highest peak of the autocorrelation, as a frequency in Hz."""
    whole = np.fft.irfft(np.abs(np.fft.rfft(samples, 2 * len(samples))) ** 2)
    lags = np.arange(rate // 1000, rate // 100)
    return rate / lags[whole[lags].argmax()]


def test_a_note_sounds_at_its_pitch_while_it_is_annotated(made):
    index = made(detune=40)
    assert len(index.tracks) == 16
    assert not index.failures
    for track in index.tracks:
        samples, rate = soundfile.read(track.audio)
        assert samples.shape == (rate, 2)
        jams = annotations.read(Path(track.annotations))
        (note,) = jams.first("note_midi").observations
        first, last = round(note.time * rate), round((note.time + note.duration) * rate)
        cents = 1200 * np.log2(strongest(samples[first + 4000 : last, 0], rate) / 440)
        said = 100 * (note.value - 69) + jams.first("note_midi").sandbox["cents"]
        assert cents == pytest.approx(said, abs=12), track.id
        assert np.abs(samples[first:last]).mean() > 5 * np.abs(samples[: first - 200]).mean()
        assert tasks.get("pitch_class").index(jams) == note.value % 12


def test_the_instrument_can_be_learned(made):
    task = Instrument(labels=PAIR)
    for track in made().tracks:
        jams = annotations.read(Path(track.annotations))
        target = task.target(jams, Grid(0.3, 0.1, 1))
        np.testing.assert_array_equal(target, [[track.id.startswith(n[:5]) for n in PAIR]])


def test_a_phrase_has_several_notes_and_is_the_same_whoever_plays_it(made):
    index = made(content="phrase", takes=8, seconds=2.0)
    notes = defaultdict(set)
    for track in index.tracks:
        jams = annotations.read(Path(track.annotations))
        notes[track.group].add(tuple(jams.first("note_midi").values))
        assert jams.first("note_midi").intervals[-1, 1] <= jams.duration == 2.0
        assert soundfile.info(track.audio).duration == 2.0
    assert len(notes) == 8
    assert all(len(played) == 1 and 3 <= len(*played) <= 5 for played in notes.values())
    declaration = declared(content="phrase", takes=8)
    walks = [melody(number, declaration) for number in range(30)]
    assert {pitch for walk in walks for pitch in walk} <= set(range(60, 68))
    assert max(abs(np.diff(walk)).max() for walk in walks) <= 4


@pytest.mark.parametrize("lowest", range(60, 68))
@pytest.mark.parametrize("count", [2, 3, 6])
def test_what_is_tested_is_unheard_but_each_instrument_and_pitch_is_trained(count, lowest):
    names = InstrumentNotes(source="instrument_notes").instruments[:count]
    declaration = declared(instruments=names, lowest=lowest, highest=lowest + 7, takes=3)
    trained, groups = set(), defaultdict(set)
    for sound in declaration.recordings():
        groups[sound.member.group].add(sound.member.part)
        if sound.member.part == "train":
            trained |= {sound.instrument, sound.pitch}
    assert trained == {*names, *range(lowest, lowest + 8)}
    assert all(len(parts) == 1 for parts in groups.values())
    parts = list(splits.make(declaration.members(), seed=0).values())
    assert {part: parts.count(part) / count for part in splits.PARTS} == {
        "train": 5,
        "validation": 1,
        "test": 2,
    }


def test_where_takes_are_held_out_every_note_is_in_every_part():
    names = InstrumentNotes(source="instrument_notes").instruments[:3]
    declaration = declared(instruments=names, takes=8, held_out="takes")
    parts = defaultdict(list)
    for sound in declaration.recordings():
        parts[sound.instrument, sound.pitch].append(sound.member.part)
        assert sound.member.group == sound.id
    assert len(parts) == 3 * 8
    for each in parts.values():
        assert [each.count(part) for part in splits.PARTS] == [5, 1, 2]
    assert "held_out" not in declared().model_dump()  # which has the digest that it had


def test_the_same_seed_gives_the_same_sounds_and_another_other_ones(made):
    first = made().tracks
    assert made().tracks == first
    assert not {t.sha256 for t in first} & {t.sha256 for t in made(seed=2).tracks}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"lowest": 61}, "fewer than 8 pitches"),
        ({"content": "phrase"}, "at least 8"),
        ({"held_out": "takes", "takes": 7}, "at least 8"),
        ({"instruments": ["flute"]}, "at least 2"),
    ],
)
def test_what_leaves_a_part_without_notes_is_refused(wrong, message):
    with pytest.raises(ValidationError, match=message):
        declared(**wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"instruments": ["flute", "kazoo"]}, "instruments: there is no instrument 'kazoo'"),
        ({"soundfont": "TimGM"}, "did you mean 'TimGM6mb'"),
        ({"lowest": 40}, "clarinet plays from 50 to 88, not from 40 to 67"),
    ],
)
def test_what_cannot_be_played_is_refused(wrong, message):
    with pytest.raises(DeepmirError, match=message):
        declared(**wrong).check()

"""The sound matches the annotations, and is reproducible byte for byte."""

import itertools
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deepmir.files import annotations
from deepmir_render import recipes, rendering, tracks
from deepmir_render.labelling.labels import tonic_name
from deepmir_render.mixing import mixing
from deepmir_render.playing.fluidsynth import BLOCK
from deepmir_render.song import Metre
from deepmir_render.sources import catalogue

TRACKS = {track.id: track for track in tracks.scores("full")}
CHORALE, TUNE = "bach-bwv269-r0", "oneill-3-r0"
PLAIN = replace(recipes.PLAIN, seed=2017)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scores")
    paths = {}
    for name in (CHORALE, TUNE):
        audio, jams = folder / f"{name}.flac", folder / f"{name}.jams"
        duration = rendering.render(TRACKS[name], PLAIN, audio, jams)
        assert duration == pytest.approx(soundfile.info(audio).duration)
        paths[name] = (audio, jams)
    return paths


def test_the_same_seed_gives_the_same_bytes_and_another_others(rendered, tmp_path):
    audio, jams = rendered[TUNE]
    again, other = (tmp_path / "a.flac", tmp_path / "a.jams"), (tmp_path / "b.flac", tmp_path / "b")
    rendering.render(TRACKS[TUNE], PLAIN, *again)
    rendering.render(TRACKS[TUNE], recipes.PLAIN, *other)
    assert again[0].read_bytes() == audio.read_bytes()
    assert again[1].read_bytes() == jams.read_bytes()
    assert other[0].read_bytes() != audio.read_bytes()


def test_audio_is_stereo_at_44100_hz_and_not_clipped(rendered):
    for audio, _ in rendered.values():
        samples, rate = soundfile.read(audio, dtype="int16")
        assert rate == 44100
        assert samples.shape[1] == 2
        assert 300 < np.abs(samples.astype(int)).max() <= round(mixing.PEAK * 32767) + 1
        assert not np.array_equal(samples[:, 0], samples[:, 1])
        assert 15 < len(samples) / rate < 45


@pytest.mark.parametrize("name", [CHORALE, TUNE])
def test_annotations_are_valid_jams(rendered, name):
    import jams

    jam = jams.load(str(rendered[name][1]), validate=True, strict=True)
    namespaces = Counter(annotation.namespace for annotation in jam.annotations)
    for namespace in ("tempo", "key_mode", "beat", "onset", "pitch_contour", "mood_thayer"):
        assert namespaces[namespace] == 1
    assert namespaces["segment_open"] == 0
    assert namespaces["note_midi"] >= 1


@pytest.mark.parametrize("name", [CHORALE, TUNE])
def test_annotations_agree_with_each_other(rendered, name):
    jams = annotations.read(rendered[name][1])
    beats = jams.first("beat")
    values = [int(value) for value in beats.values]
    metre = Metre.parse(jams.sandbox["metre"])
    assert all(b == a % metre.beats + 1 for a, b in itertools.pairwise(values))
    intervals = np.diff(beats.times)
    assert jams.first("tempo").values[0] == pytest.approx(60 / np.median(intervals), abs=1e-2)
    notes = np.concatenate([a.times for a in jams.find("note_midi")])
    assert set(jams.first("onset").times) <= set(notes)
    assert np.all(np.diff(jams.first("onset").times) >= 0.0299)
    melody = next(jams.find("note_midi"))
    contour = jams.first("pitch_contour")
    hertz = np.array([value["frequency"] for value in contour.values])
    for observation in melody.observations[:20]:
        middle = observation.time + observation.duration / 2
        expected = 440 * 2 ** ((observation.value - 69) / 12)
        assert hertz[round(middle / 0.01)] == pytest.approx(expected, rel=1e-4)
    assert hertz[0] == 0 and contour.values[0]["voiced"] is False


def test_the_key_follows_the_transposition(rendered):
    jams = annotations.read(rendered[CHORALE][1])
    source = catalogue.work(jams.sandbox["song"])
    tonic = (source.tonic + jams.sandbox["transposition"]) % 12
    assert jams.first("key_mode").values == [f"{tonic_name(tonic, source.mode)}:{source.mode}"]
    last_bass = next(a for a in jams.find("note_midi") if a.sandbox["part"] == "bass")
    assert last_bass.values[-1] % 12 == tonic


def test_analysed_chorales_have_chords_that_mir_eval_reads(rendered):
    import mir_eval

    chords = annotations.read(rendered[CHORALE][1]).first("chord")
    assert chords.sandbox["source"] == "analysis"
    mir_eval.chord.encode_many(chords.values)
    assert np.allclose(chords.intervals[1:, 0], chords.intervals[:-1, 1], atol=2e-6)


@pytest.mark.parametrize("name", [CHORALE, TUNE])
def test_notes_start_and_end_where_the_player_can_strike_and_release_them(name):
    performed = rendering.draw(TRACKS[name], PLAIN).performance
    samples = [s for part in performed.parts for n in part.notes for s in (n.start, n.end)]
    assert {sample % BLOCK for sample in samples} == {0}
    assert all(n.start < n.end for part in performed.parts for n in part.notes)


def test_every_key_occurs_and_a_track_depends_on_nothing_else():
    drawn = set()
    for track in tracks.scores("small"):
        work = catalogue.work(track.song)
        rng = rendering.random_streams(2017, track.id, 5)[0]
        steps = int(rng.integers(-6, 6))
        drawn.add(((work.tonic + steps) % 12, work.mode))
    assert len(drawn) == 24
    one, same = (rendering.random_streams(7, "x", 1)[0].random() for _ in range(2))
    assert one == same != rendering.random_streams(7, "y", 1)[0].random()


def test_a_jams_file_has_no_date(rendered):
    raw = json.loads(Path(rendered[TUNE][1]).read_text())
    assert raw["file_metadata"]["title"]
    assert raw["sandbox"]["licence"]
    assert "date" not in json.dumps(raw)


def test_keys_are_spelt_as_mir_eval_reads_them():
    import mir_eval

    for tonic, mode in itertools.product(range(12), ("major", "minor")):
        mir_eval.key.validate_key(f"{tonic_name(tonic, mode)} {mode}")
        number, _ = mir_eval.key.split_key_string(f"{tonic_name(tonic, mode)} {mode}")
        assert number == tonic

"""What sounds is what the annotations say, and says it again byte for byte."""

import importlib.util
import itertools
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deepmir.files import annotations
from deepmir_render import plain_tracks as scores
from deepmir_render.mixing import effects
from deepmir_render.playing import performance_plain as performance
from deepmir_render.playing import synthesis_plain as synthesis
from deepmir_render.playing.fluidsynth import BLOCK, on_grid
from deepmir_render.playing.instruments import CHOIRS, INSTRUMENTS, SOLOISTS
from deepmir_render.playing.tempo import TempoCurve
from deepmir_render.rendering_plain import random_streams
from deepmir_render.sources.catalogue import works
from deepmir_render.writing import arrangement_plain as arrangement
from deepmir_render.writing import harmonisation
from deepmir_render.writing.notation import Metre, Note, Part, Score

RATE = performance.SAMPLE_RATE
TRACKS = {track.id: track for track in scores.tracks("full")}
CHORALE, TUNE = "bach-bwv269-r0", "oneill-3-r0"


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scores")
    paths = {}
    for name in (CHORALE, TUNE):
        audio, jams = folder / f"{name}.flac", folder / f"{name}.jams"
        duration = scores.render(TRACKS[name], 2017, audio, jams)
        assert duration == pytest.approx(soundfile.info(audio).duration)
        paths[name] = (audio, jams)
    return paths


def one_bar_score(pitches=(60, 64, 67, 72), beats=4):
    notes = tuple(Note(float(i), i + 1.0, p) for i, p in enumerate(pitches))
    return Score((Part("melody", notes),), (0.0,), float(beats), 0, "major", Metre(beats, 4))


def played(instrument, pitches, seconds=1.0, gap=0.5):
    """A performance of single notes, one every `seconds` + `gap`."""
    step, length = on_grid(seconds + gap), on_grid(seconds)
    notes = tuple(
        performance.PlayedNote(i * step, i * step + length, pitch, 90)
        for i, pitch in enumerate(pitches)
    )
    part = performance.PlayedPart("melody", instrument, 0.0, 0.0, notes)
    score = one_bar_score()
    arranged = arrangement.Arrangement(score, (), 60.0, 0, (), "")
    curve = TempoCurve(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    return performance.Performance(arranged, (part,), curve, step * len(pitches))


def test_the_same_seed_gives_the_same_bytes_and_another_others(rendered, tmp_path):
    audio, jams = rendered[TUNE]
    again, other = (tmp_path / "a.flac", tmp_path / "a.jams"), (tmp_path / "b.flac", tmp_path / "b")
    scores.render(TRACKS[TUNE], 2017, *again)
    scores.render(TRACKS[TUNE], 2018, *other)
    assert again[0].read_bytes() == audio.read_bytes()
    assert again[1].read_bytes() == jams.read_bytes()
    assert other[0].read_bytes() != audio.read_bytes()


def test_audio_is_stereo_at_44100_hz_and_not_clipped(rendered):
    for audio, _ in rendered.values():
        samples, rate = soundfile.read(audio, dtype="int16")
        assert rate == 44100
        assert samples.shape[1] == 2
        assert 300 < np.abs(samples.astype(int)).max() <= round(effects.PEAK * 32767) + 1
        assert not np.array_equal(samples[:, 0], samples[:, 1])
        assert 15 < len(samples) / rate < 42


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
    source = next(work for work in works() if work.id == jams.sandbox["work"])
    from deepmir_render.labelling.labels_plain import tonic_name

    tonic = (source.tonic + jams.sandbox["transposition"]) % 12
    assert jams.first("key_mode").values == [f"{tonic_name(tonic, source.mode)}:{source.mode}"]
    last_bass = next(a for a in jams.find("note_midi") if a.sandbox["part"] == "bass")
    assert isinstance(last_bass.values[-1], int)


def test_analysed_chorales_have_chords_that_mir_eval_reads(rendered):
    import mir_eval

    chords = annotations.read(rendered[CHORALE][1]).first("chord")
    assert chords.sandbox["source"] == "analysis"
    mir_eval.chord.encode_many(chords.values)
    assert np.allclose(chords.intervals[1:, 0], chords.intervals[:-1, 1], atol=2e-6)


def test_keys_are_spelt_as_mir_eval_reads_them():
    import mir_eval

    from deepmir_render.labelling.labels_plain import tonic_name

    for tonic, mode in itertools.product(range(12), ("major", "minor")):
        mir_eval.key.validate_key(f"{tonic_name(tonic, mode)} {mode}")
        number, _ = mir_eval.key.split_key_string(f"{tonic_name(tonic, mode)} {mode}")
        assert number == tonic


@pytest.mark.parametrize("name", [CHORALE, TUNE])
def test_notes_start_and_end_where_the_player_can_strike_and_release_them(name):
    work = next(work for work in works() if work.id == TRACKS[name].work)
    arranging, performing = random_streams(2017, name, 2)
    performed = performance.perform(arrangement.arrange(work.read(), arranging), performing)
    samples = [s for part in performed.parts for n in part.notes for s in (n.start, n.end)]
    assert {sample % BLOCK for sample in samples} == {0}
    assert all(n.start < n.end for part in performed.parts for n in part.notes)


def test_notes_start_on_their_sample():
    """A marimba's attack is within 2 ms of where the annotation says, at any distance."""
    performed = played(INSTRUMENTS["marimba"], [60, 67, 72, 79, 64], seconds=0.4, gap=3.1337)
    sound = np.abs(synthesis.synthesise(performed)).max(axis=0)
    for note in performed.parts[0].notes:
        before = sound[max(0, note.start - 400) : note.start]
        after = sound[note.start : note.start + 2000]
        attack = int(np.argmax(after > 0.05 * after.max()))
        assert attack < 0.002 * RATE
        assert before.size == 0 or before.max() < 0.02 * after.max()


@pytest.mark.parametrize("seed", [1, 2])
def test_drums_of_a_performance_sound_where_beats_are(seed):
    """With every player in time, each drum's attack is on the grid of the tempo curve."""
    work = next(work for work in works() if work.id == "oneill-3")
    score = arrangement.fit(work.read(), 100.0)
    kit = arrangement._drums(score, np.random.default_rng(seed))
    arranged = arrangement.Arrangement(score, (kit,), 100.0, 0, (), "")
    performed = performance.perform(arranged, np.random.default_rng(seed))
    sound = np.abs(synthesis.synthesise(performed)).max(axis=0)
    energy = np.maximum.reduceat(sound, np.arange(0, sound.size, 44))
    for time, _ in performance.beats(score, performed.curve)[4:40:5]:
        frame = round(time * RATE / 44)
        window = energy[frame - 40 : frame + 60]
        rise = np.diff(window)
        assert abs(int(np.argmax(rise)) - 39) * 44 / RATE < 0.022


def test_instruments_are_in_tune():
    """Everything that may have the melody is within 15 cents of the annotated frequency at A4."""
    off = {}
    for name in sorted({*SOLOISTS, *(choir[0] for choir in CHOIRS)}):
        sound = synthesis.synthesise(played(INSTRUMENTS[name], [69])).mean(axis=0)
        off[name] = cents_off(sound[4410 : RATE - 4410], 69)
    assert all(abs(cents) < 15 for cents in off.values()), off
    assert abs(np.median(list(off.values()))) <= 1.5


@pytest.mark.parametrize("name", ["piano", "strings", "violin", "trumpet", "flute"])
def test_instruments_are_as_loud_as_the_table_says(name):
    """The greatest RMS of 50 ms, the median of notes from A2 to A5."""
    pitches = range(45, 82, 3)
    sound = synthesis.synthesise(played(INSTRUMENTS[name], pitches))
    power = np.convolve(np.square(sound).mean(axis=0), np.full(RATE // 20, 20 / RATE), "valid")
    notes = power[: power.size // len(pitches) * len(pitches)].reshape(len(pitches), -1)
    loudest = 10 * np.log10(np.median(notes.max(axis=1)))
    assert loudest == pytest.approx(synthesis.REFERENCE_LEVEL, abs=1.0)


def cents_off(sound, pitch):
    """Cents by which a comb of the first six harmonics fits best."""
    padded = 1 << 18
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size), padded))
    offsets = np.arange(-60, 61)
    hertz = 440 * 2 ** ((pitch - 69 + offsets / 100) / 12)
    bins = np.rint(np.outer(np.arange(1, 7), hertz) * padded / RATE).astype(int)
    return offsets[np.argmax((spectrum[bins] / np.sqrt(np.arange(1, 7))[:, None]).sum(axis=0))]


def test_a_short_score_is_played_twice_with_its_pickup():
    score = Score(
        (Part("melody", (Note(0, 1, 62), Note(1, 5, 67), Note(5, 8, 67))),),
        (-3.0, 1.0, 5.0),
        8.0,
        7,
        "major",
        Metre(4, 4),
    )
    twice = arrangement.twice(score)
    assert twice.bars == (-3.0, 1.0, 5.0, 9.0, 13.0)
    assert [n.start for n in twice.melody] == [0, 1, 5, 8, 9, 13]
    assert twice.end == 16.0


def test_a_long_score_is_cut_at_a_bar_line():
    score = one_bar_score()
    for _ in range(6):
        score = arrangement.twice(score)
    fitted = arrangement.fit(score, 90.0)
    assert fitted.end % 4 == 0
    assert fitted.end / 1.5 <= arrangement.LONGEST < (fitted.end + 4) / 1.5
    assert fitted.melody[-1].end <= fitted.end


def test_beats_of_a_pickup_have_their_place_in_the_bar():
    score = Score(
        (Part("melody", (Note(0, 1, 62), Note(1, 5, 67))),), (-3.0, 1.0), 5.0, 7, "major",
        Metre(4, 4),
    )  # fmt: skip
    curve = TempoCurve(np.array([-3.0, 9.0]), np.array([0.0, 12.0]))
    assert performance.beats(score, curve) == [(3, 4), (4, 1), (5, 2), (6, 3), (7, 4)]


def test_harmony_follows_the_melody():
    notes = [(0, 60), (1, 64), (2, 67), (3, 64), (4, 67), (5, 71), (6, 74), (7, 71), (8, 72)]
    melody = tuple(Note(float(s), s + 1.0, p) for s, p in notes)
    score = Score((Part("melody", melody),), (0.0, 4.0, 8.0), 9.0, 0, "major", Metre(4, 4))
    roots = [triad.root for triad in harmonisation.harmonise(score)]
    assert roots[0] == 0 and roots[2] == 7 and roots[-1] == 0


def test_a_struck_pitch_is_released_before_it_is_struck_again():
    notes = [performance.PlayedNote(s, s + 500, 60, 90) for s in (0, 300, 900)]
    released = performance.released(notes)
    assert [(n.start, n.end) for n in released] == [(0, 300), (300, 800), (900, 1400)]


def test_every_key_occurs_and_a_track_depends_on_nothing_else():
    drawn = set()
    for track in scores.tracks("small"):
        work = next(w for w in works() if w.id == track.work)
        rng = random_streams(2017, track.id, 3)[0]
        steps = int(rng.integers(-6, 6))
        drawn.add(((work.tonic + steps) % 12, work.mode))
    assert len(drawn) == 24
    one, same = (random_streams(7, "x", 1)[0].random() for _ in range(2))
    assert one == same != random_streams(7, "y", 1)[0].random()


def test_effects_keep_the_level_and_never_clip(rng):
    dry = rng.standard_normal((2, RATE)) * 0.1
    drawn = effects.Effects(0.4, -8.0, 80.0, 6000.0, "pink", 30.0, -3.0)
    loud = effects.apply(dry, drawn, rng)
    assert np.abs(loud).max() == pytest.approx(effects.PEAK)
    quiet = effects.Effects(None, 0.0, None, None, None, 0.0, -26.0)
    level = 20 * np.log10(np.sqrt(np.mean(effects.apply(dry, quiet, rng) ** 2)))
    assert level == pytest.approx(-26.0, abs=0.01)
    assert np.corrcoef(loud)[0, 1] < 0.99


def test_a_jams_file_has_no_date(rendered):
    raw = json.loads(Path(rendered[TUNE][1]).read_text())
    assert raw["file_metadata"]["title"]
    assert raw["sandbox"]["licence"]
    assert "date" not in json.dumps(raw)


def test_the_soundfont_is_the_installed_one():
    spec = importlib.util.find_spec("pretty_midi")
    assert synthesis._soundfont().parent == Path(spec.origin).parent

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import SINGER, spoken_here

from deepmir.errors import DeepmirError
from deepmir_render.instruments import SINGING
from deepmir_render.playing.played import SAMPLE_RATE, PlayedNote, PlayedPart
from deepmir_render.singing import bank, espeak, speaking, speech, vocoder
from deepmir_render.singing.languages import LANGUAGES, SPEAKERS, draw_sounds
from deepmir_render.singing.speaking import SpokenVoice
from deepmir_render.singing.syllables import SpokenSyllable, lay
from deepmir_render.singing.vocoder import Controls

ONSET, VOWEL, CODA = 16, 40, 12  # frames of 5 ms


@pytest.fixture
def spoken(monkeypatch):
    """A speaker with one syllable: a hiss, a vowel with one resonance, and a hum."""
    hertz = np.linspace(0, 11025, 257)
    vowel = -10 - 12 * np.log2(np.maximum(hertz, 300) / 300) * (hertz > 700)
    hiss = np.where(hertz > 4000, -30.0, -80.0)
    hum = -20 - np.minimum(hertz / 30, 60)
    frames = np.concatenate(
        [np.tile(row, (n, 1)) for row, n in ((hiss, ONSET), (vowel, VOWEL), (hum, CODA))]
    )
    power = np.round((frames - speaking.FLOOR) / speaking.STEP).astype(np.uint8)
    harmonic = np.repeat(np.array([0, 255, 255], dtype=np.uint8), (ONSET, VOWEL, CODA))
    syllable = SpokenSyllable(0, ONSET, ONSET + VOWEL, ONSET + VOWEL + CODA)
    voice = SpokenVoice(False, power, harmonic, (syllable,) * 8)
    monkeypatch.setattr(bank, "women", lambda path: {"Bert": False})
    monkeypatch.setattr(bank, "find", lambda path, speaker: voice)


def _part(*notes, level=0.0):
    played = (
        PlayedNote(round(s * SAMPLE_RATE), round(e * SAMPLE_RATE), p, 90) for s, e, p in notes
    )
    return PlayedPart("melody", SINGING, level, 0.0, tuple(played))


MELODY = _part((0.5, 1.2, 57), (1.2, 1.6, 60), (1.6, 2.8, 64), (3.4, 4.4, 62))


def _sing(part=MELODY, seconds=5.0, seed=1, singer=SINGER):
    rng = np.random.default_rng(seed)
    return speech.sing(part, singer, round(seconds * SAMPLE_RATE), rng, Path("bank.npz"))


def _estimated(samples, second):
    """The frequency at a time, between 170 and 400 Hz, from the autocorrelation peak."""
    middle = round(second * SAMPLE_RATE)
    excerpt = samples[middle - 1024 : middle + 1024] * np.hanning(2048)
    spectrum = np.abs(np.fft.rfft(excerpt, 4096)) ** 2
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(2048), 4096)) ** 2)
    correlation = np.fft.irfft(spectrum)[:260] / window[:260]
    lag = 110 + int(np.argmax(correlation[110:-1]))
    before, at, after = correlation[lag - 1 : lag + 2]
    return SAMPLE_RATE / (lag + 0.5 * (before - after) / (before - 2 * at + after))


def test_the_contour_is_the_frequency_that_sounds(spoken):
    sung = _sing()
    errors = [
        1200 * np.log2(_estimated(sung.samples, second) / sung.part.contour[round(second * 100)])
        for second in np.arange(0.6, 4.3, 0.07)
        if all(sung.part.contour[round(second * 100) - 3 : round(second * 100) + 4])
    ]
    assert len(errors) > 25
    assert np.median(np.abs(errors)) < 12
    assert np.max(np.abs(errors)) < 100


def test_the_contour_follows_the_melody(spoken):
    contour = np.array(_sing().part.contour)
    for second, pitch in ((0.9, 57), (2.2, 64), (4.0, 62)):
        around = contour[round(second * 100) - 9 : round(second * 100) + 9]
        assert np.median(69 + 12 * np.log2(around / 440)) == pytest.approx(pitch, abs=0.6)
    assert not contour[:30].any()
    assert not contour[470:].any()


def test_vowels_start_with_their_notes_and_consonants_come_before(spoken):
    sung = _sing()
    starts = [note.start for note in sung.part.notes]
    assert starts == [note.start for note in MELODY.notes]
    first = sung.spans[0]
    assert 0.03 * SAMPLE_RATE < MELODY.notes[0].start - first[0] <= 0.1 * SAMPLE_RATE
    frames = [round(start / 441) for start in starts]
    assert all(sung.part.contour[frame + 2] > 0 for frame in frames)
    # The hiss of the first onset is heard, and has no fundamental.
    onset = sung.samples[first[0] : starts[0]]
    assert np.sqrt(np.mean(onset**2)) > 1e-5
    assert not any(sung.part.contour[first[0] // 441 + 2 : frames[0] - 2])


def test_nothing_but_breath_sounds_outside_the_spans(spoken):
    sung = _sing()
    outside = np.ones(sung.samples.size, dtype=bool)
    for start, end in sung.spans:
        outside[max(0, start - 600) : end + 1600] = False
    loud = np.sqrt(np.mean(sung.samples[~outside] ** 2))
    assert np.sqrt(np.mean(sung.samples[outside] ** 2)) < 0.1 * loud


def test_a_seed_gives_the_same_bytes_and_another_one_others(spoken):
    first, second, other = _sing(), _sing(), _sing(seed=2)
    assert first.samples.tobytes() == second.samples.tobytes()
    assert first.part == second.part
    assert first.samples.tobytes() != other.samples.tobytes()


def test_the_level_is_that_of_the_part(spoken):
    soft, loud = _sing(), _sing(_part(*((0.5, 1.2, 57), (1.2, 2.2, 60)), level=6.0))
    measured = [20 * np.log10(np.std(s.samples[22050:44100])) for s in (soft, loud)]
    assert measured[0] == pytest.approx(-24, abs=5)
    assert measured[1] == pytest.approx(-18, abs=5)


def test_a_part_may_be_empty_or_longer_than_the_recording(spoken):
    empty = _sing(_part())
    assert not empty.samples.any()
    assert not any(empty.part.contour)
    assert empty.spans == ()
    cut = _sing(_part((0.2, 3.0, 60), (3.0, 4.0, 62)), seconds=1.0)
    assert cut.samples.shape == (SAMPLE_RATE,)
    assert [note.end <= SAMPLE_RATE for note in cut.part.notes] == [True]


melodies = st.lists(
    st.tuples(st.floats(0, 0.8), st.floats(0.03, 1.5), st.integers(45, 72)), min_size=1, max_size=25
)


@given(melodies, st.integers(0, 100))
@settings(max_examples=60)
def test_syllables_never_overlap_and_every_note_sounds(steps, seed):
    notes, now = [], 0.3
    for gap, length, pitch in steps:
        now += gap if gap > 0.1 else 0.0
        notes.append((now, now + length, pitch))
        now += length
    part = _part(*notes)
    rng = np.random.default_rng(seed)
    vocabulary = [SpokenSyllable(0, ONSET, ONSET + VOWEL, ONSET + VOWEL + coda) for coda in (0, 9)]
    laid = lay(part.notes, vocabulary, SINGER, rng)
    sounding = [note for syllable in laid for note in syllable.notes]
    assert [(n.start, n.pitch) for n in sounding] == [(n.start, n.pitch) for n in part.notes]
    assert all(note.end > note.start for note in sounding)
    for before, after in zip(laid, [*laid[1:], None], strict=True):
        assert before.start <= before.vowel < before.coda <= before.end
        assert after is None or before.end <= after.start


@given(st.lists(st.floats(60, 900), min_size=2, max_size=40))
def test_pulses_are_where_the_integral_of_the_frequency_is_whole(frequencies):
    starts = vocoder.pulses(np.array(frequencies), 441)
    fine = np.interp(
        np.arange(0, (len(frequencies) - 1) * 441 + 1),
        np.arange(len(frequencies)) * 441.0,
        frequencies,
    )
    cycles = np.concatenate([[0.0], np.cumsum((fine[1:] + fine[:-1]) / 2 / SAMPLE_RATE)])
    assert np.allclose(
        np.interp(starts, np.arange(cycles.size), cycles), np.arange(1, starts.size + 1), atol=1e-3
    )
    assert starts.size == int(cycles[-1] + 1e-9) or abs(cycles[-1] - round(cycles[-1])) < 1e-6


@pytest.mark.parametrize("harmonic", [0.0, 30_000.0])
def test_noise_and_pulses_have_the_envelopes_power(harmonic):
    power = np.full((400, vocoder.BINS), -20.0, dtype=np.float32)
    pitch = np.full(202, 200.0)
    starts = vocoder.pulses(pitch, 441)
    heights = np.full(starts.size, np.sqrt(SAMPLE_RATE / 200))
    controls = Controls(power, np.full(400, harmonic, np.float32), -90.0, starts, heights)
    sound = vocoder.synthesise(controls, 2 * SAMPLE_RATE, np.random.default_rng(0))
    middle = 10 * np.log10(np.mean(sound[4410:-8820] ** 2))
    share = 10 * np.log10(vocoder.USED / vocoder.BINS)
    assert middle == pytest.approx(-20 + share, abs=0.5)


def test_a_sound_is_of_its_language():
    rng = np.random.default_rng(0)
    for language in LANGUAGES:
        for _ in range(20):
            sounds = draw_sounds(language, rng)
            assert sounds.vowel in language.vowels
            assert sounds.onset in ("", *language.onsets)
            assert sounds.coda in ("", *language.codas)
    assert len({speaker.name for speaker in SPEAKERS}) == len(SPEAKERS)


def test_without_espeak_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    espeak.espeak.cache_clear()
    with pytest.raises(DeepmirError, match=r"pip install \"deepmir\[singing\]\""):
        espeak.espeak()


def test_a_broken_bank_is_named(tmp_path):
    (tmp_path / "voices-0.npz").write_bytes(b"not an archive")
    with pytest.raises(DeepmirError, match=r"voices-0.npz is not a bank of voices .*delete it"):
        bank.find(tmp_path / "voices-0.npz", "it+f2")


def test_a_speaker_says_sibilants_and_vowels():
    if not spoken_here():
        pytest.skip("espeak-ng is not installed")
    voice = speaking.speak(SPEAKERS[1], count=12)
    assert len(voice.syllables) == 12
    assert voice.syllables[-1].end == len(voice.power) == len(voice.harmonic)
    for syllable in voice.syllables:
        assert syllable.first <= syllable.vowel < syllable.coda <= syllable.end
        assert (voice.harmonic[syllable.vowel : syllable.coda] == 255).all()
        power = voice.power[syllable.vowel : syllable.coda] * speaking.STEP
        # Vowels are louder below 4 kHz than above, and as loud as each other.
        assert power[:, :93].mean() > power[:, 93:].mean() + 10
        total = 10 * np.log10(np.sum(10 ** ((power + speaking.FLOOR) / 10), axis=1))
        assert np.median(total) == pytest.approx(0, abs=2)


def test_a_bank_is_the_same_whatever_was_said_before(tmp_path):
    if not spoken_here():
        pytest.skip("espeak-ng is not installed")
    paths = [bank.of_espeak(SPEAKERS[:1], tmp_path / name) for name in ("one", "two")]
    first, second = (np.load(path) for path in paths)
    assert paths[0].name == paths[1].name
    assert sorted(first) == sorted(second)
    assert all(np.array_equal(first[name], second[name]) for name in first)

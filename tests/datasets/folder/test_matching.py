import io

import numpy as np
import planted
import pytest
import soundfile
import soxr

from deepmir.datasets import matching
from deepmir.datasets.fingerprint import AVERAGED, BITS, HOP, NOTHING, RATE, WINDOW, fingerprint

DIFFERENT = 100


def printed(samples, rate=planted.RATE):
    return fingerprint(samples, rate)


def matches(fingerprints):
    return matching.matches(fingerprints, lambda words: words)


def coded(samples, **how):
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", planted.RATE, 1, **how) as file:
        for start in range(0, len(samples), 1 << 14):
            file.write(samples[start : start + (1 << 14)])
    buffer.seek(0)
    return soundfile.read(buffer, dtype="float32")[0]


@pytest.fixture(scope="module")
def pieces():
    return [planted.piece(seed, seconds=8.0) for seed in range(DIFFERENT)]


@pytest.fixture(scope="module")
def prints(pieces):
    return [printed(piece) for piece in pieces]


def test_different_pieces_of_one_synthesiser_in_one_key_are_not_the_same(prints):
    assert matches(prints) == []


@pytest.mark.parametrize(
    "how",
    [
        {"format": "MP3", "subtype": "MPEG_LAYER_III", "compression_level": 0.5},
        {"format": "MP3", "subtype": "MPEG_LAYER_III", "compression_level": 0.9},
        {"format": "OGG", "subtype": "VORBIS", "compression_level": 0.8},
    ],
)
@pytest.mark.parametrize("seconds", [0.3, 1.7])
def test_a_recording_is_found_again_coded_quieter_and_later(pieces, prints, how, seconds):
    shift = np.zeros(round(seconds * planted.RATE), np.float32)
    again = [printed(coded(np.concatenate([shift, 0.2 * piece]), **how)) for piece in pieces[:4]]
    found = matches([*prints, *again])
    assert [(m.first, m.second) for m in found] == [(i, DIFFERENT + i) for i in range(4)]
    assert [m.shift for m in found] == pytest.approx([seconds] * 4, abs=0.03)


def test_a_part_of_a_recording_is_found_in_it(pieces, prints):
    part = printed(pieces[7][planted.RATE * 2 :])
    (found,) = matches([*prints, part])
    assert (found.first, found.second) == (7, DIFFERENT)
    assert found.shift == pytest.approx(-2.0, abs=0.03)


def test_music_that_begins_alike_and_goes_on_differently_is_not_the_same(pieces):
    begin = planted.RATE * 3
    others = [np.concatenate([pieces[0][:begin], piece[begin:]]) for piece in pieces[1:5]]
    assert matches([printed(samples) for samples in others]) == []


def test_level_and_sign_change_nothing(pieces, prints):
    for factor in (0.03, -1.0, 3.0):
        assert (printed(np.float32(factor) * pieces[0]) == prints[0]).mean() > 0.99


def test_another_rate_changes_next_to_nothing(pieces, prints):
    again = printed(soxr.resample(pieces[0], planted.RATE, 44100), 44100)
    assert matching._compared(prints[0], again, 0) < 0.01


@pytest.mark.parametrize("rate", [11025, 22050, 44100])
def test_what_lies_above_the_bands_does_not_fold_into_them(pieces, prints, rate, rng):
    """Decimation uses a short filter: an equally loud signal from 3,512 Hz on has no effect."""
    piece = soxr.resample(pieces[0], planted.RATE, rate)
    spectrum = np.fft.rfft(rng.standard_normal(len(piece)))
    spectrum[np.fft.rfftfreq(len(piece), 1 / rate) < 3512] = 0
    hiss = np.fft.irfft(spectrum, len(piece))
    louder = piece + (piece.std() / hiss.std() * hiss).astype(np.float32)
    assert matching._compared(prints[0], printed(louder, rate), 0) < 0.02


def test_transposed_or_faster_it_is_another_recording(pieces, prints):
    for factor in (2 ** (1 / 12), 1.02):
        other = soxr.resample(pieces[0], planted.RATE, planted.RATE / factor)
        assert matches([*prints, printed(other)]) == []


def test_silence_is_no_fingerprint():
    assert matches([]) == []
    silent = printed(np.zeros(planted.RATE * 6, np.float32))
    assert (silent == NOTHING).all()
    assert matches([silent, silent]) == []


def test_steady_tones_are_not_the_same(rng):
    time = np.arange(3 * 22050) / 22050
    chords = [
        sum(np.sin(2 * np.pi * tune * 220 * 2 ** (step / 12) * time) for step in (0, third, 7))
        for third in (3, 4)
        for tune in (1, 1.001, 1.002)
    ]
    stored = [(6000 * chord).round().astype(np.float32) / 32768 for chord in chords]
    assert matches([printed(chord, 22050) for chord in stored]) == []


FIRST = WINDOW + AVERAGED * HOP  # samples of the first frame


@pytest.mark.parametrize("samples", [0, 1, WINDOW, FIRST - 1])
def test_what_is_too_short_has_no_frames(samples):
    short = fingerprint(np.ones(samples, np.float32), RATE)
    assert short.shape == (0,)
    assert short.dtype == np.uint32
    assert matches([short, short]) == []


def test_bits_are_the_signs_of_the_paper(rng):
    """Equation 1 of Haitsma and Kalker, literally, in plain loops."""
    frames = 4
    samples = rng.standard_normal(FIRST + (frames - 1) * HOP).astype(np.float32)
    width = RATE / WINDOW  # of a bin
    edges = np.geomspace(300, 2000, BITS + 2)
    energy = np.zeros((AVERAGED + frames, BITS + 1))
    for n in range(len(energy)):
        windowed = samples[n * HOP : n * HOP + WINDOW] * np.hanning(WINDOW)
        power = np.abs(np.fft.rfft(windowed)) ** 2
        for m in range(BITS + 1):
            for k in range(power.size):
                low, high = max(edges[m], (k - 0.5) * width), min(edges[m + 1], (k + 0.5) * width)
                energy[n, m] += power[k] * max(high - low, 0) / width
    weights = np.hanning(AVERAGED + 2)[1:-1]
    mean = np.array([weights @ energy[n : n + AVERAGED] for n in range(frames + 1)])
    words = fingerprint(samples, RATE)
    assert len(words) == frames
    for n in range(1, frames + 1):
        word = 0
        for m in range(BITS):
            now = mean[n, m] - mean[n, m + 1]
            before = mean[n - 1, m] - mean[n - 1, m + 1]
            word = 2 * word + int(now - before > 0)
        assert words[n - 1] == word


def test_random_bits_agree_with_no_others(rng):
    def random():
        return rng.integers(1, 2**32, 2000).astype(np.uint32)

    one = random()
    flipped = one ^ (np.uint32(1) << rng.integers(0, 32, 2000).astype(np.uint32))
    half = np.where(rng.random(2000) < 0.5, flipped, one)
    found = matches([random(), one, random(), half])
    assert [(m.first, m.second) for m in found] == [(1, 3)]
    assert found[0].differing == pytest.approx(0.5 / BITS, rel=0.1)

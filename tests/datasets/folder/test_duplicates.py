import io

import numpy as np
import planted
import pytest
import soundfile
import soxr

from deepmir.datasets.folder.duplicates import (
    BITS,
    HOP,
    RATE,
    WINDOW,
    Fingerprint,
    fingerprint,
    matches,
)

DIFFERENT = 100


def printed(samples, rate=planted.RATE):
    return fingerprint(soxr.resample(samples, rate, RATE).astype(np.float32))


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


def test_silence_is_no_fingerprint():
    assert matches([]) == []
    silent = printed(np.zeros(planted.RATE * 6, np.float32))
    assert not silent.sounding.any()
    assert matches([silent, silent]) == []


@pytest.mark.parametrize("samples", [0, 1, WINDOW, WINDOW + HOP - 1])
def test_what_is_not_longer_than_a_window_has_no_frames(samples):
    assert fingerprint(np.ones(samples, np.float32)).words.shape == (0,)
    assert matches([fingerprint(np.ones(samples, np.float32))] * 2) == []


def test_bits_are_the_signs_of_the_paper(rng):
    """Equation 1 of Haitsma and Kalker, written as they do, in plain loops."""
    samples = rng.standard_normal(WINDOW + 3 * HOP).astype(np.float32)
    edges = np.geomspace(300, 2000, BITS + 2) * WINDOW / RATE
    energy = np.zeros((4, BITS + 1))
    for n in range(4):
        windowed = samples[n * HOP : n * HOP + WINDOW] * np.hanning(WINDOW)
        power = np.abs(np.fft.rfft(windowed)) ** 2
        for m in range(BITS + 1):
            chosen = [k for k in range(power.size) if edges[m] <= k < edges[m + 1]]
            energy[n, m] = power[chosen].sum()
    for n in range(1, 4):
        word = 0
        for m in range(BITS):
            now = energy[n, m] - energy[n, m + 1]
            before = energy[n - 1, m] - energy[n - 1, m + 1]
            word = 2 * word + int(now - before > 0)
        assert fingerprint(samples).words[n - 1] == word


def test_random_bits_agree_with_no_others(rng):
    def random():
        return Fingerprint(rng.integers(0, 2**32, 2000).astype(np.uint32), np.ones(2000, bool))

    one = random()
    flipped = one.words ^ (np.uint32(1) << rng.integers(0, 32, 2000).astype(np.uint32))
    half = np.where(rng.random(2000) < 0.5, flipped, one.words)
    found = matches([random(), one, random(), Fingerprint(half, one.sounding)])
    assert [(m.first, m.second) for m in found] == [(1, 3)]
    assert found[0].differing == pytest.approx(0.5 / BITS, rel=0.1)

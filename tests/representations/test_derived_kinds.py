"""MFCC and tempogram, compared with librosa."""

import librosa
import numpy as np
import pytest

from deepmir.representations import Decibel, Mel, Mfcc, Tempogram

MEL = Mel(scale="slaney", conditioning=(Decibel(),))


@pytest.mark.parametrize("bins", [1, 13, 40])
def test_mfcc_is_librosas(music, error, bins):
    samples = music(22050, 3.0)
    wanted = librosa.feature.mfcc(y=samples.astype(np.float64), sr=22050, n_mfcc=bins).T
    assert error(Mfcc(bins=bins, source=MEL)(samples), wanted) < 1e-5


@pytest.mark.parametrize("hop", [512, 441])
@pytest.mark.parametrize("bins", [64, 192])
def test_tempogram_is_librosas(music, error, hop, bins):
    samples = music(22050, 4.0)
    source = MEL.model_copy(update={"hop": hop})
    tempogram = Tempogram(bins=bins, source=source)
    wanted = librosa.feature.tempogram(
        y=samples.astype(np.float64), sr=22050, hop_length=hop, win_length=bins
    ).T
    assert error(tempogram(samples), wanted) < 1e-5
    np.testing.assert_allclose(
        60 * tempogram.frequencies, librosa.tempo_frequencies(bins, sr=22050, hop_length=hop)
    )


def test_clicks_repeat_at_their_tempo():
    samples = np.zeros(10 * 22050, np.float32)
    samples[:: 22 * 512] = 1
    tempogram = Tempogram()
    lag = 10 + tempogram(samples)[200, 10:100].argmax()
    assert lag == 22
    assert 60 * tempogram.frequencies[lag] == pytest.approx(60 * 22050 / (22 * 512))

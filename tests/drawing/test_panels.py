import io

import numpy as np
import pytest
import soundfile
from matplotlib.image import imread
from pydantic import TypeAdapter

from deepmir.drawing import axes, panels, picture
from deepmir.errors import DeepmirError
from deepmir.files import audio
from deepmir.representations import Chroma, Cqt, Mel, Representation

RATE = panels.SAMPLE_RATE
parse = TypeAdapter(Representation).validate_python


def test_time_runs_right_pitch_runs_up_and_loud_is_dark():
    values = np.zeros((40, 10), dtype=np.float32)
    values[30:, 8:] = 1.0
    pixels = imread(io.BytesIO(picture.png(values)), format="png")
    assert pixels.shape[:2] == (10, 40)
    assert (pixels[:2, 30:] < 0.1).all()
    assert (pixels[2:] > 0.95).all() and (pixels[:, :30] > 0.95).all()


def test_a_picture_of_silence_is_white():
    pixels = imread(io.BytesIO(picture.png(np.zeros((5, 4), np.float32))), format="png")
    assert (pixels > 0.95).all()


@pytest.mark.parametrize("length", [2.0, 7.5, 30.0])
def test_numbers_of_the_time_axis_are_where_their_time_is(length):
    ticks = axes.time_ticks(length)
    assert 3 <= len(ticks) <= 8
    assert [tick.at for tick in ticks] == pytest.approx([float(t.label) / length for t in ticks])


def test_the_frequency_axis_names_every_c_where_bins_tell_pitches_apart():
    semitones = Cqt(fmin=440.0 * 2 ** (-33 / 12), bins=48)
    ticks = axes.frequency_ticks(semitones)
    assert [tick.label for tick in ticks] == ["C5", "C4", "C3", "C2"]
    assert ticks[1].more == "262 Hz"
    assert [tick.at for tick in ticks] == pytest.approx(
        [1 - (12 * n + 0.5) / 48 for n in (3, 2, 1, 0)]
    )


KINDS = {
    "stft": ["10000 Hz", "8000 Hz", "0 Hz"],
    "mel": ["10000 Hz", "1000 Hz"],
    "gammatone": ["5000 Hz", "100 Hz"],
    "cqt": ["C7", "C1"],
    "chroma": ["C", "E", "G", "B"],
    "mfcc": ["0", "4", "16"],
    "tempogram": ["30 BPM", "60 BPM"],
    "hcqt": ["C1", "C5"],
    "audio": [],
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_axis_is_in_its_own_unit_and_can_be_read(kind):
    ticks = axes.frequency_ticks(parse({"kind": kind}))
    places = [tick.at for tick in ticks]
    assert len(ticks) >= 2
    assert min(np.diff(places)) > axes.CLOSEST
    assert min(places) > 0
    assert max(places) < 1
    assert set(KINDS[kind]) <= {tick.label for tick in ticks}


def test_pitch_classes_are_named_from_the_lowest_bin_on():
    from_a = Chroma(source=Cqt(fmin=55.0, bins_per_octave=36, bins=180))
    ticks = axes.frequency_ticks(from_a)
    assert ticks[-1].label == "A"
    assert ticks[-1].at == pytest.approx(1 - 0.5 / 12)


@pytest.fixture
def tone():
    """Two seconds of A4."""
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)).astype(np.float32)


def brightest(axis):
    """The height of the brightest row, as a share of the axis from its bottom."""
    rows = axis.images[0].get_array().mean(axis=1)
    return (int(rows.argmax()) + 0.5) / len(rows)


def test_a_tone_lies_at_its_frequency_its_note_and_its_pitch_class(tone):
    figure = panels.figure({RATE: tone}, panels.FIGURE_4)
    by_name = {axis.get_title(loc="left"): axis for axis in figure.axes}
    wave, stft = by_name["waveform"], by_name["STFT"]
    assert brightest(stft) * RATE / 2 == pytest.approx(440, abs=12)
    cqt = by_name["CQT"]
    named = dict(zip([t.get_text() for t in cqt.get_yticklabels()], cqt.get_yticks(), strict=True))
    octave = named["C5"] - named["C4"]
    assert brightest(cqt) == pytest.approx(named["C4"] + 9 / 12 * octave, abs=1 / 252)
    chroma = by_name["chromagram"]
    classes = [t.get_text() for t in chroma.get_yticklabels()]
    assert brightest(chroma) == pytest.approx(chroma.get_yticks()[classes.index("A")])
    for axis in (wave, stft, cqt, chroma):
        assert axis.get_xlim() == pytest.approx((0, 2))
    left, right = stft.images[0].get_extent()[:2]
    assert (left + right) / 2 == pytest.approx(1, abs=0.02)


def test_a_click_in_a_long_recording_is_still_seen(tone):
    samples = np.zeros(300 * RATE, np.float32)
    samples[200 * RATE] = 1
    figure = panels.figure({RATE: samples}, {"mel": Mel(sample_rate=RATE)})
    image = figure.axes[1].images[0]
    assert image.get_array().shape[1] <= 2 * panels.COLUMNS
    left, right = image.get_extent()[:2]
    column = image.get_array().max(axis=0).argmax()
    at = left + (column + 0.5) / image.get_array().shape[1] * (right - left)
    assert at == pytest.approx(200, abs=0.3)


@pytest.mark.parametrize(
    ("seconds", "suffix"),
    [(0.01, ".png"), (0.3, ".png"), *((2.0, suffix) for suffix in panels.FORMATS)],
)
def test_a_recording_becomes_a_picture_always_the_same(tmp_path, tone, seconds, suffix):
    path, out = tmp_path / "tone.wav", tmp_path / f"new/tone{suffix}"
    soundfile.write(path, tone[: int(seconds * RATE)], RATE)
    wanted = {"mel": Mel(sample_rate=16000), "chroma": Chroma()}
    panels.plot(path, out, wanted)
    first = out.read_bytes()
    panels.plot(path, out, wanted)
    assert out.read_bytes() == first
    assert len(first) > 5000


def test_the_excerpt_is_the_one_asked_for(tmp_path, monkeypatch, tone):
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.concatenate([np.zeros_like(tone), tone]), RATE)
    seen = {}
    monkeypatch.setattr(panels, "figure", lambda signals, *rest: seen.update(signals) or Stop())

    class Stop:
        def suptitle(self, *args, **options):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        panels.plot(path, tmp_path / "a.png", start=2.5, seconds=1.0)
    whole = audio.load(path, RATE)[int(2.5 * RATE) :][:RATE]
    # An excerpt has the loudness of a recording, too.
    np.testing.assert_allclose(seen[RATE] / seen[RATE].std(), whole / whole.std(), atol=1e-5)


def test_another_ending_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(DeepmirError, match=r"a.jpeg: the picture must end in .png, .svg, .pdf"):
        panels.plot(tmp_path / "missing.wav", tmp_path / "a.jpeg")
    with pytest.raises(DeepmirError, match=r"missing.wav: the file is missing"):
        panels.plot(tmp_path / "missing.wav", tmp_path / "a.png")


def test_audio_is_drawn_once(tone):
    wanted = {"audio": parse({"kind": "audio"}), "mel": Mel(sample_rate=RATE)}
    titles = [axis.get_title(loc="left") for axis in panels.figure({RATE: tone}, wanted).axes]
    assert [title for title in titles if title] == ["waveform", "mel"]

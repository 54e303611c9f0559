import numpy as np
import pytest
import soundfile
from made import SINGER, spoken_here

from deepmir.datasets.rendered import Rendered
from deepmir.errors import DeepmirError, MissingDataError
from deepmir_render.singing import bank, espeak, recorded, speaking
from deepmir_render.singing.delivery import draw_delivery
from deepmir_render.singing.languages import SPEAKERS

HISS, VOWEL, HUM, REST = "hiss", "vowel", "hum", "rest"
# Level below 3 kHz and above in dB, and the fundamental in Hz.
SOUNDS = {HISS: (-70, -20, 0), VOWEL: (-10, -45, 120), HUM: (-24, -80, 110), REST: (-110, -110, 0)}


@pytest.fixture
def spoken(monkeypatch):
    """Replace WORLD by fixed results for sounds of some frames each."""

    def says(*sounds):
        hertz = np.linspace(0, speaking.RATE / 2, speaking.BINS)
        frames = [sound for sound, count in sounds for _ in range(count)]
        power = np.array([np.where(hertz < 3000, *SOUNDS[frame][:2]) for frame in frames], float)
        pitch = np.array([SOUNDS[frame][2] for frame in frames], float)
        monkeypatch.setattr(recorded, "analyse", lambda samples: (power, pitch))
        return recorded.divided(np.zeros(100))

    return says


def test_what_sounds_before_a_vowel_is_its_onset_and_after_the_last_its_coda(spoken):
    parts, pitches = spoken(
        (REST, 20), (HISS, 16), (VOWEL, 40), (HISS, 20), (VOWEL, 30), (HUM, 14), (REST, 20)
    )
    assert pitches == [120, 120]
    first, second = parts
    assert first.vowel == pytest.approx(16, abs=3)
    assert first.coda - first.vowel == pytest.approx(40, abs=4)
    assert len(first.power) == first.coda  # what follows is the next one's
    assert second.vowel == pytest.approx(20, abs=5)
    assert len(second.power) - second.coda == pytest.approx(14, abs=4)
    assert not first.harmonic[: first.vowel - 3].any()
    assert (second.harmonic[second.vowel :] == 255).all()


def test_a_short_vowel_is_none_and_a_long_one_is_cut(spoken):
    parts, _ = spoken((REST, 20), (VOWEL, 6), (REST, 30), (VOWEL, 200), (REST, 30))
    assert len(parts) == 1
    assert parts[0].coda - parts[0].vowel == round(recorded.VOWEL[1] / 0.005)


@pytest.mark.parametrize("sounds", [[(REST, 50)], [(HISS, 50)], [(VOWEL, 1)]])
def test_where_nobody_speaks_nothing_is_found(spoken, sounds):
    assert spoken(*sounds) == ([], [])


def test_who_fits_the_singer_is_drawn_and_anybody_where_nobody_does():
    women = {"Anna": True, "Bert": False, "Carla": True}
    rng = np.random.default_rng(0)
    drawn = [draw_delivery(SINGER, women, rng).speaker for _ in range(100)]
    assert 70 < drawn.count("Bert") < 100
    assert draw_delivery(SINGER, {"Anna": True}, rng).speaker == "Anna"


def test_a_folder_without_people_is_named(tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(MissingDataError, match=rf"{folder.name} has no folders of recordings"):
            recorded.speakers(folder)


def test_recorded_singers_and_people_are_declared_together(tmp_path):
    for keys in ({"singers": ["recorded"]}, {"people": tmp_path}):
        with pytest.raises(ValueError, match="people and recorded singers go together"):
            Rendered(source="rendered", **keys)
    (tmp_path / "file").touch()
    declared = Rendered(source="rendered", singers=["recorded"], people=tmp_path / "file")
    with pytest.raises(DeepmirError, match="people: .* is not a folder"):
        declared.check()


def test_the_recordings_of_people_count_for_the_state_of_a_data_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bank, "check", lambda people: None)
    (tmp_path / "people" / "Anna").mkdir(parents=True)
    declared = Rendered(
        source="rendered",
        collections=["music21"],
        drums="patterns",
        singers=["recorded"],
        people=tmp_path / "people",
    )
    states = []
    for name in ("a.wav", "b.wav"):
        soundfile.write(tmp_path / "people" / "Anna" / name, np.zeros(100), speaking.RATE)
        states.append(declared.state())
    assert [path.name for path in declared.files()] == ["a.wav", "b.wav"]
    assert states[0] != states[1]


def test_people_who_were_recorded_sing(tmp_path, monkeypatch):
    if not spoken_here():
        pytest.skip("espeak-ng is not installed")
    monkeypatch.chdir(tmp_path)
    for number, speaker in enumerate(SPEAKERS[:2]):
        folder = tmp_path / "people" / f"speaker {number}"
        folder.mkdir(parents=True)
        espeak.espeak().become(speaker.name, 50, 140)
        for word in ("m'ama", "s'ota", "lik'uno"):
            samples = espeak.espeak().say(word).samples
            soundfile.write(folder / f"{word}.wav", samples, speaking.RATE)
    path = bank.prepare(tmp_path / "people", tmp_path)
    assert bank.prepare(tmp_path / "people", tmp_path) == path
    assert set(bank.women(path)) == {"speaker 0", "speaker 1"}
    voice = bank.find(path, "speaker 1")
    assert len(voice.syllables) >= 5
    for syllable in voice.syllables:
        assert syllable.first <= syllable.vowel < syllable.coda <= syllable.end
        power = voice.power[syllable.vowel : syllable.coda] * speaking.STEP + speaking.FLOOR
        total = 10 * np.log10(np.sum(10 ** (power / 10), axis=1))
        assert np.median(total) == pytest.approx(0, abs=2)


def test_where_nobody_is_heard_the_folder_is_named(tmp_path):
    if not spoken_here():
        pytest.skip("pyworld is not installed")
    (tmp_path / "mute").mkdir()
    noise = 0.01 * np.random.default_rng(0).standard_normal(speaking.RATE)
    soundfile.write(tmp_path / "mute" / "noise.wav", noise, speaking.RATE)
    with pytest.raises(DeepmirError, match="no speech is audible in .*mute"):
        recorded.listen(tmp_path / "mute")

"""The melody of real songs, where two other systems agree on it.

Run by hand: ``python benchmarks/sung_melody.py data/sources/jamendolyrics --models MODEL ...``.
Nobody has annotated the pitch of these songs. But where there is singing, and two of three
independent systems give the same pitch within half a semitone, they are mostly right: Essentia's
Melodia (rules), CREPE (Kim et al., 2018) and basic-pitch (Bittner et al., 2022), both trained on
recordings. Each pair judges deepmir and the third system.

The other systems are not dependencies: ``pip install essentia torchcrepe basic-pitch onnxruntime``.
"""

import argparse
import tempfile
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

import deepmir
from deepmir import baselines
from deepmir.analysis.results import Melody
from deepmir.datasets.recordings import words
from deepmir.datasets.recordings.jamendolyrics import JamendoLyrics
from deepmir.declarations.schema import Evaluation
from deepmir.evaluation.scoring import interval
from deepmir.files import audio
from deepmir.tasks.melody import TASK as MELODY

Floats = npt.NDArray[np.float64]
Samples = npt.NDArray[np.float32]
System = Callable[[Samples], Floats]

RATE = 22050
START, SECONDS = 50.0, 80.0  # of each song
STEP = 0.064  # seconds between the instants that are compared
INSTANTS = np.arange(0, SECONDS, STEP)
SURE = 0.3  # periodicity above which CREPE is believed
HEARD = 0.1  # salience above which basic-pitch is
LOWEST, OCTAVES = 31.0, 5  # MIDI number and range of the pitches that basic-pitch is asked for
BINS = 3  # of its contours, a semitone
TOLERANCE = 0.5  # semitones
SUMMARY = Evaluation()


def pitch(hertz: npt.ArrayLike) -> Floats:
    """MIDI numbers, with fractions; NaN where there is no frequency."""
    values = np.asarray(hertz, dtype=np.float64)
    return np.where(values > 0, 69 + 12 * np.log2(np.maximum(values, 1e-9) / 440), np.nan)


def at_instants(times: Floats, values: Floats) -> Floats:
    """The value that holds at each instant."""
    return values[np.clip(np.searchsorted(times, INSTANTS), 0, len(times) - 1)]


def network(folder: Path | None) -> System:
    """A network for melodies: pitches also where it hears no melody, as raw pitch asks for."""

    def answer(samples: Samples) -> Floats:
        models = None if folder is None else {"melody": folder}
        found = deepmir.analyze(samples, RATE, tasks=["melody"], models=models).melody
        assert isinstance(found, Melody)
        return at_instants(found.times, pitch(found.frequencies))

    return answer


def melodia() -> System:
    """Essentia's Melodia."""
    annotate = baselines.get("essentia_melody").annotator(Path(), MELODY, RATE)

    def answer(samples: Samples) -> Floats:
        (found,) = annotate(samples)
        hertz = [v["frequency"] if v["voiced"] else 0.0 for v in found.values]
        return at_instants(found.times, pitch(hertz))

    return answer


def crepe() -> System:
    """CREPE, the full model."""
    import librosa
    import torch
    import torchcrepe

    torch.set_num_threads(1)

    def answer(samples: Samples) -> Floats:
        rate = torchcrepe.SAMPLE_RATE
        heard = torch.from_numpy(librosa.resample(samples, orig_sr=RATE, target_sr=rate))[None]
        hop = round(STEP * rate)
        hertz, sure = torchcrepe.predict(
            *(heard, rate, hop, 80.0, 1000.0, "full"),
            return_periodicity=True,
            batch_size=256,
            decoder=torchcrepe.decode.weighted_argmax,
        )
        said = np.where(sure[0].numpy() > SURE, pitch(hertz[0].numpy()), np.nan)
        return said[: len(INSTANTS)]

    return answer


def basic_pitch() -> System:
    """The strongest contour of basic-pitch."""
    from basic_pitch import ICASSP_2022_MODEL_PATH, constants, inference, note_creation

    model = inference.Model(ICASSP_2022_MODEL_PATH)
    first = round((LOWEST - float(pitch(constants.ANNOTATIONS_BASE_FREQUENCY))) * BINS)

    def answer(samples: Samples) -> Floats:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "excerpt.wav")
            soundfile.write(path, samples, RATE)
            contours = inference.run_inference(path, model)["contour"]
        salience = contours[:, first : first + 12 * OCTAVES * BINS]
        said = LOWEST + salience.argmax(axis=1) / BINS
        said[salience.max(axis=1) < HEARD] = np.nan
        return at_instants(note_creation.model_frames_to_time(len(said)), said)

    return answer


def same(one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
    """Where two name a pitch, and the same."""
    return np.abs(one - other) <= TOLERANCE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--models", nargs="*", default=[], type=Path, help="more networks")
    options = parser.parse_args()
    peers = {"Melodia": melodia(), "CREPE": crepe(), "basic-pitch": basic_pitch()}
    ours = {"deepmir": network(None)} | {f.name: network(f) for f in options.models}
    said, sung = [], []
    for song in JamendoLyrics(source="jamendolyrics", home=options.home).songs():
        if song.audio is None:
            continue
        whole = audio.load(song.audio, RATE)
        samples = whole[round(START * RATE) : round((START + SECONDS) * RATE)]
        said.append({name: answer(samples) for name, answer in (ours | peers).items()})
        voice = words.voice(words.read(song.words, len(whole) / RATE), song.non_lexical)
        begins, ends = voice.intervals.T[..., None] - START
        sung.append(((begins <= INSTANTS) & (ends > INSTANTS)).any(axis=0))
    print("raw pitch where two agree, mean over songs with a 95 % interval")
    for pair in combinations(peers, 2):
        asked = [name for name in said[0] if name not in pair]
        rows = {name: [] for name in asked}
        for voiced, each in zip(sung, said, strict=True):
            one, other = (each[name] for name in pair)
            known = voiced & same(one, other)
            for name in asked:
                rows[name].append(same(each[name], (one + other) / 2)[known].mean())
        print(" and ".join(pair))
        for name, values in rows.items():
            low, high = interval(np.array(values), SUMMARY)
            print(f"  {name:16}{np.mean(values):.3f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()

"""Notes of a GAN as sound: their estimated pitch, the loss of the inversion, examples."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.declarations.generated import GeneratorEntry
from deepmir.features import downmix
from deepmir.generators import generating, inversion, pitch, wav
from deepmir.generators.base import Sample
from deepmir.generators.gan import sound
from deepmir.generators.gan.patches import Array, Patches
from deepmir.generators.judgement import Sound, Sounds

Floats = npt.NDArray[np.float64]

LISTENED = 48  # notes whose pitch is estimated, which takes half a second each
PLAYED = 6  # on the page


@dataclass(frozen=True)
class Heard:
    """The results of pitch estimation.

    Attributes:
        places: of the test notes that were analysed.
        right: by set, whether the pitch of each is right, shape (notes,).
        said: sentences.
    """

    places: Sequence[int]
    right: Mapping[str, Floats]
    said: Sequence[str]


def listen(entry: GeneratorEntry, test: Patches, own: Array | None) -> Heard:
    """Estimate the pitch of recordings, of their inverted frames, and of generated notes.

    Args:
        entry: of the GAN.
        test: the test notes.
        own: generated notes of the same pitches, shape (n, T, F); None without a pitch condition.
    """
    representation, store = entry.representation, entry.files.open_audio(_rate(entry))
    places = np.unique(np.linspace(0, len(test) - 1, min(LISTENED, len(test))).astype(int))
    right: dict[str, list[float]] = {"recorded": [], "real": [], "own": []}
    errors = []
    for place in places:
        wanted, frames = float(test.said[place]["pitch"]), test.frames[place]
        recorded = downmix.samples_of(store, test.tracks[place])[: len(frames) * representation.hop]
        again = inversion.audio(frames, representation)
        errors.append(inversion.spectral_error(frames, again, representation))
        given = {"recorded": recorded, "real": again}
        if own is not None:
            given["own"] = inversion.audio(own[place], representation)
        for name, samples in given.items():
            right[name].append(pitch.is_right(pitch.heard(samples, _rate(entry), wanted), wanted))
    recorded_share, again_share = np.mean(right["recorded"]), np.mean(right["real"])
    said = (
        f"What the inverse loses, of {len(places)} test notes: pYIN hears the pitch within 50 "
        f"cents in {recorded_share:.0%} of the recordings, and in {again_share:.0%} of those made "
        f"again from their frames, which then are {np.mean(errors):.2f} away from those frames "
        f"(root mean square, {representation.units})."
    )
    kept = ("own", "real") if own is not None else ()
    return Heard(
        places.tolist(), {name: np.array(right[name], np.float64) for name in kept}, [said]
    )


def sounds(
    entry: GeneratorEntry, generated: Path, folder: Path, train: Patches, test: Patches
) -> list[Sounds]:
    """Generated notes, each beside a real one with the same conditions."""
    store = entry.files.open_audio(_rate(entry))
    groups = []
    for sample in generating.read(generated)[:PLAYED]:
        heard, seen = sample.files
        for file in sample.files:
            shutil.copy(generated / file, folder / file)
        played = [Sound("generated", heard, seen)]
        for part, named in ((test, "test"), (train, "training")):
            if (place := _like(sample, part)) is not None:
                track, frames = part.tracks[place], part.frames[place]
                again = sound.write(folder, f"{track}-again", frames, entry.representation)
                samples = downmix.samples_of(store, track)[: len(frames) * entry.representation.hop]
                wav.write(folder / f"{track}.wav", samples, _rate(entry))
                played += [Sound(f"{named} note, from its frames", *again)]
                played += [Sound(f"{named} note", f"{track}.wav", again[1])]
                break
        groups.append(Sounds(", ".join(_titles(sample)), "", played))
    return groups


def _like(sample: Sample, part: Patches) -> int | None:
    """The first note of a part with the conditions of a sample; None without conditions."""
    if not sample.said:
        return None
    wanted = sample.said.items()
    return next((k for k, said in enumerate(part.said) if wanted <= said.items()), None)


def _titles(sample: Sample) -> Iterator[str]:
    if not sample.said:
        yield f"note {sample.name}"
    for condition, value in sample.said.items():
        yield value if condition == "instrument" else f"{condition} {int(value)}"


def _rate(entry: GeneratorEntry) -> int:
    return entry.representation.sample_rate

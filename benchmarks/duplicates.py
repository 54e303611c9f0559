"""How well and how fast recordings with the same audio are found (datasets/matching.py).

Run by hand on your own music: ``OMP_NUM_THREADS=1 python benchmarks/duplicates.py MUSIC/*``. Some
of the recordings are re-encoded, shifted, cut or made quieter and searched for among all of them;
excerpts of different recordings are searched for in each other; and the fingerprints of 10,000
tracks are matched: those of the recordings with their bits rotated and their time reversed, and
some of the recordings re-encoded.
"""

import argparse
import io
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile
from machine import processor

from deepmir.datasets import matching
from deepmir.datasets.fingerprint import BITS, Words, fingerprint
from deepmir.files import audio
from deepmir.files.audio import Samples, resample

RATE = 22050
SECONDS = 60  # of a recording that is changed
CHANGED = 20  # recordings
BLOCK = 1 << 14  # frames written at once: long ones overflow the stack of the Vorbis encoder
TRACKS = 10_000
AGAIN = 20  # of them are there twice

Change = Callable[[Samples], tuple[Samples, int]]

MP3 = {"format": "MP3", "subtype": "MPEG_LAYER_III", "bitrate_mode": "CONSTANT"}
VORBIS = {"format": "OGG", "subtype": "VORBIS"}
OPUS = {"format": "OGG", "subtype": "OPUS"}


def coded(rate: int, level: float, how: dict[str, str]) -> Change:
    """What comes back of a coder."""

    def change(samples: Samples) -> tuple[Samples, int]:
        there = resample(samples, RATE, rate)
        buffer = io.BytesIO()
        with soundfile.SoundFile(buffer, "w", rate, 1, compression_level=level, **how) as file:
            for start in range(0, len(there), BLOCK):
                file.write(there[start : start + BLOCK])
        buffer.seek(0)
        return soundfile.read(buffer, dtype="float32")[0], rate

    return change


def cut(start: float, seconds: float = SECONDS) -> Change:
    """A part, coded as MP3."""
    again = coded(44100, 0.9, MP3)
    return lambda samples: again(samples[round(start * RATE) :][: round(seconds * RATE)])


def later(seconds: float) -> Change:
    """After silence."""
    silence = np.zeros(round(seconds * RATE), np.float32)
    return lambda samples: (np.concatenate([silence, samples]), RATE)


def noisy(decibel: float) -> Change:
    """With white noise below the music."""
    factor, rng = 10 ** (-decibel / 20), np.random.default_rng(0)

    def change(samples: Samples) -> tuple[Samples, int]:
        noise = rng.standard_normal(len(samples)).astype(np.float32)
        return samples + factor * samples.std() * noise, RATE

    return change


def faster(factor: float) -> Change:
    """At another speed, higher as well."""
    return lambda samples: (resample(samples, round(RATE * 1000 * factor), RATE * 1000), RATE)


CHANGES: dict[str, Change] = {
    "MP3, 320 kbit/s": coded(44100, 0.0, MP3),
    "MP3, 128 kbit/s": coded(44100, 0.65, MP3),
    "MP3, 64 kbit/s": coded(44100, 0.89, MP3),
    "MP3, 32 kbit/s": coded(44100, 0.99, MP3),
    "Vorbis, about 57 kbit/s": coded(44100, 0.5, VORBIS),
    "Vorbis, about 38 kbit/s": coded(44100, 1.0, VORBIS),
    "Opus, about 56 kbit/s": coded(48000, 0.8, OPUS),
    "8,000 Hz": lambda samples: (resample(samples, RATE, 8000), 8000),
    "30 dB quieter, 16 bits": lambda samples: (
        np.rint(samples * 10**-1.5 * 32767) / np.float32(32767),
        RATE,
    ),
    "12 dB louder, clipped": lambda samples: (np.clip(4 * samples, -1, 1), RATE),
    "3.21 s later": later(3.21),
    "half a hop later": later(64 / 5512),
    "the first 7.77 s cut off, MP3 56 kbit/s": cut(7.77),
    "30 s of it, MP3 56 kbit/s": cut(20.3, 30),
    "10 s of it, MP3 56 kbit/s": cut(20.3, 10),
    "5 s of it, MP3 56 kbit/s": cut(20.3, 5),
    "noise at -10 dB": noisy(10),
    "speed + 0.1 %": faster(1.001),
    "speed + 1 % (another recording)": faster(1.01),
    "a semitone higher (another recording)": faster(2 ** (1 / 12)),
}


def pairs(fingerprints: Sequence[Words]) -> list[matching.Match]:
    """What is found among them."""
    return matching.matches(fingerprints, lambda words: words)


def found_again(music: Sequence[Samples], prints: Sequence[Words]) -> None:
    """Print the share of changed recordings that are found."""
    long = [i for i, samples in enumerate(music) if len(samples) > 55 * RATE]
    chosen = sorted(np.random.default_rng(0).permutation(long)[:CHANGED].tolist())
    before = {(match.first, match.second) for match in pairs(prints)}
    print("| changed | found | bits that differ: median | most | with another recording |")
    print("|---|---|---|---|---|")
    for name, change in CHANGES.items():
        changed = (change(music[i][: SECONDS * RATE]) for i in chosen)
        again = [fingerprint(samples.astype(np.float32), rate) for samples, rate in changed]
        right, wrong = [], 0
        for match in pairs([*prints, *again]):
            if match.second >= len(prints) > match.first:
                own = chosen[match.second - len(prints)]
                other = (min(own, match.first), max(own, match.first))
                if own == match.first:
                    right.append(match.differing)
                elif other not in before:
                    wrong += 1
        share = f"{len(right)} of {len(chosen)}"
        differ = f"{np.median(right):.3f} | {max(right):.3f}" if right else "| "
        print(f"| {name} | {share} | {differ} | {wrong} |", flush=True)


def one_channel(files: Sequence[Path]) -> None:
    """Print how many stereo recordings are found by their left channel."""
    both, left = [], []
    for path in files:
        if soundfile.info(path).channels == 2:
            samples, rate = soundfile.read(path, SECONDS * 44100, dtype="float32")
            both.append(fingerprint(samples.mean(axis=1), rate))
            left.append(fingerprint(samples[:, 0], rate))
    found = [m for m in pairs([*both, *left]) if m.second == m.first + len(both)]
    print(f"\nThe left channel for the mean of two: {len(found)} of {len(both)} are found.")


def found_wrongly(music: Sequence[Samples]) -> None:
    """Print how many excerpts of different recordings are taken for the same audio."""
    print("\n| excerpts | seconds | pairs of different recordings | found | least that differs |")
    print("|---|---|---|---|---|")
    allowed = matching.DIFFERING
    for seconds in (3, 10, 30):
        size = seconds * RATE
        parts = [
            (i, samples[start : start + size])
            for i, samples in enumerate(music)
            for start in range(0, len(samples) - size + 1, size)
        ]
        prints = [fingerprint(samples, RATE) for _, samples in parts]
        counts = np.bincount([i for i, _ in parts])
        number = (len(parts) ** 2 - int((counts**2).sum())) // 2
        matching.DIFFERING = 0.45
        others = [m for m in pairs(prints) if parts[m.first][0] != parts[m.second][0]]
        matching.DIFFERING = allowed
        wrong = sum(match.differing <= allowed for match in others)
        least = min((match.differing for match in others), default=0.45)
        print(f"| {len(parts)} | {seconds} | {number} | {wrong} | {least:.3f} |", flush=True)


def many(music: Sequence[Samples]) -> None:
    """Print seconds and memory for as many tracks as a large data set has."""
    real = [fingerprint(samples, RATE) for samples in music]
    prints = list(real)
    for shift in range(1, BITS):  # other words, repeated and alike as often as those of music
        rotated = [
            (words << np.uint32(shift)) | (words >> np.uint32(BITS - shift)) for words in real
        ]
        prints += [*rotated, *(words[::-1].copy() for words in rotated)]
    prints = prints[: TRACKS - AGAIN]
    again = coded(RATE, 0.9, MP3)
    prints += [fingerprint(*again(samples)) for samples in music[:AGAIN]]
    minutes = sum(len(words) for words in prints) * 128 / 5512 / 60
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    found = pairs(prints)
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    right = sum(match.second >= len(prints) - AGAIN for match in found)
    print(
        f"\n{len(prints)} tracks, {minutes / len(prints):.1f} min each: {took:.1f} s, "
        f"{(peak - before) / 1024:.0f} MB more at the peak; {right} pairs with one of the {AGAIN} "
        f"that were coded again, {len(found) - right} others"
    )


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    files = parser.parse_args().files
    start = time.process_time()
    music = [audio.load(path, RATE) for path in files]
    decoding = time.process_time() - start
    start = time.process_time()
    prints = [fingerprint(samples, RATE) for samples in music]
    took, hours = time.process_time() - start, sum(map(len, music)) / RATE / 3600
    size = sum(words.nbytes for words in prints) / hours / 1e6
    print(f"{processor()}; {len(files)} recordings, {hours:.1f} hours\n")
    print(
        f"CPU seconds for an hour of audio: {decoding / hours:.1f} to decode and resample, "
        f"{took / hours:.2f} for its fingerprint, which takes {size:.2f} MB.\n"
    )
    found_again(music, prints)
    one_channel(files)
    found_wrongly(music)
    many(music)


if __name__ == "__main__":
    main()

"""Results made audible: the recording with clicks, chords and melody mixed in.

Sounds are those of mir_eval.sonify. Everything is made in blocks of a few seconds, so memory does
not grow with the recording.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.analysis.results import Analysis, Melody, Span
from deepmir.errors import DeepmirError
from deepmir.files import audio
from deepmir.files.samples import Samples
from deepmir.files.writing import replacing

Floats = npt.NDArray[np.float64]

SAMPLE_RATE = 44100
BLOCK = 10 * SAMPLE_RATE
FORMATS = {".wav": "WAV", ".flac": "FLAC"}

# Peaks. They add to less than 1 with a twentieth to spare, which resampling may exceed a peak by.
RECORDING, CLICKS, CHORDS, MELODY = 0.42, 0.32, 0.08, 0.12
# Shares of the left and the right channel: one can turn an ear to the chords or to the melody.
LEFT, RIGHT, CENTRE = (1.0, 0.4), (0.4, 1.0), (1.0, 1.0)

CLICK_HZ = {True: 2000.0, False: 1000.0}  # of a downbeat or another beat
CLICK = 0.04  # seconds
STRUCK = 4.0  # seconds after which a chord that lasts is struck anew
RELEASE = 0.02  # seconds in which a chord fades out
OVERTONES = (1.0, 0.5, 0.25)  # of the melody: small loudspeakers lose a sine alone


def write(analysis: Analysis, path: Path, out: Path) -> None:
    """Write the recording with clicks on its beats, its chords and its melody.

    Stereo, 44.1 kHz, 16 bits, as long as the recording. The recording is in the middle, in mono,
    normalised to a fixed peak; downbeats have higher clicks; the chords are softer and to the left,
    the melody is to the right. Beats click at the nearest sample.

    Args:
        analysis: of the recording; missing results make no sound.
        path: the recording, in any format that `deepmir analyze` reads.
        out: a `.wav` or `.flac` file; its folder is created if missing.

    Raises:
        DeepmirError: when `out` has another suffix, the recording cannot be read, or the disk is
            full.
    """
    import soundfile

    if out.suffix.lower() not in FORMATS:
        raise DeepmirError(f"{out}: a sonification must be a .wav or .flac file")
    source = audio.from_file(path)
    layers = (_Clicks(analysis), _Chords(analysis.chords or ()), _Tune(analysis.melody))
    with (
        replacing(out) as temporary,
        soundfile.SoundFile(
            temporary, "w", SAMPLE_RATE, 2, "PCM_16", format=FORMATS[out.suffix.lower()]
        ) as file,
    ):
        start = 0
        for block in _blocks(source):
            stereo = np.outer(block * (RECORDING / source.peak), CENTRE)
            for layer in layers:
                stereo += np.outer(layer.sound(start, len(block)), layer.sides)
            file.write(stereo)
            start += len(block)


def _blocks(source: audio.Source) -> Iterator[Samples]:
    """The recording at 44.1 kHz, in blocks of `BLOCK` samples; the last one may be shorter."""
    held: list[Samples] = []
    count = 0
    for piece in audio.resampled(source.blocks, source.sample_rate, SAMPLE_RATE):
        held.append(piece)
        count += len(piece)
        while count >= BLOCK:
            joined = np.concatenate(held)
            yield joined[:BLOCK]
            held, count = [joined[BLOCK:]], count - BLOCK
    if count:
        yield np.concatenate(held)


class _Clicks:
    """A click on every beat."""

    sides = CENTRE

    def __init__(self, analysis: Analysis) -> None:
        beats = analysis.beats
        times = np.zeros(0) if beats is None else beats.times
        strong = np.zeros(0, bool) if beats is None else beats.positions == 1
        samples = np.rint(times * SAMPLE_RATE).astype(np.int64)
        self.samples = {kind: samples[strong == kind] for kind in CLICK_HZ}
        self.waves = {kind: _click(hertz) for kind, hertz in CLICK_HZ.items()}

    def sound(self, start: int, length: int) -> Floats:
        """The samples from `start` on; clicks that began before it ring on."""
        import mir_eval

        before = len(self.waves[True])
        # Room at both ends: mir_eval places nothing after a click that would not end in time.
        mixed = np.zeros(before + length + before)
        for kind, samples in self.samples.items():
            near = samples[(samples > start - before) & (samples < start + length)]
            # The middle of a sample: mir_eval cuts the product with the rate to a whole number.
            times = (near - start + before + 0.5) / SAMPLE_RATE
            mixed += mir_eval.sonify.clicks(
                times, SAMPLE_RATE, click=self.waves[kind], length=len(mixed)
            )
        # Beats that are nearer than a click is long may add up.
        return np.clip(mixed[before:-before], -CLICKS, CLICKS)


def _click(hertz: float) -> Floats:
    time = np.arange(round(CLICK * SAMPLE_RATE)) / SAMPLE_RATE
    # A cosine: the first sample is already the click.
    return CLICKS * np.cos(2 * np.pi * hertz * time) * np.exp(-time / (CLICK / 5))


class _Chords:
    """Each chord in tones of several octaves, struck anew every few seconds."""

    sides = LEFT

    def __init__(self, chords: Sequence[Span]) -> None:
        self.struck: list[tuple[int, int, str]] = []
        self.waves: dict[str, Floats] = {}
        for chord in chords:
            end = round(chord.end * SAMPLE_RATE)
            step = round(STRUCK * SAMPLE_RATE)
            starts = range(round(chord.start * SAMPLE_RATE), end, step)
            self.struck += [(at, min(at + step, end), chord.label) for at in starts]

    def sound(self, start: int, length: int) -> Floats:
        """The samples from `start` on."""
        mixed = np.zeros(length)
        for first, last, label in self.struck:
            if first < start + length and last > start:
                begin, end = max(first, start), min(last, start + length)
                wave = self._wave(label)[: last - first] * _release(last - first)
                mixed[begin - start : end - start] = wave[begin - first : end - first]
        return mixed

    def _wave(self, label: str) -> Floats:
        """A chord as long as it is struck; made once."""
        import mir_eval

        if label not in self.waves:
            length = round(STRUCK * SAMPLE_RATE)
            # In two halves: of a single interval mir_eval makes a signal of another length.
            halves = np.array([[0.0, STRUCK / 2], [STRUCK / 2, STRUCK]])
            try:
                wave = mir_eval.sonify.chords([label] * 2, halves, SAMPLE_RATE, length=length)
            except mir_eval.chord.InvalidChordException:
                wave = np.zeros(length)
            decay = np.exp(-np.arange(length) / (STRUCK / 2 * SAMPLE_RATE))
            self.waves[label] = (CHORDS * wave * decay).astype(np.float64)
        return self.waves[label]


def _release(length: int) -> Floats:
    """1, and down to 0 at the end."""
    remaining = np.arange(length, 0, -1) / (RELEASE * SAMPLE_RATE)
    return np.minimum(remaining, 1.0)


class _Tune:
    """The melody, whose phase goes on from block to block."""

    sides = RIGHT

    def __init__(self, melody: Melody | None) -> None:
        self.phase = 0.0
        voiced = np.zeros(0, bool) if melody is None else melody.voiced & (melody.frequencies > 0)
        if melody is None or not voiced.any():
            self.times = self.hertz = self.level = np.zeros(0)
            return
        self.times = melody.times
        self.level = voiced.astype(np.float64)
        # Where nothing is voiced, on the way to the next note: what fades in must not slide.
        self.hertz = np.interp(self.times, self.times[voiced], melody.frequencies[voiced])

    def sound(self, start: int, length: int) -> Floats:
        """The samples from `start` on; blocks have to be requested in order."""
        import mir_eval

        begin, end = start / SAMPLE_RATE, (start + length) / SAMPLE_RATE
        first = max(int(np.searchsorted(self.times, begin, side="right")) - 1, 0)
        last = int(np.searchsorted(self.times, end)) + 1
        near = slice(first, last)
        if not self.level[near].any() or self.times[near].size < 2:
            return np.zeros(length)
        tune: Floats = mir_eval.sonify.pitch_contour(
            self.times[near] - begin,
            self.hertz[near].copy(),
            SAMPLE_RATE,
            amplitudes=self.level[near],
            function=self._oscillate,
            length=length,
        )
        return MELODY * tune

    def _oscillate(self, phases: Floats) -> Floats:
        """The wave at phases that count from the begin of a block."""
        phases = phases + self.phase
        self.phase = float(phases[-1] % (2 * np.pi))
        partials = (share * np.sin(n * phases) for n, share in enumerate(OVERTONES, 1))
        return np.asarray(sum(partials)) / sum(OVERTONES)

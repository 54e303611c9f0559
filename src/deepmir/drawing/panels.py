"""Several representations of one recording on a common time axis: the tutorial's Figure 4."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir.drawing.axes import frequency_ticks
from deepmir.errors import DeepmirError
from deepmir.files import audio
from deepmir.files.samples import Samples
from deepmir.representations import Chroma, Cqt, Mel, Representation, Stft

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SAMPLE_RATE = 22050
FIGURE_4: Mapping[str, Representation] = {
    "STFT": Stft(sample_rate=SAMPLE_RATE),
    "mel-spectrogram": Mel(sample_rate=SAMPLE_RATE),
    "CQT": Cqt(sample_rate=SAMPLE_RATE, bins=252, bins_per_octave=36),
    "chromagram": Chroma(),
}
COLUMNS = 2000  # resolution of a page
DYNAMICS = 80.0  # displayed range in dB below the peak
FORMATS = (".png", ".svg", ".pdf")


def plot(
    path: Path,
    out: Path,
    representations: Mapping[str, Representation] = FIGURE_4,
    start: float = 0.0,
    seconds: float | None = 30.0,
) -> None:
    """Draw a recording: the waveform, and each representation below it.

    Args:
        path: the recording.
        out: the picture: PNG, SVG or PDF by extension.
        representations: to draw, by displayed name.
        start: of the excerpt, seconds.
        seconds: length of the excerpt; None draws everything.

    Raises:
        DeepmirError: when the recording cannot be read, or the extension is another.
    """
    import matplotlib

    if out.suffix.lower() not in FORMATS:
        raise DeepmirError(f"{out}: the picture must end in {', '.join(FORMATS)}")
    rates = {representation.sample_rate for representation in representations.values()}
    signals = {
        rate: audio.load(path, rate, start=start, seconds=seconds)
        for rate in sorted(rates | {SAMPLE_RATE})
    }
    drawn = figure(signals, representations, start)
    drawn.suptitle(path.name, x=0.01, ha="left", fontsize=10)
    out.parent.mkdir(parents=True, exist_ok=True)
    # Neither a date nor a version: the same recording gives the same bytes.
    dated = {".png": "Software", ".svg": "Date", ".pdf": "CreationDate"}[out.suffix.lower()]
    with matplotlib.rc_context({"svg.hashsalt": "deepmir"}):
        drawn.savefig(out, dpi=110, metadata={dated: None})


def figure(
    signals: Mapping[int, Samples],
    representations: Mapping[str, Representation],
    start: float = 0.0,
) -> "Figure":
    """The figure of `plot`, from audio at every required sample rate."""
    from matplotlib.figure import Figure

    panels = [
        (name, representation, channel)
        for name, representation in representations.items()
        if representation.kind != "audio"  # which is the waveform
        for channel in range(representation.channels)
    ]
    waveform = signals[SAMPLE_RATE]
    drawn = Figure(figsize=(10, 1.2 + 1.9 * len(panels) + 0.8), layout="constrained")
    axes = drawn.subplots(
        1 + len(panels), 1, sharex=True, height_ratios=[1, *[1.9] * len(panels)], squeeze=False
    )[:, 0]
    _waveform(axes[0], waveform, start)
    values: dict[str, npt.NDArray[np.float32]] = {}
    for axis, (name, representation, channel) in zip(axes[1:], panels, strict=True):
        if name not in values:
            values = {name: representation(signals[representation.sample_rate])}
        shown = values[name] if values[name].ndim == 2 else values[name][..., channel]
        several = representation.channels > 1
        title = f"{name}, channel {channel + 1} of {representation.channels}" if several else name
        _panel(axis, shown, representation, start)
        axis.set_title(title, fontsize=9, loc="left")
    axes[-1].set_xlabel("time, seconds", fontsize=9)
    axes[-1].set_xlim(start, start + len(waveform) / SAMPLE_RATE)
    return drawn


def _waveform(axis: "Axes", samples: Samples, start: float) -> None:
    """The range of the samples within each column of pixels."""
    step = max(1, len(samples) // COLUMNS)
    edges = np.arange(0, len(samples), step)
    low, high = np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)
    axis.fill_between(start + (edges + step / 2) / SAMPLE_RATE, low, high, linewidth=0.5)
    axis.set_ylim(-1, 1)
    axis.set_yticks([-1, 0, 1])
    axis.set_title("waveform", fontsize=9, loc="left")
    axis.tick_params(labelsize=8)


def _panel(
    axis: "Axes",
    values: npt.NDArray[np.float32],
    representation: Representation,
    start: float,
) -> None:
    """Frames as columns, the lowest bin at the bottom; louder is brighter."""
    shown, unit = _levels(values, representation)
    step = max(1, len(shown) // COLUMNS)
    edges = np.arange(0, len(shown), step)
    # The maximum of the frames in a column of pixels: a short sound must not vanish.
    columns = np.maximum.reduceat(shown, edges, axis=0)
    first = start - 0.5 / representation.frame_rate
    last = first + step * len(columns) / representation.frame_rate
    picture = axis.imshow(
        columns.T,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        cmap="magma",
        extent=(first, last, 0, 1),
    )
    ticks = frequency_ticks(representation)
    axis.set_yticks([1 - tick.at for tick in ticks], [tick.label for tick in ticks], fontsize=8)
    if any(tick.more for tick in ticks):
        right = axis.secondary_yaxis("right")
        right.set_yticks([1 - tick.at for tick in ticks], [tick.more for tick in ticks], fontsize=8)
    axis.tick_params(labelsize=8)
    bar = axis.figure.colorbar(picture, ax=axis, pad=0.01, fraction=0.03, aspect=14)
    bar.set_label(unit, fontsize=8)
    bar.ax.tick_params(labelsize=7)


def _levels(
    values: npt.NDArray[np.float32], representation: Representation
) -> tuple[npt.NDArray[np.float32], str]:
    """Decibels below the peak for unconditioned magnitudes or powers, for display only."""
    if representation.units not in ("magnitude", "power"):
        return values, representation.units
    factor = 10 if representation.units == "power" else 20
    peak = float(np.abs(values).max())
    if peak <= np.finfo(np.float32).tiny:
        return np.zeros_like(values), "dB"
    least = peak * 10 ** (-DYNAMICS / factor)
    return factor * np.log10(np.maximum(np.abs(values), least) / peak), "dB below the peak"

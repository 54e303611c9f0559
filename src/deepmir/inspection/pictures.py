"""Figures of the page of `deepmir inspect`."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from deepmir.drawing.axes import frequency_ticks
from deepmir.inspection.kernels import Kernels, responses
from deepmir.inspection.probe import Layer, Probe

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = npt.NDArray[np.float32]
MAPS = 6  # feature maps shown per layer
KERNELS = 64


def kernels(found: Kernels) -> "Figure":
    """Kernels as a grid of images; positive weights are red, negative ones blue."""
    from matplotlib.figure import Figure

    shown = found.images[:KERNELS]
    bins, frames = shown.shape[1:]
    columns = min(len(shown), 8 if bins < 4 * frames else 16)
    rows = -(-len(shown) // columns)
    aspect = min(max(bins / frames, 0.4), 6.0)
    width = 10 / columns
    figure = Figure(figsize=(10, rows * width * aspect + 0.3), layout="constrained")
    for number, axis in enumerate(figure.subplots(rows, columns, squeeze=False).ravel()):
        axis.set_axis_off()
        if number < len(shown):
            most = max(float(np.abs(shown[number]).max()), 1e-9)
            axis.imshow(
                shown[number], origin="lower", aspect="auto", cmap="RdBu_r", vmin=-most, vmax=most
            )
            axis.set_title(str(number), fontsize=7, pad=2)
    return figure


def waveforms(found: Kernels, sample_rate: float) -> "Figure":
    """Kernels on audio: all frequency responses, sorted, and some of the kernels."""
    from matplotlib.figure import Figure

    signals = found.images[:, 0]
    frequencies, magnitudes = responses(signals, sample_rate)
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    left.imshow(
        magnitudes.T,
        origin="lower",
        aspect="auto",
        cmap="magma",
        extent=(0, len(signals), 0, float(frequencies[-1])),
    )
    left.set_xlabel("kernel, sorted by the frequency of its peak", fontsize=9)
    left.set_ylabel("frequency, Hz", fontsize=9)
    left.set_title("frequency responses", fontsize=9, loc="left")
    time = 1000 * np.arange(signals.shape[1]) / sample_rate
    for place, number in enumerate(np.linspace(0, len(signals) - 1, min(8, len(signals)))):
        signal = signals[int(number)]
        most = max(float(np.abs(signal).max()), 1e-9)
        right.plot(time, place + 0.45 * signal / most, linewidth=0.8, color="#0072B2")
    right.set_yticks([])
    right.set_xlabel("time, ms", fontsize=9)
    right.set_title("some of the kernels", fontsize=9, loc="left")
    return figure


def maps(layer: Layer, chosen: list[int], found: Probe) -> "Figure":
    """The output of a layer for the excerpt, on its time axis."""
    from matplotlib.figure import Figure

    output = layer.output.numpy()
    seconds = _seconds(found)
    if output.ndim == 1:
        figure = Figure(figsize=(10, 1.6), layout="constrained")
        axis = figure.subplots()
        axis.bar(np.arange(len(output)), output, color="#0072B2", width=0.9)
        _small(axis, "node", "value")
        return figure
    if output.ndim == 2:
        figure = Figure(figsize=(10, 2.4), layout="constrained")
        axis = figure.subplots()
        picture = axis.imshow(
            output, aspect="auto", cmap="magma", origin="lower", extent=(0, seconds, 0, len(output))
        )
        figure.colorbar(picture, ax=axis, pad=0.01)
        _small(axis, "time, seconds", "feature")
        return figure
    figure = Figure(figsize=(10, 1.3 * len(chosen) + 0.4), layout="constrained")
    axes = figure.subplots(len(chosen), 1, sharex=True, squeeze=False)[:, 0]
    for axis, feature in zip(axes, chosen, strict=True):
        bins = output.shape[1]
        picture = axis.imshow(
            output[feature],
            aspect="auto",
            cmap="magma",
            origin="lower",
            extent=(0, seconds, 0, bins),
        )
        figure.colorbar(picture, ax=axis, pad=0.01)
        _small(axis, "", f"map {feature}")
    axes[-1].set_xlabel("time, seconds", fontsize=9)
    return figure


def prediction(found: Probe) -> "Figure":
    """The activations of the output layer."""
    from matplotlib.figure import Figure

    labels, values = found.task.output.labels, found.activations.numpy()
    figure = Figure(figsize=(10, 2.0), layout="constrained")
    axis = figure.subplots()
    if values.ndim == 1:
        axis.bar(np.arange(len(values)), values, color="#0072B2")
        axis.set_xticks(np.arange(len(values)), labels, rotation=60, ha="right")
        _small(axis, "", found.task.output.activation)
        return figure
    time = np.arange(values.shape[1]) / found.representation.frame_rate
    for label, row in zip(labels, values, strict=True):
        axis.plot(time, row, linewidth=0.9, label=label)
    axis.set_xlim(0, _seconds(found))
    axis.legend(fontsize=8, frameon=False, ncols=4)
    _small(axis, "time, seconds", found.task.output.activation)
    return figure


def over_input(found: Probe, values: Array, title: str, *, with_input: bool) -> "Figure":
    """Values of the shape of the input, (F, T), on its axes; red is positive, blue negative.

    For raw audio they are a waveform.
    """
    from matplotlib.figure import Figure

    if found.representation.kind == "audio":
        return _over_audio(found, values, title, with_input=with_input)
    figure = Figure(figsize=(10, 2.2 * (1 + with_input)), layout="constrained")
    axes = figure.subplots(1 + with_input, 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    extent = (0, _seconds(found), 0, 1)
    if with_input:
        shown = found.features.mean(0).numpy()
        picture = axes[0].imshow(shown, aspect="auto", cmap="magma", origin="lower", extent=extent)
        bar = figure.colorbar(picture, ax=axes[0], pad=0.01)
        bar.set_label(found.representation.units, fontsize=8)
    most = max(float(np.percentile(np.abs(values), 99.8)), 1e-12)
    picture = axes[-1].imshow(
        values,
        aspect="auto",
        cmap="RdBu_r",
        origin="lower",
        extent=extent,
        vmin=-most,
        vmax=most,
    )
    figure.colorbar(picture, ax=axes[-1], pad=0.01)
    ticks = frequency_ticks(found.representation)
    for axis, name in zip(axes[::-1], (title, "input"), strict=False):
        axis.set_yticks([1 - tick.at for tick in ticks], [tick.label for tick in ticks])
        axis.set_title(name, fontsize=9, loc="left")
        axis.tick_params(labelsize=8)
    axes[-1].set_xlabel("time, seconds", fontsize=9)
    return figure


def _over_audio(found: Probe, values: Array, title: str, *, with_input: bool) -> "Figure":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 1.7 * (1 + with_input)), layout="constrained")
    axes = figure.subplots(1 + with_input, 1, sharex=True, squeeze=False)[:, 0]
    shown = [(axes[-1], values, title)]
    if with_input:
        shown.append((axes[0], found.features[0].numpy(), "input"))
    for axis, frames, name in shown:
        signal = frames.T.reshape(-1)  # consecutive hops are contiguous
        time = (
            np.arange(len(signal)) - found.representation.hop // 2
        ) / found.representation.sample_rate
        axis.plot(time, signal, linewidth=0.5, color="#0072B2")
        axis.set_title(name, fontsize=9, loc="left")
        _small(axis, "", "amplitude" if name == "input" else "")
    axes[-1].set_xlim(0, _seconds(found))
    axes[-1].set_xlabel("time, seconds", fontsize=9)
    return figure


def _seconds(found: Probe) -> float:
    return len(found.samples) / found.representation.sample_rate


def _small(axis: "Axes", along: str, up: str) -> None:
    axis.set_xlabel(along, fontsize=9)
    axis.set_ylabel(up, fontsize=9)
    axis.tick_params(labelsize=8)

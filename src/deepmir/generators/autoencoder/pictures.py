"""Patches beside their reconstructions, as pictures and as audio."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from torch import Tensor

from deepmir.drawing.axes import frequency_ticks
from deepmir.models.codes import Autoencoder
from deepmir.representations import Representation

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = npt.NDArray[np.float32]


def frames_of(network: Autoencoder, z: Tensor) -> Array:
    """Standardised patches as concatenated features, shapes (B, N, F, T) to (B T, F[, N])."""
    scale = network.encoder.scale
    x = z / scale.where(scale > 0, 1.0) * (scale > 0) + network.encoder.mean
    features: Array = x.permute(0, 3, 2, 1).flatten(0, 1).numpy()
    return features[..., 0] if features.shape[2] == 1 else features


def side_by_side(
    rows: Sequence[tuple[str, Mapping[str, Array]]], representation: Representation
) -> "Figure":
    """A picture with a row per excerpt and a column per system.

    Args:
        rows: a name, and the features by system, shape (frames, F[, N]); only the first of several
            channels is drawn.
        representation: of the features.
    """
    from matplotlib.figure import Figure

    names = [*rows[0][1]]
    figure = Figure(figsize=(2.7 * len(names) + 0.7, 1.7 * len(rows) + 0.7), layout="constrained")
    axes = figure.subplots(len(rows), len(names), squeeze=False, sharey=True, sharex=True)
    ticks = frequency_ticks(representation)
    for number, (line, (title, systems)) in enumerate(zip(axes, rows, strict=True)):
        shown = {n: each if each.ndim == 2 else each[..., 0] for n, each in systems.items()}
        low, high = np.percentile(next(iter(shown.values())), (1, 99.7))
        for axis, (name, values) in zip(line, shown.items(), strict=True):
            axis.imshow(
                values.T,
                origin="lower",
                aspect="auto",
                interpolation="nearest",
                cmap="magma",
                vmin=low,
                vmax=high,
                extent=(0, len(values) / representation.frame_rate, 0, 1),
            )
            axis.set_yticks([1 - tick.at for tick in ticks], [t.label for t in ticks], fontsize=7)
            axis.tick_params(labelsize=7)
            if number == 0:
                axis.set_title(name, fontsize=9)
        line[0].set_ylabel(title, fontsize=7)
    for axis in axes[-1]:
        axis.set_xlabel("seconds", fontsize=8)
    return figure


def against(ours: npt.NDArray[np.float64], theirs: npt.NDArray[np.float64], name: str) -> "Figure":
    """The lost variance of each track, for one system against another."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2, 4.2), layout="constrained")
    axis = figure.subplots()
    highest = 1.05 * float(max(ours.max(), theirs.max()))
    axis.plot([0, highest], [0, highest], color="0.6", linewidth=1)
    axis.scatter(theirs, ours, s=14, alpha=0.7)
    axis.set_xlim(0, highest)
    axis.set_ylim(0, highest)
    axis.set_xlabel(f"lost by {name}")
    axis.set_ylabel("lost by this model")
    axis.set_aspect("equal")
    return figure

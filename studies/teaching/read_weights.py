"""Read what the networks of this study have learned, and draw it: weights.png and raw.png.

Run after snakemake: ``python studies/teaching/read_weights.py``.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.figure import Figure

from deepmir.drawing import figures
from deepmir.inspection import pictures
from deepmir.inspection.kernels import Kernels, responses
from deepmir.models import model
from deepmir.tasks.pitch_class import LABELS

HERE = Path(__file__).parent
TRIADS = {"major": (0, 4, 7), "minor": (0, 3, 7)}
Weights = npt.NDArray[np.float32]


def pitch_class_weights() -> Weights:
    """The dense layer, shape (12 classes, 72 bins)."""
    network, _, _ = model.load(HERE / "models/pitch-class")
    (weights,) = (p for name, p in network.named_parameters() if name.endswith("weight"))
    return weights.detach().numpy()


def mode_weights() -> tuple[Weights, Weights]:
    """The kernels, shape (kernels, 8 semitones), and how much each votes for major."""
    network, _, _ = model.load(HERE / "models/mode")
    found = dict(network.named_parameters())
    kernels = found["network.layers.parts.0.convolution.weight"].detach().numpy()[:, 0, :, 0]
    (output,) = (p for name, p in found.items() if name.endswith("linear.weight"))
    return kernels, (output[0] - output[1]).detach().numpy()


def answer(kernel: Weights, triad: tuple[int, ...]) -> float:
    """The strongest answer of a kernel to a triad that slides past it, silence being 0."""
    padded = np.zeros(3 * len(kernel))
    padded[[len(kernel) + step for step in triad]] = 1
    return float(np.correlate(padded, kernel, "valid").max())


def votes_by_third() -> dict[int, list[float]]:
    """Logit of major less that of minor for root, another note and fifth, by the other note.

    Sines of equal strength on all roots from C3 to B3: what the whole network has made of thirds.
    """
    network, _, representation = model.load(HERE / "models/mode")
    time = np.arange(2 * representation.sample_rate) / representation.sample_rate
    found: dict[int, list[float]] = {}
    for third in range(1, 7):
        for root in range(48, 60):
            pitches = np.array([root, root + third, root + 7])
            hertz = 440 * 2 ** ((pitches - 69) / 12)
            sound = 0.1 * np.sin(2 * np.pi * hertz[:, None] * time).sum(axis=0)
            x = torch.from_numpy(representation(sound.astype(np.float32)))[None]
            with torch.inference_mode():
                logits = network(model.as_input(x))[0]
            found.setdefault(third, []).append(float(logits[0] - logits[1]))
    return found


def main() -> None:
    """Print what the weights say, and draw them."""
    dense = pitch_class_weights()
    folded = dense.reshape(12, 6, 12).sum(axis=1)
    right = int((folded.argmax(axis=1) == np.arange(12)).sum())
    print(f"pitch-class: {right} of 12 rows are largest, summed over octaves, at their own class")
    kernels, votes = mode_weights()
    for number, (kernel, vote) in enumerate(zip(kernels, votes, strict=True)):
        both = {name: answer(kernel, steps) for name, steps in TRIADS.items()}
        side = "major" if vote > 0 else "minor"
        print(
            f"mode, kernel {number}: votes {side} by {abs(vote):.2f}; answers to a major triad by "
            f"{both['major']:.2f}, to a minor one by {both['minor']:.2f}"
        )
    by_third = votes_by_third()
    for third, logits in by_third.items():
        majors = sum(logit > 0 for logit in logits)
        print(f"mode, note at {third}: {np.mean(logits):+.1f} for major, {majors} of 12 roots")
    figure = Figure(figsize=(10, 8.4), layout="constrained")
    top, bottom, last = figure.subfigures(3, 1, height_ratios=[1.25, 1, 0.9])
    axis = last.subplots()
    axis.boxplot(list(by_third.values()), tick_labels=list(by_third))
    axis.axhline(0, color="0.4", linewidth=0.6)
    axis.set_xlabel("semitones of the note between root and fifth", fontsize=9)
    axis.set_ylabel("major less minor", fontsize=9)
    axis.set_title("the whole convolutional network: 3 is minor, 4 is major", fontsize=10)
    axis = top.subplots()
    most = np.abs(dense).max()
    axis.imshow(dense, aspect="auto", cmap="RdBu_r", vmin=-most, vmax=most)
    axis.set_xticks(np.arange(0, 72, 12), [f"C{octave}" for octave in range(2, 8)])
    axis.set_yticks(np.arange(12), LABELS, fontsize=8)
    axis.set_title("one dense layer: weights of each pitch class on the CQT frame", fontsize=10)
    axes = bottom.subplots(1, len(kernels), sharey=True)
    for number, (panel, kernel, vote) in enumerate(zip(axes, kernels, votes, strict=True)):
        colours = ["#b2182b" if weight > 0 else "#2166ac" for weight in kernel]
        panel.bar(np.arange(len(kernel)), kernel, color=colours)
        panel.axhline(0, color="0.4", linewidth=0.6)
        side = "major" if vote > 0 else "minor"
        panel.set_title(f"kernel {number}: votes {side}, {abs(vote):.1f}", fontsize=9)
        panel.set_xticks(np.arange(len(kernel)))
        panel.set_xlabel("semitones", fontsize=9)
    (HERE / "weights.png").write_bytes(figures.png(figure))
    network, _, representation = model.load(HERE / "models/pitch-class-raw")
    first = dict(network.named_parameters())["network.layers.parts.0.convolution.weight"]
    kernels = first.detach().transpose(1, 2).reshape(len(first), 1, -1).numpy()
    found = Kernels(1, "", kernels, waveform=True)
    drawn = pictures.waveforms(found, representation.sample_rate)
    (HERE / "raw.png").write_bytes(figures.png(drawn))
    frequencies, magnitudes = responses(kernels[:, 0], representation.sample_rate)
    peaks = frequencies[magnitudes.argmax(axis=1)]
    print(
        f"raw audio: peaks of {len(peaks)} kernels from {peaks[0]:.0f} to {peaks[-1]:.0f} Hz, "
        f"half of them below {np.median(peaks):.0f} Hz"
    )


if __name__ == "__main__":
    main()

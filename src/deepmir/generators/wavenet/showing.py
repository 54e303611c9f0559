"""Figures and sounds of a WaveNet's judgement."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from deepmir.drawing import figures as drawing
from deepmir.drawing import picture
from deepmir.files.samples import Samples
from deepmir.generators import wav
from deepmir.generators.base import Sample
from deepmir.generators.judgement import Figure, Sound, Sounds
from deepmir.generators.wavenet.likelihood import NETWORK, UNIFORM, Likelihood
from deepmir.representations import Representation

EXAMPLES = 12  # sounds shown, each beside the recording that it imitates
WIDER = 3  # pixels per frame and per bin
SEEN = {"kind": "mel", "window": 512, "bins": 64, "fmin": 50.0, "conditioning": [{"kind": "log"}]}


def likelihoods(found: Likelihood, folder: Path) -> Figure:
    """Bits per sample of each test group: the network against a baseline."""
    from matplotlib.figure import Figure as Drawn

    drawn = Drawn(figsize=(4.6, 4.4), layout="constrained")
    axis = drawn.subplots()
    others = [name for name in found.bits if name not in (NETWORK, UNIFORM)]
    most = 1.05 * max(found.bits[name].max() for name in (NETWORK, *others))
    axis.plot([0, most], [0, most], color="0.6", linestyle=":", linewidth=1.2)
    for name, colour in zip(others, drawing.COLOURS, strict=False):
        axis.scatter(found.bits[name], found.bits[NETWORK], s=14, color=colour, label=name)
    axis.set(xlim=(0, most), ylim=(0, most), xlabel="baseline, bits", ylabel="network, bits")
    axis.grid(alpha=0.25)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(fontsize=8, frameon=False, loc="upper left")
    (folder / "likelihood.svg").write_bytes(drawing.svg(drawn))
    return Figure(
        "Bits per sample for each group of the test part",
        "Below the diagonal, the network predicted the samples better than the baseline.",
        "likelihood.svg",
    )


def confusion(
    said: Mapping[str, Sequence[tuple[str, str]]], labels: Sequence[str], folder: Path
) -> list[Figure]:
    """Confusion matrices of the classifier, for generated and for real notes.

    Args:
        said: by title, the requested and the predicted labels.
        labels: of the rows; columns also have other predicted labels.
        folder: for the file.
    """
    if not said:
        return []
    from matplotlib.figure import Figure as Drawn

    drawn = Drawn(figsize=(4.1 * len(said), 4.0), layout="constrained")
    axes = drawn.subplots(1, len(said), sharey=True, squeeze=False)[0]
    for axis, (title, pairs) in zip(axes, said.items(), strict=True):
        columns = [*dict.fromkeys((*labels, *(heard for _, heard in pairs)))]
        counts = np.zeros((len(labels), len(columns)), np.int64)
        for asked, heard in pairs:
            counts[labels.index(asked), columns.index(heard)] += 1
        axis.imshow(counts, cmap="Blues", vmin=0, vmax=max(1, counts.sum(1).max()))
        for row, column in np.argwhere(counts):
            dark = counts[row, column] > counts.sum(1).max() / 2
            colour = "white" if dark else "black"
            axis.text(column, row, counts[row, column], color=colour, ha="center", va="center")
        axis.set_xticks(range(len(columns)), columns, rotation=45, ha="right", fontsize=8)
        axis.set_yticks(range(len(labels)), labels, fontsize=8)
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("heard by the classifier")
    axes[0].set_ylabel("asked")
    (folder / "confusion.svg").write_bytes(drawing.svg(drawn))
    return [
        Figure(
            "Which instrument is heard",
            "By the classifier, in generated and in corresponding real recordings: where "
            "it confuses real notes, it says nothing about generated ones.",
            "confusion.svg",
        )
    ]


def side_by_side(
    sample: Sample, real: Samples, generated: Samples, rate: int, folder: Path
) -> Sounds:
    """A recording and its generated imitation, each with its log-mel spectrogram."""
    seen: Representation = TypeAdapter(Representation).validate_python(
        {**SEEN, "sample_rate": rate, "hop": rate // 100, "fmax": rate / 2}
    )
    sounds = []
    for label, samples in (("real", real), ("generated", generated)):
        name = f"{sample.name}-{label}"
        wav.write(folder / f"{name}.wav", samples, rate)
        wide = np.repeat(np.repeat(seen(samples), WIDER, axis=0), WIDER, axis=1)
        (folder / f"{name}.png").write_bytes(picture.png(wide))
        sounds.append(Sound(label, f"{name}.wav", f"{name}.png"))
    asked = [sample.said[key] for key in ("instrument", "pitch") if key in sample.said]
    heard = {"test": "not heard in training", "train": "heard in training"}
    title = f"{', '.join(asked) or sample.said['like']}: {heard[sample.said['part']]}"
    return Sounds(title, f"Like the recording {sample.said['like']}.", sounds)

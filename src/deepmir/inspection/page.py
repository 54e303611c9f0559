"""The page of `deepmir inspect`: one HTML file with pictures and players."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir.drawing import figures
from deepmir.files import audio
from deepmir.files.samples import Samples
from deepmir.files.writing import replacing
from deepmir.inspection import pictures
from deepmir.inspection.auralisation import auralise, is_audible
from deepmir.inspection.deconvolution import deconvolve, has_deconvolution, strongest_features
from deepmir.inspection.kernels import first_kernels
from deepmir.inspection.probe import Layer, Probe, layer_of, probe
from deepmir.inspection.saliency import saliency
from deepmir.networks import describe, table
from deepmir.report import sound
from deepmir.report.html import data_uri, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEATURES = 3  # features per layer that are projected back


@dataclass(frozen=True)
class Feature:
    """A feature, its projection, and that as audio; `audio` is empty if there is none."""

    number: int
    picture: str
    audio: str


@dataclass(frozen=True)
class Section:
    """One layer of the page; `why_not` gives the reason if it has no projections."""

    number: int
    name: str
    shape: str
    maps: str
    features: list[Feature]
    why_not: str


def write(
    folder: Path,
    recording: Path,
    out: Path,
    start: float = 0.0,
    seconds: float = 10.0,
    layer: int | None = None,
    feature: int | None = None,
) -> None:
    """Write a page on a trained network's processing of an excerpt.

    Args:
        folder: the model, such as `models/key-cnn`.
        recording: its input.
        out: the page.
        start: of the excerpt, seconds.
        seconds: length of the excerpt.
        layer: the only layer to project back, from 1; by default all.
        feature: its only feature; by default those with the strongest response.

    Raises:
        DeepmirError: when model or recording cannot be read, or layer or feature do not exist.
    """
    found = probe(folder, recording, start, seconds)
    wanted = found.layers[:-1] if layer is None else [layer_of(found, layer)]
    sections = [_section(found, each, feature) for each in wanted]
    label = found.strongest
    gradient = saliency(found, label).sum(0).numpy()
    kernels = first_kernels(found)
    page = render(
        "inspect.html",
        card=found.card,
        recording=recording.name,
        start=start,
        seconds=len(found.samples) / found.representation.sample_rate,
        table=table(describe(found.card.network, found.network.shape, found.network.output)),
        label=found.task.output.labels[label],
        time_varying=found.task.time_varying,
        prediction=_svg(pictures.prediction(found)),
        excerpt=_sound(found, found.samples),
        kernels=kernels,
        kernel_picture=""
        if kernels is None
        else _png(
            pictures.waveforms(kernels, found.representation.sample_rate)
            if kernels.waveform
            else pictures.kernels(kernels)
        ),
        saliency=_png(
            pictures.over_input(found, gradient, "gradient of the prediction", with_input=True)
        ),
        sections=sections,
        kind=found.representation.kind,
    )
    with replacing(out) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _section(found: Probe, layer: Layer, feature: int | None) -> Section:
    chosen = strongest_features(layer, pictures.MAPS)
    why_not = ""
    if layer.output.dim() == 3 and not chosen:
        why_not = "No feature of this layer responds to the excerpt."
    elif not has_deconvolution(found, layer):
        why_not = (
            "It has no deconvolution: recurrent layers and attention have no transposed kernels."
        )
    by_itself = [] if why_not else chosen[:FEATURES]
    numbers = by_itself if feature is None else [feature]
    shape = " × ".join(str(size) for size in layer.output.shape)
    shown = layer.output.dim() != 3 or bool(chosen)
    return Section(
        layer.number,
        layer.name,
        shape,
        _png(pictures.maps(layer, chosen, found)) if shown else "",
        [_feature(found, layer, number) for number in numbers],
        why_not,
    )


def _feature(found: Probe, layer: Layer, number: int) -> Feature:
    projection = deconvolve(found, layer, number).mean(0).numpy()
    title = f"what feature {number} of layer {layer.number} responds to"
    picture = _png(pictures.over_input(found, projection, title, with_input=False))
    if not is_audible(found.representation):
        return Feature(number, picture, "")
    return Feature(
        number, picture, _sound(found, auralise(projection, found.representation, found.samples))
    )


def _sound(found: Probe, samples: Samples) -> str:
    rate = found.representation.sample_rate
    return data_uri("audio/mpeg", sound.mp3(audio.resample(samples, rate, sound.SAMPLE_RATE)))


def _png(figure: "Figure") -> str:
    return data_uri("image/png", figures.png(figure))


def _svg(figure: "Figure") -> str:
    return data_uri("image/svg+xml", figures.svg(figure))

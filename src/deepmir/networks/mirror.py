"""The decoder that mirrors an encoder: each layer reversed, the last one first (Figure 14)."""

from __future__ import annotations

from dataclasses import replace

from deepmir.errors import DeepmirError
from deepmir.networks.letters.base import Activation, Affine, Layer
from deepmir.networks.letters.convolution import Convolution1D, Convolution2D
from deepmir.networks.letters.dense import Dense
from deepmir.networks.letters.pooling import Pooling
from deepmir.networks.letters.upsampling import Flattening, Spreading, Upsampling
from deepmir.networks.notation import chain
from deepmir.networks.plan import Plan, Step, name_of
from deepmir.networks.shapes import Shape


def mirrored(encoder: Plan) -> str:
    """The notation of the decoder that mirrors an encoder.

    Dense layers and convolutions map back to the number of units they received, with the activation
    of the layer that produced those; pools and strides become `u2`, followed by what precedes them.
    The result may have any value, so the last layer has no activation and no normalisation.

    Args:
        encoder: the planned encoder of fixed-length patches, its code last.

    Raises:
        DeepmirError: for a layer that cannot be mirrored.
    """
    layers: list[Layer] = []
    for place in reversed(range(len(encoder))):
        layers += _undone(encoder, place)
    return chain(tuple(layers))


def _undone(encoder: Plan, place: int) -> list[Layer]:
    node = encoder[place]
    layer = node.layer if isinstance(node, Step) else None
    before, whole = node.input, place == 0 or node.input.bins == 1
    if isinstance(layer, Flattening) and before.frames:
        return [Spreading((before.bins, before.frames))]
    if isinstance(layer, Pooling) and layer.window is not None:
        frequency, time = layer.windows(before)
        return _repeated((frequency.stride, time.stride), before, node.output)
    source = _source(encoder, place)
    activation: Activation = source.activation if source else "identity"
    if isinstance(layer, Dense) and whole:
        return [Dense(before.features, activation, layer.bn and source is not None)]
    if isinstance(layer, Convolution1D) and whole:
        temporal = replace(layer, width=before.features, stride=1, drop=0.0)
        return [
            *_repeated((1, layer.stride), replace(before, bins=1), node.output),
            replace(temporal, activation=activation, bn=layer.bn and source is not None),
        ]
    if isinstance(layer, Convolution2D) and not layer.valid:
        spectral = replace(layer, width=before.channels, stride=(1, 1), drop=0.0)
        return [
            *_repeated(layer.stride, before, node.output),
            replace(spectral, activation=activation, bn=layer.bn and source is not None),
        ]
    raise DeepmirError(f"the mirror of {name_of(node)} is not known here: write the decoder out")


def _repeated(factor: tuple[int, int], wanted: Shape, given: Shape) -> list[Layer]:
    """The layers that undo a pool or a stride; none if it kept everything."""
    assert wanted.frames is not None and given.frames is not None
    size = (wanted.bins, wanted.frames)
    if factor == (1, 1):
        return []
    exact = (given.bins * factor[0], given.frames * factor[1]) == size
    return [Upsampling(factor, None if exact else size)]


def _source(encoder: Plan, place: int) -> Affine | None:
    """The nearest layer with weights before another one, which produces its input."""
    for node in reversed(encoder[:place]):
        if isinstance(node, Step) and isinstance(node.layer, Affine):
            return node.layer
    return None

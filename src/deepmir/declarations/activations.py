"""Representations that are made by a network: what their declaration does not say is looked up.

The input, the width and the weights are those of the model. Of an experiment of the same file that
is not trained yet, the declaration stands for the weights. Of a network from elsewhere, the width
and the hash are found in its file.
"""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from deepmir.declarations import sources
from deepmir.declarations.schema import Experiment, Params
from deepmir.errors import DeepmirError
from deepmir.representations import Network, Onnx

if TYPE_CHECKING:
    from deepmir.representations import Representation

RANDOM = "random"


def completed(params: Params) -> Params:
    """The declarations with every representation that a network makes complete.

    Raises:
        DeepmirError: when there is no such network, or it is not as it is declared; naming the key.
    """
    filled: dict[str, Representation] = {}
    for name, one in params.representations.items():
        try:
            filled[name] = _filled(params, one)
        except DeepmirError as error:
            raise DeepmirError(f"representations.{name}: {error}") from None
    return params.model_copy(update={"representations": filled})


def source_of(representation: "Representation") -> sources.Source | None:
    """The model that a representation is layers of; None for random weights and all others."""
    if isinstance(representation, Network) and representation.model != RANDOM:
        return sources.of(representation.model)
    return None


def before(params: Params, representation: "Representation") -> list[Experiment]:
    """The experiments of the same file that the layers of a representation have learned from."""
    if not isinstance(representation, Network):
        return []
    experiment = params.experiments.get(representation.model)
    return [] if experiment is None else [experiment, *sources.before(params, experiment)]


def _filled(params: Params, one: "Representation") -> "Representation":
    if isinstance(one, Onnx):
        from deepmir.models.external_check import examined

        return examined(one)
    return _with_layers(params, one) if isinstance(one, Network) else one


def _with_layers(params: Params, one: Network) -> Network:
    from deepmir import networks
    from deepmir.networks import matching

    if one.model == RANDOM:
        shape = networks.InputShape.of(one.source)
        nodes = networks.describe(one.network, shape, networks.Output(1, False)).nodes
        found: dict[str, Any] = {"weights": ""}
        copies = 1
    else:
        try:
            known = sources.look_up(params, one.model)
        except DeepmirError as error:
            raise DeepmirError(f"model: {error}") from None
        if isinstance(known.representation, Network) or known.representation.kind == "audio":
            kind = "raw audio" if known.representation.kind == "audio" else "layers of a network"
            raise DeepmirError(
                f"model: {one.model} takes {kind}, of which there are no layers here"
            )
        nodes = known.nodes
        copies = known.representation.channels if known.ensemble else 1
        found = {
            "weights": _weights(params, one.model),
            "network": known.notation,
            "source": known.representation,
            "seed": 0,
        }
    places = matching.chosen(nodes, one.layers, one.model)
    if not places:
        raise DeepmirError(f"layers: {one.model} has no layer with weights but the last")
    bins = copies * sum(nodes[place].output.channels for place in places)
    return one.model_copy(update={**found, "bins": bins})


def _weights(params: Params, model: str) -> str:
    """Hash of the weights of a model, or of the experiments that will have them."""
    rows = [*before(params, Network(model=model))]
    if not rows:
        return sources.of(model).weights_sha256
    said = [
        [row.model_dump(mode="json"), params.representation(row.representation).digest]
        for row in rows
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

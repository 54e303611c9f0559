"""Representations computed by a network: the keys that they do not declare are looked up.

They are layers of a network, or codes of an autoencoder. Input, width and weights are those of the
model. For a model in the same file that is not trained yet, its declaration stands in for the
weights. For an external network, the width and the hash are read from its file.
"""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from deepmir import paths
from deepmir.declarations import sources
from deepmir.declarations.generators.coding import Coding
from deepmir.declarations.schema import Experiment, Params
from deepmir.errors import DeepmirError
from deepmir.naming import known
from deepmir.representations import Activations, Code, Network, Onnx

if TYPE_CHECKING:
    from deepmir.representations import Representation

RANDOM = "random"


def completed(params: Params) -> Params:
    """The declarations, with all representations computed by networks completed.

    Raises:
        DeepmirError: when the network is missing or does not match its declaration; names the key.
    """
    filled: dict[str, Representation] = {}
    for name, one in params.representations.items():
        try:
            filled[name] = _filled(params, one)
        except DeepmirError as error:
            raise DeepmirError(f"representations.{name}: {error}") from None
    return params.model_copy(update={"representations": filled})


def source_of(representation: "Representation") -> sources.Source | None:
    """The model that computes a representation; None for random weights and all others."""
    if isinstance(representation, Code):
        return sources.Source(representation.model, paths.model(representation.model), True)
    if isinstance(representation, Network) and representation.model != RANDOM:
        return sources.of(representation.model)
    return None


def before(params: Params, representation: "Representation") -> list[Experiment]:
    """The experiments in the same file that the layers of a representation were trained by."""
    if not isinstance(representation, Network):
        return []
    experiment = params.experiments.get(representation.model)
    return [] if experiment is None else [experiment, *sources.before(params, experiment)]


def heard(params: Params, representation: "Representation") -> list[str]:
    """The data sets in the same file that the model of a representation was trained on."""
    if isinstance(representation, Code):
        return [params.generators[representation.model].dataset]
    return [name for row in before(params, representation) for name in (row.dataset, *row.also)]


def _filled(params: Params, one: "Representation") -> "Representation":
    if isinstance(one, Onnx):
        from deepmir.models.external_check import examined

        return examined(one)
    if isinstance(one, Code):
        return _with_code(params, one)
    return _with_layers(params, one) if isinstance(one, Network) else one


def _with_code(params: Params, one: Code) -> Code:
    generator = params.generators[known(one.model, params.generators, "generator", "model")]
    if not isinstance(generator, Coding):
        raise DeepmirError(
            f"model: {one.model} is a {generator.kind}, which has no code: name an autoencoder or "
            "a pca"
        )
    source = params.representation(generator.representation)
    found = {
        "source": source,
        "network": generator.networks[0],
        "bins": generator.code,
        "patch": generator.frames(source),
        "variational": generator.is_variational,
        "weights": _hash([generator.decides, source.digest]),
    }
    return one.model_copy(update=found)


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
            other = sources.look_up(params, one.model)
        except DeepmirError as error:
            raise DeepmirError(f"model: {error}") from None
        given = other.representation
        if isinstance(given, Activations) or given.kind == "audio":
            kind = "raw audio" if given.kind == "audio" else "layers of a network"
            raise DeepmirError(f"model: {one.model} takes {kind}: name a model with another input")
        nodes = other.nodes
        copies = given.channels if other.ensemble else 1
        found = {
            "weights": _weights(params, one.model),
            "network": other.notation,
            "source": given,
            "seed": 0,
        }
    places = matching.chosen(nodes, one.layers, one.model)
    if not places:
        raise DeepmirError(
            f"layers: {one.model} has weights in its last layer only: name another model"
        )
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
    return _hash(said)


def _hash(said: object) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

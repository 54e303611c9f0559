"""Fine-tuning: a network that starts from the weights of a trained one (tutorial, 2.3)."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from deepmir import networks, tasks
from deepmir.declarations import activations
from deepmir.declarations.neural import NetworkEntry
from deepmir.declarations.training import Training
from deepmir.errors import DeepmirError
from deepmir.features.corpus import Corpus
from deepmir.models import model
from deepmir.models.card import NetworkCard, read_card, task_of
from deepmir.models.model import Model
from deepmir.networks import matching
from deepmir.networks.network import Network
from deepmir.networks.plan import Plan
from deepmir.representations import Representation
from deepmir.tasks.base import Task

# What a card says of the data that a model has learned from.
LEARNED = ("data_hash", "split_hash", "also", "start_from")

Places = Mapping[str, tuple[slice, slice]]


@dataclass(frozen=True)
class Start:
    """The trained weights that a network starts from.

    Attributes:
        card: facts for its own card.
        parameters: the names of those taken over completely.
    """

    card: Mapping[str, Any]
    parameters: frozenset[str]


def start(network: Model, entry: NetworkEntry, data: Sequence[Corpus]) -> Start | None:
    """Set the initial weights of a network, and the standardisation of its input.

    The last layer gets those of the outputs that both networks have; the others are new.

    Args:
        network: with random weights.
        entry: its declaration.
        data: the data sets that it is trained on.

    Returns:
        What it starts from; None for random weights.

    Raises:
        DeepmirError: when the other network is missing or broken, does not fit, or was trained on
            the same data with another split.
    """
    source = entry.source
    if source is None:
        return None
    other, card, representation = model.load(source.folder)
    if representation.digest != entry.representation.digest or (
        card.ensemble != entry.experiment.ensemble
    ):
        raise DeepmirError(f"start_from: {source.name} takes another input: train it again")
    _refuse_other_parts(card.training, data, source.name)
    network.mean.copy_(other.mean)
    network.scale.copy_(other.scale)
    known = _outputs_of_both(entry.task, task_of(card))
    new = [name for name in tasks.parts(entry.task) if name not in known]
    for own, theirs in zip(network.networks, other.networks, strict=True):
        _copy(own, entry.experiment.network, theirs, card, known)
    last = {id(p) for one in network.networks for p in _parts(one)[-1].parameters()}
    names = [n for n, p in network.named_parameters() if not (new and id(p) in last)]
    heard = (
        "are in none of its training parts, by group and by audio"
        if source.declared
        else "may be among its training tracks, which its card does not name"
    )
    about = {
        "name": source.name,
        "weights_sha256": card.weights_sha256,
        "new_outputs": new,
        "test_tracks": heard,
        **{key: card.training[key] for key in LEARNED if key in card.training},
    }
    anew = f"; new: the outputs for {', '.join(new)}" if new else ""
    said = f"starts with the weights of {source.name}{anew}; the test tracks {heard}"
    print(f"{entry.name}: {said}", file=sys.stderr, flush=True)
    return Start(about, frozenset(names))


def check_layers(representation: Representation | None, data: Sequence[Corpus]) -> None:
    """Refuse layers of an external model that was trained on the same data with another split.

    Raises:
        DeepmirError: when it was, or its card cannot be read.
    """
    source = None if representation is None else activations.source_of(representation)
    if source is not None and not source.declared:
        _refuse_other_parts(read_card(source.folder).training, data, source.name)


def _refuse_other_parts(card: Mapping[str, Any], data: Sequence[Corpus], name: str) -> None:
    """Refuse a model that has learned from the same data in other parts, then or before that."""
    splits = {corpus.data_hash: corpus for corpus in data}
    for data_hash, split_hash in _learned(card):
        same = splits.get(data_hash)
        if same and split_hash != same.split_hash:
            raise DeepmirError(
                f"leak: {name} has learned from {same.name} with another split, so test "
                "tracks may be among its training tracks: start from a network trained "
                "with the same split"
            )


def _learned(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The hashes of the data and of the split of each data set that a model has learned from."""
    also = card.get("also", {})
    for one in (card, *(also.values() if isinstance(also, Mapping) else ())):
        if isinstance(one, Mapping) and "data_hash" in one:
            yield str(one["data_hash"]), str(one.get("split_hash"))
    if isinstance(before := card.get("start_from"), Mapping):
        yield from _learned(before)


def _outputs_of_both(task: Task, other: Task) -> Places:
    """Where each task is among the outputs of two networks, if its outputs are the same in both."""
    theirs = tasks.parts(other)
    return {
        name: (place, theirs[name][1])
        for name, (one, place) in tasks.parts(task).items()
        if name in theirs
        and (one.output.width, one.output.labels)
        == (theirs[name][0].output.width, theirs[name][0].output.labels)
    }


def _copy(
    network: nn.Module, notation: str, other: nn.Module, card: NetworkCard, known: Places
) -> None:
    """Copy all layers but the last, and of that one the outputs that both networks have."""
    own, theirs = _parts(network), _parts(other)
    places = matching.shared(_nodes(notation, network), _nodes(card.network, other), card.name)
    for i, j in places:
        own[i].load_state_dict(theirs[j].state_dict())
    for name, value in own[-1].state_dict().items():  # which has the memory of the weights
        for mine, its in known.values():
            value[mine] = theirs[-1].state_dict()[name][its]


def _parts(network: nn.Module) -> nn.ModuleList:
    """The outermost layers of a network."""
    assert isinstance(network, Network)
    return network.layers.parts


def _nodes(notation: str, network: nn.Module) -> Plan:
    """The same as they were planned."""
    assert isinstance(network, Network)
    return networks.describe(notation, network.shape, network.output).nodes


def freeze(network: Model, notation: str, layers: int) -> None:
    """Freeze the first layers: their weights, and the statistics of batch normalisation.

    They compute as in prediction, without dropout.
    """
    for one in network.networks:
        for place in matching.written(_nodes(notation, one))[:layers]:
            _parts(one)[place].requires_grad_(False).eval()


def groups(network: Model, started: Start | None, training: Training) -> list[dict[str, Any]]:
    """The parameters that are trained, by their learning rate, the largest first."""
    slow = started.parameters if started and training.slower != 1 else frozenset()
    trained = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
    rate = training.learning_rate
    both = [
        {"params": [p for name, p in trained if name not in slow], "lr": rate},
        {"params": [p for name, p in trained if name in slow], "lr": rate * training.slower},
    ]
    return [group for group in both if group["params"]]

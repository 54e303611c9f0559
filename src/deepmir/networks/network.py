"""From a planned network to a torch module."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from deepmir.errors import DeepmirError
from deepmir.networks.channels_last import innermost, pays_in_inference, pays_in_training
from deepmir.networks.finish import initialise
from deepmir.networks.grammar import parse
from deepmir.networks.layers import Passed, from_frames, in_frames
from deepmir.networks.masking import fill
from deepmir.networks.notation import Notation
from deepmir.networks.plan import Join, Plan, Step, minimum_frames, plan
from deepmir.networks.shapes import InputShape, Output, Shape


def build(notation: Notation | str, shape: InputShape, output: Output) -> Network:
    """Build the torch module that a notation describes.

    Args:
        notation: the network, parsed or as a string.
        shape: its input.
        output: required by the task.

    Returns:
        The network, with fresh weights drawn from torch's global generator.

    Raises:
        DeepmirError: if it does not fit; see `deepmir.networks.check`.
    """
    network = parse(notation) if isinstance(notation, str) else notation
    return Network(plan(network, shape, output), shape, output)


class Network(nn.Module):
    """A network for one representation and one task; make it with `build`.

    Attributes:
        shape: its input.
        output: its output.
        minimum_frames: the shortest input that its pools and strides do not reduce to nothing.
    """

    def __init__(self, nodes: Plan, shape: InputShape, output: Output) -> None:
        super().__init__()
        self.shape = shape
        self.output = output
        self.minimum_frames = minimum_frames(nodes)
        self.layers = Chain(nodes)
        self._channels_last = {True: pays_in_training(nodes), False: pays_in_inference(nodes)}

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Compute the logits: the output activation and the loss belong to the task.

        Args:
            x: (batch, N, F, T), float.
            lengths: (batch,) frames of each track; anything past them has no effect. None if every
                track has T frames.

        Returns:
            (batch, V, T) for a time-varying task, one prediction per frame, otherwise (batch, V).

        Raises:
            DeepmirError: if the input has the wrong channels or bins or too few frames, or if the
                lengths do not fit it.
        """
        logits: Tensor = self.layers(*self._prepared(x, lengths))[0]
        return logits

    def with_hidden(self, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The logits, as `forward` returns them, and the input features of the last layer.

        Returns:
            (batch, V, T) and (batch, H, T) for a time-varying task, else (batch, V), (batch, H).
        """
        *body, last = self.layers.parts
        x, lengths = self._prepared(x, lengths)
        for part in body:
            x, lengths = part(x, lengths)
        logits: Tensor = last(x, lengths)[0]
        return logits, from_frames(in_frames(x))

    def outputs(self, x: Tensor) -> Iterator[Tensor]:
        """The output of each of the outermost layers for a batch of tracks of equal length."""
        x, lengths = self._prepared(x, None)
        for part in self.layers.parts:
            x, lengths = part(x, lengths)
            yield x

    def _prepared(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """A batch in the fastest memory layout, without lengths if nothing is padded."""
        self._check(x, lengths)
        if lengths is not None and bool((lengths == x.shape[-1]).all()):
            lengths = None
        x = fill(x, lengths)
        if self.shape.bins == 1:
            x = x.squeeze(2)
        elif x.device.type == "cpu" and not torch.onnx.is_in_onnx_export():
            x = innermost(x) if self._channels_last[self.training] else x.contiguous()
        return x, lengths

    def _check(self, x: Tensor, lengths: Tensor | None) -> None:
        if x.dim() != 4:
            raise DeepmirError(
                f"a network takes (batch, channels, bins, frames), not {tuple(x.shape)}"
            )
        if lengths is not None and (len(lengths) != len(x) or int(lengths.max()) > x.shape[-1]):
            raise DeepmirError(
                f"lengths must give at most {x.shape[-1]} frames for each of {len(x)} tracks, "
                f"not {lengths.tolist()}"
            )
        shortest = x.shape[-1] if lengths is None else int(lengths.min())
        self.shape.refuse(x.shape[1], x.shape[2], shortest, self.minimum_frames)


class Chain(nn.Module):
    """Layers one after another."""

    def __init__(self, nodes: Plan) -> None:
        super().__init__()
        self.parts = nn.ModuleList(map(_module, nodes))

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """Pass a batch and its lengths through the layers in turn."""
        for part in self.parts:
            x, lengths = part(x, lengths)
        return x, lengths


class Parallel(nn.Module):
    """Branches with the same input, their channels stacked (section 4.4)."""

    def __init__(self, join: Join) -> None:
        super().__init__()
        self.branches = nn.ModuleList(map(Chain, join.branches))

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """Stack the outputs of the branches."""
        results = [branch(x, lengths) for branch in self.branches]
        if results[0][0].dim() == 2:
            return torch.cat([result for result, _ in results], 1), None
        # Strides round the number of frames up, pools down: keep the frames that all branches have.
        frames = min(result.shape[-1] for result, _ in results)
        stacked = torch.cat([result[..., :frames] for result, _ in results], 1)
        kept = [after for _, after in results if after is not None]
        return stacked, torch.stack(kept).amin(0) if kept else None


class Residual(nn.Module):
    """The input added to the output of the layers, projected if the width changes."""

    def __init__(self, join: Join) -> None:
        super().__init__()
        self.body = Chain(join.branches[0])
        widens = join.input.channels != join.output.channels
        self.projection = Pointwise(join.input, join.output, bias=False) if widens else None

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """Add a batch to the output of the layers."""
        result, after = self.body(x, lengths)
        return result + (x if self.projection is None else self.projection(x)), after


class Highway(nn.Module):
    """A gate that mixes the output of the layers with the input.

    Its bias starts at -1, so a deep network initially passes its input on (Srivastava et al. 2015).
    """

    def __init__(self, join: Join) -> None:
        super().__init__()
        self.body = Chain(join.branches[0])
        self.gate = Pointwise(join.input, join.output, bias=True)
        nn.init.constant_(self.gate.linear.bias, -1.0)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """Mix a batch with the output of the layers."""
        result, after = self.body(x, lengths)
        return torch.lerp(x, result, torch.sigmoid(self.gate(x))), after


class Pointwise(nn.Module):
    """One linear map of the channels, shared by all bins and frames."""

    def __init__(self, before: Shape, after: Shape, *, bias: bool) -> None:
        super().__init__()
        self.linear = nn.Linear(before.channels, after.channels, bias=bias)
        initialise(self.linear, "identity")

    def forward(self, x: Tensor) -> Tensor:
        """Map (batch, channels, ...) to (batch, other channels, ...)."""
        if x.dim() < 4:
            return from_frames(self.linear(in_frames(x)))
        y: Tensor = self.linear(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return y


def _module(node: Step | Join) -> nn.Module:
    if isinstance(node, Join):
        return {"res": Residual, "highway": Highway, "parallel": Parallel}[node.kind](node)
    return node.layer.module(node.input)

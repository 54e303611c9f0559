"""Recurrent layers (section 4.5) and, for comparison, a small transformer block."""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from deepmir.networks.finish import initialise
from deepmir.networks.layers import Passed, from_frames, in_frames
from deepmir.networks.masking import fill, inside

_UNITS: dict[str, Any] = {"vanilla": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class RecurrentLayer(nn.Module):
    """``r1`` (many to many) and ``r2`` (many to one): Eq. 8, or with gates."""

    def __init__(
        self,
        features: int,
        width: int,
        unit: Literal["vanilla", "gru", "lstm"],
        activation: Literal["tanh", "relu"],
        *,
        both_ways: bool,
        many_to_one: bool,
        drop: float,
    ) -> None:
        super().__init__()
        own: dict[str, Any] = {"nonlinearity": activation} if unit == "vanilla" else {}
        self.recurrence: nn.RNNBase = _UNITS[unit](
            features, width, batch_first=True, bidirectional=both_ways, **own
        )
        self.many_to_one = many_to_one
        self.dropout = nn.Dropout(drop) if drop else nn.Identity()
        self._initialise()

    def _initialise(self) -> None:
        """Initialise each gate separately: orthogonal between states, Glorot from the input."""
        units = self.recurrence.hidden_size
        for name, weights in self.recurrence.named_parameters():
            gates = torch.split(weights, units)
            for gate in gates:
                if name.startswith("bias"):
                    nn.init.zeros_(gate)
                elif name.startswith("weight_hh"):
                    nn.init.orthogonal_(gate)
                else:
                    nn.init.xavier_uniform_(gate)
            if name.startswith("bias_ih") and isinstance(self.recurrence, nn.LSTM):
                # An open forget gate lets gradients flow from the start (Gers et al. 2000).
                nn.init.ones_(gates[1])

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """(batch, N, F, T) or (batch, V, T) to (batch, V', T), or to (batch, V') for ``r2``."""
        sequence: Any = in_frames(x)
        frames = sequence.shape[1]
        if lengths is not None:
            sequence = pack_padded_sequence(
                sequence, lengths.cpu(), batch_first=True, enforce_sorted=False
            )
        outputs, state = self.recurrence(sequence)
        if self.many_to_one:
            last = state[0] if isinstance(state, tuple) else state
            return self.dropout(last.transpose(0, 1).flatten(1)), None
        if lengths is not None:
            outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=frames)
        return from_frames(self.dropout(outputs)), lengths


class TransformerBlock(nn.Module):
    """``t1``: attention over all frames and two dense layers, both pre-normalised and residual.

    Vaswani et al. (2017), with normalisation first (Xiong et al. 2020) and positions as rotations
    of queries and keys (Su et al. 2021), so any length works.
    """

    def __init__(self, width: int, heads: int, drop: float) -> None:
        super().__init__()
        self.heads = heads
        self.drop = drop
        self.attention_norm, self.dense_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.mixed = nn.Linear(width, width)
        self.dense = nn.Sequential(
            nn.Linear(width, 4 * width),
            nn.GELU(),
            nn.Dropout(drop),
            nn.Linear(4 * width, width),
        )
        for part in self.modules():
            if isinstance(part, nn.Linear):
                initialise(part, "identity")

    def forward(self, x: Tensor, lengths: Tensor | None) -> Passed:
        """(batch, N, F, T) or (batch, V, T) to (batch, V, T)."""
        frames = in_frames(fill(x, lengths))
        frames = frames + self._dropped(self._attention(self.attention_norm(frames), lengths))
        frames = frames + self._dropped(self.dense(self.dense_norm(frames)))
        return from_frames(frames), lengths

    def _attention(self, frames: Tensor, lengths: Tensor | None) -> Tensor:
        batch, time, width = frames.shape
        parts = self.queries_keys_values(frames).view(batch, time, 3, self.heads, -1)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        mask = None if lengths is None else inside(lengths, keys[..., 0])[:, :, None, :]
        # No attention dropout, unlike in the paper: it makes a CPU seven to ten times slower.
        attended = F.scaled_dot_product_attention(
            rotated(queries), rotated(keys), values, attn_mask=mask
        )
        mixed: Tensor = self.mixed(attended.transpose(1, 2).reshape(batch, time, width))
        return mixed

    def _dropped(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.drop, self.training)


def rotated(x: Tensor) -> Tensor:
    """Rotary position encoding (Su et al. 2021) of (batch, heads, time, features)."""
    half = x.shape[-1] // 2
    speeds = torch.exp(torch.arange(half, device=x.device) * (-math.log(10000.0) / half))
    angles = torch.arange(x.shape[-2], device=x.device).unsqueeze(1) * speeds
    cosine, sine = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], -1)

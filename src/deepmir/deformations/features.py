"""Deformations of features, on the device that trains, of whole batches."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from deepmir.deformations import equaliser, gain, masks, noise, pitch_shift
from deepmir.deformations.powers import Powers, kinds, levelled
from deepmir.representations import Representation

# What belongs to the audio where there is any, and needs features to be turned back to powers.
LEVELS = frozenset({"equaliser", "gain", "noise"})

Drawn = dict[str, npt.NDArray[Any]]


def draw_levels(amounts: Mapping[str, float], rng: np.random.Generator) -> Drawn:
    """What a patch of stored features gets of equaliser, gain and noise."""
    drawn: Drawn = {}
    if "equaliser" in amounts:
        drawn["equaliser"] = equaliser.draw(amounts["equaliser"], rng)
    if "gain" in amounts:
        drawn["gain"] = np.array([gain.draw(amounts["gain"], rng)], np.float32)
    if "noise" in amounts:
        # The last number is where in the bank of noise it begins, as a share of the bank.
        drawn["noise"] = np.array([*noise.draw(amounts["noise"], rng), rng.random()], np.float32)
    return drawn


def draw_masks(
    amounts: Mapping[str, float],
    representation: Representation,
    frames: int,
    rng: np.random.Generator,
) -> Drawn:
    """Where a patch of so many frames is masked."""
    drawn: Drawn = {}
    if "time_mask" in amounts:
        most = round(amounts["time_mask"] * representation.frame_rate)
        drawn["time_mask"] = masks.draw(most, frames, rng)
    if "frequency_mask" in amounts:
        most = round(amounts["frequency_mask"] * representation.bins)
        drawn["frequency_mask"] = masks.draw(most, representation.bins, rng)
    return drawn


class Deformer(nn.Module):
    """Does to patches what was drawn for them; nothing of it is learned or saved with a model."""

    def __init__(
        self, representation: Representation, amounts: Mapping[str, float], *, sound: bool
    ) -> None:
        """Prepare what is declared.

        Args:
            representation: of the features.
            amounts: the most of each deformation.
            sound: whether the audio has been deformed, and the features' levels need not be.
        """
        super().__init__()
        self.circular = "chroma" in kinds(representation)
        declared = set() if sound else LEVELS & amounts.keys()
        self.levels = Levels(representation, noisy="noise" in declared) if declared else None

    def forward(self, x: Tensor, lengths: Tensor, drawn: Mapping[str, Tensor]) -> Tensor:
        """Deform patches.

        Args:
            x: shape (B, N, F, T).
            lengths: frames of each, shape (B,).
            drawn: what each gets, by name, shape (B,) for the bins of `pitch_shift`, else (B, 1 or
                more numbers); nothing for a batch that is not to be deformed.

        Returns:
            Shape (B, N, F, T).
        """
        if "pitch_shift" in drawn:
            x = pitch_shift.shift(x, drawn["pitch_shift"], self.circular)
        if self.levels is not None and LEVELS & drawn.keys():
            # Half precision is for the network: levels 100 dB apart do not survive it.
            with torch.no_grad(), torch.autocast(x.device.type, enabled=False):
                x = self.levels(x, lengths, drawn)
        for name, axis in (("time_mask", 3), ("frequency_mask", 2)):
            if name in drawn:
                x = masks.masked(x, lengths, drawn[name], axis)
        return x


class Levels(nn.Module):
    """Equaliser, gain and noise on the powers that features are made of."""

    weights: Tensor
    slope: Tensor
    bank: Tensor

    def __init__(self, representation: Representation, *, noisy: bool) -> None:
        """Work out where the bins are, and what noise looks like there."""
        super().__init__()
        representation, self.channels = levelled(representation)
        self.powers = Powers.of(representation)
        frequencies = _frequencies(representation)
        bank = noise.bank(representation) if noisy else np.zeros((1, 1, 1))
        for name, values in (
            ("weights", equaliser.weights(frequencies)),
            ("slope", noise.log_slope(frequencies)),
            ("bank", bank),
        ):
            self.register_buffer(name, torch.from_numpy(values).float(), persistent=False)

    def forward(self, x: Tensor, lengths: Tensor, drawn: Mapping[str, Tensor]) -> Tensor:
        """Deform patches; see :class:`Deformer`."""
        if len(self.channels) == x.shape[1]:
            return self._deformed(x, lengths, drawn)
        whole = x.clone()
        whole[:, self.channels] = self._deformed(x[:, self.channels], lengths, drawn)
        return whole

    def _deformed(self, x: Tensor, lengths: Tensor, drawn: Mapping[str, Tensor]) -> Tensor:
        power = self.powers.undo(x)
        decibels = torch.zeros(len(x), 1, 1, 1, device=x.device)
        if "equaliser" in drawn:
            decibels = torch.einsum("bp,pnf->bnf", drawn["equaliser"], self.weights)[..., None]
        if "gain" in drawn:
            decibels = decibels + drawn["gain"][:, :, None, None]
        power = power * 10 ** (decibels / 10)
        if "noise" in drawn:
            power = power + self._noise(power, lengths, *drawn["noise"].unbind(1))
        return self.powers.redo(power)

    def _noise(
        self, power: Tensor, lengths: Tensor, ratio: Tensor, tilt: Tensor, start: Tensor
    ) -> Tensor:
        """Powers of noise at a ratio to those of each patch, shape (B, N, F, T)."""
        size = self.bank.shape[2]
        first = (start * size).long()[:, None]
        frames = (first + torch.arange(power.shape[3], device=power.device)) % size
        tilted = torch.exp(tilt[:, None, None] * self.slope)[..., None]
        found = self.bank[:, :, frames].permute(2, 0, 1, 3) * tilted
        scale = ratio**2 * _mean(power, lengths) / _mean(found, lengths)
        return found * scale[:, None, None, None]


def _mean(power: Tensor, lengths: Tensor) -> Tensor:
    """Mean power of each patch, what follows it aside, shape (B,)."""
    known = torch.arange(power.shape[3], device=power.device) < lengths[:, None]
    by_frame = power.mean((1, 2))
    return torch.where(known, by_frame, 0).sum(1) / lengths


def _frequencies(representation: Representation) -> npt.NDArray[np.float64]:
    """Centre of every bin of every channel, shape (N, F), Hz."""
    harmonics = getattr(representation, "harmonics", (1.0,) * representation.channels)
    return np.outer(harmonics, representation.frequencies)

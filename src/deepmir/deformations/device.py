"""Deformations of whole batches of features, on the training device."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from deepmir.deformations.base import (
    BinDeformation,
    LevelDeformation,
    Levels,
    Mask,
    MusicDeformation,
    StoredDeformation,
)
from deepmir.deformations.powers import Powers, levelled
from deepmir.representations import Representation


class Deformer(nn.Module):
    """Applies to patches what was drawn for them; nothing is learned or saved with a model."""

    def __init__(
        self, representation: Representation, amounts: Mapping[str, float], *, sound: bool
    ) -> None:
        """Prepare what is declared.

        Args:
            representation: of the features.
            amounts: the maximum of each deformation.
            sound: whether the audio was deformed already, so the features' levels are not.
        """
        super().__init__()
        self.representation = representation
        self.music = [one for one, _ in MusicDeformation.chosen(amounts)]
        self.masks = [one for one, _ in Mask.chosen(amounts)]
        levels = [] if sound else [one for one, _ in LevelDeformation.chosen(amounts)]
        self.levels = LevelDeformer(representation, levels) if levels else None
        self.bins = [] if sound else [one for one, _ in BinDeformation.chosen(amounts)]
        self.constants = Constants(representation, self.bins)

    def forward(self, x: Tensor, lengths: Tensor, drawn: Mapping[str, Tensor]) -> Tensor:
        """Deform patches.

        Args:
            x: shape (B, N, F, T).
            lengths: frames of each, shape (B,).
            drawn: the numbers drawn for each, by the name of the deformation, shape (B, ...);
                empty for a batch that is not deformed.

        Returns:
            Shape (B, N, F, T).
        """
        for music in self.music:
            if music.name in drawn:
                x = music.deform(x, drawn[music.name], self.representation)
        if self.levels is not None and drawn:
            # Half precision is for the network only: levels 100 dB apart do not survive it.
            with torch.no_grad(), torch.autocast(x.device.type, enabled=False):
                x = self.levels(x, lengths, drawn)
        for one in self.bins:
            if one.name in drawn:
                x = one.deform_bins(x, drawn[one.name], self.constants.of(one))
        for mask in self.masks:
            if mask.name in drawn:
                x = mask.deform(x, lengths, drawn[mask.name])
        return x


class Constants(nn.Module):
    """The arrays that deformations of stored features need on the device."""

    def __init__(
        self, representation: Representation, deformations: Sequence[StoredDeformation]
    ) -> None:
        """Compute them for a representation."""
        super().__init__()
        self.names: dict[str, list[str]] = {}
        for one in deformations:
            made = one.constants(representation)
            self.names[one.name] = list(made)
            for name, values in made.items():
                tensor = torch.from_numpy(values).float()
                self.register_buffer(f"{one.name}_{name}", tensor, persistent=False)

    def of(self, one: StoredDeformation) -> dict[str, Tensor]:
        """Those of a deformation, by name."""
        return {name: self.get_buffer(f"{one.name}_{name}") for name in self.names[one.name]}


class LevelDeformer(nn.Module):
    """Deforms the powers that features are computed from."""

    def __init__(self, representation: Representation, levels: list[LevelDeformation]) -> None:
        """Find the channels that have levels, and the constants of each deformation there."""
        super().__init__()
        levelled_part, self.channels = levelled(representation)
        self.powers = Powers.of(levelled_part)
        self.levels = levels
        self.constants = Constants(levelled_part, levels)

    def forward(self, x: Tensor, lengths: Tensor, drawn: Mapping[str, Tensor]) -> Tensor:
        """Deform patches; see :class:`Deformer`."""
        if len(self.channels) == x.shape[1]:
            return self._deformed(x, lengths, drawn)
        whole = x.clone()
        whole[:, self.channels] = self._deformed(x[:, self.channels], lengths, drawn)
        return whole

    def _deformed(self, x: Tensor, lengths: Tensor, drawn: Mapping[str, Tensor]) -> Tensor:
        levels = Levels(self.powers.undo(x))
        for one in self.levels:
            levels = one.deform_levels(levels, lengths, drawn[one.name], self.constants.of(one))
        return self.powers.redo(levels.settled())

"""Baselines of a WaveNet: a linear predictor and an n-gram of codes, as strong as possible.

Both give each of the 256 codes a probability, learn only from the training part, and may have
separate parameters per instrument, pitch or both, the conditions of the network. Their order and
conditions are chosen on the validation part.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Self, get_args

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from deepmir.generators.wavenet import mulaw
from deepmir.generators.wavenet.mulaw import CODES, MU, SILENCE
from deepmir.generators.wavenet.recordings import Recording

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Told = Literal["nothing", "instrument", "pitch", "both"]

ORDERS = {"linear predictor": (4, 8, 16, 32, 64, 128), "n-gram": (1, 2, 3, 4, 5)}
RIDGE = 1e-7  # of the mean power, so silence has a solution
SEVERAL = 1000  # greater than the number of pitches
ALL = -1  # the pooled group, for groups missing from the training part
LEVEL = 16  # codes: residuals of predictions with similar amplitude are pooled
BORROWED = 100.0  # weight of the pooled residuals in each level, which may have few


class Predictor(ABC):
    """A distribution of each code given the previous ones."""

    order: int
    told: Told

    @abstractmethod
    def fit(self, recordings: Sequence[Recording]) -> Self:
        """Learn from recordings."""

    @abstractmethod
    def bits(self, recording: Recording) -> Floats:
        """The negative log-likelihood of each sample in bits, shape (T,)."""


def group(recording: Recording, told: Told) -> Integers:
    """The parameter group of each sample, shape (T,)."""
    instrument = recording.instrument if told in ("instrument", "both") else 0
    pitch = recording.pitch if told in ("pitch", "both") else np.zeros_like(recording.pitch)
    return instrument * SEVERAL + pitch


@dataclass
class Linear(Predictor):
    """Linear prediction (J. Makhoul, Proc. IEEE 1975) with residual histograms.

    Least squares on the decoded samples (the covariance method). The residual, in codes, has a
    histogram for each range of the predicted amplitude; codes out of range get no probability.
    """

    order: int
    told: Told = "nothing"
    weights: dict[int, Floats] = field(default_factory=dict)
    shares: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    def fit(self, recordings: Sequence[Recording]) -> Self:
        """Solve for the weights of each group, then count residuals."""
        products: dict[int, Floats] = {}
        for one in recordings:
            rows, groups = self._rows(one), group(one, self.told)
            for key in np.unique(groups).tolist():
                chosen = rows[groups == key]
                product = chosen.T @ chosen
                for own in (key, ALL):
                    products[own] = products.get(own, 0.0) + product
        for key, product in products.items():
            loaded = product[:-1, :-1] + RIDGE * np.trace(product) * np.eye(self.order)
            power = np.trace(product)
            solved = np.linalg.solve(loaded, product[:-1, -1]) if power else np.zeros(self.order)
            self.weights[key] = solved
        counts = np.zeros((-(-(SILENCE + 1) // LEVEL), 2 * MU + 1))
        for one in recordings:
            expected = self.expected(one)
            np.add.at(counts, (_level(expected), one.codes - expected + MU), 1)
        everywhere = (counts.sum(0) + 1) / (counts.sum() + counts.shape[1])
        self.shares = counts + BORROWED * everywhere
        self.shares /= self.shares.sum(1, keepdims=True)
        return self

    def bits(self, recording: Recording) -> Floats:
        """Bits of each sample; the shares of the possible residuals sum to one."""
        expected = self.expected(recording)
        level, first = _level(expected), MU - expected
        below = np.pad(self.shares.cumsum(1), ((0, 0), (1, 0)))
        possible = below[level, first + CODES] - below[level, first]
        share: Floats = self.shares[level, recording.codes - expected + MU] / possible
        bits: Floats = -np.log2(share)
        return bits

    def expected(self, recording: Recording) -> Integers:
        """The code of the predicted sample, shape (T,)."""
        before, groups = self._rows(recording)[:, :-1], group(recording, self.told)
        samples = np.zeros(len(before))
        for key in np.unique(groups).tolist():
            chosen = groups == key
            samples[chosen] = before[chosen] @ self.weights.get(key, self.weights[ALL])
        return mulaw.encode(samples).astype(np.int64)

    def _rows(self, recording: Recording) -> Floats:
        """The samples before each one, from the earliest on, then itself, (T, order + 1)."""
        samples = mulaw.decode(recording.codes).astype(np.float64)
        return sliding_window_view(np.pad(samples, (self.order, 0)), self.order + 1)


def _level(codes: Integers) -> Integers:
    return np.abs(codes - SILENCE) // LEVEL


@dataclass
class NGram(Predictor):
    """Counts of codes after the `order - 1` previous ones, smoothed by those of shorter contexts.

    The smoothing of I. Witten and T. Bell, "The zero-frequency problem", IEEE Trans. Information
    Theory 1991, method C, interpolated: after a context seen N times with D different codes,
    shorter contexts have the weight D / (N + D). The shortest has none, and is uniform.
    """

    order: int
    told: Told = "nothing"
    tables: list[tuple[Integers, Integers]] = field(default_factory=list)

    def fit(self, recordings: Sequence[Recording]) -> Self:
        """Count the codes after contexts of each length."""
        self.tables = []
        for length in range(1, self.order + 1):
            seen = np.concatenate([self._keys(one, length) for one in recordings])
            keys, counts = np.unique(seen, return_counts=True)
            self.tables.append((keys, counts))
        return self

    def bits(self, recording: Recording) -> Floats:
        """Bits of each sample."""
        share = np.full(len(recording.codes), 1 / CODES)
        for length, (keys, counts) in enumerate(self.tables, 1):
            whole = self._keys(recording, length)
            total = np.concatenate([[0], np.cumsum(counts)])
            low = np.searchsorted(keys, whole // CODES * CODES)
            high = np.searchsorted(keys, whole // CODES * CODES + CODES)
            seen, different = total[high] - total[low], high - low
            place = np.searchsorted(keys, whole).clip(max=len(keys) - 1)
            count = np.where(keys[place] == whole, counts[place], 0)
            known = seen > 0
            share[known] = ((count + different * share) / np.maximum(seen + different, 1))[known]
        bits: Floats = -np.log2(share)
        return bits

    def _keys(self, recording: Recording, length: int) -> Integers:
        """An integer for each sample's group, context and code (the last digit), shape (T,)."""
        codes = np.pad(recording.codes.astype(np.int64), (length - 1, 0), constant_values=SILENCE)
        key = group(recording, self.told)
        for place in range(length):
            key = key * CODES + codes[place : place + len(key)]
        return key


def fitted(
    name: str, train: Sequence[Recording], validation: Sequence[Recording]
) -> tuple[Predictor, float]:
    """The best baseline of a kind on the validation part, with its bits per sample there.

    Args:
        name: one of :data:`ORDERS`.
        train: the recordings to fit each candidate on.
        validation: the recordings to choose it on.
    """
    kind = Linear if name == "linear predictor" else NGram
    candidates = [kind(order, told).fit(train) for told in get_args(Told) for order in ORDERS[name]]
    scores = [mean_bits(one, validation).mean() for one in candidates]
    best = int(np.argmin(scores))
    return candidates[best], float(scores[best])


def mean_bits(predictor: Predictor, recordings: Sequence[Recording]) -> Floats:
    """Bits per sample of each recording, shape (recordings,)."""
    return np.array([predictor.bits(one).mean() for one in recordings])

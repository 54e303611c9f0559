"""The most probable path through a hidden Markov model over classes: exact Viterbi search.

A. J. Viterbi, "Error bounds for convolutional codes and an asymptotically optimum decoding
algorithm", IEEE Transactions on Information Theory 13(2), 1967.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def viterbi(
    log_probabilities: Floats, log_transition: Floats, log_start: Floats | None = None
) -> Integers:
    """Find the most probable sequence of states; any of several equally probable ones.

    Exact. A state that the best one beats at every destination is left out of the frame, so it
    seldom takes O(frames * states**2).

    Args:
        log_probabilities: natural log of P(observation | state), up to a constant per frame,
            shape (frames, states); -inf forbids a state.
        log_transition: natural log of P(to | from), shape (from, to); -inf forbids a step.
        log_start: natural log of the initial probabilities, shape (states,); uniform by default.

    Returns:
        One state per frame, shape (frames,).

    Raises:
        ValueError: the shapes do not match, or an input is NaN.
    """
    observed = np.ascontiguousarray(log_probabilities, dtype=np.float64)
    transition = np.asarray(log_transition, dtype=np.float64)
    states = observed.shape[1]
    start = np.zeros(states) if log_start is None else np.asarray(log_start, dtype=np.float64)
    if transition.shape != (states, states) or start.shape != (states,):
        raise ValueError(
            f"{states} states, but transitions {transition.shape} and start {start.shape}"
        )
    if any(np.isnan(values).any() for values in (observed, transition, start)):
        raise ValueError("a log probability is NaN")
    if not len(observed):
        return np.zeros(0, dtype=np.int64)
    return _search(observed, transition, start)


def _search(observed: Floats, transition: Floats, start: Floats) -> Integers:
    lead = _lead(transition)
    scores = np.empty_like(observed)
    scores[0] = start + observed[0]
    for before, seen, here in zip(scores, observed[1:], scores[1:], strict=False):
        leader = before.argmax()
        # Written so that values that are infinite on both sides are kept.
        (alive,) = (~(before <= before[leader] - lead[leader])).nonzero()
        if alive.size > 1:
            np.maximum.reduce(before[alive, None] + transition[alive], axis=0, out=here)
        else:  # the leader, which no state beats
            np.add(before[leader], transition[leader], out=here)
        here += seen
    path = np.empty(len(observed), dtype=np.int64)
    path[-1] = scores[-1].argmax()
    for frame in range(len(observed) - 1, 0, -1):
        path[frame - 1] = (scores[frame - 1] + transition[:, path[frame]]).argmax()
    return path


def _lead(transition: Floats) -> Floats:
    """The lead that a state needs over another one to beat it at every destination.

    Returns:
        Shape (leader, other); infinite if the other one can go where the leader cannot, and for
        the leader itself.
    """
    with np.errstate(invalid="ignore"):  # where neither can go
        needed = [np.fmax.reduce(transition - row, axis=1, initial=-np.inf) for row in transition]
    lead = np.array(needed)
    np.fill_diagonal(lead, np.inf)
    return lead

"""The most probable path through a hidden Markov model over classes: exact Viterbi search.

A. J. Viterbi, "Error bounds for convolutional codes and an asymptotically optimum decoding
algorithm", IEEE Transactions on Information Theory 13(2), 1967.
"""

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def viterbi(
    log_probabilities: Floats, log_transition: Floats, log_start: Floats | None = None
) -> Integers:
    """Find the most probable sequence of states; of equally probable ones, any.

    Exact, and seldom O(frames * states**2): a state that another one beats at every destination
    is left out of the frame, and so are the steps that are forbidden at either end of a row.

    Args:
        log_probabilities: natural log of P(observation | state), up to a constant for each frame,
            shape (frames, states); -inf forbids a state.
        log_transition: natural log of P(to | from), shape (from, to); -inf forbids a step.
        log_start: natural log of the probability of the first state, shape (states,); without it
            all are equally probable.

    Returns:
        One state a frame, shape (frames,).

    Raises:
        ValueError: the shapes do not fit, or an input is NaN.
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
    first, end = _reach(transition)
    lead = _lead(transition)
    return np.asarray(_search(observed, transition, start, lead, first, end))


def _reach(transition: Floats) -> tuple[Integers, Integers]:
    """The first destination of each state, and the one after its last, shape (states,) each."""
    possible = transition > -np.inf
    first = possible.argmax(axis=1)
    end = len(transition) - possible[:, ::-1].argmax(axis=1)
    return first, np.where(possible.any(axis=1), end, first)


@numba.njit(cache=True, nogil=True)
def _lead(transition):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """By how much a state has to lead another one to beat it at every destination.

    Returns:
        Shape (leader, other); infinite where the other one goes where the leader cannot.
    """
    states = len(transition)
    lead = np.full((states, states), -np.inf)
    for leader in range(states):
        for other in range(states):
            for to in range(states):
                if transition[other, to] > -np.inf:
                    needed = transition[other, to] - transition[leader, to]
                    lead[leader, other] = max(lead[leader, other], needed)
    return lead


@numba.njit(cache=True, nogil=True)
def _search(observed, transition, start, lead, first, end):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    frames, states = observed.shape
    origin = np.zeros((frames, states), dtype=np.int32)
    score = start + observed[0]
    for frame in range(1, frames):
        best = np.full(states, -np.inf)
        before = origin[frame]
        leader = np.argmax(score)
        for state in range(states):
            if state != leader and score[leader] - score[state] >= lead[leader, state]:
                continue
            for to in range(first[state], end[state]):
                candidate = score[state] + transition[state, to]
                if candidate > best[to]:
                    best[to], before[to] = candidate, state
        score = best + observed[frame]
    return _trace(origin, np.argmax(score))


@numba.njit(cache=True, nogil=True)
def _trace(origin, last):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Follow the origins back from the last state."""
    frames = len(origin)
    path = np.empty(frames, dtype=np.int64)
    path[-1] = last
    for frame in range(frames - 1, 0, -1):
        path[frame - 1] = origin[frame, path[frame]]
    return path

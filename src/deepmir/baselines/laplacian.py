"""Structure by spectral clustering of the graph of beats.

B. McFee and D. P. W. Ellis, "Analyzing song structure with spectral clustering", ISMIR 2014; the
steps and their parameters are those of librosa's example "Laplacian segmentation".
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from deepmir.decoders.sections import letters
from deepmir.files.annotations import Annotation, Observation
from deepmir.files.samples import Samples
from deepmir.tasks.base import Task

Floats = npt.NDArray[np.float64]

BINS_PER_OCTAVE, OCTAVES = 36, 7
KINDS = 5  # number of section types, fixed as in the example
LEAST_BEATS = 4 * KINDS  # fewer cannot form a piece with that many types


def annotator(folder: Path, task: Task, sample_rate: int) -> Callable[[Samples], list[Annotation]]:
    """Nothing is learned, so `folder` is not read."""

    def annotate(samples: Samples) -> list[Annotation]:
        duration = len(samples) / sample_rate
        starts, harmony, timbre = beat_features(samples, sample_rate)
        edges, names = np.array([0.0, duration]), ["A"]
        if len(starts) >= LEAST_BEATS:
            kinds = spectral_clusters(affinity(harmony, timbre), KINDS)
            first = np.flatnonzero(np.diff(kinds, prepend=-1))
            edges = np.concatenate([[0.0], starts[first[1:]], [duration]])
            names = letters(kinds[first])
        spans = zip(edges[:-1].tolist(), np.diff(edges).tolist(), names, strict=True)
        return [Annotation("segment_open", tuple(Observation(t, d, name) for t, d, name in spans))]

    return annotate


def beat_features(samples: Samples, sample_rate: int) -> tuple[Floats, Floats, Floats]:
    """Beats with the features of each.

    Args:
        samples: mono, shape (samples,).
        sample_rate: in Hz.

    Returns:
        Start of each beat in seconds, shape (beats,); its median level in dB in the constant-Q
        transform, shape (252, beats); mean of 13 MFCCs, shape (13, beats).
    """
    import librosa
    from librosa.beat import beat_track

    cqt = librosa.cqt(
        y=samples,
        sr=sample_rate,
        bins_per_octave=BINS_PER_OCTAVE,
        n_bins=OCTAVES * BINS_PER_OCTAVE,
    )
    levels = librosa.amplitude_to_db(np.abs(cqt), ref=np.max)
    _, beats = beat_track(y=samples, sr=sample_rate, trim=False)
    frames = librosa.util.fix_frames(beats, x_min=0)
    # Without the end, `sync` gives one column per beat, the last up to the end of the recording.
    frames = frames[frames < levels.shape[1]]
    mfcc = librosa.feature.mfcc(y=samples, sr=sample_rate, n_mfcc=13)
    harmony = librosa.util.sync(levels, frames, aggregate=np.median)
    timbre = librosa.util.sync(mfcc, frames)
    return librosa.frames_to_time(frames, sr=sample_rate), harmony, timbre


def affinity(harmony: Floats, timbre: Floats) -> Floats:
    """Similarity of each beat to the others (repetition) and its neighbours (local consistency).

    The two graphs are balanced by the degrees of their nodes, so neither dominates.

    Args:
        harmony: features for finding repetitions, shape (H, beats).
        timbre: features whose changes separate neighbours, shape (K, beats).

    Returns:
        Symmetric, not negative, shape (beats, beats).
    """
    from librosa.segment import recurrence_matrix, timelag_filter
    from scipy.ndimage import median_filter

    recurrence = recurrence_matrix(harmony, width=3, mode="affinity", sym=True)
    diagonals = timelag_filter(median_filter)(recurrence, size=(1, 7))
    # At the ends of its diagonals the filtered matrix is not exactly symmetric.
    repeated = (diagonals + diagonals.T) / 2
    step = np.sum(np.diff(timbre, axis=1) ** 2, axis=0)
    alike = np.exp(-step / max(float(np.median(step)), 1e-9))
    path = np.diag(alike, k=1) + np.diag(alike, k=-1)
    by_path, by_repetition = path.sum(axis=1), repeated.sum(axis=1)
    both = by_path + by_repetition
    balance = by_path @ both / max(float(np.sum(both**2)), 1e-9)
    return np.asarray(balance * repeated + (1 - balance) * path, dtype=np.float64)


def spectral_clusters(graph: Floats, clusters: int) -> npt.NDArray[np.int64]:
    """Cluster the nodes by the first eigenvectors of the normalised graph Laplacian.

    Args:
        graph: symmetric, not negative, shape (nodes, nodes).
        clusters: number of clusters and of eigenvectors.

    Returns:
        Cluster number of each node, shape (nodes,).
    """
    from scipy.linalg import eigh
    from scipy.ndimage import median_filter
    from scipy.sparse.csgraph import laplacian
    from sklearn.cluster import KMeans

    _, vectors = eigh(laplacian(graph, normed=True), subset_by_index=(0, clusters - 1))
    smooth = median_filter(vectors, size=(9, 1))
    norm = np.sqrt(np.sum(smooth**2, axis=1, keepdims=True))
    found = KMeans(clusters, n_init=10, random_state=0).fit_predict(smooth / np.maximum(norm, 1e-9))
    return np.asarray(found, dtype=np.int64)

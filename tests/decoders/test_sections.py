from itertools import combinations, pairwise

import numpy as np
import pytest

from deepmir.decoders.sections import SectionFinder, cluster, letters, section_means
from deepmir.errors import DeepmirError


def average_linkage(points, clusters):
    """The definition: merge the pair of clusters with the smallest mean distance, repeatedly."""
    groups = [[i] for i in range(len(points))]
    while len(groups) > clusters:
        a, b = min(
            combinations(range(len(groups)), 2),
            key=lambda pair: np.mean(
                [
                    np.linalg.norm(points[i] - points[j])
                    for i in groups[pair[0]]
                    for j in groups[pair[1]]
                ]
            ),
        )
        groups[a] += groups.pop(b)
    return {frozenset(group) for group in groups}


@pytest.mark.parametrize("seed", range(12))
def test_same_clusters_as_average_linkage(seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(9, 3))
    clusters = int(rng.integers(1, 9))
    numbers = cluster(points, clusters)
    found = {frozenset(np.flatnonzero(numbers == n).tolist()) for n in set(numbers.tolist())}
    assert found == average_linkage(points, clusters)


@pytest.mark.parametrize("seed", range(5))
def test_section_means_are_those_of_a_loop(seed):
    rng = np.random.default_rng(seed)
    features = rng.normal(3, 2, size=(50, 4))
    features[:, 3] = 1.0
    edges = np.array([0, 7, 8, 30, 50])
    found = section_means(features, edges)
    for section, (a, b) in enumerate(pairwise(edges)):
        for h in range(3):
            column = features[:, h]
            assert found[section, h] == pytest.approx(
                (column[a:b].mean() - column.mean()) / column.std()
            )
    assert (found[:, 3] == 0).all()


def boundaries_by_definition(novelty, rate, threshold, window):
    """Ullrich et al., section 3.4: highest within the window, above the average of 12 s and 6 s."""
    found = []
    for n, value in enumerate(novelty):
        around = novelty[max(n - round(window * rate), 0) : n + round(window * rate) + 1]
        average = novelty[max(n - round(12 * rate), 0) : n + round(6 * rate) + 1].mean()
        if value == around.max() and value - average >= threshold and 0 < n < len(novelty) - 1:
            found.append(n / rate)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_same_boundaries_as_the_definition(seed):
    rng = np.random.default_rng(seed)
    rate, threshold, window = 5.0, 0.1 * (seed % 4), float(rng.uniform(1, 6))
    novelty = rng.uniform(size=400)
    find = SectionFinder(frame_rate=rate, threshold=threshold, window=window)
    found = find(novelty[:, None]).intervals
    expected = boundaries_by_definition(novelty, rate, threshold, window)
    assert len(expected) > 3
    # peaks are refined below the frame
    np.testing.assert_allclose(found[1:, 0], expected, atol=0.5 / rate + 1e-9)
    np.testing.assert_array_equal(found[1:, 0], found[:-1, 1])
    assert found[0, 0] == 0
    assert found[-1, 1] == 80


def test_sections_with_similar_features_get_one_letter():
    rng = np.random.default_rng(0)
    kinds = rng.normal(size=(3, 8))
    form = [0, 1, 0, 2, 1]
    values = np.zeros((len(form) * 50, 9))
    values[:, 1:] = np.repeat(kinds[form], 50, axis=0) + 0.1 * rng.normal(size=(250, 8))
    values[50:250:50, 0] = 1
    found = SectionFinder(frame_rate=5.0, labels_per_section=0.6)(values)
    assert found.letters == ["A", "B", "A", "C", "B"]
    alone = SectionFinder(frame_rate=5.0)(values[:, :1])
    assert alone.letters == ["A", "B", "C", "D", "E"]


def test_letters_go_on_after_z():
    assert letters(np.array([7, 3, 7, 9])) == ["A", "B", "A", "C"]
    many = letters(np.arange(60)[::-1])
    assert many[:2] == ["A", "B"]
    assert many[25:27] == ["Z", "A1"]
    assert len(set(many)) == 60


def test_corner_cases():
    find = SectionFinder(frame_rate=5.0)
    assert find(np.zeros((0, 1))).letters == []
    np.testing.assert_array_equal(find(np.zeros((50, 3))).intervals, [[0, 10]])
    assert find(np.zeros((1, 3))).letters == ["A"]
    with pytest.raises(DeepmirError, match="not a finite"):
        find(np.full((5, 2), np.inf))

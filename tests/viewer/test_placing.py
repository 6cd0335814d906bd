"""Places of new vectors on stored maps, against numbers worked out by hand and the maps' own formulas."""

import numpy as np
import pytest

from pipeline.explain import isomap, projections
from pipeline.explain.align import Alignment
from pipeline.explain.neighbors import nearest
from viewer.placing import StoredMap, by_components, by_isomap, by_neighbors, turned_back, usual

TURNED = Alignment(np.array([[0.6, -0.8], [0.8, 0.6]]), np.array([3.0, -40.0]), 0.0)


def cloud(rows, width, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, width))


def stored(vectors, placed, neighbors, examples=None):
    examples = np.arange(len(vectors)) if examples is None else examples
    return StoredMap(vectors, examples, neighbors, placed, usual(nearest(vectors, 1)[1]))


def drawn(vectors, neighbors, alignment, landmarks=None):
    """Isomap's map as the store has it: its vectors, its aligned points and nothing else."""
    fitted = isomap.fit(vectors, neighbors, landmarks)
    points = alignment.apply(fitted.coordinates)
    placed = by_isomap(vectors, nearest(vectors, neighbors), points, alignment, fitted.frame.landmarks)
    return points, placed


def places(on, vectors):
    return [(on.position(vector, 3).x, on.position(vector, 3).y) for vector in vectors]


def test_a_sentence_is_unlike_all_others_beyond_the_95th_percentile_of_their_own_distances():
    vectors = np.array([[0.0, 0], [1, 0], [2, 0], [3, 0], [10, 0]])  # their nearest are 1, 1, 1, 1 and 7 away
    assert usual(nearest(vectors, 2)[1]) == pytest.approx(1 + 0.8 * 6)  # 95 % of the way from the first to the fifth
    turned = Alignment(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([100.0, 200.0]), 0.0)
    on = stored(vectors, drawn(vectors, 2, turned)[1], 2, np.array([50, 51, 52, 53, 54]))
    like, unlike = (on.position(np.array([x, 0.0]), 3) for x in (10 + 5.7, 10 + 5.9))
    assert (like.unlike, unlike.unlike) == (False, True)
    assert [near for near, _ in like.neighbors] == [54, 53, 52]
    np.testing.assert_allclose([distance for _, distance in like.neighbors], [5.7, 12.7, 13.7])
    mapped = on.position(vectors[1], 3)
    assert (mapped.x, abs(mapped.y - 200)) == (pytest.approx(100), pytest.approx(3.2 - 1))  # the mean is 3.2
    assert len(on.position(vectors[1], 1).neighbors) == 1  # fewer than tell its place


def test_points_turned_back_are_the_map_before_its_alignment():
    fitted = isomap.fit(cloud(30, 5), 6)
    np.testing.assert_allclose(turned_back(TURNED.apply(fitted.coordinates), TURNED), fitted.coordinates, atol=1e-12)


def test_on_a_map_with_one_axis_rounding_does_not_place_anything_far_off():
    vectors = cloud(30, 1)
    points, placed = drawn(vectors, 6, TURNED)
    np.testing.assert_allclose(places(stored(vectors, placed, 6), vectors), points, atol=1e-6)


@pytest.mark.parametrize("landmarks", [None, 9])
def test_from_the_stored_points_a_sentence_lies_where_the_fitted_map_places_it(landmarks):
    vectors, new = cloud(40, 6), cloud(5, 6, seed=1)
    points, placed = drawn(vectors, 6, TURNED, landmarks)
    on = stored(vectors, placed, 6)
    np.testing.assert_allclose(places(on, vectors), points, atol=1e-9)
    expected = TURNED.apply(isomap.place(isomap.fit(vectors, 6, landmarks).frame, new))
    np.testing.assert_allclose(places(on, new), expected, atol=1e-9)


def test_on_a_map_of_principal_components_by_the_same_projection():
    vectors, new = cloud(40, 6), cloud(5, 6, seed=1)
    points = TURNED.apply(projections.project("pca", vectors, 0))
    on = stored(vectors, by_components(vectors, points), 6)
    np.testing.assert_allclose(places(on, vectors), points, atol=1e-9)
    mean, axes = projections.components(vectors)
    np.testing.assert_allclose(places(on, new), TURNED.apply((new - mean) @ axes), atol=1e-9)


def test_on_other_maps_between_its_nearest():
    vectors, points = np.array([[0.0], [1.0], [4.0], [90.0]]), np.array([[0.0, 0], [8, 8], [0, 4], [70, 70]])
    on = stored(vectors, by_neighbors(points), 3)
    assert places(on, vectors) == [tuple(point) for point in points.tolist()]
    # 2 from the first, 1 from the second, 2 from the third: weights 1/2, 1, 1/2
    np.testing.assert_allclose(places(on, [np.array([2.0])]), [(8 / 2, (8 + 2) / 2)])

"""Isomap against scikit-learn, classical scaling written out, and shapes whose map is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import cdist, pdist
from sklearn.manifold import Isomap

from pipeline.explain import isomap
from pipeline.explain.neighbors import nearest
from pipeline.explain.quality import residual_variance


def cloud(rows, width, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, width))


def left(fitted):
    """What a map leaves unexplained of its geodesics."""
    return residual_variance(fitted.coordinates, fitted.geodesics, fitted.frame.landmarks)


def same_up_to_sign(found, expected, tolerance):
    signs = np.sign((found * expected).sum(axis=0))
    np.testing.assert_allclose(found * signs, expected, rtol=0, atol=tolerance)


def shortest_paths(vectors, k):
    """Floyd and Warshall on the graph of nearest vectors."""
    distances = cdist(vectors, vectors)
    paths = np.full_like(distances, np.inf)
    np.fill_diagonal(paths, 0)
    for row in range(len(vectors)):
        for near in np.argsort(distances[row])[1 : k + 1]:
            paths[row, near] = paths[near, row] = distances[row, near]
    for middle in range(len(vectors)):
        paths = np.minimum(paths, paths[:, [middle]] + paths[[middle]])
    return paths


def scaled(distances):
    """Classical multidimensional scaling to two dimensions."""
    n = len(distances)
    centre = np.eye(n) - 1 / n
    values, axes = np.linalg.eigh(-0.5 * centre @ distances**2 @ centre)
    return axes[:, [-1, -2]] * np.sqrt(values[[-1, -2]])


@pytest.mark.parametrize(("rows", "width", "k"), [(40, 3, 5), (60, 20, 8)])
def test_a_map_is_classical_scaling_of_shortest_paths(rows, width, k):
    vectors = cloud(rows, width)
    fitted = isomap.fit(vectors, k)
    paths = shortest_paths(vectors, k)
    assert np.isfinite(paths).all()
    np.testing.assert_allclose(fitted.geodesics, paths, atol=1e-9)
    same_up_to_sign(fitted.coordinates, scaled(paths), 1e-8)
    assert fitted.components == 1


def test_a_map_is_that_of_scikit_learn_up_to_the_signs_of_its_axes():
    vectors = cloud(80, 10)
    expected = Isomap(n_neighbors=7, n_components=2, eigen_solver="dense").fit_transform(vectors)
    same_up_to_sign(isomap.fit(vectors, 7).coordinates, expected, 1e-9)


def test_two_fits_of_the_same_vectors_agree_in_every_bit():
    vectors = cloud(80, 10)
    first, second = isomap.fit(vectors, 7), isomap.fit(vectors.copy(), 7)
    assert first.coordinates.tobytes() == second.coordinates.tobytes()


def test_a_map_of_float32_vectors_is_that_of_the_same_numbers_in_float64():
    vectors = cloud(40, 3).astype(np.float32)
    assert np.array_equal(isomap.fit(vectors, 5).coordinates, isomap.fit(vectors.astype(np.float64), 5).coordinates)


def test_a_straight_line_is_laid_out_as_a_straight_line():
    along = np.cumsum(np.linspace(1, 1.4, 20))
    vectors = along[:, None] * np.array([[2.0, -1, 2, 0, 4]]) / 5  # a direction of length 1
    fitted = isomap.fit(vectors, 2)
    np.testing.assert_allclose(np.abs(fitted.coordinates[:, 0]), np.abs(along - along.mean()), atol=1e-9)
    np.testing.assert_allclose(fitted.coordinates[:, 1], 0, atol=1e-6)
    assert left(fitted) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("plane", [cloud(30, 2), np.stack(np.mgrid[0:6, 0:4], axis=-1).reshape(-1, 2) * 1.0])
def test_points_on_a_plane_with_all_neighbours_keep_all_distances(plane):
    spanned = np.linalg.qr(cloud(7, 2, seed=1))[0].T  # two orthogonal directions of length 1
    fitted = isomap.fit(plane @ spanned, len(plane) - 1)
    np.testing.assert_allclose(pdist(fitted.coordinates), pdist(plane), atol=1e-6)
    assert left(fitted) == pytest.approx(0, abs=1e-9)


def test_an_arc_is_unrolled_to_its_length():
    angle = np.linspace(0, 1.5 * np.pi, 60)
    fitted = isomap.fit(np.stack([np.cos(angle), np.sin(angle)], axis=1), 2)
    assert np.linalg.norm(fitted.coordinates[0] - fitted.coordinates[-1]) == pytest.approx(1.5 * np.pi, rel=0.01)


def landmark_isomap(vectors, k, chosen):
    """De Silva and Tenenbaum's steps one by one: scale the landmarks' distances, then lay out each point by itself."""
    paths = shortest_paths(vectors, k)[chosen]
    between = paths[:, chosen]
    m = len(chosen)
    centre = np.eye(m) - 1 / m
    values, axes = np.linalg.eigh(-0.5 * centre @ between**2 @ centre)
    places = np.zeros((len(vectors), 2))
    for point in range(len(vectors)):
        for axis, number in enumerate((-1, -2)):
            difference = paths[:, point] ** 2 - (between**2).mean(axis=0)
            places[point, axis] = -0.5 * axes[:, number] @ difference / np.sqrt(values[number])
    return places


@pytest.mark.parametrize("m", [3, 12, 59, 60])
def test_a_map_with_landmarks_is_that_of_its_steps_one_by_one(m):
    vectors = cloud(60, 4)
    fitted = isomap.fit(vectors, 6, m)
    chosen = fitted.frame.landmarks
    assert len(chosen) == m == len(set(chosen.tolist()))
    same_up_to_sign(fitted.coordinates, landmark_isomap(vectors, 6, chosen), 1e-8)
    np.testing.assert_allclose(fitted.coordinates[chosen].mean(axis=0), 0, atol=1e-9)


def test_landmarks_are_all_where_that_can_be_and_else_the_same_at_every_call(monkeypatch):
    assert isomap.landmarks(40, None).tolist() == isomap.landmarks(40, 40).tolist() == list(range(40))
    assert isomap.landmarks(40, 50).tolist() == list(range(40))
    some = isomap.landmarks(40, 7).tolist()
    assert some == sorted(set(some)) == isomap.landmarks(40, 7).tolist()
    assert len(some) == 7
    assert len(isomap.landmarks(isomap.EXACT, None)) == isomap.EXACT
    assert len(isomap.landmarks(isomap.EXACT + 1, None)) == isomap.LANDMARKS


@pytest.mark.parametrize("m", [4, 15])
def test_points_on_a_plane_keep_all_distances_by_a_few_landmarks(m):
    plane = cloud(30, 2)
    fitted = isomap.fit(plane @ np.linalg.qr(cloud(7, 2, seed=1))[0].T, 29, m)
    np.testing.assert_allclose(pdist(fitted.coordinates), pdist(plane), atol=1e-6)


def test_two_fits_by_many_landmarks_agree_in_every_bit_and_with_the_other_solver(monkeypatch):
    vectors = cloud(80, 10)
    dense = isomap.fit(vectors, 7, 50).coordinates
    monkeypatch.setattr(isomap, "DENSE", 49)
    first, second = (isomap.fit(vectors, 7, 50).coordinates for _ in range(2))
    assert first.tobytes() == second.tobytes()
    np.testing.assert_allclose(first, dense, atol=1e-8)
    assert (dense[isomap.landmarks(80, 50)].max(axis=0) == np.abs(dense[isomap.landmarks(80, 50)]).max(axis=0)).all()


def test_computed_in_parts_or_at_once_a_map_and_its_places_are_the_same(monkeypatch):
    vectors, new = cloud(60, 4), cloud(12, 4, seed=1)
    whole = isomap.fit(vectors, 6, 20)
    placed, unexplained = isomap.place(whole.frame, new), left(whole)
    monkeypatch.setattr("pipeline.explain.neighbors.PART", 300)
    monkeypatch.setattr("pipeline.explain.graph.AT_ONCE", 7)
    parts = isomap.fit(vectors, 6, 20)
    np.testing.assert_allclose(parts.coordinates, whole.coordinates, atol=1e-12)
    np.testing.assert_allclose(isomap.place(parts.frame, new), placed, atol=1e-12)
    assert left(parts) == pytest.approx(unexplained, abs=1e-12)


def test_a_fit_takes_the_neighbours_that_are_known_already():
    vectors = cloud(60, 4)
    known = isomap.fit(vectors, 6, 20, nearest(vectors, 6)).coordinates
    assert np.array_equal(known, isomap.fit(vectors, 6, 20).coordinates)


@pytest.mark.parametrize(("rows", "width", "k"), [(60, 4, 6), (60, 30, 6)])
def test_new_vectors_are_placed_where_scikit_learn_places_them(rows, width, k):
    vectors, new = cloud(rows, width), cloud(12, width, seed=1)
    model = Isomap(n_neighbors=k, n_components=2, eigen_solver="dense").fit(vectors)
    fitted = isomap.fit(vectors, k)
    signs = np.sign((fitted.coordinates * model.embedding_).sum(axis=0))
    for some in (new, vectors, vectors + 1e-4 * cloud(rows, width, seed=2)):
        np.testing.assert_allclose(isomap.place(fitted.frame, some) * signs, model.transform(some), rtol=0, atol=1e-6)


@pytest.mark.parametrize("m", [50, 11])
def test_a_mapped_vector_is_placed_where_it_already_is(m):
    vectors = cloud(50, 6)
    vectors[20:24] = vectors[20]
    fitted = isomap.fit(vectors, 6, m)
    np.testing.assert_allclose(isomap.place(fitted.frame, vectors), fitted.coordinates, atol=1e-9)


@pytest.mark.parametrize("m", [50, 11])
def test_new_vectors_are_placed_by_the_least_ways_over_their_neighbours(m):
    vectors, new = cloud(50, 6), cloud(9, 6, seed=1)
    fitted = isomap.fit(vectors, 6, m)
    chosen = fitted.frame.landmarks
    paths = shortest_paths(vectors, 6)[:, chosen]
    x = fitted.coordinates[chosen]
    for one, found in zip(new, isomap.place(fitted.frame, new), strict=True):
        away = np.linalg.norm(vectors - one, axis=1)
        ways = [min(away[i] + paths[i, j] for i in np.argsort(away)[:6]) for j in range(m)]
        difference = np.square(ways) - (paths[chosen] ** 2).mean(axis=0)
        np.testing.assert_allclose(found, [-0.5 * axis @ difference / (axis @ axis) for axis in x.T], atol=1e-9)


@pytest.mark.parametrize("m", [50, 11])
def test_a_turned_maps_frame_is_found_from_its_coordinates(m):
    vectors, new = cloud(50, 6), cloud(9, 6, seed=1)
    fitted = isomap.fit(vectors, 6, m)
    on = fitted.frame
    mirrored = isomap.frame(vectors, on.edges, 6, on.landmarks, fitted.coordinates * [-1, 1])
    np.testing.assert_allclose(isomap.place(mirrored, new) * [-1, 1], isomap.place(on, new), atol=1e-9)


def test_a_new_point_of_a_plane_keeps_its_distances_to_the_mapped_ones():
    plane, new = cloud(25, 2), cloud(4, 2, seed=1)
    spanned = np.linalg.qr(cloud(5, 2, seed=2))[0].T
    fitted = isomap.fit(plane @ spanned, 24)
    # all vectors are its neighbours, so the way over the nearest of them is the straight one
    placed = isomap.place(replace(fitted.frame, neighbors=25), new @ spanned)
    np.testing.assert_allclose(cdist(placed, fitted.coordinates), cdist(new, plane), atol=1e-6)


def test_a_new_vector_beside_a_line_is_placed_on_the_line():
    fitted = isomap.fit(np.arange(20.0)[:, None] * np.array([[1.0, 0.0, 0.0]]), 2)
    placed = isomap.place(fitted.frame, np.array([[7.5, 0.0, 0.0], [7.5, 0.3, 0.0]]))
    sign = np.sign(fitted.coordinates[-1, 0])
    assert placed[0, 0] * sign == pytest.approx(7.5 - 9.5, abs=1e-6)
    assert placed[1, 0] * sign == pytest.approx(7.5 - 9.5, abs=0.1)
    np.testing.assert_allclose(placed[:, 1], 0, atol=1e-6)


@pytest.mark.parametrize("m", [None, 10])
@pytest.mark.parametrize("groups", [2, 3])
def test_separate_clusters_are_counted_and_joined_without_a_warning(groups, m):
    vectors = np.concatenate([cloud(15, 3, seed) + 100 * seed for seed in range(groups)])
    fitted = isomap.fit(vectors, 4, m)
    assert fitted.components == groups
    assert np.isfinite(fitted.geodesics).all()
    between = np.linalg.norm(fitted.coordinates[0] - fitted.coordinates[-1])
    assert between == pytest.approx((groups - 1) * 100 * np.sqrt(3), rel=0.1)


@pytest.mark.parametrize(("rows", "k"), [(5, 3), (12, 3), (50, 5)])
@pytest.mark.parametrize("value", [0.0, 0.3])
def test_where_all_vectors_are_one_point_so_is_the_map(rows, k, value):
    fitted = isomap.fit(np.full((rows, 4), value), k)
    assert np.array_equal(fitted.coordinates, np.zeros((rows, 2)))
    assert np.isnan(left(fitted))
    assert np.isfinite(isomap.place(fitted.frame, np.ones((1, 4)))).all()


@pytest.mark.parametrize(("width", "seed"), [(3, 0), (64, 1)])
def test_identical_vectors_get_the_same_place_up_to_rounding(width, seed):
    vectors = 3 * cloud(60, width, seed)
    vectors[10:30] = vectors[10]
    coordinates = isomap.fit(vectors, 5).coordinates
    np.testing.assert_allclose(coordinates[10:30], coordinates[[10]].repeat(20, axis=0), rtol=0, atol=1e-5)

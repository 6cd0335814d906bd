"""Maps by other methods against scikit-learn, and shapes that any of them must keep apart."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from pipeline.explain import projections
from pipeline.explain.projections import between, components, project


def cloud(rows, width, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, width))


@pytest.mark.parametrize("width", [2, 5, 70])
def test_principal_components_are_those_of_scikit_learn_up_to_signs(width):
    vectors = cloud(40, width) * np.linspace(1, 3, width) + 5
    expected = PCA(2, svd_solver="full").fit_transform(vectors)
    found = project("pca", vectors, 10)
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-9)
    mean, axes = components(vectors)
    np.testing.assert_allclose((vectors - mean) @ axes, found, atol=1e-9)


def test_one_unit_has_one_component():
    vectors = cloud(40, 1)
    found = project("pca", vectors, 10)
    np.testing.assert_allclose(found, (vectors - vectors.mean()) * [1, 0], atol=1e-12)


@pytest.mark.parametrize("method", ["umap", "tsne"])
def test_two_clusters_stay_apart_and_two_calls_agree_in_every_bit(method):
    pytest.importorskip(projections.PACKAGES[method][0])
    vectors = np.concatenate([cloud(25, 6), cloud(25, 6, seed=1) + 20])
    places = project(method, vectors, 8)
    assert places.shape == (50, 2)
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-9)
    one, other = places[:25], places[25:]
    apart = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
    spread = max(np.linalg.norm(some - some.mean(axis=0), axis=1).mean() for some in (one, other))
    assert apart > 2 * spread
    assert project(method, vectors.copy(), 8).tobytes() == places.tobytes()


@pytest.mark.parametrize("method", ["pca", "umap", "tsne"])
def test_a_dead_layer_is_one_point(method):
    assert project(method, np.full((20, 3), 0.3), 5).tolist() == [[0.0, 0.0]] * 20


def test_between_the_places_of_the_nearest_by_the_inverse_of_the_distances():
    places = np.array([[0.0, 0], [12, 0], [0, 12], [5, 5]])
    index = np.array([[0, 1, 2], [0, 1, 3], [3, 1, 2], [1, 2, 0]])
    distance = np.array([[1.0, 1, 1], [1, 2, 3e9], [0, 1, 2], [0, 0, 1]])
    expected = [[4, 4], [4, 0], [5, 5], [6, 6]]
    np.testing.assert_allclose(between(places, index, distance), expected, atol=1e-8)


def test_a_package_that_is_not_there_is_named_with_its_extra(monkeypatch):
    assert [projections.missing(method) for method in ("isomap", "pca")] == ["", ""]
    monkeypatch.setattr(projections, "find_spec", lambda module: None)
    assert projections.missing("umap") == "the package umap-learn: pip install -e '.[umap]'"
    assert projections.missing("tsne") == "the package openTSNE: pip install -e '.[tsne]'"
    assert projections.missing("isomap") == ""

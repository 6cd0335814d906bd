"""Probes against classifiers trained fold by fold without scikit-learn, and layers whose accuracy is known."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.spatial.distance import cdist
from sklearn.model_selection import StratifiedKFold

from pipeline.explain import probes


def two_clouds(rows, width, apart, seed=0):
    """Labels 0 and 1 in turn, and vectors whose first unit is `apart` larger for label 1."""
    labels = np.arange(rows) % 2
    vectors = np.random.default_rng(seed).normal(size=(rows, width))
    vectors[:, 0] += apart * labels
    return vectors, labels


def folds(labels):
    return StratifiedKFold(5, shuffle=True, random_state=0).split(labels, labels)


def logistic(vectors, labels):
    """Weights and bias that minimise the summed log loss and half the squared weights; labels 0 and 1."""

    def loss(all_weights):
        margins = (2 * labels - 1) * (vectors @ all_weights[:-1] + all_weights[-1])
        return np.logaddexp(0, -margins).sum() + 0.5 * (all_weights[:-1] ** 2).sum()

    return minimize(loss, np.zeros(vectors.shape[1] + 1), tol=1e-8).x


def test_the_linear_probe_is_logistic_regression_on_units_scaled_within_each_fold():
    vectors, labels = two_clouds(60, 4, apart=1.5)
    vectors = vectors * [1, 100, 0.01, 1] + [0, 5, 5, 0]
    right = 0
    for train, test in folds(labels):
        mean, deviation = vectors[train].mean(axis=0), vectors[train].std(axis=0)
        weights = logistic((vectors[train] - mean) / deviation, labels[train])
        said = (vectors[test] - mean) / deviation @ weights[:-1] + weights[-1] > 0
        right += (said == labels[test]).sum()
    assert probes.linear(vectors, labels) == pytest.approx(right / 60)
    assert 0.6 < right / 60 < 0.95


@pytest.mark.parametrize(("k", "asked"), [(1, 1), (4, 3), (5, 5), (500, 48)])
def test_the_neighbor_probe_is_a_vote_of_the_nearest_in_the_other_folds(k, asked):
    vectors, labels = two_clouds(60, 4, apart=1.5)
    right = 0
    for train, test in folds(labels):
        near = np.argsort(cdist(vectors[test], vectors[train]), axis=1)[:, :asked]
        right += ((labels[train][near].mean(axis=1) > 0.5) == labels[test]).sum()
    assert probes.neighbor(vectors, labels, k) == pytest.approx(right / 60)


def test_each_probe_finds_what_only_it_can():
    vectors, labels = two_clouds(100, 8, apart=8)
    assert probes.linear(vectors, labels) == probes.neighbor(vectors, labels, 5) == 1
    angle = np.linspace(0, 2 * np.pi, 100)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.where(labels, 5, 1)[:, None]
    assert probes.neighbor(ring, labels, 5) == 1
    assert probes.linear(ring, labels) < 0.65


def test_labels_drawn_at_random_are_not_learned():
    vectors = np.random.default_rng(0).normal(size=(200, 30))
    labels = np.random.default_rng(1).permutation(np.arange(200) % 2)
    for found in (probes.linear(vectors, labels), probes.neighbor(vectors, labels, 5)):
        assert found == pytest.approx(0.5, abs=0.12)  # trained on all of them, the linear one has 0.7


def test_many_classes():
    labels = np.arange(90) % 9
    vectors = np.eye(9)[labels] + 0.1 * np.random.default_rng(0).normal(size=(90, 9))
    assert probes.linear(vectors, labels) == probes.neighbor(vectors, labels, 5) == 1


@pytest.mark.parametrize("labels", [[0] * 20, [0] * 16 + [1] * 4, [0] * 9 + [1] * 9 + [2] * 2])
def test_without_enough_examples_of_every_class_there_is_no_probe(labels):
    vectors = np.random.default_rng(0).normal(size=(20, 3))
    assert np.isnan(probes.linear(vectors, np.array(labels)))
    assert np.isnan(probes.neighbor(vectors, np.array(labels), 3))


def test_a_class_that_no_example_has_is_no_matter():
    vectors, labels = two_clouds(60, 4, apart=1.5)
    assert probes.linear(vectors, 2 * labels) == probes.linear(vectors, labels)


def test_a_dead_layer_and_dead_units_are_read_without_a_warning():
    labels = np.arange(40) % 2
    assert probes.linear(np.zeros((40, 3)), labels) == pytest.approx(0.5)
    assert probes.neighbor(np.zeros((40, 3)), labels, 5) == pytest.approx(0.5, abs=0.2)
    vectors, labels = two_clouds(40, 3, apart=9)
    vectors[:, 2] = 7.0
    assert probes.linear(vectors, labels) == 1


def test_two_calls_give_the_same_number():
    vectors, labels = two_clouds(60, 4, apart=1.0)
    assert probes.linear(vectors, labels) == probes.linear(vectors.copy(), labels)


def test_a_search_that_is_cut_short_still_counts(monkeypatch):
    monkeypatch.setattr(probes, "STEPS", 1)
    vectors, labels = two_clouds(60, 40, apart=3)
    assert 0.5 < probes.linear(vectors, labels) <= 1

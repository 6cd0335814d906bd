"""Places on maps, and networks of any kind, against numbers worked out by hand."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from pipeline.explain import isomap
from pipeline.explain.align import Alignment
from tests.viewer.handmade import Hand
from viewer.live import Live
from viewer.loaded import StoredMap, turned_back, usual


def test_a_sentence_is_unlike_all_others_beyond_the_95th_percentile_of_their_own_distances():
    vectors = np.array([[0.0, 0], [1, 0], [2, 0], [3, 0], [10, 0]])  # their nearest are 1, 1, 1, 1 and 7 away
    assert usual(vectors) == pytest.approx(1 + 0.8 * 6)  # 95 % of the way from the first to the fifth of them
    turned = Alignment(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([100.0, 200.0]), 0.0)
    on = StoredMap(isomap.fit(vectors, 2), turned, np.array([50, 51, 52, 53, 54]), usual(vectors))
    like, unlike = (on.position(np.array([x, 0.0]), 3) for x in (10 + 5.7, 10 + 5.9))
    assert (like.unlike, unlike.unlike) == (False, True)
    assert [near for near, _ in like.neighbors] == [54, 53, 52]
    np.testing.assert_allclose([distance for _, distance in like.neighbors], [5.7, 12.7, 13.7])
    mapped = on.position(vectors[1], 3)
    assert (mapped.x, abs(mapped.y - 200)) == (pytest.approx(100), pytest.approx(3.2 - 1))  # the mean is 3.2


def test_points_turned_back_are_the_map_before_its_alignment():
    fitted = isomap.fit(np.random.default_rng(0).normal(size=(30, 5)), 6)
    turned = Alignment(np.array([[0.6, -0.8], [0.8, 0.6]]), np.array([3.0, -40.0]), 0.0)
    np.testing.assert_allclose(turned_back(turned.apply(fitted.coordinates), turned), fitted.coordinates, atol=1e-12)


def test_on_a_map_with_one_axis_rounding_does_not_place_anything_far_off():
    vectors = np.random.default_rng(0).normal(size=(30, 1))
    fitted = isomap.fit(vectors, 6)
    turned = Alignment(np.array([[0.6, -0.8], [0.8, 0.6]]), np.array([3.0, -40.0]), 0.0)
    points = turned.apply(fitted.coordinates)
    back = isomap.Map(fitted.vectors, fitted.geodesics, turned_back(points, turned), 6, 1)
    on = StoredMap(back, turned, np.arange(30), usual(vectors))
    found = [(on.position(vector, 3).x, on.position(vector, 3).y) for vector in vectors]
    np.testing.assert_allclose(found, points, atol=1e-6)


@pytest.mark.parametrize("classes", [["no", "yes"], ["bad", "so so", "good"]])
def test_any_network_and_number_of_classes(tmp_path, classes):
    hand = Hand(tmp_path, classes)
    reading = Live(hand.source).read("hand", "A good film, not BAD")
    weights = hand.networks[1].weights.weight.detach().double().numpy()
    logits = np.cumsum([np.zeros(weights.shape[1]), *weights[[1, 2, 5, 4, 3]]], axis=0)
    expected = expit(logits[:, 0]) if len(classes) == 2 else softmax(logits, axis=1)[:, 2]
    np.testing.assert_allclose(reading.probability[1], expected, atol=1e-6)
    np.testing.assert_allclose(reading.impact[1, 1:], np.diff(expected), atol=1e-6)
    np.testing.assert_allclose(expit(reading.logit), reading.probability, atol=1e-6)
    assert reading.positive == classes[-1]
    assert Live(hand.source).read("hand", "").probability.shape == (2, 1)
    assert Live(hand.source).positions("hand", "good") == {}

"""Networks of any kind, against numbers worked out by hand."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from tests.viewer.handmade import Hand
from viewer.live import Live


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

"""A text without each of its words, as a network of any number of classes reads it, against sums by hand."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from pipeline.errors import InputError
from tests.viewer.handmade import Hand
from viewer.live import Live


@pytest.mark.parametrize("classes", [["no", "yes"], ["bad", "so so", "good"]])
def test_a_text_without_each_of_its_words(tmp_path, classes):
    hand = Hand(tmp_path, classes)
    found = Live(hand.source).left_out("hand", "A good film, not BAD", 1)
    weights = hand.networks[1].weights.weight.detach().double().numpy()[[1, 2, 5, 4, 3]]

    def said(logits):
        return np.array([expit(-logits[0]), expit(logits[0])]) if len(classes) == 2 else softmax(logits)

    np.testing.assert_allclose(found.whole, said(weights.sum(0)), atol=1e-6)
    for place in range(5):
        without = said(weights.sum(0) - weights[place])
        np.testing.assert_allclose(found.probabilities[place], without, atol=1e-6)
        np.testing.assert_allclose(expit(found.logits[place]), without, atol=1e-6)
        np.testing.assert_allclose(found.changes("probability")[place], said(weights.sum(0)) - without, atol=1e-6)
    assert Live(hand.source).left_out("hand", "", 1).probabilities.shape == (0, len(classes))
    assert Live(hand.source).left_out("hand", "film " * 10_000, 0).probabilities.shape == (6, len(classes))  # the cut
    with pytest.raises(InputError, match="epoch 7"):
        Live(hand.source).left_out("hand", "film", 7)

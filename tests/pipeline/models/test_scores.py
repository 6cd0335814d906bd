"""Scores against their formulas in NumPy."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, softmax
from torch.nn import functional

from pipeline.models.scores import accuracy, loss, outputs_for, predicted, probabilities

logit = st.floats(-15, 15)


@pytest.mark.parametrize(("classes", "outputs"), [(2, 1), (3, 3), (7, 7)])
def test_two_classes_share_one_output_and_more_have_one_each(classes, outputs):
    assert outputs_for(classes) == outputs


@given(st.lists(st.tuples(logit, st.integers(0, 1)), min_size=1, max_size=8))
def test_the_loss_of_one_output_is_minus_the_mean_log_probability(pairs):
    logits, labels = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    expected = -np.log(np.where(labels == 1, expit(logits), expit(-logits))).mean()
    assert float(loss(torch.tensor(logits)[:, None], torch.tensor(labels))) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.tuples(st.lists(logit, min_size=3, max_size=3), st.integers(0, 2)), min_size=1, max_size=8))
def test_the_loss_of_a_softmax_is_minus_the_mean_log_probability(pairs):
    logits, labels = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    expected = -np.log(softmax(logits, axis=1)[np.arange(len(pairs)), labels]).mean()
    assert float(loss(torch.tensor(logits), torch.tensor(labels))) == pytest.approx(expected, abs=1e-9)
    np.testing.assert_allclose(probabilities(torch.tensor(logits)), softmax(logits, axis=1), atol=1e-12)


def test_one_output_scores_like_a_softmax_whose_other_logit_is_zero():
    one = torch.tensor([[-2.0], [0.5], [3.0]])
    two = torch.cat([torch.zeros_like(one), one], dim=1)
    labels = torch.tensor([0, 1, 0])
    assert float(loss(one, labels)) == pytest.approx(float(functional.cross_entropy(two, labels)), abs=1e-6)
    np.testing.assert_allclose(probabilities(one)[:, 0], softmax(two.double().numpy(), axis=1)[:, 1], atol=1e-12)


def test_probabilities_are_float64_so_that_close_ones_differ():
    p = probabilities(torch.tensor([[17.0], [18.0]]))[:, 0]
    assert p.tolist() == pytest.approx([1 / (1 + math.exp(-17)), 1 / (1 + math.exp(-18))], rel=1e-15)
    assert p[0] < p[1] < 1


def test_a_probability_of_exactly_one_half_predicts_the_second_class():
    logits = torch.tensor([[0.0], [-0.0], [-1e-30], [1e-30]])
    assert predicted(logits).tolist() == [1, 1, 0, 1]
    assert probabilities(logits)[0].item() == 0.5


def test_the_class_with_the_largest_logit_is_predicted():
    assert predicted(torch.tensor([[1.0, 3.0, 2.0], [-1.0, -3.0, -2.0], [0.0, 0.0, 0.1]])).tolist() == [1, 0, 2]


def test_accuracy_is_the_share_predicted_correctly():
    assert accuracy(torch.tensor([[1.0], [-1.0], [2.0], [0.0]]), torch.tensor([1, 1, 0, 1])) == 0.5
    assert accuracy(torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), torch.tensor([0, 1])) == 0.5
    assert accuracy(torch.tensor([[1.0]] * 3), torch.tensor([1, 1, 0])).item() == pytest.approx(2 / 3, abs=1e-15)

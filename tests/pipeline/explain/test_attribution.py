"""Attributions against networks computed by hand, against elements left out one by one, and against Captum's own."""

import math

import numpy as np
import pytest
import torch
from captum.attr import InputXGradient, IntegratedGradients
from scipy.special import expit
from torch import nn

from pipeline.explain import attribution
from pipeline.explain.prefix import FalsePrefixesError
from tests.pipeline.models.test_named import LENGTHS, NAMES, batch, network

EVERY_OTHER = torch.tensor([0, 1, 1, 0])


class Sums(nn.Module):
    """logit = the sum over the elements of a weight each; nothing depends on order."""

    weights = torch.tensor([0.0, 0.5, -1.0, 2.0])

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(self.weights[:, None], padding_idx=0)
        self.read = 0

    def forward(self, inputs, lengths):
        self.read += len(inputs)
        there = torch.arange(inputs.shape[1])[None] < lengths[:, None]
        return (self.embedding(inputs)[..., 0] * there).sum(dim=1, keepdim=True)


IDS, HOW_MANY = torch.tensor([[1, 2, 3], [3, 2, 1]]), torch.tensor([3, 2])


def test_a_sum_of_three_by_hand():
    for classes, sign in ((torch.ones(2, dtype=torch.long), 1), (torch.zeros(2, dtype=torch.long), -1)):
        prefixes = sign * (expit([0.5, -0.5, 1.5]) - expit([0, 0.5, -0.5]))
        without = sign * (expit(1.5) - expit([1.0, 2.5, -0.5]))
        terms = sign * np.array([[0.5, -1.0, 2.0], [2.0, -1.0, 0.0]])
        found = {
            name: getattr(attribution, name)(Sums(), IDS, HOW_MANY, classes).numpy()
            for name in attribution.METHODS
            if name != "random"
        }
        np.testing.assert_allclose(found["prefix_impact"][0], prefixes, atol=1e-7)
        np.testing.assert_allclose(found["leave_one_out"][0], without, atol=1e-7)
        np.testing.assert_allclose(found["leave_one_out"][1], [*sign * (expit(1) - expit([-1, 2])), 0], atol=1e-7)
        np.testing.assert_allclose(found["gradient_input"], terms, atol=1e-6)
        np.testing.assert_allclose(found["integrated_gradients"], terms, atol=1e-6)


@pytest.mark.parametrize("channels", [None, 3])
@pytest.mark.parametrize("outputs", [1, 4])
@pytest.mark.parametrize("name", NAMES)
def test_left_out_one_by_one(name, outputs, channels):
    built, inputs = network(name, outputs, channels), batch(channels)
    classes = EVERY_OTHER * max(1, outputs - 1)
    found = attribution.leave_one_out(built, inputs, LENGTHS, classes)

    def probability(row, kept):
        if not kept and not getattr(built, "defined_on_empty", True):
            return 1 / max(2, outputs)
        read = inputs[row : row + 1, kept] if kept else torch.zeros_like(inputs[:1, :1])
        with torch.no_grad():
            logits = built(read, torch.tensor([len(kept)])).double()[0]
        both = logits.softmax(0) if outputs > 1 else torch.sigmoid(torch.cat([-logits, logits]))
        return both[classes[row]].item()

    for row, length in enumerate(LENGTHS.tolist()):
        everything = list(range(length))
        for place in everything:
            expected = probability(row, everything) - probability(row, everything[:place] + everything[place + 1 :])
            assert found[row, place].item() == pytest.approx(expected, abs=2e-6)
        assert not found[row, length:].any()


@pytest.mark.parametrize("name", NAMES)
def test_integrated_gradients_add_up(name):
    """Completeness: what they give all elements is the log-odds for them minus those for zeros in their place."""
    for channels, outputs in ((None, 1), (3, 4)):
        built, inputs = network(name, outputs, channels), batch(channels)
        classes = EVERY_OTHER * max(1, outputs - 1)
        found = attribution.integrated_gradients(built, inputs, LENGTHS, classes, steps=400)
        vectors, forward = attribution.on_vectors(built, inputs, LENGTHS)
        with torch.no_grad():
            there, nowhere = (
                attribution.class_odds(forward(given, inputs, LENGTHS), classes)
                for given in (vectors, torch.zeros_like(vectors))
            )
        # ReLU and largest values have corners, at which the rule is less exact.
        np.testing.assert_allclose(found.sum(1), there - nowhere, atol=0.01 * float((there - nowhere).abs().max()))
        assert not found[1, 1:].any()


def test_captum_says_the_same_of_a_linear_network():
    torch.manual_seed(0)
    linear, numbers = nn.Linear(6, 1), torch.randn(2, 3, 2)

    def forward(inputs, lengths):
        return linear(inputs.flatten(1))

    class Linear(nn.Module):
        def forward(self, inputs, lengths):
            return forward(inputs, lengths)

    lengths, classes = torch.tensor([3, 3]), torch.tensor([1, 1])
    ours = attribution.gradient_input(Linear(), numbers, lengths, classes)
    theirs = InputXGradient(lambda vectors: forward(vectors, lengths)[:, 0]).attribute(numbers.clone().requires_grad_())
    np.testing.assert_allclose(ours, theirs.detach().sum(2), atol=1e-6)
    integral = IntegratedGradients(lambda vectors: forward(vectors, lengths)[:, 0]).attribute(numbers)
    np.testing.assert_allclose(
        attribution.integrated_gradients(Linear(), numbers, lengths, classes), integral.detach().sum(2), atol=1e-6
    )
    np.testing.assert_allclose(integral.detach(), theirs.detach(), atol=1e-6)  # of a linear function they are one


@pytest.mark.parametrize("name", ["lstm", "lstm3", "gru", "rnn", "no_hidden"])
def test_recurrent_networks_share_prefixes_and_say_what_the_explicit_ones_say(name):
    built, inputs = network(name), batch()
    assert attribution.check_leave_one_out(built, inputs, LENGTHS) < 1e-6


def test_a_false_claim_is_refused_with_the_difference():
    class False_(Sums):  # noqa: N801
        def leave_one_out_logits(self, inputs, lengths):
            return torch.zeros(*inputs.shape, 1)

    with pytest.raises(FalsePrefixesError, match=r"leave_one_out_logits of its own \(left out: element 2\).*by 0\.424"):
        attribution.check_leave_one_out(False_(), torch.tensor([[1, 2, 3]]), torch.tensor([3]))
    assert attribution.check_leave_one_out(Sums(), IDS, HOW_MANY) == 0


def test_empty_sequences():
    for name in ("lstm", "bilstm", "transformer"):
        built, nothing = network(name), torch.zeros(2, 1, dtype=torch.long)
        for method in ("prefix_impact", "leave_one_out"):
            found = getattr(attribution, method)(built, nothing, torch.zeros(2, dtype=torch.long), torch.tensor([0, 1]))
            assert found.tolist() == [[0], [0]]
    chance = attribution.class_probabilities(torch.full((1, 4), math.nan), torch.tensor([2]))
    assert chance.tolist() == [0.25]


def test_a_network_without_one_embedding_has_no_gradients():
    class Hashed(nn.Module):
        def forward(self, inputs, lengths):
            return inputs.float().sum(1, keepdim=True)

    with pytest.raises(attribution.NoVectorsError, match=r"^no torch\.nn\.Embedding reads the ids"):
        attribution.gradient_input(Hashed(), IDS, HOW_MANY, torch.tensor([1, 1]))


def test_random_scores_depend_on_name_class_and_seed_alone():
    one = attribution.random_scores(torch.tensor([3, 2]), torch.tensor([0, 1]), [7, 8], 1)
    assert one[1, 2] == 0
    again = attribution.random_scores(torch.tensor([2]), torch.tensor([1]), [8], 1)
    assert torch.equal(one[1, :2], again[0])
    for lengths, classes, names, seed in (((2,), (0,), [8], 1), ((2,), (1,), [9], 1), ((2,), (1,), [8], 2)):
        other = attribution.random_scores(torch.tensor(lengths), torch.tensor(classes), names, seed)
        assert not torch.equal(again, other)

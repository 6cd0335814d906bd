"""Prefix impacts against numbers computed by hand and prefixes evaluated one by one."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, log_softmax, softmax
from torch import nn

from pipeline.explain import prefix
from pipeline.models.networks import LSTMClassifier

GRID = 2**24


class Recurrence(nn.Module):
    """h = tanh(w x + u h), logit = v h + b, one number a step; `prefix_logits` can be spoilt."""

    w, u, v, b = 0.7, -0.4, 1.5, 0.2

    def __init__(self, spoil=None):
        super().__init__()
        self.spoil = spoil

    def forward(self, inputs, lengths):
        return self.after(inputs)[torch.arange(len(inputs)), lengths]

    def prefix_logits(self, inputs, lengths):
        logits = self.after(inputs)
        if self.spoil:
            row, position, value = self.spoil
            logits[row, position] = value
        return logits

    def after(self, inputs):
        state, states = torch.zeros(len(inputs)), [torch.zeros(len(inputs))]
        for step in inputs.T:
            state = torch.tanh(self.w * step + self.u * state)
            states.append(state)
        return (self.v * torch.stack(states, dim=1) + self.b)[..., None]


def by_hand(sequence):
    """Probabilities after 0, 1, ... elements of `sequence`, in plain floats."""
    state, found = 0.0, []
    for step in [None, *sequence]:
        if step is not None:
            state = math.tanh(Recurrence.w * step + Recurrence.u * state)
        found.append(1 / (1 + math.exp(-(Recurrence.v * state + Recurrence.b))))
    return found


class Mean(nn.Module):
    """Not causal in form: the logit is the mean of what was read. Offers no single pass."""

    def forward(self, inputs, lengths):
        read = torch.arange(inputs.shape[1])[None] < lengths[:, None]
        return ((inputs * read).sum(dim=1) / lengths.clamp(min=1))[:, None]


class Bidirectional(nn.Module):
    """An LSTM in both directions that claims to have every prefix's logits after one pass."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.lstm = nn.LSTM(1, 4, batch_first=True, bidirectional=True)
        self.output = nn.Linear(8, 1)

    def one(self, sequence):
        """(length + 1, 1) logits of one sequence, not padded."""
        after = self.lstm(sequence[None, :, None])[0][0] if len(sequence) else torch.zeros(0, 8)
        return self.output(torch.cat([torch.zeros(1, 8), after]))

    def forward(self, inputs, lengths):
        return torch.stack([self.one(row[:length])[-1] for row, length in zip(inputs, lengths, strict=True)])

    def prefix_logits(self, inputs, lengths):
        return torch.stack([self.one(row) for row in inputs])


SEQUENCES = [[0.5, -1.0, 2.0], [3.0], []]
INPUTS = torch.tensor([[0.5, -1.0, 2.0], [3.0, 9.0, 9.0], [9.0, 9.0, 9.0]])
LENGTHS = torch.tensor([3, 1, 0])


@pytest.mark.parametrize("way", [prefix.prefix_logits, prefix.explicit_prefix_logits])
def test_probabilities_and_impacts_are_those_computed_by_hand(way):
    odds = prefix.log_odds(way(Recurrence(), INPUTS, LENGTHS))
    p, impact = prefix.probabilities(odds), prefix.impacts(odds)
    for row, sequence in enumerate(SEQUENCES):
        expected = by_hand(sequence)
        assert p[row, : len(expected), 0].tolist() == pytest.approx(expected, abs=1e-7)
        moved = [b - a for a, b in itertools.pairwise(expected)]
        assert impact[row, 1 : len(expected), 0].tolist() == pytest.approx(moved, abs=2e-7)


def test_a_probability_that_goes_from_half_to_three_quarters_to_one_quarter():
    impact = prefix.impacts(torch.tensor([[[0.0], [math.log(3)], [-math.log(3)]]]))
    assert math.isnan(impact[0, 0, 0])
    assert impact[0, 1:, 0].tolist() == [0.25, -0.5]


def test_a_network_without_a_single_pass_is_evaluated_on_its_explicit_prefixes():
    logits = prefix.prefix_logits(Mean(), torch.tensor([[1.0, 2.0, 6.0], [4.0, 7.0, 7.0]]), torch.tensor([3, 1]))
    assert logits[0, :, 0].tolist() == pytest.approx([0, 1, 1.5, 3])
    assert logits[1, :2, 0].tolist() == pytest.approx([0, 4])


def test_explicit_prefixes_are_nan_beyond_the_length_and_nowhere_else():
    logits = prefix.explicit_prefix_logits(Recurrence(), INPUTS, LENGTHS)
    assert logits[..., 0].isnan().tolist() == [[False] * 4, [False] * 2 + [True] * 2, [False] + [True] * 3]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_the_size_of_the_batches_of_explicit_prefixes_does_not_matter(size):
    logits = prefix.explicit_prefix_logits(Recurrence(), INPUTS, LENGTHS, batch_size=size)
    for row, sequence in enumerate(SEQUENCES):
        expected = by_hand(sequence)
        assert torch.sigmoid(logits[row, : len(expected), 0]).tolist() == pytest.approx(expected, abs=1e-7)


def test_explicit_prefixes_are_read_shortest_first_and_no_wider_than_their_batch():
    shapes = []

    def forward(inputs, lengths):
        shapes.append((inputs.shape[1], lengths.tolist()))
        return torch.zeros(len(inputs), 1)

    prefix.explicit_prefix_logits(forward, INPUTS, LENGTHS, batch_size=3)
    assert shapes == [(1, [0, 0, 0]), (2, [1, 1, 2]), (3, [3])]


@pytest.mark.parametrize("features", [(), (2,)])
def test_an_explicit_prefix_holds_zeros_in_the_place_of_what_comes_after_it(features):
    inputs = torch.full((3, 3, *features), 9.0)

    def forward(given, lengths):
        for row, length in zip(given, lengths, strict=True):
            assert (row[:length] == 9).all()
            assert (row[length:] == 0).all()
        return torch.zeros(len(given), 1)

    assert prefix.explicit_prefix_logits(forward, inputs, LENGTHS).nansum() == 0
    assert (inputs == 9).all()


def lstm(seed, outputs):
    torch.manual_seed(seed)
    return LSTMClassifier(tokens=9, outputs=outputs, embedding=3, hidden=4, dense=5, dropout=0.5).eval()


def one_by_one(network, sequence):
    """Logits of every prefix of one sequence: a batch of one, nothing padded."""
    found = [network.output(torch.relu(network.dense[0].bias))[None]]  # the state before any element is zero
    found += [network(sequence[None, :t], torch.tensor([t])) for t in range(1, len(sequence) + 1)]
    return torch.cat(found)


@given(st.lists(st.integers(0, 7), min_size=1, max_size=4), st.integers(0, 999), st.sampled_from([1, 3]))
@torch.no_grad()
def test_one_pass_is_the_same_as_prefixes_one_by_one_and_padding_never_matters(lengths, seed, outputs):
    network = lstm(seed, outputs)
    inputs = torch.randint(1, 9, (len(lengths), max(1, *lengths) + 2))  # what is beyond a length is not zero
    passes = [
        prefix.prefix_logits(network, inputs, torch.tensor(lengths)),
        prefix.explicit_prefix_logits(network, inputs, torch.tensor(lengths), batch_size=3),
    ]
    for row, length in enumerate(lengths):
        expected = one_by_one(network, inputs[row, :length])
        for logits in passes:
            torch.testing.assert_close(logits[row, : length + 1], expected, rtol=0, atol=1e-6)
    assert prefix.check_prefixes(network, inputs, torch.tensor(lengths)) < 1e-6


@given(
    st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=60),
    st.integers(1, 3),
)
def test_impacts_add_up_exactly_as_float32_on_the_grid(values, outputs):
    odds = torch.tensor(values)[None, :, None] * torch.linspace(1, 0.5, outputs)
    impact = prefix.impacts(odds).float()
    assert impact[:, 0].isnan().all()
    total = torch.zeros(outputs)
    for moved in impact[0, 1:]:
        total = total + moved  # float32 sums, one after the other
    p = expit(odds[0].numpy().astype(np.float64))
    on_grid = np.round(p * GRID) / GRID
    assert total.tolist() == (on_grid[-1] - on_grid[0]).tolist()
    assert total.tolist() == pytest.approx((p[-1] - p[0]).tolist(), abs=1e-6)
    assert (impact[0, 1:].double() * GRID % 1 == 0).all()


def test_log_odds_of_one_output_are_its_logits():
    logits = torch.tensor([[[-3.0], [0.0], [40.0]]])
    assert prefix.log_odds(logits).tolist() == logits.tolist()


@given(st.lists(st.lists(st.floats(-9, 9), min_size=4, max_size=4), min_size=1, max_size=5))
def test_log_odds_of_a_softmax_follow_the_formula_and_give_its_probabilities_back(rows):
    odds = prefix.log_odds(torch.tensor([rows], dtype=torch.float64))
    log_p = log_softmax(np.array(rows), axis=1)
    p = softmax(np.array(rows), axis=1)
    others = np.stack([np.delete(p, k, axis=1).sum(axis=1) for k in range(4)], axis=1)
    np.testing.assert_allclose(odds[0], log_p - np.log(others), atol=1e-9)
    np.testing.assert_allclose(prefix.probabilities(odds)[0], p, rtol=0, atol=1e-12)


def test_log_odds_stay_finite_where_a_probability_rounds_to_one():
    odds = prefix.log_odds(torch.tensor([[90.0, 0.0, 0.0]]))
    assert odds[0].tolist() == pytest.approx([90 - math.log(2), -90, -90], abs=1e-4)


@torch.no_grad()
def test_a_false_claim_to_be_causal_is_refused_with_its_largest_difference():
    network, inputs = Bidirectional().eval(), torch.tensor([[1.0, -2.0, 3.0, 0.5], [0.3, 2.0, 0.0, 0.0]])
    gaps = {}
    for row, length in enumerate([4, 2]):
        claimed = network.one(inputs[row])  # one pass reads the padding too
        for t in range(length + 1):
            explicit = network.one(inputs[row, :t])[-1]
            gaps[row, t] = abs(float(torch.sigmoid(claimed[t].double()) - torch.sigmoid(explicit.double())))
    row, position = max(gaps, key=gaps.get)
    assert gaps[row, position] > 1e-3
    with pytest.raises(
        prefix.FalsePrefixesError, match=f"after {position} elements of sequence {row} differs"
    ) as refusal:
        prefix.check_prefixes(network, inputs, torch.tensor([4, 2]))
    assert refusal.value.difference == pytest.approx(gaps[row, position], abs=1e-7)


def test_the_tolerance_decides_what_is_still_causal():
    network = Recurrence(spoil=(0, 2, 0.0))
    gap = abs(by_hand(SEQUENCES[0])[2] - 0.5)
    assert prefix.check_prefixes(network, INPUTS, LENGTHS, tolerance=gap + 1e-6) == pytest.approx(gap, abs=1e-7)
    with pytest.raises(prefix.FalsePrefixesError):
        prefix.check_prefixes(network, INPUTS, LENGTHS, tolerance=gap - 1e-6)


def test_a_nan_among_the_prefixes_is_refused_and_located():
    with pytest.raises(prefix.FalsePrefixesError, match="after 1 elements of sequence 1"):
        prefix.check_prefixes(Recurrence(spoil=(1, 1, math.nan)), INPUTS, LENGTHS)


def test_what_a_single_pass_says_beyond_a_length_is_not_checked():
    assert prefix.check_prefixes(Recurrence(spoil=(1, 2, math.nan)), INPUTS, LENGTHS) < 1e-6


def test_the_check_of_a_network_with_gradients_raises_no_warning():
    inputs = torch.randint(1, 9, (2, 4))
    assert prefix.check_prefixes(lstm(0, 1), inputs, torch.tensor([4, 2])) < 1e-6


class Undefined(Mean):
    """The mean of what was read, which of nothing there is none; fails if it is asked for it."""

    defined_on_empty = False

    def forward(self, inputs, lengths):
        assert (lengths > 0).all()
        return super().forward(inputs, lengths)


class UndefinedInOnePass(Undefined):
    """The same with all prefixes in one pass; what it says of the empty one is nobody's business."""

    def prefix_logits(self, inputs, lengths):
        means = inputs.cumsum(dim=1) / torch.arange(1, inputs.shape[1] + 1)
        return torch.cat([torch.full_like(means[:, :1], 7), means], dim=1)[..., None]


@pytest.mark.parametrize("kind", [Undefined, UndefinedInOnePass])
def test_a_network_not_defined_on_an_empty_sequence_has_nan_there_and_no_first_impact(kind):
    inputs, lengths = torch.tensor([[1.0, 2.0, 6.0], [4.0, 0.0, 0.0]]), torch.tensor([3, 1])
    logits = prefix.prefix_logits(kind(), inputs, lengths)
    assert logits[:, 0].isnan().all()
    assert logits[0, 1:, 0].tolist() == pytest.approx([1, 1.5, 3])
    impact = prefix.impacts(prefix.log_odds(logits))[0, :, 0]
    assert impact[:2].isnan().all()
    assert impact[2:].tolist() == pytest.approx([expit(1.5) - expit(1), expit(3) - expit(1.5)], abs=2e-7)


def test_empty_sequences_alone_have_no_answer_from_a_network_that_is_not_defined_on_them():
    logits = prefix.prefix_logits(Undefined(), torch.zeros(2, 1), torch.tensor([0, 0]))
    assert logits.shape == (2, 2, 1)
    assert logits.isnan().all()


def test_the_empty_prefix_of_a_network_not_defined_on_it_is_not_compared():
    assert prefix.check_prefixes(UndefinedInOnePass(), torch.tensor([[1.0, 2.0]]), torch.tensor([2])) < 1e-6


class Shared(Recurrence):
    causal = False


def test_who_is_causal():
    assert prefix.is_causal(Recurrence())
    assert not prefix.is_causal(Shared())  # its prefixes take more than one pass
    assert not prefix.is_causal(Mean())


def test_prefixes_that_are_wrong_are_refused_also_where_they_are_not_said_to_be_of_one_pass():
    with pytest.raises(prefix.FalsePrefixesError, match="has prefix_logits of its own but its probability after 2"):
        prefix.check_prefixes(Shared(spoil=(0, 2, 0.0)), INPUTS, LENGTHS)


class Careless(nn.Module):
    """A mean over the whole width of the batch, padding included; `mates`: minus that of the whole batch."""

    def __init__(self, mates):
        super().__init__()
        self.mates = mates

    def forward(self, inputs, lengths):
        if self.mates:
            return (inputs[:, :1] - inputs[:, :1].mean()) * torch.ones(1)
        return inputs.mean(dim=1, keepdim=True)


@pytest.mark.parametrize(
    ("mates", "together", "alone"),
    [(False, 5 / 3, 5), (True, 2, 0)],  # sequence 1, a single 5: padded to three; beside one that begins with 1
    ids=["reads padding", "reads its mates"],
)
def test_an_answer_that_depends_on_the_batch_is_refused_with_its_largest_difference(mates, together, alone):
    inputs, lengths = torch.tensor([[1.0, 2.0, 1.0], [5.0, 0.0, 0.0]]), torch.tensor([3, 1])
    with pytest.raises(prefix.DependentError, match=r"of sequence [01] differs") as refusal:
        prefix.check_independent(Careless(mates), inputs, lengths)
    assert refusal.value.difference == pytest.approx(abs(expit(together) - expit(alone)), abs=1e-7)


def test_an_answer_that_does_not_depend_on_the_batch_passes():
    inputs, lengths = torch.tensor([[1.0, 2.0, 1.0], [5.0, 9.0, 9.0]]), torch.tensor([3, 1])
    assert prefix.check_independent(Mean(), inputs, lengths) < 1e-7

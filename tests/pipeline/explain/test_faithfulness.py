"""Comprehensiveness and sufficiency against removal one by one, their limits against every order there is."""

from itertools import permutations

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.explain import faithfulness
from pipeline.explain.faithfulness import SHARES, Reader, counts, limits, losses, measured

TOKENS = 9


class Pairs(nn.Module):
    """logit = weights of the elements and of neighbouring pairs: order matters, and removal joins neighbours."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.single, self.pair = torch.randn(TOKENS), 2 * torch.randn(TOKENS, TOKENS)
        self.calls = 0

    def forward(self, inputs, lengths):
        self.calls += len(inputs)
        there = torch.arange(inputs.shape[1])[None] < lengths[:, None]
        pairs = self.pair[inputs[:, :-1], inputs[:, 1:]] * there[:, 1:]
        return ((self.single[inputs] * there).sum(1) + pairs.sum(1))[:, None]


def said(network, ids, number):
    ids = [int(one) for one in ids]
    with torch.no_grad():
        logit = network(torch.tensor([ids or [0]]), torch.tensor([len(ids)])).double().item()
    p = 1 / (1 + np.exp(-logit))
    return p if number else 1 - p


def examples(lengths, seed=0):
    random = np.random.default_rng(seed)
    return [random.integers(1, TOKENS, length).astype(np.int32) for length in lengths]


def test_counts_are_rounded_up_without_rounding_errors():
    assert counts(400) == [4, 20, 40, 80, 200]
    assert counts(7) == [1, 1, 1, 2, 4]
    assert counts(1) == [1] * 5
    assert counts(100) == list(SHARES)


def test_losses_one_by_one():
    network, sequences, classes = Pairs(), examples((7, 1, 60)), np.array([1, 0, 1])
    scores = [np.random.default_rng(row).random(len(ids)) for row, ids in enumerate(sequences)]
    reader = Reader(network, sequences, classes, batch_size=3)
    whole = np.array([said(network, ids, number) for ids, number in zip(sequences, classes, strict=True)])
    for measure in faithfulness.MEASURES:
        found = losses(reader, whole, scores, measure)
        for row, (ids, own) in enumerate(zip(sequences, scores, strict=True)):
            for column, share in enumerate(SHARES):
                top = sorted(range(len(ids)), key=lambda place: -own[place])[: int(np.ceil(share * len(ids) / 100))]
                left = [one for place, one in enumerate(ids) if (place in top) == (measure == "sufficiency")]
                assert found[row, column] == pytest.approx(whole[row] - said(network, left, classes[row]), abs=1e-6)


def test_equal_scores_go_by_place():
    assert faithfulness.order(np.array([0.0, 2, 0, 2])).tolist() == [1, 3, 0, 2]


def test_a_part_is_evaluated_once():
    network = Pairs()
    reader = Reader(network, examples((4, 4)), np.array([1, 1]), batch_size=8)
    kept = np.array([0, 2])
    first, again, other = reader([(0, kept), (0, kept), (1, kept)])
    assert network.calls == 2
    assert first == again != other
    reader([(0, kept)])
    assert network.calls == 2


def reached(network, ids, number, measure):
    """(orders, shares) of what every order of a short sequence reaches."""
    whole, found = said(network, ids, number), []
    for ranked in permutations(range(len(ids))):
        row = []
        for count in counts(len(ids)):
            left = sorted(ranked[:count] if measure == "sufficiency" else ranked[count:])
            row.append(whole - said(network, ids[left], number))
        found.append(row)
    return np.array(found)


@pytest.mark.parametrize("measure", faithfulness.MEASURES)
def test_limits_are_within_those_of_all_orders_and_near_them(measure):
    network, sequences = Pairs(), examples((2, 3, 4, 5, 6, 6), seed=4)
    classes = np.array([1, 0, 1, 0, 1, 0])
    reader = Reader(network, sequences, classes, batch_size=64)
    whole = reader([(row, np.arange(len(ids))) for row, ids in enumerate(sequences)])
    # What methods propose: without each element, each element alone, and chance.
    proposals = []
    for row, (ids, number) in enumerate(zip(sequences, classes, strict=True)):
        without = np.array([whole[row] - said(network, np.delete(ids, place), number) for place in range(len(ids))])
        alone = np.array([said(network, ids[place : place + 1], number) for place in range(len(ids))])
        proposals.append([without, alone, np.random.default_rng(row).random(len(ids))])
    (high, most), (low, least) = (limits(reader, whole, proposals, measure, sign) for sign in (1, -1))
    widths, true_widths = [], []
    for row, (ids, number) in enumerate(zip(sequences, classes, strict=True)):
        every = reached(network, ids, number, measure)
        assert (high[row] <= every.max(0) + 1e-6).all()
        assert (low[row] >= every.min(0) - 1e-6).all()
        assert least[row] <= most[row]
        assert every.mean(1).min() - 1e-6 <= least[row]
        assert most[row] <= every.mean(1).max() + 1e-6
        widths.append(most[row] - least[row])
        true_widths.append(np.ptp(every.mean(1)))
    assert sum(widths) > 0.8 * sum(true_widths)


def test_normalised_values_are_the_places_between_the_limits():
    network, sequences, classes = Pairs(), examples((6, 1, 30), seed=2), np.array([1, 1, 0])
    reader = Reader(network, sequences, classes, batch_size=64)
    whole = reader([(row, np.arange(len(ids))) for row, ids in enumerate(sequences)])
    scores = {
        name: [np.random.default_rng([seed, row]).random(len(ids)) for row, ids in enumerate(sequences)]
        for seed, name in enumerate(("one", "two"))
    }
    found = measured(reader, whole, scores)
    for measure in faithfulness.MEASURES:
        plain, normal = found[measure], found[f"normalized_{measure}"]
        for name in scores:
            np.testing.assert_allclose(plain[name][:, 0], plain[name][:, 1:].mean(1))
            np.testing.assert_allclose(plain[name][:, 1:], losses(reader, whole, scores[name], measure))
            assert np.isnan(normal[name][1]).all()  # one element: there is one order
            assert ((normal[name][[0, 2]] >= 0) & (normal[name][[0, 2]] <= 1)).all()
        np.testing.assert_array_equal(
            np.sign(normal["one"][[0, 2]] - normal["two"][[0, 2]]), np.sign(plain["one"][[0, 2]] - plain["two"][[0, 2]])
        )

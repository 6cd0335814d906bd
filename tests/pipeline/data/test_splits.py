"""Draws that depend on ids and seed alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.data.splits import balanced, shuffled, stratified

IDS = [f"review {number}" for number in range(100)]
LABELS = ["neg" if number % 5 else "pos" for number in range(100)]  # 80 and 20


def chosen(rows, ids=IDS):
    return {ids[row] for row in rows}


def count(rows, labels=LABELS):
    return {label: sum(labels[row] == label for row in rows) for label in sorted(set(labels))}


def test_the_shuffled_order_holds_every_row_once_and_follows_the_seed():
    order = shuffled(IDS, 0)
    assert sorted(order) == list(range(100))
    assert order.tolist() != list(range(100))
    assert order.tolist() == shuffled(IDS, 0).tolist()
    assert order.tolist() != shuffled(IDS, 1).tolist()
    assert shuffled(IDS, -3).tolist() != shuffled(IDS, 3).tolist()


def test_the_order_of_one_seed_never_changes_between_versions():
    # Recorded once: another order would move examples between the splits of runs made before.
    assert shuffled([str(number) for number in range(8)], 0).tolist() == [0, 2, 5, 7, 4, 3, 1, 6]


@given(st.permutations(range(40)), st.integers(-5, 5))
def test_draws_do_not_depend_on_the_order_of_the_rows(order, seed):
    ids, labels = [IDS[row] for row in order], [LABELS[row] for row in order]
    assert [ids[row] for row in shuffled(ids, seed)] == [IDS[row] for row in shuffled(IDS[:40], seed)]
    assert chosen(stratified(ids, labels, 0.3, seed), ids) == chosen(stratified(IDS[:40], LABELS[:40], 0.3, seed))


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.25, {"neg": 20, "pos": 5}), (0.1, {"neg": 8, "pos": 2}), (0.001, {"neg": 1, "pos": 1})],
)
def test_a_stratified_draw_takes_its_share_of_every_class_and_at_least_one(share, expected):
    rows = stratified(IDS, LABELS, share, 0)
    assert count(rows) == expected
    assert rows.tolist() == sorted(set(rows.tolist()))


def test_a_stratified_draw_never_takes_all_of_a_class():
    assert count(stratified(IDS, LABELS, 0.999, 0)) == {"neg": 79, "pos": 19}


def test_a_balanced_draw_takes_what_is_asked_or_all_there_is():
    rows = balanced(IDS, LABELS, {"neg": 7, "pos": 50}, 0)
    assert count(rows) == {"neg": 7, "pos": 20}
    assert rows.tolist() == sorted(set(rows.tolist()))
    assert balanced(IDS, LABELS, {"other": 3}, 0).tolist() == []


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 9))
def test_a_larger_draw_contains_the_smaller(one, other, seed):
    small, large = sorted([one, other])
    smaller = balanced(IDS, LABELS, {"neg": small, "pos": small}, seed)
    larger = balanced(IDS, LABELS, {"neg": large, "pos": large}, seed)
    assert set(smaller.tolist()) <= set(larger.tolist())


def test_a_draw_from_what_an_earlier_one_left_is_disjoint_from_it():
    first = stratified(IDS, LABELS, 0.3, 0)
    rest = np.setdiff1d(np.arange(100), first)
    second = rest[stratified([IDS[row] for row in rest], [LABELS[row] for row in rest], 0.3, 0)]
    assert not set(first.tolist()) & set(second.tolist())
    assert count(second) == {"neg": 17, "pos": 4}  # of the 56 and 14 left


def test_another_seed_draws_others():
    draws = {tuple(stratified(IDS, LABELS, 0.25, seed)) for seed in range(10)}
    assert len(draws) == 10


def test_every_row_is_drawn_about_equally_often_over_many_seeds():
    hits = np.zeros(100)
    for seed in range(400):
        hits[balanced(IDS, LABELS, {"neg": 20, "pos": 5}, seed)] += 1
    # 100 expected of each, with a standard deviation below 9
    assert hits.min() > 60
    assert hits.max() < 140

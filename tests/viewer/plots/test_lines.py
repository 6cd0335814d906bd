"""Named lines in a chart: labels that neither overlap nor stray, whole epochs on the axis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from viewer.plots import lines


def test_ticks_are_whole_epochs() -> None:
    assert lines.ticks([0, 1, 2, 3]) == [0, 1, 2, 3]
    assert lines.ticks(list(range(11))) == list(range(11))
    assert lines.ticks(list(range(31))) == list(range(0, 31, 3))


values = st.lists(st.floats(-1, 1), min_size=1, max_size=12)


@given(values)
def test_labels_keep_their_order_and_their_distance(values: list[float]) -> None:
    gap, low, high = 0.1, -1.0, 1.0
    found = lines.apart(values, gap, low, high)
    ordered = np.array(found)[np.argsort(values, kind="stable")]
    assert (np.diff(ordered) >= gap - 1e-9).all()
    assert min(found) >= low - 1e-9
    assert max(found) <= high + 1e-9


@given(values)
def test_labels_with_room_lie_as_near_as_can_be(values: list[float]) -> None:
    """SciPy's constrained least squares finds nothing better."""
    gap = 0.1
    ordered = np.sort(values)
    found = np.sort(lines.apart(values, gap, -10, 10))
    best = minimize(
        lambda x: ((x - ordered) ** 2).sum(),
        ordered + gap * np.arange(len(values)),
        constraints=[{"type": "ineq", "fun": lambda x: np.diff(x) - gap}] if len(values) > 1 else [],
        method="SLSQP",
    )
    assert ((found - ordered) ** 2).sum() <= best.fun + 1e-6


def test_more_labels_than_room_are_spread_evenly() -> None:
    assert lines.apart([0.0] * 5, 1.0, 0.0, 1.0) == pytest.approx([0, 0.25, 0.5, 0.75, 1])


@pytest.mark.parametrize("name", ["paper", "x" * 24])
def test_a_short_name_is_whole(name: str) -> None:
    assert lines.shortened(name) == name


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    assert lines.shortened("sentences,model.hidden_16,trainer.epochs_2") == "sentences,model…epochs_2"
    assert len(lines.shortened("x" * 200)) == lines.NAME


def test_a_constant_gets_a_range_around_it() -> None:
    assert lines.value_range(np.array([2.0, 2.0])) == (1.8, 2.2)
    assert lines.value_range(np.array([0.0])) == (-1.0, 1.0)
    low, high = lines.value_range(np.array([0.0, 1.0, np.nan]))
    assert low < 0 < 1 < high

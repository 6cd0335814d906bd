"""Numbers with their signs, against Python's own writing of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.numbers import signed


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(1.25, 1, "+1.2"), (-1.25, 0, "\u22121"), (-0.04, 1, "0.0"), (0.0, 0, "0"), (-12.5, 2, "\u221212.50")],
)
def test_by_hand(value: float, digits: int, text: str) -> None:
    assert signed(value, digits) == text


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_it_is_the_number_with_a_true_minus_and_no_sign_for_nothing(value: float, digits: int) -> None:
    text = signed(value, digits)
    assert "-" not in text
    assert float(text.replace("\N{MINUS SIGN}", "-")) == float(f"{value:.{digits}f}")
    assert text[0].isdigit() == (float(f"{value:.{digits}f}") == 0)

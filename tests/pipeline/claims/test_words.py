"""Numbers as they are written."""

import pytest

from pipeline.claims.report import Cell, Estimate, Unit
from pipeline.claims.words import listed, written

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (Estimate(0.8612, 0.8573, 0.8654), "percent", "86.1 % (85.7 to 86.5)"),
        (Estimate(-0.034, -0.05, 0.01), "points", f"{MINUS}3.4 points ({MINUS}5.0 to +1.0)"),
        (Estimate(0.034), "size", "3.4 points"),
        (-0.0001, "points", "0.0 points"),
        (0.005, "number", "0.01"),
        (-0.123, "number", f"{MINUS}0.12"),
        (25000, "count", "25,000"),
        ("<b>", "text", "<b>"),
        (3, "text", "3"),
        (None, "percent", "\N{EN DASH}"),
    ],
)
def test_a_cell(value: Cell, unit: Unit, expected: str) -> None:
    assert written(value, unit) == expected


def test_under_a_head_with_its_sign() -> None:
    assert written(Estimate(0.5, 0.4, 0.6), "percent", bare=True) == "50.0 (40.0 to 60.0)"


def test_lists() -> None:
    assert [listed(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]

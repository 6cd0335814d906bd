"""The signs of classes, by hand and of any names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.plots.marks import letters, marks


@pytest.mark.parametrize(
    ("classes", "signs"),
    [
        (["neg", "pos"], ("A", "B")),
        (["1", "2", "10"], ("1", "2", "10")),
        ([f"speaker {number}" for number in range(1, 10)], tuple("123456789")),
        ([f"class_{number}" for number in (10, 11)], ("10", "11")),  # not 0 and 1: numbers are not cut
        (["class10", "class11"], ("A", "B")),
        (["speaker 1", "speaker "], ("A", "B")),
        (["", "x"], ("A", "B")),
        (["only"], ("A",)),
    ],
)
def test_signs(classes: list[str], signs: tuple[str, ...]) -> None:
    assert marks(classes) == signs


@given(st.lists(st.text(max_size=5), min_size=1, max_size=60, unique=True))
def test_every_class_has_a_short_sign_of_its_own(classes: list[str]) -> None:
    found = marks(classes)
    assert len(found) == len(set(found)) == len(classes)
    assert all(0 < len(sign) <= 2 for sign in found)


def test_letters_count_as_columns_of_a_spreadsheet_do() -> None:
    assert [letters(number) for number in (0, 25, 26, 27, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip

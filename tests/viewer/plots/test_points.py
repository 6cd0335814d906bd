"""What colours the points, by hand: classes, right or wrong, ramps, further columns, and the legend of each."""

import numpy as np
import pandas as pd
import pytest

from viewer.data.facts import Facts
from viewer.data.maps import Predictions
from viewer.plots.colors import colors
from viewer.plots.points import NOT_COLORS, by_column, choices, painted, ramped

LOOK = colors("paper", "light")
REVIEWS = pd.DataFrame(
    {
        "example": [1, 2, 3, 4], "id": list("abcd"), "label": ["neg", "pos", "pos", "neg"], "length": [1, 2, 3, 4],
        "original_length": [10, 20, 30, 40], "snippet": list("wxyz"), "source": ["a", "<b>", "a", "<b>"],
        "stars": ["1", "2", "9", "10"],
    }
)  # fmt: skip
SAID = Predictions(np.array([0.9, 0.9, 0.5, 0.8]), np.array(["neg", "pos", "pos", "pos"], dtype=object))


def known(*classes: str) -> Facts:
    return Facts("hand", None, classes, classes[-1], (), (0,), (0,), 4, 4)  # type: ignore[arg-type]


TWO = known("neg", "pos")


def test_columns_that_identify_are_no_choice() -> None:
    found = choices(REVIEWS)
    assert not set(found) & set(NOT_COLORS)
    assert list(found)[-2:] == ["source", "stars"]


@pytest.mark.parametrize(
    ("by", "values"),
    [("predicted", SAID.predicted), ("label", REVIEWS["label"]), ("no such column", SAID.predicted)],
)
def test_two_classes_have_the_colours_of_raising_and_lowering(by: str, values: pd.Series) -> None:
    found = painted(by, REVIEWS, SAID, TWO, LOOK)
    assert found.colors == tuple({"neg": LOOK.lowers, "pos": LOOK.raises}[value] for value in values)
    assert {words: color for color, words in found.legend} == {"NEG": LOOK.lowers, "POS": LOOK.raises}


def test_right_and_wrong_have_no_class_colour() -> None:
    found = painted("right", REVIEWS, SAID, TWO, LOOK)
    assert found.colors == (LOOK.right, LOOK.right, LOOK.right, LOOK.wrong)
    assert not set(found.colors) & {LOOK.lowers, LOOK.raises}


def test_many_classes_have_colours_of_their_own_and_beyond_twelve_in_turn() -> None:
    names = [f"class {number}" for number in range(15)]
    reviews = pd.DataFrame({"label": names})
    found = painted("label", reviews, SAID, known(*names), LOOK)
    assert len(set(found.colors)) == 12
    assert found.colors[12:] == found.colors[:3]
    assert found.legend[8] == (LOOK.classes(15)[8], "CLASS 8")


def test_of_very_many_classes_those_with_a_point_are_named() -> None:
    names = [f"class {number}" for number in range(100)]
    some = painted("label", pd.DataFrame({"label": names[40:44]}), SAID, known(*names), LOOK).legend
    assert [words for _, words in some] == [*(f"CLASS {number}" for number in range(40, 44)), "and 96 more classes"]
    assert some[0][0] == LOOK.classes(100)[40]
    every = painted("label", pd.DataFrame({"label": names}), SAID, known(*names), LOOK).legend
    assert [words for _, words in every[-2:]] == ["CLASS 23", "and 76 more classes"]


@pytest.mark.parametrize("classes", [2, 3, 9])
def test_confidence_is_the_way_from_a_guess_to_certainty(classes: int) -> None:
    guess, sure = 1 / classes, 1.0
    said = Predictions(np.repeat([guess, sure, guess + 0.77 * (sure - guess)], 40), np.repeat(SAID.predicted[:1], 120))
    found = painted("confidence", REVIEWS, said, known(*"abcdefghi"[:classes]), LOOK)
    assert [LOOK.sequence.index(color) for color in found.colors] == [0] * 40 + [32] * 40 + [24] * 40
    assert [words for _, words in found.legend] == ["0 or less", "1 or more"]


def test_confidence_is_a_ramp_whose_darkest_is_the_surest() -> None:
    found = painted("confidence", REVIEWS, SAID, TWO, LOOK)
    places = [LOOK.sequence.index(color) for color in found.colors]  # of 0.8, 0.8, 0 and 0.6
    assert places[0] == places[1] == len(LOOK.sequence) - 1
    assert places[2] == 0 < places[3] < places[0]
    assert found.ramp == LOOK.sequence


def test_numbers_that_came_as_text_are_a_ramp() -> None:
    found = painted("stars", REVIEWS, SAID, TWO, LOOK)
    places = [LOOK.sequence.index(color) for color in found.colors]
    assert places == sorted(places)
    low, high = np.percentile([1, 2, 9, 10], [2, 98])
    assert [words for _, words in found.legend] == [f"{low:.3g} or less", f"{high:.3g} or more"]


def test_where_all_are_alike_all_are_the_low_end() -> None:
    undecided = Predictions(np.full(4, 0.5), SAID.predicted)
    assert set(painted("confidence", REVIEWS, undecided, TWO, LOOK).colors) == {LOOK.sequence[0]}


def test_one_far_value_does_not_take_the_ramp_from_the_others() -> None:
    reviews = pd.DataFrame({"label": ["neg"] * 101, "original_length": [*range(100), 10**6]})
    found = painted("original_length", reviews, SAID, TWO, LOOK).colors
    assert len(set(found[:100])) == len(LOOK.sequence)


def test_few_labels_are_categories_and_many_all_alike() -> None:
    found = painted("source", REVIEWS, SAID, TWO, LOOK)
    first, second = LOOK.categories[:2]
    assert found.colors == (second, first, second, first)
    assert found.legend == ((first, "<b>"), (second, "a"))
    many = pd.DataFrame({"label": ["neg"] * 40, "town": [f"town {number}" for number in range(40)]})
    found = painted("town", many, SAID, TWO, LOOK)
    assert len(set(found.colors)) == 1
    assert "40 different values" in found.legend[0][1]


def test_what_has_no_value_is_grey_and_said() -> None:
    column = pd.Series(["a", None, "b", np.nan], dtype=object)
    found = by_column(column, LOOK)
    assert found.colors == (LOOK.categories[0], LOOK.unselected, LOOK.categories[1], LOOK.unselected)
    assert found.legend[-1] == (LOOK.unselected, "no value")
    numbers = by_column(pd.Series(["1", "2", None, "3"]), LOOK)
    assert numbers.ramp
    assert numbers.colors[2] == LOOK.unselected
    assert LOOK.unselected not in (numbers.colors[0], numbers.colors[1], numbers.colors[3])
    assert numbers.legend[-1] == (LOOK.unselected, "no value")
    assert by_column(pd.Series([None, None], dtype=object), LOOK).legend == ((LOOK.unselected, "no value"),)


def test_numbers_without_end_are_the_ends_of_the_ramp() -> None:
    values = pd.Series([1.0, 2.0, 3.0, np.inf, -np.inf])
    found = by_column(values, LOOK)
    assert [words for _, words in found.legend][:2] == ["1.04 or less", "2.96 or more"]
    assert found.colors[3] == LOOK.sequence[-1]
    assert found.colors[4] == LOOK.sequence[0]
    assert "nan" not in str(ramped(np.array([np.inf, -np.inf]), LOOK).legend)


def test_a_label_without_letters_is_named() -> None:
    assert [words for _, words in by_column(pd.Series(["", "a"]), LOOK).legend] == ["(empty)", "a"]

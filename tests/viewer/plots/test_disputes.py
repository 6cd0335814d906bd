"""Where two methods disagree about a word, by hand; and the rows that say so."""

from dataclasses import replace

import numpy as np
import pytest

from tests.viewer.readings import many, reading
from viewer.data.left_out import LeftOut
from viewer.plots import words
from viewer.plots.colors import colors
from viewer.plots.disputes import APART, MEANINGS, OPPOSITE, disputes
from viewer.plots.style import Style

STYLE = Style(colors("paper", "light"))
NAN = float("nan")


@pytest.mark.parametrize(
    ("prefix", "left_out", "signs"),
    [
        ([0.5, -0.2, 0.2, 0.0], [0.4, 0.1, 0.1, 0.0], ["", OPPOSITE, "", ""]),
        ([0.5, -0.04, 0.2, 0.0], [0.4, 0.1, 0.0, 0.0], ["", "", "", ""]),  # grey, but not among the strongest fifth
        ([0.5, 0.2, 0.2, 0.2], [0.01, 0.4, 0.2, 0.2], [APART, "", "", ""]),
        ([0.01, 0.2, 0.2, 0.2], [0.4, 0.1, 0.1, 0.1], [APART, "", "", ""]),
        ([NAN, 0.2], [-0.5, 0.2], ["", ""]),
        ([0.3], [-0.3], [OPPOSITE]),
        ([0.0], [0.0], [""]),
        ([], [], []),
    ],
)
def test_signs(prefix: list[float], left_out: list[float], signs: list[str]) -> None:
    assert disputes(np.array(prefix), np.array(left_out), 0.1) == signs


def of_two(without: list[float], whole: float) -> LeftOut:
    p = np.column_stack([1 - np.array(without), without])
    both = np.array([1 - whole, whole])
    return LeftOut(p, np.log(p / (1 - p)), both, np.log(both / (1 - both)))


def test_a_row_of_leave_one_out_stands_under_the_one_in_hand() -> None:
    text = reading("This is not boring!", [[0.5, 0.6, 0.58, 0.585, 0.585], [0.5, 0.7, 0.7, 0.6, 0.2]], epochs=(0, 5))
    left_out = of_two([0.3, 0.2, 0.1, 0.6], 0.2)  # changes -0.1, 0, 0.1, -0.4; prefix impacts 0.2, 0, -0.1, -0.4
    found = words.checkpoint_rows(text, (0, 5), 0, STYLE, {}, None)
    assert [row["disputes"] for row in found["rows"]] == [[], []]
    found = words.checkpoint_rows(text, (0, 5), 5, STYLE, {}, left_out)
    assert [row["key"] for row in found["rows"]] == ["epoch-0", "epoch-5", "epoch-5-without"]
    _, own, other = found["rows"]
    assert own["disputes"] == other["disputes"] == [OPPOSITE, "", OPPOSITE, ""]
    assert other["bars"] == pytest.approx([-0.25, 0, 0.25, -1])
    assert other["colors"][3] == own["colors"][3] == STYLE.colors.tint(1, -1)
    assert (other["without"], other["whole"]) == ([0.3, 0.2, 0.1, 0.6], 0.2)
    assert other["probability"] is other["crossing"] is None
    assert [cell["text"] for cell in other["cells"]] == ["", "left out", "2 disagree"]
    assert not other["current"]
    told = found["legend"]["marks"]
    assert told[-1] == f"{OPPOSITE} {MEANINGS[OPPOSITE]}"
    assert not any(APART in one for one in told)
    odds = words.checkpoint_rows(text, (0, 5), 5, replace(STYLE, measure="log-odds"), {}, left_out)["rows"][2]
    assert np.argmax(np.abs(odds["bars"])) == 3


def test_of_a_long_text_it_is_a_strip_just_above_the_one_that_is_written_out() -> None:
    count = words.LONG + 1
    said = np.linspace(0.2, 0.8, count + 1).tolist()
    text = reading(" ".join(["word"] * count), [said] * 3, epochs=(0, 5, 10))
    found = words.checkpoint_rows(text, (0, 5, 10), 5, STYLE, {}, of_two([0.5] * count, 0.8))["rows"]
    assert [row["key"] for row in found] == ["epoch-0", "epoch-10", "epoch-5-without", "epoch-5"]
    assert [row["strip"] for row in found] == [True, True, True, False]


def test_leave_one_out_of_many_classes_is_coloured_by_the_class_a_word_pulls_towards() -> None:
    text = many("so good", [[[0.2, 0.3, 0.5], [0.3, 0.3, 0.4], [0.1, 0.1, 0.8]]], ["bad", "fair", "fine"])
    p = np.array([[0.1, 0.5, 0.4], [0.6, 0.2, 0.2]])
    whole = np.array([0.1, 0.1, 0.8])
    left_out = LeftOut(p, np.log(p / (1 - p)), whole, np.log(whole / (1 - whole)))
    row = words.checkpoint_rows(text, (0,), 0, STYLE, {}, left_out)["rows"][1]
    assert row["toward"] == ["FINE", "FINE"]
    assert [told[:2] for told in row["pulled"]] == [[0.4, 0.8], [0.2, 0.8]]
    assert row["bars"] == pytest.approx([0.4 / 0.6, 1], abs=1e-3)
    assert row["asked"] == "FINE"

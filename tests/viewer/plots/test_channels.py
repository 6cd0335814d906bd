"""The chart of a sequence of numbers: its lines, its axis, and the strips below it."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.viewer.readings import SOUP, of_steps, reading
from viewer.plots import words
from viewer.plots.channels import axis, channels_json
from viewer.plots.colors import colors
from viewer.plots.style import Style

COLORS = colors("paper", "light")
SAID = [[[0.2, 0.2, 0.6], [0.3, 0.3, 0.4], [0.1, 0.8, 0.1]]]


def test_a_line_for_each_channel_up_to_the_cut() -> None:
    short = of_steps([[0.5, -2], [1.5, 0.25]], SAID)
    found = channels_json([short], COLORS)
    assert found is not None
    assert [line["values"] for line in found["lines"]] == [[[0.5, 1.5]], [[-2.0, 0.25]]]
    assert [line["name"] for line in found["lines"]] == ["1", "2"]
    assert found["low"] <= -2
    assert found["high"] >= 1.5
    assert channels_json([reading("good film")], COLORS) is None


def test_lines_of_many_channels_differ_in_colour_or_dash() -> None:
    found = channels_json([of_steps([list(range(30))], [SAID[0][:2]])], COLORS)
    assert found is not None
    looks = {(line["color"], tuple(line["dash"])) for line in found["lines"]}
    assert len(looks) == 30


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_the_axis_holds_all_values_between_round_numbers(low: float, width: float) -> None:
    high = low + width
    first, last, ticks = axis(low, high)
    slack = 1e-6 * max(1, abs(low), abs(high))
    assert first <= low + slack
    assert last >= high - slack
    assert (ticks[0], ticks[-1]) == (first, last)
    assert 2 <= len(ticks) <= 7
    assert (np.diff(ticks) > 0).all()


def test_the_axis_by_hand() -> None:
    assert axis(-0.7, 1.9) == (-1, 2, [-1, 0, 1, 2])
    assert axis(3, 3) == (2, 4, [2, 2.5, 3, 3.5, 4])


def test_steps_are_strips_under_the_chart_and_words_are_not() -> None:
    drawn = words.checkpoint_rows(of_steps([[0.5, -2], [1.5, 0.25]], SAID), (0,), 0, Style(COLORS), {})
    assert drawn["rows"][0]["strip"]
    assert (drawn["element"], drawn["slots"]) == ("step", 2)
    assert drawn["channels"]["lines"][0]["values"] == [[0.5, 1.5]]
    assert drawn["texts"][0]["seen"] == []
    plain = words.checkpoint_rows(reading("good film"), (0,), 0, Style(COLORS), {})
    assert (plain["channels"], plain["element"], plain["rows"][0]["strip"]) == (None, "word", False)


def test_two_sequences_share_the_slots_of_steps_that_are_the_same() -> None:
    one, other = of_steps([[0.5], [1.5]], SAID), of_steps([[0.5]], [SAID[0][:2]])
    drawn = words.compared_rows(one, other, (0,), 0, Style(COLORS), {})
    assert [text["slots"] for text in drawn["texts"]] == [[1, 2], [1]]
    assert drawn["channels"]["lines"][0]["values"] == [[0.5, 1.5], [0.5]]
    # 0.4 - 0.8 of the class that the first is predicted as, B
    assert drawn["rows"][1]["cells"][-1]["text"] == "\N{MINUS SIGN}50.0 points of b"


@given(SOUP)
def test_texts_have_no_channels(text: str) -> None:
    assert channels_json([reading(text)], COLORS) is None


def test_what_is_not_read_is_not_drawn() -> None:
    whole = of_steps([[0.5, -2], [1.5, 0.25], [7, 7]], SAID)
    cut = replace(whole, words=whole.words[:2], unread=((11, 14),))
    drawn = words.checkpoint_rows(cut, (0,), 0, Style(COLORS), {})
    assert drawn["channels"]["lines"][0]["values"] == [[0.5, 1.5]]
    assert "pale: not read" in drawn["legend"]["marks"]

"""Rows of words against shares, colours and crossings worked out by hand."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.viewer.readings import SOUP, reading
from viewer.plots import legends, moves, words
from viewer.plots.colors import colors
from viewer.plots.words import Style

COLORS = colors("paper", "light")
STYLE = Style(COLORS)
NOT_BORING = "This is not boring!"
# Impacts by hand. Epoch 0: 0.1, -0.02, 0.005, 0.0; epoch 5: 0.2, 0.0, -0.1, -0.4.
SAID = [[0.5, 0.6, 0.58, 0.585, 0.585], [0.5, 0.7, 0.7, 0.6, 0.2]]


def two_epochs(**more):
    return reading(NOT_BORING, SAID, epochs=(0, 5), **more)


def rows(content):
    return {row["key"]: row for row in content["rows"]}


def test_grey_is_relative_to_the_row_and_opacity_to_all_rows():
    found = rows(words.checkpoint_rows(two_epochs(), (0, 5), 5, STYLE, {}))
    assert found["epoch-0"]["bars"] == pytest.approx([0.25, -0.05, 0, 0])  # 0.005 is under a tenth of 0.1
    assert found["epoch-5"]["bars"] == pytest.approx([0.5, 0, -0.25, -1])
    expected = [COLORS.tint(0.25, 1), COLORS.tint(0.05, -1), COLORS.neutral, COLORS.neutral]
    assert found["epoch-0"]["colors"] == expected


def test_each_row_by_itself():
    style = Style(COLORS, each_row=True)
    content = words.checkpoint_rows(two_epochs(), (0, 5), 5, style, {})
    assert rows(content)["epoch-0"]["bars"] == pytest.approx([1, -0.2, 0, 0])
    assert content["legend"]["ends"] == ["the row's largest, 10.0 to 40.0 percentage points"] * 2


def test_log_odds():
    content = words.checkpoint_rows(two_epochs(), (0, 5), 5, Style(COLORS, "log-odds"), {})
    odds = [math.log(p / (1 - p)) for p in SAID[1]]
    steps = [after - before for before, after in itertools.pairwise(odds)]
    top = max(map(abs, steps))
    assert rows(content)["epoch-5"]["bars"] == pytest.approx([step / top for step in steps], abs=1e-3)
    assert content["legend"]["ends"] == [f"\N{MINUS SIGN}{top:.2f} log-odds", f"+{top:.2f} log-odds"]


@pytest.mark.parametrize(
    ("threshold", "grey"), [(0, [0.0]), (0.25, [0.0, -0.1]), (0.3, [0.0, -0.1]), (1, [0.2, 0.0, -0.1, -0.4])]
)
def test_threshold(threshold, grey):
    impact = np.array([0.2, 0.0, -0.1, -0.4])
    share = moves.shares(impact, threshold, 0.4)
    assert list(impact[share == 0]) == grey


@given(st.lists(st.floats(-1, 1), max_size=20), st.floats(0, 1), st.floats(0, 2))
def test_shares_say_sign_and_size(impact, threshold, scale):
    found = moves.shares(np.array(impact), threshold, scale)
    assert (np.abs(found) <= 1).all()
    for value, share in zip(impact, found, strict=True):
        if share:
            assert math.copysign(1, value) == math.copysign(1, share)
            assert abs(share) == pytest.approx(min(1, abs(value) / scale))


def test_words_that_do_nothing_are_grey():
    content = words.checkpoint_rows(reading("no change"), (0,), 0, STYLE, {})
    assert content["rows"][0]["bars"] == [0, 0]
    assert content["rows"][0]["colors"] == [COLORS.neutral] * 2
    assert content["legend"]["ends"] == ["0.0 percentage points"] * 2


@pytest.mark.parametrize(
    ("said", "crossing"),
    [([0.4, 0.6, 0.4, 0.7, 0.8], 3), ([0.6, 0.7], None), ([0.4, 0.5], 1), ([0.5, 0.4], 1), ([0.2], None)],
)
def test_last_crossing(said, crossing):
    """0.5 itself counts as positive, as in the prediction."""
    read = reading(" ".join("w" * (len(said) - 1)), [said])
    assert words.checkpoint_rows(read, (0,), 0, STYLE, {})["rows"][0]["crossing"] == crossing


def test_heads_of_checkpoints():
    content = words.checkpoint_rows(two_epochs(), (0, 5), 5, STYLE, {})
    first, last = content["rows"]
    assert [cell["text"] for cell in first["cells"]] == ["Epoch 0", "POS", "confidence 0.17"]  # 2 * 0.585 - 1
    assert [cell["text"] for cell in last["cells"]] == ["Epoch 5", "NEG", "confidence 0.60"]
    assert last["cells"][1]["color"] == COLORS.lowers
    assert (first["current"], last["current"]) == (False, True)
    assert last["crossing"] == 4
    assert content["legend"]["ends"] == ["\N{MINUS SIGN}40.0 percentage points", "+40.0 percentage points"]
    assert [row["asked"] for row in content["rows"]] == ["POS", "POS"]


@pytest.mark.parametrize(
    ("measure", "told"), [("probability", "10.0 to 40.0 percentage points"), ("log-odds", "0.41 to 1.79 log-odds")]
)
def test_rows_on_scales_of_their_own_say_how_much_they_stand_for(measure, told):
    # log(0.6 / 0.4) = 0.41 in the first row, log(0.6 / 0.4) - log(0.2 / 0.8) = 1.79 in the second.
    content = words.checkpoint_rows(two_epochs(), (0, 5), 5, Style(COLORS, measure, each_row=True), {})
    assert content["legend"]["ends"] == [f"the row's largest, {told}"] * 2
    alone = words.checkpoint_rows(two_epochs(), (5,), 5, Style(COLORS, measure, each_row=True), {})
    assert alone["legend"]["ends"] == [f"the row's largest, {told.split(' to ')[1]}"] * 2


def test_long_texts_are_written_out_once_below_the_strips():
    text = " ".join(["word"] * 41)
    content = words.checkpoint_rows(reading(text, epochs=(0, 1, 2)), (0, 1, 2), 1, STYLE, {})
    assert [(row["key"], row["strip"]) for row in content["rows"]] == [
        ("epoch-0", True), ("epoch-2", True), ("epoch-1", False),
    ]  # fmt: skip
    assert any("crossing" in mark for mark in content["legend"]["marks"])
    short = reading(" ".join(["word"] * 40), epochs=(0, 1))
    assert not any(row["strip"] for row in words.checkpoint_rows(short, (0, 1), 1, STYLE, {})["rows"])


def test_many_texts_say_what_is_true():
    one = reading("good", [[0.5, 0.9]], label="neg", example=7)
    other = reading("bad", [[0.5, 0.1]], label="neg")
    free = reading("so", [[0.5, 0.4]])
    content = words.text_rows([one, other, free], 0, STYLE, {})
    cells = [[cell["text"] for cell in row["cells"]] for row in content["rows"]]
    assert cells == [
        ["true NEG", "read as", "POS", "wrong", "confidence 0.80"],
        ["true NEG", "read as", "NEG", "right", "confidence 0.80"],
        ["NEG", "confidence 0.20"],
    ]
    assert [row["key"] for row in content["rows"]] == ["example-7", "text-1", "text-2"]
    assert content["linked"] is False
    assert [row["bars"] for row in content["rows"]] == [[1], [-1], [-0.25]]
    assert words.text_rows([], 0, STYLE, {})["rows"] == []


def test_two_texts_share_slots_and_differ_in_points():
    first = reading("is boring", [[0.5, 0.5, 0.1]])
    second = reading("is NOT Boring", [[0.5, 0.5, 0.4, 0.25]])
    content = words.compared_rows(first, second, (0,), 0, STYLE, {})
    assert [text["slots"] for text in content["texts"]] == [[1, 3], [1, 2, 3]]
    assert content["slots"] == 3
    assert [row["cells"][-1]["text"] for row in content["rows"]] == ["", "+15.0 points"]
    assert [piece for piece in content["texts"][0]["pieces"] if piece[0] == "missing"] == [["missing", "NOT"]]
    assert content["texts"][0]["ghosts"] == ["", "Boring"]  # as wide as the other's spelling
    assert content["texts"][1]["ghosts"] == ["", "", "boring"]


def test_how_often_words_were_seen():
    counts = {"not": (1234, {"neg": 1000, "pos": 234}), "it's": (2, {"neg": 2, "pos": 0})}
    content = words.checkpoint_rows(reading("Not it’s zzz not", unknown=(3,)), (0,), 0, STYLE, counts)
    told = [content["frequencies"][number] for number in content["texts"][0]["seen"]]
    assert told == [
        "seen 1,234 times in training: 1,000 in NEG, 234 in POS",
        "seen 2 times in training: 2 in NEG, 0 in POS",
        "not in the vocabulary: the network reads it as an unknown word",
        "seen 1,234 times in training: 1,000 in NEG, 234 in POS",
    ]
    assert len(content["frequencies"]) == 3
    assert content["texts"][0]["known"] == [True, True, False, True]
    assert "dotted: not in the vocabulary" in content["legend"]["marks"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.1234, "+12.3 points"), (-0.5, "\N{MINUS SIGN}50.0 points"), (-0.0001, "0.0 points")]
)
def test_points(value, text):
    assert legends.points(value) == text


@given(SOUP, st.integers(0, 6), st.data())
def test_any_text_becomes_json(text, cut, data):
    length = len(reading(text, cut=cut).words) + 1
    said = [data.draw(st.lists(st.floats(0.01, 0.99), min_size=length, max_size=length)) for _ in range(2)]
    found = reading(text, said, epochs=(0, 1), cut=cut)
    for content in (
        words.checkpoint_rows(found, (0, 1), 1, STYLE, {}),
        words.text_rows([found], 1, STYLE, {}),
        words.compared_rows(found, reading("so it is", epochs=(0, 1)), (0, 1), 0, STYLE, {}),
    ):
        again = json.loads(json.dumps(content, allow_nan=False))
        assert again == content
        for row in content["rows"]:
            count = len(content["texts"][row["text"]]["slots"])
            assert len(row["colors"]) == len(row["bars"]) == count == len(row["probability"]) - 1

"""Which class an element pulls towards, and how strongly, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.viewer.readings import many, reading
from viewer.plots import words
from viewer.plots.colors import colors
from viewer.plots.legends import legend
from viewer.plots.moves import last_turn, moves
from viewer.plots.style import Style

COLORS = colors("paper", "light")
CLASSES = ("one", "two", "three")
# Impacts: so +0.1, +0.1, -0.2; very 0, 0, 0; good -0.2, +0.5, -0.3.
SAID = [[0.2, 0.2, 0.6], [0.3, 0.3, 0.4], [0.3, 0.3, 0.4], [0.1, 0.8, 0.1]]
READ = many("so very good", [SAID, [[np.nan] * 3, *SAID[1:]]], CLASSES, epochs=(0, 2))


def test_an_element_pulls_towards_the_class_that_gains_most() -> None:
    found = moves(READ, 0, "probability", "")
    assert found.toward is not None
    assert found.pull is not None
    assert (found.asked, found.toward.tolist()) == ("two", [0, 0, 1])
    assert found.pull.tolist() == pytest.approx([0.1, 0, 0.5])
    assert found.change.tolist() == pytest.approx([0.1, 0, 0.5])  # for the predicted class
    assert found.strongest == pytest.approx(0.5)


def test_what_is_asked_of_one_class_has_both_signs() -> None:
    found = moves(READ, 0, "probability", "three")
    assert (found.asked, found.pull, found.toward) == ("three", None, None)
    assert found.change.tolist() == pytest.approx([-0.2, 0, -0.3])
    odds = [np.log(p / (1 - p)) for p in (0.6, 0.4, 0.4, 0.1)]
    assert moves(READ, 0, "log-odds", "three").change.tolist() == pytest.approx(np.diff(odds).tolist())


def test_of_two_classes_every_element_pulls_by_its_sign() -> None:
    """Red and green say which of the two an element pulls towards, as colours of classes do."""
    two = reading("so very good", [[0.5, 0.6, 0.6, 0.2]])
    drawn = words.checkpoint_rows(two, (0,), 0, Style(COLORS), {})["rows"][0]
    impacts = two.impacts[0, 1:]
    for t, (color, bar) in enumerate(zip(drawn["colors"], drawn["bars"], strict=True)):
        toward = int(impacts[t].argmax())
        share = impacts[t].max() / 0.4
        assert color == (COLORS.class_tint(share, toward, 2) if share else COLORS.neutral)
        assert bar == pytest.approx(share * (1 if toward else -1))
    assert moves(two, 0, "probability", "neg").asked == "pos"


def test_rows_of_many_classes_have_their_colours_and_signs() -> None:
    drawn = words.checkpoint_rows(READ, (0, 2), 2, Style(COLORS), {})
    first, second = drawn["rows"]
    expected = [COLORS.class_tint(0.2, 0, 3), COLORS.neutral, COLORS.class_tint(1, 1, 3)]
    assert first["colors"] == expected
    assert first["marks"] == ["A", "", "B"]
    assert first["toward"] == ["ONE", "ONE", "TWO"]
    assert first["bars"] == pytest.approx([0.2, 0, 1])
    assert first["crossing"] == 3  # three was predicted until the last word
    assert [cell["text"] for cell in first["cells"][1:]] == ["TWO", "confidence 0.70"]  # (0.8 - 1/3) / (2/3)
    assert first["cells"][1]["color"] == COLORS.classes(3)[1]
    before, after, earlier, later = first["pulled"][2]
    assert (before, after) == (0.3, 0.8)
    assert later - earlier == pytest.approx(np.log(4) - np.log(3 / 7), abs=1e-5)
    # without an answer to nothing: the first word has no colour, no sign and no numbers
    assert second["colors"][0] == COLORS.neutral
    assert (second["marks"][0], second["bars"][0]) == ("", 0)
    assert second["pulled"][0][0] is None
    assert second["probability"][0] is None
    assert second["colors"][1:] == expected[1:]


def test_the_legend_names_every_class_and_a_chosen_one_has_both_signs() -> None:
    found = words.checkpoint_rows(READ, (0, 2), 2, Style(COLORS), {})["legend"]
    assert [(one["mark"], one["name"]) for one in found["classes"]] == [("A", "ONE"), ("B", "TWO"), ("C", "THREE")]
    assert found["classes"][1]["tints"][-1] == COLORS.class_tint(1, 1, 3)
    assert found["ends"][1] == "+50.0 percentage points"
    assert "raising" not in found
    assert any("no answer before it" in mark for mark in found["marks"])
    chosen = words.checkpoint_rows(READ, (0,), 0, Style(COLORS, about="three"), {})
    assert chosen["legend"]["positive"] == "THREE"
    assert "classes" not in chosen["legend"]
    assert chosen["rows"][0]["colors"] == [COLORS.tint(2 / 3, -1), COLORS.neutral, COLORS.tint(1, -1)]
    assert "marks" not in chosen["rows"][0]


def test_of_very_many_classes_the_legend_names_those_that_a_word_pulls_towards() -> None:
    classes = tuple(f"class {number}" for number in range(30))
    said = np.full((3, 30), 0.02)
    said[1:, 7], said[2, 21] = 0.4, 0.5
    drawn = words.checkpoint_rows(many("so good", [said], classes), (0,), 0, Style(COLORS), {})["legend"]
    assert [one["name"] for one in drawn["classes"]] == ["CLASS 7", "CLASS 21"]
    assert drawn["marks"][0] == "no word here pulls towards the 28 other classes"


def test_runs_of_two_and_of_many_classes_stand_below_one_another() -> None:
    two = reading("so very good", [[0.5, 0.6, 0.6, 0.2]])
    found = legend([two, READ], Style(COLORS), (0.4, 0.5), 0, strips=False)
    assert (found["positive"], len(found["classes"])) == ("POS", 3)


def test_attention_has_a_colour_by_its_size() -> None:
    weighed = many("so good", [SAID[:3]], CLASSES, attention=np.array([[0.25, 0.75]]))
    drawn = words.checkpoint_rows(weighed, (0,), 0, Style(COLORS), {})
    assert drawn["rows"][0]["weights"] == [0.25, 0.75]
    assert drawn["rows"][0]["weight_colors"] == [COLORS.sequence[round(32 / 3)], COLORS.sequence[-1]]
    assert drawn["legend"]["attention"]["top"] == "0.75"
    assert "attention" not in words.checkpoint_rows(READ, (0,), 0, Style(COLORS), {})["legend"]


@pytest.mark.parametrize(
    ("predicted", "turn"), [([0, 0, 1, 1, 2], 4), ([1, 1], None), ([-1, 0, 0], None), ([-1, 0, 2], 2), ([3], None)]
)
def test_the_last_turn_of_a_prediction(predicted: list[int], turn: int | None) -> None:
    assert last_turn(predicted) == turn


@given(st.integers(3, 9), st.integers(0, 6), st.randoms(use_true_random=False))
def test_pulls_are_never_negative_and_the_largest_of_all_changes(classes: int, length: int, random: object) -> None:
    generator = np.random.default_rng(random.randrange(10**6))  # type: ignore[attr-defined]
    said = generator.dirichlet(np.ones(classes), size=(1, length + 1))
    names = [f"class {number}" for number in range(classes)]
    found = moves(many(" ".join("w" * length), said, names), 0, "probability", "")
    changes = np.diff(said[0], axis=0)
    assert found.pull is not None
    np.testing.assert_allclose(found.pull, changes.max(axis=1, initial=-np.inf))
    assert (found.pull >= 0).all()

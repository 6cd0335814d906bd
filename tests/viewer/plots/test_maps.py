"""Maps as they are drawn: the scale, the frame, colours of points."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from viewer.data.facts import Facts
from viewer.data.maps import LayerMap, Predictions
from viewer.plots import points
from viewer.plots.colors import colors
from viewer.plots.maps import FRAME, Chart, Sentence, scale

PAPER = colors("paper", "light")


def layer_map(xy: np.ndarray) -> LayerMap:
    n = len(xy)
    nothing = np.zeros((n, 0))
    return LayerMap(1, "dense", xy, np.ones(n), nothing.astype(int), nothing, 0.0, 1.0, 1.0)


def chart(xy: np.ndarray) -> Chart:
    n = len(xy)
    return Chart("a", xy, ("#000000",) * n, np.zeros(n, bool), np.zeros(n, int), np.zeros(n), np.zeros((n, 0), int),
                 np.zeros((n, 0)))  # fmt: skip


@given(arrays(float, (9, 2), elements=st.floats(-1e3, 1e3).map(lambda x: round(x, 3))), st.floats(0.01, 100))
def test_every_map_has_typical_radius_one_whatever_its_size_and_place(xy: np.ndarray, size: float) -> None:
    found = layer_map(xy * size + 5)
    drawn = scale(found).drawn(found.xy)
    radius = np.median(np.hypot(drawn[:, 0], drawn[:, 1]))
    assert radius == pytest.approx(1, rel=1e-6) or found.radius == 1.0
    assert drawn.mean(axis=0) == pytest.approx([0, 0], abs=1e-6)


def test_at_true_size_one_unit_rules_all_maps() -> None:
    xy = np.array([[-1.0, 0], [1, 0], [0, 1], [0, -1]])
    small, large = layer_map(xy), layer_map(xy * 4)
    assert scale(small, 4.0).drawn(small.xy).max() == 0.25
    assert scale(large, 4.0).drawn(large.xy).max() == 1.0


def test_an_outlier_does_not_squeeze_the_rest_and_is_counted() -> None:
    ring = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 6, 20)])
    alone = scale(layer_map(ring)).drawn(ring)
    joined = np.vstack([ring, [[60.0, 0.0]]])
    drawn = scale(layer_map(joined)).drawn(joined)
    assert np.ptp(drawn[:20, 1]) > 0.3 * np.ptp(alone[:, 1])
    assert chart(drawn).outside == 1
    assert chart(np.array([[FRAME, -FRAME], [FRAME + 0.1, 0]])).outside == 1


FACTS = Facts("r", None, ("neg", "pos"), "pos", (), (0,), (0,), 4, 4)  # type: ignore[arg-type]
REVIEWS = pd.DataFrame({"example": range(4), "label": ["neg", "pos", "neg", "pos"], "rating": ["1", "9", "3", "8"],
                        "source": list("abca"), "original_length": [1, 2, 3, 1000]})  # fmt: skip
SAID = Predictions(np.array([0.9, 0.9, 0.8, 0.5]), np.array(["neg", "pos", "pos", "pos"], object))


def test_classes_have_the_colours_that_words_have() -> None:
    predicted = points.painted("predicted", REVIEWS, SAID, FACTS, PAPER)
    assert predicted.colors == (PAPER.lowers, PAPER.raises, PAPER.raises, PAPER.raises)
    assert predicted.legend == ((PAPER.lowers, "NEG"), (PAPER.raises, "POS"))
    assert points.painted("label", REVIEWS, SAID, FACTS, PAPER).colors[2] == PAPER.lowers
    assert points.painted("no such column", REVIEWS, SAID, FACTS, PAPER) == predicted


def test_right_and_wrong_use_no_colour_of_a_class() -> None:
    found = points.painted("right", REVIEWS, SAID, FACTS, PAPER)
    assert found.colors == (PAPER.right, PAPER.right, PAPER.wrong, PAPER.right)
    assert not {PAPER.raises, PAPER.lowers, PAPER.user} & set(found.colors)


def test_numbers_follow_the_ramp_and_one_large_value_does_not_rule_it() -> None:
    sure = points.painted("confidence", REVIEWS, SAID, FACTS, PAPER)
    place = [PAPER.sequence.index(color) for color in sure.colors]
    assert place[0] == place[1] > place[2] > place[3] == 0
    assert points.painted("rating", REVIEWS, SAID, FACTS, PAPER).ramp == PAPER.sequence
    many = pd.DataFrame({"words": [*range(100), 10**6]})
    half = points.by_column(many["words"], PAPER).colors[50]
    assert 12 <= PAPER.sequence.index(half) <= 20


def test_a_column_of_labels_gets_categories_until_there_are_too_many() -> None:
    few = points.painted("source", REVIEWS, SAID, FACTS, PAPER)
    assert few.legend == tuple(zip(PAPER.categories[:3], "abc", strict=True))
    assert few.colors[0] == few.colors[3]
    many = points.by_column(pd.Series([f"kind {i}" for i in range(30)]), PAPER)
    assert len(set(many.colors)) == 1
    assert "too many" in many.legend[0][1]


def test_what_can_be_coloured_by_has_plain_names() -> None:
    assert list(points.choices(REVIEWS)) == [
        "predicted", "label", "right", "confidence", "original_length", "rating", "source"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("x", "y", "arrow"),
    [
        (2.5, -2.5, None),
        (5.2, 0.0, (0.74, 0.0, 0.9, 0.0, -math.pi / 2)),
        (0.0, -9.0, (0.0, -0.74, 0.0, -0.9, -math.pi)),
        (-3.0, 3.0, (-0.74, 0.74, -0.9, 0.9, math.pi / 4)),
    ],
)
def test_an_arrow_points_to_a_sentence_outside_of_the_frame(
    x: float, y: float, arrow: tuple[float, float, float, float, float] | None
) -> None:
    sentence = Sentence(x, y, unlike=False)
    assert sentence.outside is (arrow is not None)
    if arrow is None:
        assert all(map(math.isnan, sentence.arrow))
    else:
        assert sentence.arrow == pytest.approx([*(FRAME * place for place in arrow[:4]), arrow[4]])

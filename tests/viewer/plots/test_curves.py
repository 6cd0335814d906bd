"""The curve of the probability: what is on the chart, and its line at the word pointed at."""

import holoviews as hv
import pytest
from bokeh.models import GlyphRenderer, Line, Span

from tests.viewer.readings import reading
from viewer.plots.colors import colors
from viewer.plots.curves import SPELLED, checkpoint_curves, compared_curves, probability_curve
from viewer.plots.pieces import aligned

COLORS = colors("safe", "dark")
SAID = [[0.5, 0.6, 0.4], [0.5, 0.9, 0.1]]


def drawn(curves, words, name="cursor"):
    return hv.render(probability_curve(curves, "pos", words, COLORS, name), backend="bokeh")


def lines(figure):
    return [line for line in figure.renderers if isinstance(line, GlyphRenderer) and isinstance(line.glyph, Line)]


def test_a_line_per_checkpoint():
    found = checkpoint_curves(reading("not boring", SAID, epochs=(0, 5)), (0, 5), 5, COLORS)
    assert [curve.label for curve in found] == ["Epoch 0", "Epoch 5"]
    assert [curve.color for curve in found] == COLORS.epochs(2)
    assert found[1].width > found[0].width  # the epoch in hand
    figure = drawn(found, ["not", "boring"])
    shown = [line.data_source.data for line in lines(figure)]
    assert [list(data["probability"]) for data in shown] == SAID
    assert [list(data["words read"]) for data in shown] == [[0, 1, 2]] * 2
    assert [item.label.value for item in figure.legend[0].items] == ["Epoch 0", "Epoch 5"]


def test_axes():
    figure = drawn(checkpoint_curves(reading("not boring", SAID[:1]), (0,), 0, COLORS), ["not", "a" * 40])
    assert (figure.y_range.start, figure.y_range.end) == (0, 1)
    assert figure.xaxis[0].axis_label == "words read"
    assert figure.yaxis[0].axis_label == "probability of POS"
    assert figure.xaxis[0].major_label_overrides == {0: "start", 1: "not", 2: "a" * 11 + "…"}
    assert figure.background_fill_color == COLORS.surface
    half = [mark for mark in figure.renderers if isinstance(mark, Span) and mark.dimension == "width"]
    assert [mark.location for mark in half] == [0.5]


def test_long_texts_have_numbers_along_the_axis():
    text = " ".join(["word"] * (SPELLED + 1))
    figure = drawn(checkpoint_curves(reading(text), (0,), 0, COLORS), text.split())
    assert not figure.xaxis[0].major_label_overrides


def test_two_texts_over_common_slots():
    first, second = reading("is boring", [[0.5, 0.6, 0.1]]), reading("is not boring", [[0.5, 0.6, 0.5, 0.3]])
    found = compared_curves(first, second, aligned(first, second), 0, COLORS)
    assert [curve.x for curve in found] == [(0, 1, 3), (0, 1, 2, 3)]
    assert [curve.dash for curve in found] == ["solid", "dashed"]
    assert len(lines(drawn(found, ["is", "not", "boring"]))) == 2


def test_the_line_at_the_word_is_found_by_its_name():
    figure = drawn(checkpoint_curves(reading("a b"), (0,), 0, COLORS), ["a", "b"], "cursor-7")
    (span,) = [mark for mark in figure.center if isinstance(mark, Span) and mark.dimension == "height"]
    assert (span.name, span.visible, span.syncable) == ("cursor-7", False, False)
    assert set(figure.js_event_callbacks) >= {"mousemove", "mouseleave"}
    assert all(call.args["span"] is span for calls in figure.js_event_callbacks.values() for call in calls)


@pytest.mark.parametrize("text", ["", "word"])
def test_the_shortest_texts(text):
    assert lines(drawn(checkpoint_curves(reading(text), (0,), 0, COLORS), text.split()))

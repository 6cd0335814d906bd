"""The curve of the probability: what is on the chart, and its line at the word pointed at."""

import numpy as np
import pytest
from bokeh.models import BasicTicker, FixedTicker, Span

from tests.viewer.readings import reading
from viewer.plots.colors import colors
from viewer.plots.curves import MOST_NAMED, SPELLED, Curve, ProbabilityChart, checkpoint_curves, compared_curves, named
from viewer.plots.pieces import aligned

COLORS = colors("safe", "dark")
SAID = [[0.5, 0.6, 0.4], [0.5, 0.9, 0.1]]


def drawn(curves, words, name="cursor"):
    made = ProbabilityChart(COLORS, name)
    made.draw(curves, "pos", words)
    return made


def lines(chart):
    """(label, x, y, colour, width, dash) of the lines that are shown."""
    found = []
    for line, item in zip(chart.lines, chart.legend.items, strict=True):
        assert line.visible == item.visible
        assert item.renderers == [line]
        if line.visible:
            glyph, data = line.glyph, line.data_source.data
            x, y = data[glyph.x], data[glyph.y]
            kept = ~np.isnan(x)
            assert (np.isnan(y) == ~kept).all()
            look = (glyph.line_color, glyph.line_width, glyph.line_dash)
            found.append((item.label.value, x[kept].tolist(), y[kept].tolist(), *look))
    return found


def test_a_line_per_checkpoint():
    found = checkpoint_curves(reading("not boring", SAID, epochs=(0, 5)), (0, 5), 5, COLORS)
    assert [curve.label for curve in found] == ["Epoch 0", "Epoch 5"]
    assert [curve.color for curve in found] == COLORS.epochs(2)
    assert found[1].width > found[0].width  # the epoch in hand
    shown = lines(drawn(found, ["not", "boring"]))
    assert [label for label, *_ in shown] == ["Epoch 0", "Epoch 5"]
    assert [x for _, x, *_ in shown] == [[0, 1, 2]] * 2
    assert [y for _, _, y, *_ in shown] == SAID
    assert [(color, width) for *_, color, width, _ in shown] == [(curve.color, curve.width) for curve in found]


def test_each_text_is_new_data_for_the_same_chart():
    """Drawn after other texts, a text looks as in a new chart."""
    texts = ["is not boring", "boring", " ".join(["word"] * (SPELLED + 1)), "is not boring"]
    chart = ProbabilityChart(COLORS, "cursor")
    for text in texts:
        for epochs, current in (((0, 5), 5), ((0,), 0)):
            one = checkpoint_curves(reading(text, epochs=epochs), epochs, current, COLORS)
            chart.draw(one, "pos", text.split())
            fresh = drawn(one, text.split())
            assert lines(chart) == lines(fresh)
            assert chart.legend.visible == fresh.legend.visible == (len(epochs) > 1)
            for made in (chart.figure, fresh.figure):
                assert made.x_range.end == len(text.split())
            (axis,), (other,) = chart.figure.xaxis, fresh.figure.xaxis
            assert axis.major_label_overrides == other.major_label_overrides
            assert type(axis.ticker) is type(other.ticker)
    assert len(chart.lines) == 2


def test_axes():
    figure = drawn(checkpoint_curves(reading("not boring", SAID[:1]), (0,), 0, COLORS), ["not", "a" * 40]).figure
    assert (figure.y_range.start, figure.y_range.end) == (0, 1)
    assert figure.xaxis[0].axis_label == "words read"
    assert figure.yaxis[0].axis_label == "probability of POS"
    assert figure.xaxis[0].major_label_overrides == {0: "start", 1: "not", 2: "a" * 11 + "…"}
    assert figure.xaxis[0].ticker.ticks == [0, 1, 2]
    assert figure.background_fill_color == COLORS.surface
    half = [mark for mark in figure.renderers if isinstance(mark, Span) and mark.dimension == "width"]
    assert [mark.location for mark in half] == [0.5]


def test_long_texts_have_numbers_along_the_axis():
    text = " ".join(["word"] * (SPELLED + 1))
    figure = drawn(checkpoint_curves(reading(text), (0,), 0, COLORS), text.split()).figure
    assert not figure.xaxis[0].major_label_overrides
    assert isinstance(figure.xaxis[0].ticker, BasicTicker)
    assert isinstance(figure.yaxis[0].ticker, FixedTicker)


def test_two_texts_over_common_slots():
    first, second = reading("is boring", [[0.5, 0.6, 0.1]]), reading("is not boring", [[0.5, 0.6, 0.5, 0.3]])
    found = compared_curves(first, second, aligned(first, second), 0, COLORS)
    assert [curve.x for curve in found] == [(0, 1, 3), (0, 1, 2, 3)]
    assert [curve.dash for curve in found] == ["solid", "dashed"]
    shown = lines(drawn(found, ["is", "not", "boring"]))
    assert [(x, dash) for _, x, *_, dash in shown] == [([0, 1, 3], []), ([0, 1, 2, 3], [6])]
    assert [y for _, _, y, *_ in shown] == [[0.5, 0.6, 0.1], [0.5, 0.6, 0.5, 0.3]]


def test_the_line_at_the_word_is_found_by_its_name():
    figure = drawn(checkpoint_curves(reading("a b"), (0,), 0, COLORS), ["a", "b"], "cursor-7").figure
    (span,) = [mark for mark in figure.center if isinstance(mark, Span) and mark.dimension == "height"]
    assert (span.name, span.visible, span.syncable) == ("cursor-7", False, False)
    assert set(figure.js_event_callbacks) >= {"mousemove", "mouseleave"}
    assert all(call.args["span"] is span for calls in figure.js_event_callbacks.values() for call in calls)


@pytest.mark.parametrize("text", ["", "word"])
def test_the_shortest_texts(text):
    assert lines(drawn(checkpoint_curves(reading(text), (0,), 0, COLORS), text.split()))


def test_of_many_curves_the_legend_names_some_the_current_one_and_the_last():
    def lines(count, current):
        return [Curve(f"Epoch {n}", (0,), np.zeros(1), "#000", 3 if n == current else 1.5) for n in range(count)]

    assert named(lines(14, 3)) == set(range(14))
    assert named(lines(22, 7)) == {*range(0, 22, 2), 7, 21}
    assert len(named(lines(500, 499))) <= MOST_NAMED + 2
    assert named([]) == set()

"""Charts and table of faithfulness, on a frame made by hand."""

import holoviews as hv
import pandas as pd
import pytest

from viewer.plots import faithfulness as plots
from viewer.plots.colors import colors

SHADES = colors("paper", "light")


def frame() -> pd.DataFrame:
    columns = ["epoch", "measure", "method", "value", "low", "high", "difference", "difference_low", "difference_high"]
    rows = [
        (0, "hybrid_hit", "prefix_impact", 0.5, 0.4, 0.6, None, None, None),
        (0, "hybrid_hit", "random", 0.5, 0.45, 0.55, 0.0, -0.1, 0.1),
        (4, "hybrid_hit", "prefix_impact", 0.8, 0.7, 0.9, None, None, None),
        (4, "hybrid_hit", "random", 0.5, 0.45, 0.55, -0.3, -0.4, -0.2),
    ]
    return pd.DataFrame(rows, columns=columns).assign(examples=200)


def test_a_line_a_method_over_bars_of_its_intervals() -> None:
    drawn = plots.method_curves(frame(), "hybrid_hit", SHADES)
    (bars,) = drawn.traverse(lambda one: one, [lambda one: isinstance(one, hv.Segments) and "method" in one.vdims])
    assert bars["y0"].tolist() == [40, 45, 70, 45]
    assert bars["y1"].tolist() == pytest.approx([60, 55, 90, 55])
    lines = drawn.traverse(lambda one: one, [hv.Curve])
    assert [line["name"][0] for line in lines] == ["prefix impact", "random"]
    assert [line["value"].tolist() for line in lines] == [[50, 80], [50, 50]]
    figure = hv.render(drawn, backend="bokeh")
    assert figure.y_range.start < 40
    assert figure.y_range.end > 90
    assert len(set(plots.DASHES.values())) == len(plots.DASHES)  # told apart without their colours


def test_without_values_the_place_says_so() -> None:
    assert plots.method_curves(frame(), "normalized_sufficiency", SHADES).traverse(lambda one: one, [hv.Curve]) == []


def test_the_table_says_how_a_method_stands_to_prefix_impact() -> None:
    table = plots.methods_table(frame(), 4)
    assert "Epoch 4" in table
    assert "80 <span class='muted'>(70 to 90)</span></td>" in table
    assert "▼ worse" in table
    assert "≈ no clear difference" in plots.methods_table(frame(), 0)
    assert "Sufficiency" not in table

"""What the maps in large and in small share: the legend, the notes below a map, and what they draw anew."""

from pathlib import Path

import numpy as np
import pytest
from bokeh.models import BoxSelectTool, LassoSelectTool, PanTool

from pipeline.errors import InputError
from tests.stored import Stored
from viewer import design
from viewer.data.selections import Selection
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.charts import WATCHED, LayerCharts, legend
from viewer.plots.points import Painted
from viewer.state import State

design.use()


@pytest.fixture
def charts(stored: Stored) -> LayerCharts:
    source = Source(Path("artifacts").absolute())
    state = State(source, epoch=3)
    state.choose_run("tiny")
    made = LayerCharts(state, Live(source), with_tools=True)
    made.tools()
    made.refresh({*WATCHED})
    return made


CLASSES = Painted(("#111", "#222"), (("#111", "NEG"), ("#222", "<b>")))
RAMP = Painted(("#1", "#9"), (("#1", "0 or less"), ("#9", "1 or more")), tuple(f"#{n}" for n in range(17)))


def test_a_legend_of_classes_names_each_as_text() -> None:
    html = legend(CLASSES, wrong=False, unlike=None)
    assert html.count("class='dot'") == 2
    assert "&lt;b&gt;" in html
    assert "hollow" not in html
    assert "diamond" not in html


def test_a_legend_of_a_ramp_has_its_ends() -> None:
    html = legend(RAMP, wrong=False, unlike=None)
    assert html.index("0 or less") < html.index("linear-gradient(90deg, #0, #8, #16)") < html.index("1 or more")


@pytest.mark.parametrize(("unlike", "shapes"), [(None, 0), (False, 1), (True, 2)])
def test_a_legend_says_what_shapes_mean_that_are_drawn(unlike: bool | None, shapes: int) -> None:
    html = legend(CLASSES, wrong=True, unlike=unlike)
    assert "hollow: predicted wrong" in html
    assert html.count("class='diamond") == shapes
    assert ("unlike any mapped review" in html) == bool(unlike)


def test_a_legend_says_what_rings_mean() -> None:
    html = legend(CLASSES, wrong=False, unlike=None)
    assert "<i class='ring'></i>nearest in the layer to the one pointed at" in html
    assert "<i class='ring dashed'></i>near it on the map only" in html


def test_each_map_says_its_true_radius(charts: LayerCharts, stored: Stored) -> None:
    for number, layer in enumerate(("embedding", "lstm", "dense")):
        places = stored.rows("points", epoch=3, layer=layer)
        xy = np.array([[row["x"], row["y"]] for row in places])
        away = sorted(float(np.hypot(*place)) for place in xy - xy.sum(axis=0) / len(xy))
        typical = (away[29] + away[30]) / 2
        assert f"Typical radius {typical:.2f} in" in charts._notes[f"l{number}"].object


def test_a_review_far_out_is_counted_not_drawn_into_the_rest(charts: LayerCharts) -> None:
    assert charts.linked is not None
    data, counts = charts.linked.points.data, []
    for number, note in enumerate(charts._notes.values()):
        x, y = charts.linked.figures[f"l{number}"].x_range, charts.linked.figures[f"l{number}"].y_range
        points = zip(data[f"x_l{number}"], data[f"y_l{number}"], strict=True)
        counts.append(sum(not (x.start <= a <= x.end and y.start <= b <= y.end) for a, b in points))
        assert ("lie" in note.object) == bool(counts[-1])
        assert ("1 review lies" in note.object) == (counts[-1] == 1)
        assert (f"{counts[-1]} reviews lie outside" in note.object) == (counts[-1] > 1)
    assert any(counts)


def test_a_selection_alone_draws_nothing_anew(charts: LayerCharts, monkeypatch: pytest.MonkeyPatch) -> None:
    assert charts.linked is not None
    assert charts.reviews is not None
    monkeypatch.setattr(charts, "_charts", lambda: pytest.fail("the maps were asked for again"))
    charts.state.select(Selection(tuple(sorted(charts.reviews.examples[:2].tolist()))))
    charts.refresh({"selection"})
    assert charts.linked.points.selected.indices == [0, 1]
    charts.refresh({"threshold"})


def test_another_epoch_keeps_the_charts_and_moves_the_points(charts: LayerCharts) -> None:
    linked = charts.linked
    assert linked is not None
    before = np.array(linked.points.data["x_l1"])
    charts.state.epoch = 1
    charts.refresh({"epoch"})
    assert charts.linked is linked
    assert not np.allclose(linked.points.data["x_l1"], before)
    np.testing.assert_allclose(linked.points.data["x0_l1"], before)  # from where they glide


def test_what_cannot_be_loaded_leaves_no_old_maps(charts: LayerCharts, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise InputError("points are damaged")

    with monkeypatch.context() as broken:
        broken.setattr(charts, "_charts", refuse)
        with pytest.raises(InputError, match="points are damaged"):
            charts.refresh({"epoch"})
    assert charts.linked is None
    assert "no maps to show" in charts.view.objects[0].object
    charts.refresh({"epoch"})
    assert charts.linked is not None
    assert len(charts.view.objects) == 3


def test_each_chart_has_the_tools_that_the_buttons_switch(charts: LayerCharts) -> None:
    assert charts.linked is not None
    for made in charts.linked.figures.values():
        for kind in (LassoSelectTool, BoxSelectTool, PanTool):
            assert len([tool for tool in made.tools if isinstance(tool, kind)]) == 1
        assert [tool.continuous for tool in made.tools if hasattr(tool, "continuous")] == [False] * 2

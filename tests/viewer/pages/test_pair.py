"""The maps of two runs side by side on the page Runs, without a browser: common reviews, shared selections."""

import re
from pathlib import Path

import numpy as np
import panel as pn
import pytest

from tests.stored import Stored
from tests.viewer.pages.runs_page import opened
from viewer.data.maps import layer_maps, mapped
from viewer.data.selections import Selection
from viewer.data.source import Source
from viewer.pages.pair import AMONG_COMMON, NO_NEIGHBOURS
from viewer.plots.maps import scale

# Bokeh 3.9, in every table, with pandas 3.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")


def map_fewer(two_runs: Path) -> list[int]:
    """Take ten examples from the maps of the run "wide"; the numbers of the others."""
    run = Source(two_runs).run("wide")
    kept: list[int] = run.read("mapped")["example"].to_pylist()[10:]
    for table in ("points", "vectors", "neighbors"):
        frame = run.read(table).to_pandas()
        frame = frame[frame["example"].isin(kept)]
        if table == "neighbors":
            frame["neighbor"] = frame["example"]
        run.write(table, {name: frame[name].tolist() for name in frame})
    run.write("mapped", {"example": kept})
    return kept


def test_the_same_map_turned_is_drawn_alike(two_runs: Path) -> None:
    run = Source(two_runs).run("wide")
    table = run.read("points").to_pandas()
    table["x"], table["y"] = 2 * table["y"] + 5, -2 * table["x"]
    run.write("points", {name: table[name].tolist() for name in table})
    page = opened(two_runs)
    assert page.pair.linked is not None
    data = page.pair.linked.points.data
    for number in range(3):
        for axis in "xy":
            np.testing.assert_allclose(data[f"{axis}_onel{number}"], data[f"{axis}_otherl{number}"], atol=1e-5)


def test_a_selection_is_shared_by_both_runs_maps(two_runs: Path) -> None:
    page = opened(two_runs)
    assert page.pair.linked is not None
    assert page.pair.reviews is not None
    page.pair.linked.points.selected.indices = [2, 3]
    expected = tuple(sorted(int(page.pair.reviews.examples[row]) for row in (2, 3)))
    assert page.state.selection == Selection(expected)
    page.state.undo()
    assert page.pair.linked.points.selected.indices == []


def test_reviews_that_only_one_run_maps_are_left_out(two_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(two_runs)
    run = source.run("wide")
    kept = map_fewer(two_runs)
    page = opened(two_runs)
    assert "50 reviews are on the maps of both" in page.pair.note.object
    assert page.pair.reviews is not None
    assert page.pair.linked is not None
    assert sorted(page.pair.reviews.examples.tolist()) == kept
    facts = page.state.facts
    ours = mapped(source, facts)
    place = layer_maps(source, facts, ours, [3])[3, "lstm"]
    rows = ours.rows(kept)
    np.testing.assert_allclose(
        page.pair.linked.points.data["x_onel1"], scale(place).drawn(place.xy)[rows, 0], rtol=1e-5, atol=1e-6
    )
    assert AMONG_COMMON in page.pair.linked.details.text
    vectors = run.read("vectors").to_pandas()
    vectors = vectors[(vectors["epoch"] == 3) & (vectors["layer"] == "lstm")].set_index("example")["vector"]
    near, distances = (page.pair.linked.near.data[f"{kind}_otherl1"].reshape(50, -1) for kind in "nd")
    examples = page.pair.reviews.examples.tolist()
    for row, example in enumerate(examples):
        apart = {
            other: float(np.linalg.norm(np.subtract(vectors[example], vectors[other])))
            for other in examples
            if other != example
        }
        expected = sorted(apart.values())[: near.shape[1]]
        np.testing.assert_allclose(distances[row], expected, rtol=1e-5)
        np.testing.assert_allclose([apart[examples[number]] for number in near[row]], expected, rtol=1e-5)
    monkeypatch.setattr("viewer.pages.pair.MOST_COMPARED", 10)
    page = opened(two_runs)
    assert page.pair.linked is not None
    assert len(page.pair.linked.near.data["n_onel1"]) == 0
    assert NO_NEIGHBOURS in page.pair.linked.details.text


def test_of_two_runs_on_other_maps_the_selection_and_the_kept_review_stay_whole(two_runs: Path, stored: Stored) -> None:
    """These charts show what both map; what is selected and kept elsewhere is not theirs to take away."""
    here = [row["example"] for row in stored.mapped]
    missing = sorted(set(here) - set(map_fewer(two_runs)))
    page = opened(two_runs)
    assert page.pair.linked is not None
    page.state.select(Selection(tuple(sorted(here))))
    page.state.pinned = here[0]
    page.state.pinned = missing[0]
    assert len(page.state.selection.examples) == len(here)
    assert page.state.pinned == missing[0]
    assert len(page.pair.linked.points.selected.indices) == 50
    page.pair.linked.pinned.data = {"row": [3], "key": ["onel0"]}
    assert page.state.pinned == int(page.pair.linked.points.data["example"][3])


def test_below_each_map_stands_how_far_to_believe_it_and_its_true_spread(two_runs: Path, stored: Stored) -> None:
    page = opened(two_runs)
    quality = {row["layer"]: row for row in stored.rows("maps", epoch=3)}
    said = [note.object for note in page.pair.view.select(pn.pane.HTML) if "class='brief" in note.object]
    assert len(said) == 6
    for text, layer in zip(said, 2 * page.state.facts.layers, strict=True):
        assert f"trustworthiness {quality[layer.name]['trustworthiness']:.3f}" in text
        (radius,) = re.findall(r"radius (\d+\.\d\d)", text)
        places = np.array([(row["x"], row["y"]) for row in stored.rows("points", epoch=3, layer=layer.name)])
        middle = np.median(np.linalg.norm(places - places.mean(axis=0), axis=1))
        assert float(radius) == pytest.approx(middle, rel=0.2, abs=0.02)


def test_a_run_with_its_classes_in_another_order_has_the_same_colours_and_names(
    two_runs: Path,
) -> None:
    run = Source(two_runs).run("wide")
    table = run.read("classes").to_pandas()
    table["ordinal"] = table["ordinal"].max() - table["ordinal"]
    table = table.sort_values("ordinal")
    run.write("classes", {name: table[name].tolist() for name in table})
    page = opened(two_runs)
    assert page.pair.linked is not None
    data = page.pair.linked.points.data
    for kind in ("c", "s", "p"):
        np.testing.assert_array_equal(data[f"{kind}_one"], data[f"{kind}_other"])

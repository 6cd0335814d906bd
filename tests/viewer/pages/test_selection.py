"""The card of the selection without a browser: what is said is of the reviews selected, against the plain rows."""

import csv
import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.stored import Stored
from tests.viewer.later import Later
from viewer import design, link
from viewer.data import conditions, selected
from viewer.data.facts import Facts
from viewer.data.selections import NOTHING, Selection
from viewer.data.snippets import snippet
from viewer.data.source import Source
from viewer.pages.selection import EXAMPLES, NONE_YET, SelectionCard, presets
from viewer.selecting import Selecting
from viewer.state import State

# Bokeh 3.9, in every table, with pandas 3.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
design.use()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(monkeypatch)


@pytest.fixture
def card(stored: Stored, later: Later) -> Iterator[SelectionCard]:
    state = State(Source(Path("artifacts").absolute()))
    state.choose_run(stored.run.name)
    state.epoch = 3
    Selecting(state)
    card = SelectionCard(state)
    state.param.watch(lambda _event: card.refresh(), ["selection", "epoch"])
    card.refresh()
    folder = stored.run.selections
    yield card
    if folder.exists():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def html(card: SelectionCard) -> str:
    """All that is said, but for the table."""
    return " ".join(pane.object for pane in card.said.select() if isinstance(getattr(pane, "object", None), str))


def mapped_at(stored: Stored, epoch: int) -> list[dict[str, Any]]:
    """The mapped examples, each with what is predicted at an epoch and whether that is wrong."""
    said = {row["example"]: row for row in stored.rows("predictions", epoch=epoch)}
    return [
        row | {"predicted": (found := said[row["example"]])["predicted"], "p": found["probability"]}
        for row in sorted(stored.mapped, key=lambda row: row["example"])
    ]


def test_nothing_selected_says_how_to_select(card: SelectionCard) -> None:
    assert html(card) == NONE_YET.format(noun="review")
    assert card.keep.disabled
    assert (card.kept.options, card.kept.value, card.load.disabled, card.forget.disabled) == (
        ["none yet"],
        "none yet",
        True,
        True,
    )


def test_every_preset_is_a_condition_of_the_run(card: SelectionCard, later: Later, stored: Stored) -> None:
    assert list(card.preset.options) == list(EXAMPLES)
    rows = mapped_at(stored, 3)
    at_first = {row["example"]: row["predicted"] for row in mapped_at(stored, 0)}
    boring = {row["example"] for row in stored.rows("elements") if row["element"].lower() == "boring"}
    sure = {row["example"]: abs(2 * row["p"] - 1) for row in rows}
    meant = {
        "Choose or type below": lambda row: False,
        "Wrong predictions": lambda row: row["label"] != row["predicted"],
        "Predicted positive": lambda row: row["predicted"] == "pos",
        "Truly positive": lambda row: row["label"] == "pos",
        "Holding the word boring": lambda row: row["example"] in boring,
        "Flipped between the first and the last epoch": lambda row: row["predicted"] != at_first[row["example"]],
        "Unsure (confidence below 0.2)": lambda row: sure[row["example"]] < 0.2,
        "Long reviews": lambda row: row["length"] > 300,
        "SQL: wrong though sure": lambda row: row["label"] != row["predicted"] and sure[row["example"]] > 0.9,
    }
    assert set(meant) == set(EXAMPLES)
    for name, text in card.preset.options.items():
        card.state.select(NOTHING)
        card.preset.value = text
        later.done()
        assert card.state.selection.examples == tuple(row["example"] for row in rows if meant[name](row)), name


def test_a_preset_can_be_chosen_again(card: SelectionCard, later: Later) -> None:
    chosen = []
    for _ in range(2):
        card.state.select(NOTHING)
        card.preset.value = "wrong"
        assert card.preset.value == ""
        later.done()
        chosen.append(card.state.selection)
    assert chosen[0] == chosen[1] != NOTHING


def test_while_it_is_looked_for_that_is_said(card: SelectionCard, later: Later) -> None:
    card.condition.value = "wrong"
    card.wait()
    assert card.waiting.visible
    later.done()
    card.wait()
    assert not card.waiting.visible


def test_a_click_after_typing_asks_once(card: SelectionCard, later: Later) -> None:
    card.condition.value_input = card.condition.value = "right"
    card.find.clicks += 1
    assert len(later.waiting) == 1
    later.done()
    chosen = card.state.selection
    card.state.select(NOTHING)
    card.find.clicks += 1
    later.done()
    assert card.state.selection == chosen


@given(st.text(max_size=60))
@example("")
@example("  \n")
@example("\ud800")
@example("word:")
@example("x" * 3000)
@example("<img src=x onerror=alert(1)>")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_a_condition_or_one_line(card: SelectionCard, later: Later, text: str) -> None:
    card.state.notice = ""
    card._by_condition(text)
    if text.strip() and card.state.asked is None:
        assert card.state.notice.startswith("condition")
        assert "\n" not in card.state.notice
    later.waiting.clear()
    card.state.asked = None


def test_counts_accuracy_and_confusion_are_those_of_the_rows(card: SelectionCard, stored: Stored) -> None:
    rows = mapped_at(stored, 3)[:25]
    card.state.select(Selection(tuple(row["example"] for row in rows)))
    said = html(card)
    right = sum(row["label"] == row["predicted"] for row in rows)
    assert f"<b>25</b> of {len(stored.mapped)}" in said
    assert f"{100 * right / 25:.1f} %" in said
    assert f"{sum(abs(2 * row['p'] - 1) for row in rows) / 25:.2f}" in said
    for label in ("neg", "pos"):
        for predicted in ("neg", "pos"):
            count = sum((row["label"], row["predicted"]) == (label, predicted) for row in rows)
            assert f">{count}<" in said
    card.state.epoch = 0
    right = sum(row["label"] == row["predicted"] for row in mapped_at(stored, 0)[:25])
    assert f"{100 * right / 25:.1f} %" in html(card)
    assert "at epoch 0" in html(card)


def test_the_table_and_the_downloads_hold_the_selected_reviews(card: SelectionCard, stored: Stored) -> None:
    rows = mapped_at(stored, 3)[5:30]
    card.state.select(Selection(tuple(row["example"] for row in rows)))
    _, table, buttons = card.said.objects
    assert sorted(table.value["id"]) == sorted(row["id"] for row in rows)
    by_id = {row["id"]: row for row in rows}
    for row in table.value.to_dict("records"):
        found = by_id[row["id"]]
        assert (row["label"], row["predicted"]) == (found["label"], found["predicted"])
        assert row["confidence"] == pytest.approx(abs(2 * found["p"] - 1), abs=1e-6)
    as_csv, as_parquet = [button.callback().read() for button in buttons]
    assert [button.filename for button in buttons] == ["tiny-selection.csv", "tiny-selection.parquet"]
    listed = list(csv.DictReader(io.StringIO(as_csv.decode(), newline="")))
    assert {row["id"] for row in listed} == set(by_id)
    found = pq.read_table(io.BytesIO(as_parquet)).to_pylist()
    assert {row["example"] for row in found} == {row["example"] for row in rows}
    assert {row["text"] for row in found} == {row["text"] for row in rows}


def test_the_downloads_hold_whole_texts(stored: Stored, later: Later, tmp_path: Path) -> None:
    shutil.copytree(stored.run.folder, tmp_path / "run=tiny")
    source = Source(tmp_path)
    chosen = stored.mapped[7]
    text = "never the end of it\n" + "a film, " * 300 + "the end"
    frame = source.run("tiny").read("examples").to_pylist()
    columns = {name: [row[name] for row in frame] for name in frame[0]}
    columns["text"] = [text if row["example"] == chosen["example"] else row["text"] for row in frame]
    source.run("tiny").write("examples", columns)
    state = State(source)
    state.choose_run("tiny")
    state.epoch = 3
    card = SelectionCard(state)
    state.select(Selection((chosen["example"],)))
    card.refresh()
    _, table, buttons = card.said.objects
    assert table.value["text"].tolist() == [snippet(text, selected.TEXT_START)]
    as_csv, as_parquet = [button.callback().read() for button in buttons]
    (row,) = csv.DictReader(io.StringIO(as_csv.decode(), newline=""))
    assert row["text"] == text
    assert pq.read_table(io.BytesIO(as_parquet))["text"].to_pylist() == [text]
    path = tmp_path / "run=tiny" / "examples.parquet"
    path.write_bytes(path.read_bytes()[:40])
    assert pq.read_table(buttons[1].callback()).num_rows == 0
    assert "examples.parquet" in state.notice


def test_a_selection_is_kept_loaded_and_removed(card: SelectionCard) -> None:
    chosen = Selection((1, 2, 3), "length>1", run="tiny")
    card.state.select(chosen)
    card.name.value_input = "my own"
    card.keep.clicks += 1
    assert card.kept.options == ["my own"]
    assert card.state.selection == Selection((1, 2, 3), "length>1", "my own", "tiny")
    card.state.select(NOTHING)
    card.kept.value = "my own"
    card.load.clicks += 1
    assert card.state.selection == Selection((1, 2, 3), "length>1", "my own", "tiny")
    card.forget.clicks += 1
    assert card.kept.options == ["none yet"]
    assert card.forget.disabled
    assert card.state.selection == chosen  # as it was before it had a name


def test_what_is_removed_stays_selected_and_its_link_opens(card: SelectionCard) -> None:
    examples = tuple(int(number) for number in card.state.source.frame("SELECT example FROM mapped")["example"][:3])
    card.state.select(Selection(tuple(sorted(examples))))
    card.name.value_input = "mine"
    card.keep.clicks += 1
    card.state.select(NOTHING)
    card.state.undo()
    card.forget.clicks += 1
    other = State(card.state.source)
    assert link.restore(other, link.query(card.state)) == []
    assert other.selection == Selection(tuple(sorted(examples)))


def test_a_name_given_again_is_that_of_the_last(card: SelectionCard) -> None:
    card.name.value_input = "mine"
    for examples in ((1,), (2,)):
        card.state.select(Selection(examples))
        card.keep.clicks += 1
    assert card.state.selection == Selection((2,), "", "mine", "tiny")
    while card.state.can_undo:
        card.state.undo()
        assert card.state.selection.name == ""


def test_labels_are_text(card: SelectionCard) -> None:
    """Of more than two classes one is named above the words."""
    label = "<img src=nowhere>&"
    card.state.keep(replace(card.state.facts, classes=("neg", "pos", label), positive=label))
    card.state.select(Selection((1, 2)))
    card.refresh()
    assert "for &lt;IMG SRC=NOWHERE&gt;&amp;<" in html(card)
    assert "<img" not in html(card).lower()


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a/b", "x" * 61, "<b>"])
def test_a_name_that_is_none_is_said(card: SelectionCard, name: str) -> None:
    card.state.select(Selection((1, 2)))
    card.name.value_input = name
    card.keep.clicks += 1
    assert card.state.notice.startswith("the name of a selection")
    assert card.state.selection == Selection((1, 2))


def test_a_kept_selection_that_somebody_removed_is_said(card: SelectionCard) -> None:
    card.kept.options, card.kept.value = ["gone"], "gone"
    card.load.clicks += 1
    assert "no selection 'gone' is saved" in card.state.notice


def test_the_presets_are_read_by_the_parser() -> None:
    for classes in (("neg", "pos"), ("so so", 'very "good"', "word:", "a and b")):
        found = presets(Facts("hand", None, classes, classes[-1], (), (0, 3), (0,), 4, 4))  # type: ignore[arg-type]
        asked = [conditions.parse(text) for text in found.values() if text]
        named = [value for one in asked for kind in ("predicted", "label") for value in one.values(kind)]
        assert named == ([*classes] if len(classes) > 2 else ["pos"]) * 2


def test_of_many_classes_each_is_offered_and_of_numbers_no_word() -> None:
    found = presets(Facts("hand", None, ("a", "b", "c"), "c", (), (0, 3), (0,), 4, 4, channels=2))  # type: ignore[arg-type]
    assert [name for name in found if name.startswith("Predicted")] == ["Predicted A", "Predicted B", "Predicted C"]
    assert not [text for text in found.values() if text.startswith("word:")]


def test_an_emptied_condition_takes_what_was_wrong_with_it_along_and_nothing_else(stored: Stored) -> None:
    state = State(Source(Path("artifacts").absolute()))
    state.choose_run("tiny")
    state.notice = "epoch 99 of the link is not in run tiny; showing epoch 3"
    card = SelectionCard(state)
    card.refresh()
    assert state.notice.startswith("epoch 99")
    card.condition.value = "boring"
    assert state.notice.startswith("condition: cannot read")
    card.condition.value = ""
    assert state.notice == ""

"""The header: it says what the state says, and does what its widgets say."""

from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from param.parameterized import edit_constant

from tests.stored import Stored
from viewer import design
from viewer.app import PAGES
from viewer.data.conditions import parse
from viewer.data.selections import NOTHING, Selection
from viewer.data.source import Source
from viewer.header import SHOWN, Header
from viewer.state import State

design.use()


@pytest.fixture
def state(stored: Stored) -> State:
    state = State(Source(Path("artifacts").absolute()), epoch=3)
    state.choose_run("tiny")
    return state


@pytest.fixture
def header(state: State) -> Header:
    return Header(state, {page.title: name for name, page in PAGES.items()})


def test_a_run_whose_folder_is_taken_away_stays_in_hand(header: Header, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header.state.source, "runs", list)
    header.state.notice = "it is gone"
    assert (header.run.options, header.run.value) == (["tiny"], "tiny")
    assert (header.state.run, header.state.notice) == ("tiny", "it is gone")


def test_it_starts_with_the_state(header: Header) -> None:
    assert header.ways.options == {
        "Words": "words", "Layers": "layers", "Training": "training", "Runs": "runs", "Claims": "claims", "SQL": "sql",
    }  # fmt: skip
    assert (header.ways.value, header.run.value, header.run.options) == ("words", "tiny", ["tiny"])
    assert (header.epoch.options, header.epoch.value) == ([0, 1, 2, 3], 3)
    assert "“This movie is not boring!”" in header.sentence.object
    assert ">none of 60<" in header.selection.object
    assert header.clear.disabled
    assert header.undo.disabled
    assert not header.notice.visible


def test_its_widgets_change_the_state(header: Header, state: State) -> None:
    header.ways.value = "sql"
    with edit_constant(header.epoch):  # as the browser does when the mouse lets go
        header.epoch.value_throttled = 1
    header.palette.value = "safe"
    header.theme.clicks += 1
    assert (state.page, state.epoch, state.palette, state.theme) == ("sql", 1, "safe", "dark")
    header.theme.clicks += 1
    assert state.theme == "light"


def test_steps_go_from_checkpoint_to_checkpoint_and_stop_at_the_ends(header: Header, state: State) -> None:
    header.forth.clicks += 1
    assert state.epoch == 3
    for expected in (2, 1, 0, 0):
        header.back.clicks += 1
        assert (state.epoch, header.epoch.value) == (expected, expected)
    header.forth.clicks += 1
    assert state.epoch == 1


def test_a_selection_is_counted_and_can_be_cleared_and_undone(header: Header, state: State) -> None:
    state.select(Selection((1, 2, 3), "word:<b> and wrong", run="tiny"))
    assert "3 of 60 · word:&lt;b&gt; and wrong" in header.selection.object
    assert not header.clear.disabled
    header.clear.clicks += 1
    assert state.selection == NOTHING
    assert header.clear.disabled
    header.undo.clicks += 1
    assert len(state.selection.examples) == 3
    state.select(Selection((1,), "wrong", "mine", "tiny"))
    assert "1 of 60 · mine" in header.selection.object
    state.select(Selection((1,), "wrong", "mine", "another run"))
    assert ">1 of 60<" in header.selection.object


def test_a_large_selection_is_counted_as_all_numbers_are_written(header: Header, state: State) -> None:
    state.select(Selection(tuple(range(1_234))))
    assert ">1,234 of 60<" in header.selection.object


def test_what_is_looked_for_is_said_and_can_be_given_up(header: Header, state: State) -> None:
    state.asked = parse("wrong")
    assert "Selecting …" in header.selection.object
    header.clear.clicks += 1
    assert state.asked is None
    assert "none of 60" in header.selection.object


@given(st.text())
@example("")
@example("  \n\t ")
@example("<script>alert(1)</script>")
@example("x" * 1000)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sentence_is_text_on_one_short_line(header: Header, state: State, text: str) -> None:
    state.take_text(text)
    shown = header.sentence.object.removeprefix("<div class='labelled'><label>Sentence in hand</label><div>")
    shown = unescape(shown.removesuffix("</div></div>"))
    line = " ".join(state.text.split())
    assert shown == ("none" if not line else f"“{line}”" if len(line) <= SHOWN else f"“{line[:SHOWN]}…”")
    assert not header.sentence.object.replace("</div></div>", "").endswith(">")


def test_a_notice_is_text_and_goes_away(header: Header, state: State) -> None:
    state.notice = "<img src=x> is wrong"
    assert header.notice.visible
    assert "&lt;img src=x&gt; is wrong" in header.notice.object
    assert "role='alert'" in header.notice.object
    state.epoch = 0
    assert not header.notice.visible


def test_a_run_that_vanished_is_said(header: Header, state: State) -> None:
    header.run.options = ["tiny", "gone"]
    header.run.value = "gone"
    assert state.run == "tiny"
    assert "'gone' is not in" in state.notice

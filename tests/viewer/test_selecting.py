"""Selecting by a condition beside the server's work: what counts when several are asked, and what is said."""

import threading
from pathlib import Path

import pytest

from pipeline.errors import InputError
from tests.stored import Stored
from tests.viewer.later import Later
from viewer.data import conditions
from viewer.data.conditions import Condition, parse
from viewer.data.selections import NOTHING, Selection
from viewer.data.source import Source
from viewer.selecting import Selecting
from viewer.state import State

ONE, OTHER = parse("length>1"), parse("length>2")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(monkeypatch)


@pytest.fixture
def state(stored: Stored, later: Later) -> State:
    state = State(Source(Path("artifacts").absolute()))
    state.choose_run(stored.run.name)
    state.epoch = 3
    Selecting(state)
    return state


def wrong(stored: Stored, epoch: int) -> tuple[int, ...]:
    said = {row["example"]: row["predicted"] for row in stored.rows("predictions", epoch=epoch)}
    return tuple(sorted(row["example"] for row in stored.mapped if row["label"] != said[row["example"]]))


def test_what_is_asked_is_selected_later_and_can_be_undone(state: State, later: Later, stored: Stored) -> None:
    state.asked = parse("at:2 and wrong")
    assert state.selection == NOTHING
    later.done()
    assert state.selection == Selection(wrong(stored, 2), "at:2 and wrong", run="tiny")
    assert state.asked is None
    state.undo()
    assert state.selection == NOTHING


def test_the_epoch_is_the_one_at_which_it_was_asked(state: State, later: Later, stored: Stored) -> None:
    state.asked = parse("wrong")
    state.epoch = 0
    later.done()
    assert state.selection.examples == wrong(stored, 3)


def test_sql_is_looked_for_too(state: State, later: Later, stored: Stored) -> None:
    state.asked = parse("sql:length > 9")
    later.done()
    assert state.selection.examples == tuple(sorted(row["example"] for row in stored.mapped if row["length"] > 9))


@pytest.mark.parametrize("text", ["sql:nothing_like_it", "flipped:0-99", 'label:"<img>"'])
def test_what_is_wrong_is_said_and_the_selection_stays(state: State, later: Later, text: str) -> None:
    before = Selection((1, 2))
    state.select(before)
    state.asked = parse(text)
    later.done()
    assert state.notice
    assert "\n" not in state.notice
    assert state.selection == before
    assert state.asked is None
    state.asked = parse("right")
    assert state.notice == ""


def test_where_nothing_fits_that_is_said(state: State, later: Later) -> None:
    state.asked = parse("length>99999")
    later.done()
    assert state.selection.examples == ()
    assert state.notice == "No mapped review fits the condition length>99999."


def test_of_two_the_later_counts_whichever_answers_first(
    state: State, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()
    ended: list[Condition] = []

    def selected(_source: object, _facts: object, condition: Condition, _epoch: int) -> Selection:
        if condition is ONE:
            assert answered.wait(30)
        ended.append(condition)
        return Selection((len(condition.text()),), condition.text())

    monkeypatch.setattr(conditions, "selected", selected)
    state.param.watch(lambda _event: answered.set(), "selection")
    state.asked = ONE
    state.asked = OTHER
    later.done()
    assert ended == [OTHER, ONE]
    assert state.selection.condition == OTHER.text()


TAKEN_BACK = {
    "another selection": lambda state: state.select(Selection((5,))),
    "undo": lambda state: state.undo(),
    "nothing": lambda state: state.select(NOTHING),
    "the run again": lambda state: state.choose_run("tiny"),
}


@pytest.mark.parametrize("how", TAKEN_BACK)
def test_who_selects_otherwise_meanwhile_takes_it_back(state: State, later: Later, how: str) -> None:
    state.select(Selection((7,)))
    state.asked = parse("wrong")
    TAKEN_BACK[how](state)
    chosen = state.selection
    assert state.asked is None
    later.done()
    assert state.selection == chosen
    assert state.notice == ""


def test_a_mistake_that_was_taken_back_is_not_said(state: State, later: Later) -> None:
    state.asked = parse("sql:nothing_like_it")
    state.select(Selection((7,)))
    later.done()
    assert state.notice == ""


def test_what_a_link_leaves_to_be_looked_for_is_and_its_notice_stays(stored: Stored, later: Later) -> None:
    state = State(Source(Path("artifacts").absolute()), asked=parse("right"), run=stored.run.name, epoch=3)
    state.notice = "the link was cut"
    Selecting(state)
    later.done()
    assert len(state.selection.examples) == len(stored.mapped) - len(wrong(stored, 3))
    assert state.notice == "the link was cut"


def test_a_run_that_is_damaged_meanwhile_is_said(state: State, later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object) -> None:
        raise InputError("not a whole Parquet file")

    monkeypatch.setattr("viewer.selecting.facts", damaged)
    state.asked = ONE
    later.done()
    assert (state.notice, state.asked) == ("not a whole Parquet file", None)


def test_a_bug_is_not_hidden(state: State, later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(conditions, "selected", broken)
    state.asked = ONE
    with pytest.raises(ZeroDivisionError):
        later.done()
    assert state.asked is None

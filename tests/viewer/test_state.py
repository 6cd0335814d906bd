"""The one view: another run, a text in hand, selections and the way back, what is wrong and when that goes away."""

import errno
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from tests.stored import Stored
from tests.viewer.handmade import Hand
from viewer import link
from viewer.data.conditions import parse
from viewer.data.selections import NOTHING, Selection
from viewer.data.source import Source
from viewer.state import UNDO_STEPS, State


@pytest.fixture
def state(stored: Stored) -> State:
    state = State(Source(Path("artifacts").absolute()))
    state.choose_run("tiny")
    return state


@pytest.fixture
def two(tmp_path: Path) -> State:
    """A state whose store has the run `hand` and `more`, the same with epochs 0, 1, 2."""
    Hand(tmp_path, ["no", "yes"])
    (tmp_path / "run=hand").rename(tmp_path / "run=more")
    hand = Hand(tmp_path, ["no", "yes"])
    more = Source(tmp_path).run("more")
    more.write(
        "metrics",
        {"epoch": [0, 1, 2], "split": ["test"] * 3, "metric": ["accuracy"] * 3, "value": [0.5, 0.9, 0.9]},
    )
    for run in (hand.run, more):
        run.write("mapped", {"example": [1, 2, 3]})
        run.write("examples", reviews(1, 2, 3))
    state = State(Source(tmp_path))
    state.choose_run("more")
    return state


def reviews(*numbers: int) -> dict[str, list[object]]:
    """The table examples with reviews of one word."""
    row = {"split": "test", "label": "yes", "text": "yes", "steps": None, "length": 1, "original_length": 1}
    row |= {"seen": False, "attributes": {}}
    columns = {name: [value] * len(numbers) for name, value in row.items()}
    return columns | {"example": [*numbers], "id": [str(number) for number in numbers]}


def test_it_starts_as_in_the_paper(state: State) -> None:
    assert (state.page, state.view, state.text) == ("words", "checkpoints", "This movie is not boring!")
    assert (state.measure, state.threshold, state.each_row, state.palette) == ("probability", 0.1, False, "paper")
    assert state.selection == NOTHING


def test_another_run_keeps_what_it_has_too(two: State) -> None:
    chosen = Selection((1, 2))
    two.param.update(epoch=2, checkpoints=[0, 2], grid=[2], selection=chosen, example=1, asked=parse("right"))
    two.choose_run("hand")
    assert (two.run, two.facts.run, two.epoch) == ("hand", "hand", 1)  # it has no epoch 2: its last
    assert (two.checkpoints, two.grid) == ([0], [])
    assert (two.selection, two.example) == (chosen, 1)  # the same corpus
    assert two.asked is None
    two.epoch = 0
    two.choose_run("more")
    assert two.epoch == 0


def test_examples_of_another_corpus_are_dropped(two: State) -> None:
    config = two.source.run("hand").config
    config.write_text(config.read_text().replace("hand.parquet", "other.parquet"))
    two.param.update(selection=Selection((1, 2)), example=1)
    two.choose_run("hand")
    assert (two.selection, two.example) == (NOTHING, None)


def test_a_stored_example_that_another_run_does_not_test_stays_as_its_text(two: State) -> None:
    two.source.run("hand").write("examples", reviews(3))
    for example, kept in ((1, None), (3, 3)):
        two.choose_run("more")
        two.param.update(text="yes", example=example)
        two.choose_run("hand")
        assert (two.text, two.example) == ("yes", kept)


def test_another_run_keeps_of_the_selections_what_it_maps(two: State) -> None:
    two.source.run("hand").write("mapped", {"example": [1, 3]})
    for chosen in (Selection((1,), "wrong", "mine", "more"), Selection((1, 2)), Selection((1, 2, 3), "right")):
        two.select(chosen)
    two.choose_run("hand")
    assert two.selection == Selection((1, 3))  # neither a condition nor a name says what it is now
    left = []
    while two.can_undo:
        two.undo()
        left.append(two.selection)
    assert left == [Selection((1,)), Selection((1,), "wrong", "mine", "more"), NOTHING]


@pytest.mark.parametrize("how", ["chosen", "by the address"])
def test_undo_does_not_bring_back_examples_of_another_corpus(two: State, how: str) -> None:
    config = two.source.run("hand").config
    config.write_text(config.read_text().replace("hand.parquet", "other.parquet"))
    for examples in ((1, 2), (3,)):
        two.select(Selection(examples))
    if how == "chosen":
        two.choose_run("hand")
    else:
        assert link.restore(two, {"run": "hand"}) == []
    assert not two.can_undo
    two.select(Selection((1,)))
    two.undo()
    assert (two.selection, two.can_undo) == (NOTHING, False)


def test_a_run_that_is_not_there_changes_nothing(state: State) -> None:
    before = dict(state.param.values())
    with pytest.raises(InputError, match="'gone' is not in"):
        state.choose_run("gone")
    assert state.param.values() == before
    assert state.facts.run == "tiny"


@given(st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_in_hand_whole_but_for_halves_of_characters(state: State, text: str) -> None:
    state.take_text(text, 5)
    assert state.example == 5
    state.text.encode()
    assert len(state.text) == len(text)
    assert [mine for mine, typed in zip(state.text, text, strict=True) if mine != typed] == ["?"] * sum(
        "\ud800" <= character <= "\udfff" for character in text
    )


def test_a_half_character_is_a_question_mark(state: State) -> None:
    state.take_text("a\ud83d b")
    assert (state.text, state.example) == ("a? b", None)


STEPS = st.lists(st.sampled_from(["undo"]) | st.integers(0, 3), max_size=30)


@given(STEPS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undo_goes_back_as_a_stack_does(stored: Stored, steps: list[str | int]) -> None:
    state = State(Source())
    stack = [NOTHING]
    for step in steps:
        if step == "undo":
            state.undo()
            stack = stack[:-1] or stack
        else:
            chosen = Selection((int(step),))
            state.select(chosen)
            stack += [chosen] if stack[-1] != chosen else []
        assert state.selection == stack[-1]
        assert state.can_undo == (len(stack) > 1)


def test_so_many_steps_can_be_undone(state: State) -> None:
    for number in range(UNDO_STEPS + 10):
        state.select(Selection((number,)))
    back = 0
    while state.can_undo:
        state.undo()
        back += 1
    assert back == UNDO_STEPS
    assert state.selection == Selection((9,))


def test_a_step_that_changes_nothing_is_none(state: State) -> None:
    for examples in ((1,), (2,)):
        state.select(Selection(examples))
    state.selection = Selection((1,))  # as a step back in the browser does
    state.undo()
    assert (state.selection, state.can_undo) == (NOTHING, False)


def test_what_else_changes_with_a_selection_stays_when_that_is_undone(state: State) -> None:
    seen = []
    state.param.watch(lambda *events: seen.append({event.name for event in events}), ["selection", "page"])
    state.select(Selection((1, 2)), page="layers")
    assert seen == [{"selection", "page"}]
    state.undo()
    assert (state.selection, state.page) == (NOTHING, "layers")


def test_a_name_that_is_kept_no_more_does_not_come_back(state: State) -> None:
    mine, other = Selection((1,), "right", "mine", "tiny"), Selection((2,), "right", "other", "tiny")
    elsewhere = Selection((3,), "", "mine", "another run")
    for chosen in (mine, other, elsewhere, mine):
        state.select(chosen)
    state.unname("mine")
    left = [state.selection]
    while state.can_undo:
        state.undo()
        left.append(state.selection)
    unnamed = Selection((1,), "right", "", "tiny")
    assert left == [unnamed, elsewhere, other, unnamed, NOTHING]


def test_a_notice_goes_away_with_the_next_change_unless_that_makes_it(state: State) -> None:
    state.notice = "wrong"
    state.epoch = 2
    assert state.notice == ""
    state.param.watch(lambda _event: setattr(state, "notice", "of the new text"), "text")
    state.text = "other"
    assert state.notice == "of the new text"


def test_what_a_person_can_mend_is_said_and_a_bug_is_not_hidden(state: State, tmp_path: Path) -> None:
    def refuse() -> None:
        raise InputError("write it otherwise")

    assert state.guarded(lambda: 5) == 5
    assert state.guarded(refuse) is None
    assert state.notice == "write it otherwise"
    assert state.guarded(lambda: (tmp_path / "gone").read_text()) is None
    assert state.notice == f"{tmp_path / 'gone'}: No such file or directory"

    def bug() -> None:
        raise OSError(errno.EPIPE, "Broken pipe")

    with pytest.raises(OSError, match="Broken pipe"):
        state.guarded(bug)
    with pytest.raises(ZeroDivisionError):
        state.guarded(lambda: 1 // 0)

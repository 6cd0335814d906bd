"""Beside the words: the maps in small and three findings, each of which opens what it speaks of."""

import re
from pathlib import Path

import panel as pn
import pytest

from tests.stored import Stored
from viewer import design
from viewer.data.findings import NEGATED, PLAIN
from viewer.data.selections import Selection
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.beside import Beside
from viewer.pages.words import Words
from viewer.state import State

design.use()


@pytest.fixture
def beside(stored: Stored) -> Beside:
    source = Source(Path("artifacts").absolute())
    state = State(source, epoch=3)
    state.choose_run("tiny")
    beside = Beside(state, Live(source))
    beside.show()
    return beside


def buttons(beside: Beside) -> list[pn.widgets.Button]:
    return [one for one in beside.findings.objects if isinstance(one, pn.widgets.Button)]


def test_a_small_map_of_every_layer_with_the_sentence_on_it(beside: Beside) -> None:
    assert beside.charts.linked is not None
    assert list(beside.charts.linked.figures) == ["l0", "l1", "l2"]
    positions = beside.live.positions("tiny", beside.state.text, [3])
    sentence = beside.charts.linked.sentence.data
    assert list(sentence["kind"]) == ["halo", "diamond", "head"]
    unlike = [positions[3, layer].unlike for layer in ("embedding", "lstm", "dense")]
    assert [sentence[f"f_l{number}"][1] == 0 for number in range(3)] == unlike


def test_the_first_finding_opens_the_words_that_show_its_numbers(beside: Beside) -> None:
    """Whatever was shown before: the rows that the click draws hold both numbers at the word they speak of."""
    state = beside.state
    state.param.update(measure="log-odds", checkpoints=[0], epoch=0, page="layers", text="something else")
    button = buttons(beside)[0]
    button.clicks += 1
    page = Words(state, beside.live)
    page.show()
    drawn = page.rows.content
    current = {row["text"]: row["probability"] for row in drawn["rows"] if row["epoch"] == 3}
    impacts = [100 * (current[text][-1] - current[text][-2]) for text in (0, 1)]
    shown = [f"{impact:+.1f}".replace("-", "\N{MINUS SIGN}") for impact in impacts]
    assert re.findall(r"by (\S+\d)", button.label) == shown
    assert re.findall("“(This[^”]*)”", button.label) == [state.text, state.second] == [PLAIN, NEGATED]
    assert state.measure == "probability"


def test_three_findings_each_open_with_one_click(beside: Beside) -> None:
    assert len(buttons(beside)) == 3
    opened = []
    for button in buttons(beside):
        button.clicks += 1
        opened.append(beside.state.page)
    assert opened == ["words", "layers", "training"]
    assert (beside.state.text, beside.state.second, beside.state.view) == (PLAIN, NEGATED, "compare")
    assert beside.state.selection.condition == "at:3 and wrong"
    assert beside.state.notice == ""


def test_a_finding_about_reviews_can_be_undone(beside: Beside, stored: Stored) -> None:
    before = Selection(tuple(sorted(row["example"] for row in stored.mapped[:2])))
    beside.state.select(before)
    buttons(beside)[1].clicks += 1
    assert beside.state.selection.condition == "at:3 and wrong"
    beside.state.undo()
    assert (beside.state.selection, beside.state.page) == (before, "layers")


def test_another_sentence_moves_and_keeps_the_findings(beside: Beside) -> None:
    assert beside.charts.linked is not None
    before, first = beside.charts.linked.sentence.data["x_l2"][0], buttons(beside)[0]
    beside.state.text = "a wonderful great film"
    assert beside.charts.linked.sentence.data["x_l2"][0] != before
    assert buttons(beside)[0] is first

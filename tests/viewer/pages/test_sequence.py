"""Sequences of numbers on the page Words without a browser: from a file, by cells, and how everything follows."""

import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.stored import Stored
from viewer import design, link
from viewer.components.word_rows import Edit
from viewer.controls import LONGEST_TEXT
from viewer.data.source import Source
from viewer.data.steps import lines, parsed, written
from viewer.header import in_hand
from viewer.live import Live
from viewer.pages.words import WHERE, Words
from viewer.state import FIRST_TEXT, State

# Bokeh 3.9, in every table, with pandas 3.
pytestmark = [
    pytest.mark.usefixtures("of_kinds"),
    pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index"),
]
design.use()
RUN = "speakers"


@pytest.fixture
def page() -> Words:
    source = Source(Path("artifacts").absolute())
    state = State(source)
    assert link.restore(state, {"run": RUN}) == []
    made = Words(state, Live(source))
    made.show()
    assert state.notice == ""
    return made


def first(stored: Stored) -> dict[str, object]:
    return min(stored.mapped, key=lambda row: row["example"])


def numbers(page: Words) -> np.ndarray:
    return parsed(page.state.text, 12)


def upload(page: Words, name: str, content: bytes) -> None:
    page.sequence.file.param.update(filename=name, value=content)


def test_the_first_mapped_sequence_is_in_hand() -> None:
    source = Source(Path("artifacts").absolute())
    state = State(source)
    state.choose_run("sources")
    assert state.text == FIRST_TEXT
    state.choose_run(RUN)
    row = first(Stored(RUN))
    assert (state.text, state.example) == (written(row["steps"]), row["example"])  # type: ignore[arg-type]
    state.choose_run("undefined")
    assert (state.text, state.example, state.second) == (FIRST_TEXT, None, "")


def test_rows_are_strips_under_the_channels(page: Words) -> None:
    content, row = page.rows.content, first(Stored(RUN))
    assert [each["key"] for each in content["rows"]] == [f"epoch-{epoch}" for epoch in range(4)]
    assert all(each["strip"] for each in content["rows"])
    drawn = np.array([line["values"][0] for line in content["channels"]["lines"]]).T
    np.testing.assert_array_equal(drawn, np.array(row["steps"]))
    assert (page.text.visible, page.sequence.bar.visible, page.listing.picker.word.visible) == (False, True, False)
    assert list(page.view.options)[1] == "Many sequences, one checkpoint"


def test_a_file_comes_in_hand_and_all_checkpoints_follow(page: Words) -> None:
    steps = np.random.default_rng(1).normal(size=(5, 12)).astype(np.float32)
    sink = io.BytesIO()
    pq.write_table(pa.table({f"c{channel}": steps[:, channel] for channel in range(12)}), sink)
    for name, content in (("mine.csv", (written(steps) + "\n").encode()), ("mine.parquet", sink.getvalue())):
        page.state.take_text(written(steps[:1]))
        upload(page, name, content)
        assert page.state.notice == ""
        assert page.state.example is None
        np.testing.assert_array_equal(numbers(page), steps)
        assert len(page.rows.content["rows"]) == 4  # not only those that are explained
        assert page.rows.content["slots"] == 5
    assert in_hand(page.state.text, 12) == in_hand("\n".join(["x"] * 5), 12)
    assert "5 steps of 12 numbers" in in_hand(page.state.text, 12)


def test_what_is_wrong_with_a_file_is_said_and_nothing_changes(page: Words) -> None:
    before = page.state.text
    upload(page, "mine.csv", b"1,2\n")
    assert page.state.notice == "mine.csv: row 1: 2 cells; the run reads 12 numbers a step"
    assert page.state.text == before


def test_cells_are_edited_and_steps_added_and_left_out(page: Words) -> None:
    sequence = page.sequence
    before = numbers(page)
    sequence.edit.value = True
    assert sequence.table is not None
    assert sequence.cells.visible
    np.testing.assert_array_equal(sequence.table.value.drop(columns="step").to_numpy().astype(np.float32), before)
    sequence._edited(SimpleNamespace(row=2, column="channel 5", value=-0.5))
    expected = before.copy()
    expected[2, 4] = -0.5
    np.testing.assert_array_equal(numbers(page), expected)
    assert sequence.table.value["channel 5"].iloc[2] == -0.5
    sequence.longer.clicks += 1
    np.testing.assert_array_equal(numbers(page), np.vstack([expected, expected[-1]]))
    sequence.shorter.clicks += 1
    sequence.shorter.clicks += 1
    np.testing.assert_array_equal(numbers(page), expected[:-1])
    assert page.rows.content["slots"] == len(expected) - 1
    assert sequence._saved().getvalue().decode() == page.state.text + "\n"


@pytest.mark.parametrize(
    ("value", "said"), [(None, "nothing there"), (float("nan"), "'nan' is no number"), ("x", "'x'")]
)
def test_a_cell_that_is_no_number_is_taken_back(page: Words, value: object, said: str) -> None:
    page.sequence.edit.value = True
    before = page.state.text
    page.state.guarded(lambda: page.sequence._edited(SimpleNamespace(row=1, column="channel 3", value=value)))
    assert page.state.notice.startswith(f"sequence: row 2, column 3: {said}")
    assert page.state.text == before


def test_one_step_can_always_be_left(page: Words) -> None:
    page.sequence.edit.value = True
    while not page.sequence.shorter.disabled:
        page.sequence.shorter.clicks += 1
    assert len(numbers(page)) == 1


def test_a_step_is_left_out_or_compared_with_its_absence(page: Words) -> None:
    text = page.state.text.split("\n")
    for heard in page.rows._edited:
        heard(Edit("epoch-3", 0, 2, "compare"))
    assert page.state.view == "compare"
    assert page.state.second.split("\n") == [text[0], *text[2:]]
    assert [each["key"] for each in page.rows.content["rows"]][:2] == ["epoch-0-first", "epoch-0-second"]
    assert len(page.rows.content["channels"]["lines"][0]["values"]) == 2
    for heard in page.rows._edited:
        heard(Edit("epoch-3-first", 0, 1, "leave out"))
    assert page.state.text.split("\n") == text[1:]


def test_a_sequence_is_kept_beside_what_comes_next(page: Words) -> None:
    before = page.state.text
    page.sequence.second.clicks += 1
    assert (page.state.second, page.state.view) == (before, "compare")


def test_a_link_holds_the_example_or_the_file_of_the_steps(page: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    state = page.state
    again = State(state.source)
    assert link.restore(again, link.query(state)) == []
    assert (again.run, again.text, again.example) == (RUN, state.text, state.example)
    state.take_text(state.text + "\n" + state.text)
    assert link.restore(again, link.query(state)) == []
    assert again.text == state.text

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("viewer.data.long_texts.keep", full)
    found = link.query(state)
    assert len(found["text"]) <= LONGEST_TEXT
    assert len(link.restore(again, found)) == 1
    assert state.text.startswith(again.text)
    assert again.text != state.text
    assert len(lines(again.text)) > 10
    assert len(parsed(again.text, 12)) == len(lines(again.text))


@pytest.mark.parametrize("text", ["", "hello", "1,2,3", "1,2,3,4,5,6,7,8,9,10,11,x"])
def test_a_link_with_no_sequence_shows_the_first_one(text: str) -> None:
    state = State(Source(Path("artifacts").absolute()))
    amiss = link.restore(state, {"run": RUN, "text": text, "second": text})
    assert amiss == [f"the {key} of the link is no sequence of 12 numbers a step" for key in ("text", "second")]
    assert (state.example, state.second) == (first(Stored(RUN))["example"], "")


def test_a_link_says_which_class_is_in_question() -> None:
    state = State(Source(Path("artifacts").absolute()))
    assert link.restore(state, {"run": RUN, "class": "speaker 3"}) == []
    assert (state.about, state.facts.positive) == ("speaker 3", "speaker 3")
    assert link.query(state)["class"] == "speaker 3"
    assert link.restore(state, {"run": RUN, "class": "speaker 12"}) == [
        'class="speaker 12" of the link is not one to choose in run speakers'
    ]
    assert link.restore(state, {"run": "undefined", "class": "neg"}) != []  # of two there is nothing to choose
    state.param.update(about="")
    state.choose_run("sources")
    state.about = "imdb"
    state.choose_run("undefined")
    assert state.about == ""


def test_many_sequences_at_one_checkpoint(page: Words) -> None:
    page.state.view = "texts"
    rows = page.rows.content["rows"]
    assert len(rows) == 20
    lengths = {row["example"]: row["length"] for row in Stored(RUN).rows("examples")}
    for row in rows:
        assert len(row["colors"]) == lengths[int(row["key"].removeprefix("example-"))]


def test_colours_of_one_class_by_a_choice(page: Words) -> None:
    assert page.about.visible
    assert len(page.about.options) == 10
    page.about.value = "speaker 4"
    row = page.rows.content["rows"][-1]
    assert "toward" not in row
    stored = Stored(RUN)
    example = first(stored)["example"]
    said = [
        one["impact"]
        for one in sorted(
            stored.rows("impacts", epoch=3, example=example, **{"class": "speaker 4"}), key=lambda one: one["position"]
        )
    ]
    assert np.sign(row["bars"]).tolist() == [
        np.sign(one) if abs(one) > 0.1 * max(map(abs, said[1:])) else 0 for one in said[1:]
    ]
    assert page.chart.figure.yaxis.axis_label == "probability of SPEAKER 4"


def test_of_two_classes_there_is_nothing_to_choose(page: Words) -> None:
    page.state.choose_run("undefined")
    assert not page.about.visible
    assert page.text.visible
    assert page.chart.guess.location == 0.5
    page.state.choose_run(RUN)
    assert page.chart.guess.location == pytest.approx(1 / 9)


def test_a_network_with_no_answer_to_nothing_is_drawn_and_compared(page: Words) -> None:
    page.state.choose_run("undefined")
    row = page.rows.content["rows"][-1]
    assert row["probability"][0] is None
    assert row["bars"][0] == 0
    page.state.param.update(second="This is boring", view="compare")
    assert page.state.notice == ""
    assert len(page.rows.content["rows"]) == 8
    page.state.param.update(text="...", view="checkpoints")
    assert page.rows.content == {}
    page.state.view = "texts"
    assert page.state.notice == ""


def test_nothing_is_left_of_one_step_and_that_is_said(page: Words) -> None:
    page.state.take_text(page.state.text.split("\n")[0])
    page.sequence.edit.value = True
    for heard in page.rows._edited:
        heard(Edit("epoch-3", 0, 1, "leave out"))
    assert (page.state.text, page.state.notice) == ("", "")
    assert page.rows.empty == WHERE["steps"]
    assert page.sequence.table is not None
    assert page.sequence.table.value.empty
    page.sequence.longer.clicks += 1
    assert page.state.notice == ""


def test_a_link_s_sequence_is_written_one_way() -> None:
    state = State(Source(Path("artifacts").absolute()))
    step = ",".join(["1.50"] * 12)
    assert link.restore(state, {"run": RUN, "text": f"{step}\n\n {step} \n"}) == []
    assert state.text == "\n".join([",".join(["1.5"] * 12)] * 2)

"""Messages from the browser: the two kinds it sends arrive, anything else is ignored."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.viewer.readings import reading
from viewer.components import word_rows
from viewer.components.word_rows import Edit, WordRows
from viewer.plots.colors import colors
from viewer.plots.words import Style, compared_rows

SCRIPT = Path(word_rows.__file__).with_suffix(".js").read_text(encoding="utf-8")
CONTENT = compared_rows(reading("so it is"), reading("it is"), (0,), 0, Style(colors("paper", "light")), {})


def listened():
    rows, edits, chosen = WordRows(content=CONTENT), [], []
    rows.on_edit(edits.append)
    rows.on_row(chosen.append)
    return rows, edits, chosen


def test_a_choice_in_the_menu():
    rows, edits, chosen = listened()
    message = {"kind": "edit", "row": "epoch-0-second", "position": 2, "action": "replace", "by": "was"}
    rows._handle_msg(message)
    rows._handle_msg(message | {"row": "epoch-0-first", "position": 3, "action": "leave out", "by": ""})
    assert edits == [Edit("epoch-0-second", 1, 2, "replace", "was"), Edit("epoch-0-first", 0, 3, "leave out")]
    assert chosen == []


def test_a_head_that_was_clicked():
    rows, edits, chosen = listened()
    rows._handle_msg({"kind": "row", "row": "epoch-0-first"})
    assert (edits, chosen) == ([], ["epoch-0-first"])


@pytest.mark.parametrize(
    "change",
    [
        {"row": "epoch-9"}, {"row": None}, {"row": []}, {"position": 3}, {"position": 0}, {"position": -1},
        {"position": True}, {"position": "1"}, {"position": 1.0}, {"action": "delete"}, {"by": 7}, {"kind": "other"},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_ignored(change):
    rows, edits, chosen = listened()
    good = {"kind": "edit", "row": "epoch-0-second", "position": 1, "action": "compare", "by": ""}
    rows._handle_msg(good | change)
    assert edits == chosen == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["kind", "row", "position", "by"]), inner),
    )
)
def test_any_message_is_survived(message):
    rows, edits, chosen = listened()
    rows._handle_msg(message)
    assert edits == chosen == []


def test_a_replacement_is_bounded():
    rows, edits, _ = listened()
    rows._handle_msg({"kind": "edit", "row": "epoch-0-first", "position": 1, "action": "replace", "by": "x" * 10_000})
    assert len(edits[0].by) == word_rows.LONGEST_WORD


def test_the_script_makes_no_markup_of_texts_and_loads_nothing():
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|import\b|https?:|fetch\(", SCRIPT)

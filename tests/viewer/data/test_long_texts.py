"""Texts kept for links: what was kept comes back letter for letter, and nothing else does."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.store import Run
from viewer.data import long_texts, selections
from viewer.data.selections import Selection


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run("mine", tmp_path)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
@example("")
@example("SELECT 'a\r\nb'\n-- \u202e \0")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_kept_comes_back(run: Run, text: str) -> None:
    assert long_texts.load(run, long_texts.keep(run, text)) == text


def test_half_a_character_is_kept_as_a_whole_one(run: Run) -> None:
    assert long_texts.load(run, long_texts.keep(run, "a\ud800b")) == "a?b"


def test_the_same_text_is_one_file_and_no_saved_selection(run: Run) -> None:
    assert long_texts.keep(run, "SELECT 1") == long_texts.keep(run, "SELECT 1") != long_texts.keep(run, "SELECT 2")
    assert len(list(run.selections.iterdir())) == 2
    assert selections.saved(run) == []
    selections.save(run, "text-0123456789abcdef", Selection((1,)))  # a person's name
    assert selections.saved(run) == ["text-0123456789abcdef"]


@pytest.mark.parametrize("name", ["", "mine", "../text-0123456789abcdef", "text-0123456789ABCDEF", "text-0", "\0"])
def test_other_names_are_refused(run: Run, name: str) -> None:
    with pytest.raises(InputError, match="no text is kept under that name"):
        long_texts.load(run, name)


def test_one_that_is_gone_or_changed_is_told(run: Run) -> None:
    name = long_texts.keep(run, "SELECT 1")
    path = run.selections / f"{name}.txt"
    path.write_text("DROP TABLE runs")
    with pytest.raises(InputError, match="not the text that was kept"):
        long_texts.load(run, name)
    path.unlink()
    with pytest.raises(InputError, match="is kept for run 'mine'"):
        long_texts.load(run, name)


def test_those_that_were_asked_for_longest_ago_go_first(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections, "MOST_LINKS", 2)
    other = selections.keep_for_link(run, Selection((1, 2)))
    first, second = (long_texts.keep(run, text) for text in ("one", "two"))
    for age, name in ((30, first), (20, second)):
        os.utime(run.selections / f"{name}.txt", (age, age))
    long_texts.keep(run, "one")  # asked for again
    third = long_texts.keep(run, "three")
    assert {path.stem for path in run.selections.iterdir()} == {other, first, third}


def test_one_too_long_to_be_read_back_is_not_kept(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_texts, "LONGEST_FILE", 10)
    assert long_texts.load(run, long_texts.keep(run, "ten bytes!")) == "ten bytes!"
    with pytest.raises(OSError, match="too large"):
        long_texts.keep(run, "eleven byte")
    assert len([*run.selections.glob("text-*.txt")]) == 1

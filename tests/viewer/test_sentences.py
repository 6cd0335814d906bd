"""The texts in hand in an address: whole, however long; where they cannot be kept, their beginning, which is told."""

from pathlib import Path

import pytest

from tests.viewer.addresses import reopened
from viewer import link
from viewer.state import FIRST_TEXT, State

LONG = "".join(f"w\u00f6rd{number} & " for number in range(1000))


@pytest.mark.parametrize("length", [2000, 2001, len(LONG)])
def test_a_text_of_any_length_comes_back_whole(state: State, no_saved: Path, length: int) -> None:
    state.take_text(LONG[:length])
    state.second = LONG[1 : length + 1]
    other = reopened(state)
    assert (other.text, other.second) == (state.text, state.second)
    assert len(link.written(link.query(state))) < 12_100
    assert no_saved.exists() == (length > 2000)


def test_a_long_text_lies_in_a_file_that_the_link_names(state: State, no_saved: Path) -> None:
    state.take_text(LONG)
    name = link.query(state)["text_kept"]
    assert (no_saved / f"{name}.txt").read_text("utf-8") == LONG
    assert link.query(state) == {"run": "tiny", "text_kept": name}


@pytest.mark.parametrize("key", ["text", "second"])
def test_a_file_that_is_gone_is_told_and_the_default_shown(state: State, no_saved: Path, key: str) -> None:
    for name in ("text-0123456789abcdef", "../../etc/passwd", ""):
        (line,) = link.restore(state, {f"{key}_kept": name, "theme": "dark"})
        assert line.startswith(f"the {key} of the link: no text ")
        assert (state.text, state.second, state.theme) == (FIRST_TEXT, "", "dark")
    assert not no_saved.exists()


def test_what_a_text_says_never_names_a_file(state: State, no_saved: Path) -> None:
    state.take_text("saved:text-0123456789abcdef")
    assert reopened(state).text == state.text


def test_where_no_file_can_be_written_the_beginning_travels_and_the_link_says_so(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.store.write_text", full)
    state.take_text(LONG)
    state.second = LONG
    other = State(state.source)
    lines = link.restore(other, link.read(link.written(link.query(state))))
    assert (other.text, other.second) == (LONG[:2000], LONG[:2000])
    why = "too long for a link and could not be saved where the link was made; it holds the first 2,000 of its"
    assert lines == [f"the {which}text was {why} {len(LONG):,} characters" for which in ("", "second ")]

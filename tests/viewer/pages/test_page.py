"""What all pages have in common, tried on one that only counts."""

from pathlib import Path
from typing import ClassVar

import panel as pn
import pytest

from pipeline.errors import InputError
from tests.stored import Stored
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.page import Page
from viewer.state import State


class Counting(Page):
    title: ClassVar[str] = "Counting"
    watched: ClassVar[tuple[str, ...]] = ("epoch", "text")

    def build(self) -> pn.viewable.Viewable:
        self.refreshed: list[set[str]] = []
        return pn.Column()

    def refresh(self, changed: set[str]) -> None:
        self.refreshed.append(changed)
        if self.state.text == "refuse":
            raise InputError("this text is refused")


@pytest.fixture
def page(stored: Stored) -> Counting:
    source = Source(Path("artifacts").absolute())
    state = State(source)
    state.choose_run("tiny")
    return Counting(state, Live(source))


def test_it_is_built_once_with_everything_to_show(page: Counting) -> None:
    view = page.show()
    assert page.refreshed == [{"epoch", "text"}]
    page.hide()
    assert page.show() is view
    assert page.refreshed == [{"epoch", "text"}]


def test_shown_it_follows_what_it_watches_at_once(page: Counting) -> None:
    page.show()
    page.state.param.update(epoch=2, text="both", second="not watched")
    assert page.refreshed[1:] == [{"epoch", "text"}]
    page.state.threshold = 0.5
    assert len(page.refreshed) == 2


def test_hidden_it_does_no_work_and_catches_up_in_one_go(page: Counting) -> None:
    page.show()
    page.hide()
    page.state.epoch = 1
    page.state.text = "later"
    assert len(page.refreshed) == 1
    page.show()
    assert page.refreshed[1:] == [{"epoch", "text"}]


def test_what_is_wrong_is_said_and_the_next_change_is_followed(page: Counting) -> None:
    page.show()
    page.state.text = "refuse"
    assert page.state.notice == "this text is refused"
    page.state.text = "fine"
    assert page.state.notice == ""
    assert len(page.refreshed) == 3


def test_a_page_never_shown_is_never_built(page: Counting) -> None:
    page.state.text = "other"
    assert not hasattr(page, "refreshed")

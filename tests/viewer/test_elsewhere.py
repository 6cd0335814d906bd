"""Work done in a thread comes back to the session that asked, if it is still there."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from viewer import elsewhere as module
from viewer.elsewhere import elsewhere


class Document:
    """What `elsewhere` knows of a session's document."""

    def __init__(self, destroyed: bool | None) -> None:
        self.session_context = None if destroyed is None else SimpleNamespace(destroyed=destroyed)
        self.called: list[Callable[[], None]] = []

    def add_next_tick_callback(self, act: Callable[[], None]) -> None:
        self.called.append(act)


@pytest.mark.parametrize(("destroyed", "calls"), [(False, 1), (True, 0), (None, 0)])
def test_a_session_that_was_closed_meanwhile_is_told_nothing(
    destroyed: bool | None, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    document, told = Document(destroyed), []
    state: Any = SimpleNamespace(curdoc=document, execute=lambda act, schedule: asyncio.run(act()))
    monkeypatch.setattr(module.pn, "state", state)
    elsewhere(lambda: 7, told.append)
    assert len(document.called) == calls
    for act in document.called:
        act()
    assert told == [7] * calls


def test_without_a_session_it_is_told_at_once_also_what_went_wrong() -> None:
    told: list[object] = []
    elsewhere(lambda: 7, told.append)
    elsewhere(lambda: 1 // 0, told.append)
    assert told[0] == 7
    assert isinstance(told[1], ZeroDivisionError)

"""Work in another thread: its result, or what it raised, comes back to who asked."""

import threading

import pytest

from pipeline.errors import InputError
from tests.viewer.later import Later
from viewer.elsewhere import elsewhere


def test_without_a_session_it_is_done_at_once_in_another_thread() -> None:
    found: list[object] = []
    elsewhere(threading.get_ident, found.append)
    assert len(found) == 1
    assert found != [threading.get_ident()]


def test_what_is_raised_comes_back_like_a_result() -> None:
    found: list[object] = []

    def fail() -> None:
        raise InputError("a mistake")

    elsewhere(fail, found.append)
    assert [str(one) for one in found] == ["a mistake"]


def test_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    later = Later(monkeypatch)
    found: list[object] = []
    elsewhere(lambda: "slow", found.append)
    assert not found
    later.done()
    assert found == ["slow"]

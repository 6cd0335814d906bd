"""Work in another thread: its result, or what it raised, comes back to who asked."""

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from pipeline.errors import InputError
from tests.viewer.later import Later
from viewer.elsewhere import afterwards, elsewhere


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


@pytest.mark.parametrize("loaded", [True, False])
def test_what_is_done_afterwards_waits_for_a_round_of_its_own(monkeypatch: pytest.MonkeyPatch, loaded: bool) -> None:
    """What is done on loading is done in one go, and what it adds too: each has to wait for the round after."""
    loading: list[Callable[[], None]] = []
    rounds: list[Callable[[], None]] = []
    document = SimpleNamespace(add_timeout_callback=lambda act, _pause: rounds.append(act))
    state = SimpleNamespace(curdoc=document, loaded=loaded, onload=loading.append)
    monkeypatch.setattr("viewer.elsewhere.pn", SimpleNamespace(state=state))
    done: list[int] = []

    def step() -> None:
        done.append(len(done))
        if len(done) < 3:
            afterwards(step)

    afterwards(step)
    for expected in ([0], [0, 1], [0, 1, 2]):
        while loading:
            loading.pop()()
        (act,) = rounds
        rounds.clear()
        act()
        assert done == expected
    assert not loading
    assert not rounds

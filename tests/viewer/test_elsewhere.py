"""Work in another thread: its result, or what it raised, comes back to who asked."""

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from pipeline.errors import InputError
from tests.viewer.later import Later
from viewer.elsewhere import afterwards, elsewhere, in_turn, soon


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
    context = SimpleNamespace(session=SimpleNamespace(connection_count=0))
    document = SimpleNamespace(add_timeout_callback=lambda act, _pause: rounds.append(act), session_context=context)
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


@pytest.mark.parametrize(
    ("connections", "loaded", "waits"), [(0, False, False), (1, False, True), (1, True, False), (0, True, False)]
)
def test_nothing_changes_while_a_browser_draws_what_it_was_sent(
    monkeypatch: pytest.MonkeyPatch, connections: int, loaded: bool, waits: bool
) -> None:
    """Panel would keep the change to itself: of parts of a page that were made then, every second was never drawn."""
    loading: list[Callable[[], None]] = []
    rounds: list[Callable[[], None]] = []
    context = SimpleNamespace(session=SimpleNamespace(connection_count=connections))
    document = SimpleNamespace(add_timeout_callback=lambda act, _pause: rounds.append(act), session_context=context)
    state = SimpleNamespace(curdoc=document, loaded=loaded, onload=loading.append)
    monkeypatch.setattr("viewer.elsewhere.pn", SimpleNamespace(state=state))
    done: list[int] = []
    soon(lambda: done.append(1))
    assert not done
    rounds.pop()()
    assert (len(done), len(loading)) == ((0, 1) if waits else (1, 0))
    while loading:
        loading.pop()()
    assert done == [1]


def test_what_is_done_in_turn_is_done_at_once_where_there_is_no_session() -> None:
    done: list[int] = []
    in_turn(lambda: done.append(1), lambda: done.append(2))
    assert done == [1, 2]

"""What is kept: made once, for many threads too, and bounded."""

import threading

import pytest

from viewer.kept import Kept


def test_a_result_is_made_once():
    made = []
    kept = Kept()
    assert [kept.get("a", lambda: made.append(1) or len(made)) for _ in range(3)] == [1, 1, 1]
    assert kept.get("b", lambda: None) is None
    assert kept.get("b", lambda: 5) is None  # nothing is a result too


def test_the_least_recently_asked_goes_first():
    kept = Kept(2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, lambda key=key: key.upper())
    assert len(kept) == 2
    assert [kept.get(key, lambda: "anew") for key in ("a", "c")] == ["A", "C"]
    assert kept.get("b", lambda: "anew") == "anew"


def test_what_failed_is_tried_again():
    kept = Kept()
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 1) == 1


def test_only_what_is_wanted_is_kept():
    kept = Kept()
    for number in range(6):
        kept.get(number, lambda: "first")
    kept.keep(lambda number: number % 2 == 0)
    assert [kept.get(number, lambda: "anew") for number in range(4)] == ["first", "anew"] * 2


def test_threads_that_ask_at_once_get_one_result_and_other_keys_do_not_wait():
    kept, started, finish = Kept(), threading.Event(), threading.Event()
    made, got = [], []

    def slow():
        made.append(1)
        started.set()
        assert finish.wait(30)
        return object()

    threads = [threading.Thread(target=lambda: got.append(kept.get("slow", slow))) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert started.wait(30)
    assert kept.get("other", lambda: "at once") == "at once"
    finish.set()
    for thread in threads:
        thread.join(30)
    assert len(made) == 1
    assert len(got) == 8
    assert len(set(map(id, got))) == 1

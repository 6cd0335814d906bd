"""The address and the state keep in step, without a browser: what is written, what comes back, without echoes."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.stored import Stored
from viewer import link
from viewer.components.address import Address
from viewer.data.selections import Selection
from viewer.data.source import Source
from viewer.following import Following
from viewer.state import State


class Recorded(Address):
    """An address that keeps all that was put into it."""

    def __init__(self) -> None:
        super().__init__()
        self.put_in: list[tuple[dict[str, str], bool, bool]] = []

    def put(self, search: str, push: bool = True, load: bool = False) -> None:
        super().put(search, push, load)
        self.put_in.append((dict(parse_qsl(search.removeprefix("?"))), push, load))


@pytest.fixture
def followed(stored: Stored) -> Callable[..., tuple[State, Recorded]]:
    def made(**query: str) -> tuple[State, Recorded]:
        state, address = State(Source(Path("artifacts").absolute())), Recorded()
        link.restore(state, {"run": "tiny"} | query)
        Following(state, address).begin()  # the state's watchers hold it
        return state, address

    return made


def test_from_the_start_the_address_says_what_is_shown(followed: Callable[..., tuple[State, Recorded]]) -> None:
    _, address = followed(epoch="99", color="<img>", page="layers", unheard="of")
    assert address.put_in == 2 * [({"run": "tiny", "page": "layers"}, False, False)]


def test_until_it_begins_no_change_is_a_step(stored: Stored) -> None:
    state, address = State(Source(Path("artifacts").absolute())), Recorded()
    link.restore(state, {"run": "tiny"})
    following = Following(state, address)
    state.page = "layers"
    assert address.put_in == [({"run": "tiny"}, False, False)]
    following.begin()
    assert address.put_in[1:] == [({"run": "tiny", "page": "layers"}, False, False)]


def test_each_change_is_a_step_and_colours_open_the_page_anew(
    followed: Callable[..., tuple[State, Recorded]],
) -> None:
    state, address = followed()
    state.page = "sql"
    state.param.update(text="one", example=None)
    state.theme = "dark"
    assert address.put_in[2:] == [
        ({"run": "tiny", "page": "sql"}, True, False),
        ({"run": "tiny", "page": "sql", "text": "one"}, True, False),
        ({"run": "tiny", "page": "sql", "text": "one", "theme": "dark"}, True, True),
    ]
    state.notice = "something is wrong"
    assert len(address.put_in) == 5


def test_going_back_changes_the_state_and_makes_no_step(followed: Callable[..., tuple[State, Recorded]]) -> None:
    state, address = followed(text="one", epoch="1")
    state.param.update(page="layers", epoch=2)
    address._handle_msg({"search": "?run=tiny&text=one&epoch=1", "gone": 1})
    assert (state.page, state.epoch, state.text, state.notice) == ("words", 1, "one", "")
    assert address.put_in[-1] == ({"run": "tiny", "text": "one", "epoch": "1"}, False, False)
    assert address.entry["gone"] == 1
    assert [push for _, push, _ in address.put_in] == [False, False, True, False]
    address._handle_msg({"search": "?run=tiny&theme=dark", "gone": 2})
    assert address.put_in[-1][1:] == (False, True), "other colours need the page to be opened anew"


def test_a_step_to_what_is_not_there_is_told_and_replaced(followed: Callable[..., tuple[State, Recorded]]) -> None:
    state, address = followed()
    address._handle_msg({"search": "?run=nope&epoch=77&page=sql", "gone": 1})
    assert "nope" in state.notice
    assert "77" in state.notice
    assert address.put_in[-1] == ({"run": "tiny", "page": "sql"}, False, False)


def test_without_a_run_to_show_the_view_stays(
    followed: Callable[..., tuple[State, Recorded]], monkeypatch: pytest.MonkeyPatch
) -> None:
    state, address = followed(text="one")
    monkeypatch.setattr(state.source, "runs", list)
    address._handle_msg({"search": "?page=sql", "gone": 1})
    assert (state.run, state.page, state.text) == ("tiny", "words", "one")
    assert "make repro" in state.notice
    assert address.put_in[-1][0] == {"run": "tiny", "text": "one"}


@pytest.mark.parametrize("message", [None, "?page=sql", {}, {"search": 7, "gone": 1}, {"search": "?page=sql"}])
def test_what_no_browser_of_ours_sends_is_ignored(
    followed: Callable[..., tuple[State, Recorded]], message: object
) -> None:
    state, address = followed()
    address._handle_msg(message)
    assert state.page == "words"
    assert len(address.put_in) == 2


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("epoch"), st.integers(0, 3)),
        st.tuples(st.just("text"), st.text(max_size=20)),
        st.tuples(st.just("question"), st.text(max_size=20)),
        st.tuples(st.just("threshold"), st.floats(0, 1)),
        st.tuples(st.just("grid"), st.just([1, 2])),
        st.tuples(st.just("selection"), st.just(Selection((1, 5)))),
    ),
    min_size=1,
    max_size=6,
)


@given(STEPS)
@example([("text", "a&b=c#?%")])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_address_is_the_view_after_every_step(
    followed: Callable[..., tuple[State, Recorded]], steps: list[tuple[str, object]]
) -> None:
    state, address = followed(epoch="2")
    for name, value in steps:
        state.param.update(**{name: value})
        assert link.read(address.entry["search"]) == link.query(state)
    assert state.notice == ""

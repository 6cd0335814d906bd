"""Sessions over a real server in this process, their clients without a browser: nothing of a closed one is kept."""

import asyncio
import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import panel as pn
import pytest
from bokeh.client import ClientSession, pull_session
from bokeh.document import Document
from bokeh.models import ImportedStyleSheet, InlineStyleSheet, Plot, UIElement
from panel.io.server import get_server

from tests.stored import Stored
from viewer import app, design
from viewer.pages.training import Training
from viewer.state import FIRST_TEXT, PAGES

PATIENCE = 30.0  # seconds until closed sessions must be gone
SETTINGS = {"unused_session_lifetime_milliseconds": 100, "check_unused_sessions_milliseconds": 100}

# Bokeh 3.9, in every table, with pandas 3.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
design.use()


class Sessions:
    """What lives in the server: every Application, its State and its Document, as far as anything holds them."""

    def __init__(self, artifacts: Path) -> None:
        self.artifacts = artifacts
        self.address = ""
        self.applications: list[app.Application] = []
        self.documents: list[Document] = []
        self.alive: list[weakref.ref[object]] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "Sessions":
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.io_loop.add_callback(self._server.io_loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        self._server = get_server({"/": self._page}, port=0, start=False, **SETTINGS)
        self._server.start()
        self.address = f"http://127.0.0.1:{self._server.port}/"
        self._ready.set()
        self._server.io_loop.start()
        self._server.stop()
        self._server.io_loop.close()

    def _page(self) -> pn.Template:
        template = app.application(self.artifacts)
        self.alive += [weakref.ref(template), weakref.ref(pn.state.curdoc)]
        self.documents.append(pn.state.curdoc)
        return template

    def known(self, made: app.Application) -> None:
        self.applications.append(made)
        self.alive += [weakref.ref(made), weakref.ref(made.state)]

    def all_gone(self) -> bool:
        """Whether nothing that `alive` points to is held any more; waits for it."""
        self.applications.clear()
        self.documents.clear()
        deadline = time.monotonic() + PATIENCE
        while any(each() is not None for each in self.alive) and time.monotonic() < deadline:
            time.sleep(0.05)
            gc.collect()
        return not any(each() is not None for each in self.alive)


@pytest.fixture
def sessions(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sessions]:
    with Sessions(stored.run.artifacts.absolute()) as found:
        begin = app.Application.__init__

        def told(made: app.Application, artifacts: Path, query: dict[str, str]) -> None:
            begin(made, artifacts, query)
            found.known(made)

        monkeypatch.setattr(app.Application, "__init__", told)
        yield found


def opened(sessions: Sessions, page: str) -> tuple[ClientSession, app.Application]:
    client = pull_session(url=sessions.address, arguments={"page": page})
    return client, sessions.applications[-1]


def done(document: Document, act: Callable[[], object]) -> None:
    """Do something in a session as its own events do: in the server's loop, with the document's lock."""
    finished = threading.Event()

    def work() -> None:
        act()
        finished.set()

    document.add_next_tick_callback(work)
    assert finished.wait(PATIENCE)


@pytest.mark.parametrize("page", PAGES)
def test_nothing_of_closed_sessions_is_kept(sessions: Sessions, page: str) -> None:
    clients = [opened(sessions, page)[0] for _ in range(3)]
    assert len(sessions.alive) == 12
    assert all(each() is not None for each in sessions.alive)
    for client in clients:
        client.close()
    assert sessions.all_gone()


def test_who_pulls_a_document_without_its_page_has_all_of_it(sessions: Sessions) -> None:
    client, made = opened(sessions, "words")
    maps = [each for each in client.document.select({"type": Plot}) if str(each.name).startswith("map ")]
    assert len(maps) == 3
    assert made.beside._shown
    client.close()
    del made
    assert sessions.all_gone()


@pytest.mark.parametrize("page", ["words", "sql"])
def test_style_sheets_are_sent_once_and_by_this_server(sessions: Sessions, page: str) -> None:
    """Also in a session that was made without its page, as where the web socket comes late."""
    client, made = opened(sessions, page)
    sheets = [each.url for each in client.document.select({"type": ImportedStyleSheet})]
    assert sheets
    assert not [url for url in sheets if "//" in url]
    (shared,) = [each for each in client.document.select({"type": InlineStyleSheet}) if each.css == design.THEME]
    widgets = list(client.document.select({"type": UIElement}))
    assert sum(shared in each.stylesheets for each in widgets) > 20
    assert not any(design.SHARED in each.stylesheets for each in widgets)
    client.close()
    del made
    assert sessions.all_gone()


def test_nor_of_one_that_is_closed_while_it_plays(sessions: Sessions) -> None:
    client, made = opened(sessions, "training")
    training = made.pages["training"]
    assert isinstance(training, Training)
    done(sessions.documents[0], training.player.start)
    assert training.player.playing
    client.close()
    del made, training
    assert sessions.all_gone()


def test_sessions_do_not_see_each_other(sessions: Sessions) -> None:
    (first, one), (second, other) = (opened(sessions, "words") for _ in range(2))
    done(sessions.documents[0], partial(one.state.take_text, "a boring film"))
    assert (one.state.text, other.state.text) == ("a boring film", FIRST_TEXT)
    first.close()
    second.close()
    del one, other
    assert sessions.all_gone()

"""Work that may take seconds: in another thread, so that no session waits for what another one asked; or afterwards,
so that the top of a page is there before its end."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import panel as pn
from panel.io.state import set_curdoc

T = TypeVar("T")
PAUSE = 30  # milliseconds in which a session hears its browser


def elsewhere(work: Callable[[], T], then: Callable[[T | BaseException], None]) -> None:
    """Do `work` in a thread, then call `then` in the session that asked, with the result or with what was raised.

    Returns at once. `then` finds the session as it is by then: the question may have been taken back. If the session is
    closed by then, nothing is called.
    """
    document = pn.state.curdoc

    async def wait() -> None:
        (found,) = await asyncio.gather(asyncio.to_thread(work), return_exceptions=True)
        if document is None:
            then(found)
        elif there(document):  # back under the session's lock, which was given up while waiting
            document.add_next_tick_callback(heard(document, partial(then, found)))

    begin(wait)


def in_turn(*acts: Callable[[], None]) -> None:
    """Do these one after the other in this session, which has just been made.

    Whoever asks for the document waits until all are done; the scripts of its page the server gives out in between. At
    once for who asks for the document next, without a page.
    """
    document = pn.state.curdoc

    async def work() -> None:
        for number, act in enumerate(acts):
            if number:
                await asyncio.sleep(PAUSE / 1000)
            with set_curdoc(document):  # lost in each wait
                heard(document, act)()

    if document is None or by_socket(document):
        for act in acts:
            act()
    else:
        document.add_timeout_callback(work, PAUSE)


def soon(act: Callable[[], None]) -> None:
    """Do `act` in this session once what is under way is done, and what has been left for later before."""
    document = pn.state.curdoc
    if document is None:
        act()
    else:
        document.add_timeout_callback(heard(document, act), PAUSE)


def afterwards(act: Callable[[], None]) -> None:
    """Do `act` in this session once what is drawn so far has been sent to the browser, and what the browser has sent
    meanwhile has been heard."""
    if pn.state.curdoc is None or pn.state.loaded:
        soon(act)
    else:  # later: what is done on loading is done in one go
        pn.state.onload(partial(soon, act))


def heard(document: Any, act: Callable[[], None]) -> Callable[[], None]:
    """`act` for when the browser hears of what it changes."""
    return lambda: act() if hears(document) else pn.state.onload(act)


def hears(document: Any) -> bool:
    """Whether a change of a session's document reaches its browser: not while that draws what it was sent, as Panel
    then keeps changes to itself."""
    return bool(pn.state.loaded) or not document.session_context.session.connection_count


def by_socket(document: Any) -> bool:
    """Whether a session was made by a web socket: by a program, or by a page whose own session is gone."""
    request = document.session_context.request
    return request is not None and request.headers.get("Upgrade", "").lower() == "websocket"


def there(document: Any) -> bool:
    """Whether the session of a document is not closed."""
    context = document.session_context
    return context is not None and not context.destroyed


def begin(act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Have the session's loop do this as soon as it can; where there is no session, do it now."""
    if pn.state.curdoc is None:
        asyncio.run(act())
    else:
        pn.state.execute(act, schedule=True)

"""Work that may take seconds: in another thread, so that no session waits for what another one asked; or afterwards,
so that the top of a page is there before its end."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import panel as pn

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
            document.add_next_tick_callback(partial(then, found))

    begin(wait)


def soon(act: Callable[[], None]) -> None:
    """Do `act` in this session once what is under way is done, and what others ask of the server meanwhile."""
    document = pn.state.curdoc
    if document is None:
        act()
    else:
        document.add_timeout_callback(act, PAUSE)


def afterwards(act: Callable[[], None]) -> None:
    """Do `act` in this session once what is drawn so far has been sent to the browser, and what the browser has sent
    meanwhile has been heard."""
    if pn.state.curdoc is None or pn.state.loaded:
        soon(act)
    else:  # later: what is done on loading is done in one go
        pn.state.onload(partial(soon, act))


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

"""Selecting by a condition without holding up anybody: the reviews are looked for beside the server's own work."""

import asyncio
from functools import partial
from typing import Any

import panel as pn

from viewer.data import conditions
from viewer.data.conditions import Condition
from viewer.data.facts import facts
from viewer.data.selections import Selection
from viewer.state import State


class Selecting:
    """Looks for what `state.asked` says, then selects it; what is wrong is said in the notice.

    What is asked later counts, also where its answer comes earlier; who selects otherwise meanwhile has taken the
    question back.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        state.param.watch(lambda _event: self._start(), "asked")
        if state.asked is not None:
            pn.state.onload(self._start)  # a link's: the page is there first

    def _start(self) -> None:
        state = self.state
        if state.asked is not None:
            pn.state.execute(partial(self._look, state.asked, state.run, state.epoch, pn.state.curdoc), schedule=True)

    async def _look(self, condition: Condition, run: str, epoch: int, document: Any) -> None:
        """Find the reviews in another thread."""
        source = self.state.source

        def find() -> Selection:
            return conditions.selected(source, facts(source, run), condition, epoch)

        (found,) = await asyncio.gather(asyncio.to_thread(find), return_exceptions=True)
        act = partial(self._found, condition, found)
        if document is None:  # no browser: a test
            act()
        else:  # back under the session's lock, which was given up while waiting
            document.add_next_tick_callback(act)

    def _found(self, condition: Condition, found: Selection | BaseException) -> None:
        state = self.state
        if state.asked is not condition:  # taken back, or something else was asked since
            return
        said = state.notice  # since it was asked, or of the link
        state.asked = None
        state.guarded(partial(self._take, found))
        state.notice = " ".join(filter(None, (said, state.notice)))

    def _take(self, found: Selection | BaseException) -> None:
        if isinstance(found, BaseException):
            raise found
        self.state.select(found)
        if not found.examples:
            self.state.notice = f"No mapped review fits the condition {found.condition}."

"""Selecting by a condition without holding up anybody: the reviews are looked for beside the server's own work."""

from functools import partial

import panel as pn

from viewer.data import conditions
from viewer.data.conditions import Condition
from viewer.data.facts import facts
from viewer.data.selections import Selection
from viewer.data.source import Source
from viewer.elsewhere import elsewhere
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
            find = partial(selected, state.source, state.run, state.asked, state.epoch)
            elsewhere(find, partial(self._found, state.asked))

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


def selected(source: Source, run: str, condition: Condition, epoch: int) -> Selection:
    """The mapped reviews of a run for which the condition is true."""
    return conditions.selected(source, facts(source, run), condition, epoch)

"""What all pages have in common: they follow the state while they are shown, and catch up when they are shown again."""

from typing import Any, ClassVar

import panel as pn

from viewer.elsewhere import afterwards
from viewer.live import Live
from viewer.state import State


class Page:
    """A way of looking at the state.

    A subclass names the parameters of the state it shows in `watched`, builds its widgets once in `build`, and brings
    them up to date in `refresh(changed)`. A page that is not shown does no work.
    """

    title: ClassVar[str]
    watched: ClassVar[tuple[str, ...]]

    def __init__(self, state: State, live: Live) -> None:
        self.state, self.live = state, live
        self._view: pn.viewable.Viewable | None = None
        self._changed: set[str] = set()
        self._shown = False
        state.param.watch(self._note, list(self.watched))

    def build(self) -> pn.viewable.Viewable:
        """The page's widgets, without data yet: `refresh` with all watched parameters follows."""
        raise NotImplementedError

    def refresh(self, changed: set[str]) -> None:
        """Bring the widgets up to date after these parameters of the state changed."""
        raise NotImplementedError

    def show(self) -> pn.viewable.Viewable:
        """The page, up to date."""
        if self._view is None:
            self._view = self.build()
            self._changed = set(self.watched)
        else:
            afterwards(self.redraw)
        self._shown = True
        self._catch_up()
        return self._view

    def redraw(self) -> None:
        """What a browser has to draw anew once a page has come back to it; nothing unless a page says so."""

    def hide(self) -> None:
        self._shown = False

    def _note(self, *events: Any) -> None:
        self._changed |= {event.name for event in events}
        if self._shown:
            self._catch_up()

    def _catch_up(self) -> None:
        changed, self._changed = self._changed, set()
        if changed:
            self.state.guarded(lambda: self.refresh(changed))

"""The address follows what is shown, and what is shown follows the address when somebody goes back or forth."""

from typing import Any

from viewer import link
from viewer.components.address import Address
from viewer.state import State

LOADED = ("palette", "theme")  # colours are part of the whole page: a change of them opens it anew


class Following:
    """Keeps one session's state and the address of its browser the same, once it has begun.

    From the start the address says what is shown, whatever the link held: what is wrong in a link is told once.
    """

    def __init__(self, state: State, address: Address) -> None:
        self.state, self.address = state, address
        self._going = False
        address.put(self._search(), push=False)
        address.on_gone(self._go)

    def begin(self) -> None:
        """From now on every change of the view is a step: what the first page sees to when it is shown is none."""
        self.address.put(self._search(), push=False)
        self.state.param.watch(self._write, [name for name in self.state.param if name not in ("name", "notice")])

    def _search(self) -> str:
        return link.written(link.query(self.state))

    def _write(self, *events: Any) -> None:
        """A new step, unless it was the address that changed the state."""
        if not self._going:
            self.address.put(self._search(), load=any(event.name in LOADED for event in events))

    def _go(self, search: str) -> None:
        """Show what the address says; what it cannot mean is told, and replaced by what is shown."""
        state = self.state
        looks = [getattr(state, name) for name in LOADED]
        self._going = True
        try:
            problems = link.restore(state, link.read(search))
        finally:
            self._going = False
        state.notice = "\n".join(problems) or state.notice
        self.address.put(self._search(), push=False, load=looks != [getattr(state, name) for name in LOADED])

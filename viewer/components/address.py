"""The query in the browser's address and the way back and forth through its history; kept by address.js.

Panel's own Location does not tell when somebody goes back, and every change of it is a new step.
"""

from collections.abc import Callable
from typing import Any

import param

from viewer.components.scripted import Scripted


class Address(Scripted):
    """Nothing to see. `put` writes the address; `on_gone` hears the query of the step that somebody went to."""

    entry = param.Dict(default={"search": "", "push": False, "load": False, "gone": 0}, doc="what the address is to be")

    _esm = "address.js"

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._times = 0  # that somebody went, as far as is known here
        self._gone: list[Callable[[str], None]] = []

    def put(self, search: str, push: bool = True, load: bool = False) -> None:
        """Make `search` (with its `?`, or empty) the query of the address.

        push: as a new step of the history, else in place of this one; load: then open the page anew.
        """
        self.entry = {"search": search, "push": push, "load": load, "gone": self._times}

    def on_gone(self, act: Callable[[str], None]) -> None:
        self._gone.append(act)

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict) and isinstance(data.get("search"), str) and isinstance(data.get("gone"), int):
            self._times = data["gone"]
            for act in self._gone:
                act(data["search"])

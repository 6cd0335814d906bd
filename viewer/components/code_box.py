"""A box for text in a fixed-width type that Ctrl+Enter sends; drawn by code_box.js."""

from collections.abc import Callable
from typing import Any, ClassVar

import param

from viewer.components.scripted import Scripted

LONGEST = 20_000  # characters


class CodeBox(Scripted):
    """`value` is what the box holds at any moment, whoever wrote it; `on_send` hears of Ctrl+Enter."""

    value = param.String(default="")
    title = param.String(default="", doc="the label above, also for screen readers")
    rows = param.Integer(default=6, bounds=(1, None), doc="lines that are seen at once")
    longest = param.Integer(default=LONGEST, constant=True)

    _esm = "code_box.js"
    _stylesheets: ClassVar[list[str]] = [":host { display: block; }"]

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._sent: list[Callable[[], None]] = []

    def on_send(self, act: Callable[[], None]) -> None:
        self._sent.append(act)

    def _handle_msg(self, data: Any) -> None:
        if data == "send":
            for act in self._sent:
                act()

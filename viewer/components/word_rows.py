"""Rows of coloured words or steps, linked by position, with details, keyboard and a menu at each; drawn by
word_rows.js and the scripts that are joined to it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import param

from viewer.components.scripted import Scripted

HERE = Path(__file__).parent
STYLE = (HERE / "word_rows.css").read_text(encoding="utf-8")
PARTS = ("word_rows.js", "strips.js", "channel_chart.js", "telling.js", "element_menu.js")
SCRIPT = "\n".join((HERE / name).read_text(encoding="utf-8") for name in PARTS)
LONGEST_WORD = 200  # characters that can replace a word
ACTIONS = ("leave out", "replace", "compare")
Action = Literal["leave out", "replace", "compare"]


@dataclass(frozen=True)
class Edit:
    """What somebody chose at a word: of the row `row`, text number `text`, word `position` (1 is the first)."""

    row: str
    text: int
    position: int
    action: Action
    by: str = ""


class WordRows(Scripted):
    """Draws `content`, the JSON of `viewer.plots.words`.

    position: the slot that is pointed at, 0 none; set it to point from elsewhere. What the browser asks for goes to
    `on_edit` (a choice in a word's menu) and `on_row` (the key of a row whose head was clicked).
    """

    content = param.Dict(default={}, doc="rows, texts, legend and colours")
    position = param.Integer(default=0, doc="slot pointed at; 0: none")
    cursor = param.String(
        default="", doc="name of the line on a chart that follows, see viewer.plots.curves; none: empty"
    )
    empty = param.String(default="", doc="what to say where there are no rows")

    _esm = SCRIPT
    _stylesheets: ClassVar[list[str]] = [STYLE]

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._edited: list[Callable[[Edit], None]] = []
        self._row_chosen: list[Callable[[str], None]] = []

    def on_edit(self, act: Callable[[Edit], None]) -> None:
        self._edited.append(act)

    def on_row(self, act: Callable[[str], None]) -> None:
        self._row_chosen.append(act)

    def _handle_msg(self, data: Any) -> None:
        """A message from the browser; anything but the two kinds that the script sends is ignored."""
        rows = {row["key"]: row for row in self.content.get("rows", [])}
        if not isinstance(data, dict) or not isinstance(data.get("row"), str) or data["row"] not in rows:
            return
        if data.get("kind") == "row":
            for choose in self._row_chosen:
                choose(data["row"])
        elif data.get("kind") == "edit" and (edit := self._edit(data, rows[data["row"]])):
            for act in self._edited:
                act(edit)

    def _edit(self, data: dict[str, Any], row: dict[str, Any]) -> Edit | None:
        position, action, by = data.get("position"), data.get("action"), data.get("by", "")
        words = len(self.content["texts"][row["text"]]["known"])
        if type(position) is not int or not 1 <= position <= words or action not in ACTIONS or not isinstance(by, str):
            return None
        return Edit(row["key"], row["text"], position, action, by[:LONGEST_WORD])

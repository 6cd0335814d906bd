"""A sequence of numbers put in hand: from a file, or number by number in a table, where a sentence would be typed."""

import io
from typing import Any

import pandas as pd
import panel as pn

from pipeline.errors import InputError
from viewer.data import steps
from viewer.design import hint
from viewer.pages.folded import folded
from viewer.state import State

HEIGHT = 300  # pixels of the table
CHANNEL = "channel "  # begins the title of a column
FILES = ".csv,.tsv,.txt,.parquet"


class SequenceInput:
    """Widgets for one session's state: `bar` and, when it is open, `cells`; `refresh` brings them up to date."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.file = pn.widgets.FileInput(accept=FILES, width=230)
        self.edit = pn.widgets.Toggle(label="Edit the numbers …")
        self.save = pn.widgets.FileDownload(
            callback=self._saved, filename="sequence.csv", label="Download as CSV", color="default"
        )
        self.second = pn.widgets.Button(
            label="Compare with this one", description=hint("Then change it, or take another")
        )
        self.longer = pn.widgets.Button(label="Add a step", description=hint("After the last, with its numbers"))
        self.shorter = pn.widgets.Button(label="Leave out the last step")
        self.table: pn.widgets.Tabulator | None = None  # made when it is first opened
        self.cells = pn.Column(css_classes=["card"], sizing_mode="stretch_width", margin=(8, 10), visible=False)
        label = pn.pane.HTML("<label>A sequence as CSV or Parquet, a row a step</label>")
        self.bar = folded(
            pn.FlexBox(
                pn.Column(label, self.file), self.edit, self.save, self.second, align_items="flex-end", gap="6px"
            )
        )
        self._connect()

    def _connect(self) -> None:
        guarded = self.state.guarded
        self.file.param.watch(lambda event: event.new is None or guarded(self._given), "value")
        self.edit.param.watch(lambda event: self._open(event.new), "value")
        self.second.on_click(lambda _event: self.state.param.update(second=self.state.text, view="compare"))
        self.longer.on_click(lambda _event: guarded(lambda: self._resize(1)))
        self.shorter.on_click(lambda _event: guarded(lambda: self._resize(-1)))

    def refresh(self) -> None:
        """Show the sequence in hand in the table, if that is open."""
        if self.table is not None and self.cells.visible:
            self.table.value = frame(self.state.text)
            self.shorter.disabled = len(self.table.value) < 2

    def _open(self, shown: bool) -> None:
        if self.table is None:
            self.table = self._cells()
            self.cells.objects = [pn.Row(self.longer, self.shorter), self.table]
        self.cells.visible = shown
        self.refresh()

    def _cells(self) -> pn.widgets.Tabulator:
        """The table of numbers, each of which can be changed."""
        table = pn.widgets.Tabulator(
            frame(self.state.text), show_index=False, editors={"step": None}, height=HEIGHT, selectable=False,
            sizing_mode="stretch_width", sortable=False, frozen_columns=["step"],
        )  # fmt: skip
        table.on_edit(lambda event: self.state.guarded(lambda: self._edited(event)))
        return table

    def _given(self) -> None:
        """A file was chosen. The field forgets it: else a browser would not hear of it when it is chosen again."""
        name, content = str(self.file.filename or "file"), self.file.value
        self.file.clear()
        self.state.take_text(steps.written(steps.given(name, content, self.state.facts.channels)))

    def _edited(self, event: Any) -> None:
        """A cell was changed: what cannot be read there is said, and taken back."""
        lines = self.state.text.split("\n")
        cells = lines[event.row].split(",")
        cells[int(event.column.removeprefix(CHANNEL)) - 1] = "" if event.value is None else str(event.value)
        lines[event.row] = ",".join(cells)
        try:
            numbers = steps.parsed("\n".join(lines), self.state.facts.channels, "sequence")
        except InputError:
            self.refresh()
            raise
        self.state.take_text(steps.written(numbers))

    def _resize(self, by: int) -> None:
        lines = self.state.text.split("\n")
        if by > 0 and len(lines) >= steps.LONGEST:
            raise InputError(f"sequence: {len(lines):,} steps; at most {steps.LONGEST:,} are read")
        self.state.take_text("\n".join([*lines, lines[-1]] if by > 0 else lines[:-1]))

    def _saved(self) -> io.BytesIO:
        return io.BytesIO((self.state.text + "\n").encode())


def frame(text: str) -> pd.DataFrame:
    """The numbers of a sequence as they are written, a row a step, a column a channel."""
    rows = [[float(cell) for cell in text[start:stop].split(",")] for start, stop in steps.lines(text)]
    found = pd.DataFrame(rows)
    found.columns = [f"{CHANNEL}{number}" for number in range(1, found.shape[1] + 1)]
    found.insert(0, "step", range(1, len(rows) + 1))
    return found

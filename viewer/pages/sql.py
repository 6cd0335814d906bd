"""SQL: one SELECT over the store's tables, its answer as a table, a simple chart and a download."""

import io
from functools import partial
from html import escape
from typing import ClassVar

import pandas as pd
import panel as pn

from pipeline.errors import InputError
from pipeline.queries import QUERIES
from pipeline.schema import RUN, TABLES
from viewer.components.code_box import CodeBox
from viewer.data import sandbox
from viewer.data.export import export
from viewer.data.sandbox import Answer
from viewer.elsewhere import elsewhere
from viewer.live import Live
from viewer.pages.page import Page
from viewer.pages.tables import numbered
from viewer.plots import answers
from viewer.plots.colors import colors
from viewer.state import State

FIRST = """SELECT run, epoch, value AS accuracy FROM metrics
WHERE split = 'test' AND metric = 'accuracy'
ORDER BY run, epoch"""
SAID = "<p class='muted'>{text}</p>"
ROWS = 15  # of the answer on one page
CHARTS = {"no chart": "", "bars": "bars", "a line": "line", "points": "points"}


class Sql(Page):
    """The box, the schema beside it, and what came out."""

    title: ClassVar[str] = "SQL"
    watched: ClassVar[tuple[str, ...]] = ("run", "question")

    def __init__(self, state: State, live: Live) -> None:
        super().__init__(state, live)
        self.sandbox = sandbox.shared(state.source.artifacts)
        self.answer: Answer | None = None
        self.turn = 0  # of what was asked last: earlier answers come too late

    def build(self) -> pn.viewable.Viewable:
        self.sandbox.warm()
        self.example = pn.widgets.Select(label="Example questions", sizing_mode="stretch_width")
        self.reading = pn.pane.HTML("", sizing_mode="stretch_width", visible=False)
        self.box = CodeBox(title="One SELECT", margin=(5, 10), css_classes=["code"], sizing_mode="stretch_width")
        self.ask = pn.widgets.Button(label="Ask", color="primary")
        hint = pn.pane.HTML("<span class='muted'>or Ctrl+Enter</span>", align="center")
        self.said = pn.pane.HTML("", css_classes=["says"], sizing_mode="stretch_width")
        self.kind = pn.widgets.Select(label="Draw", options=CHARTS, width=120)
        self.x = pn.widgets.Select(label="across", options=[], width=170)
        self.y = pn.widgets.Select(label="up", options=[], width=170)
        self.chart = pn.Column(sizing_mode="stretch_width")
        self.rows = pn.Column(sizing_mode="stretch_width")
        self.result = pn.Column(sizing_mode="stretch_width")
        self.answered = pn.Column(
            pn.FlexBox(
                self.kind, self.x, self.y, pn.Row(*[self._download(kind) for kind in ("csv", "parquet")], align="end"),
                css_classes=["line"], align_items="flex-end",
            ),
            self.chart, self.rows, css_classes=["card"], sizing_mode="stretch_width", margin=(16, 0, 0, 0),
        )  # fmt: skip
        self._connect()
        asking = pn.Column(
            self.example, self.reading, self.box, pn.Row(self.ask, hint), self.said, css_classes=["card"],
            sizing_mode="stretch_width",
        )  # fmt: skip
        left = pn.Column(asking, self.result, css_classes=["asking"])
        return pn.FlexBox(
            left, self._schema(), css_classes=["asked"], gap="16px", margin=(0, 10, 16, 10), sizing_mode="stretch_width"
        )

    def _connect(self) -> None:
        self.example.param.watch(lambda event: self._choose(event.new), "value")
        self.ask.on_click(lambda _event: self._ask())
        self.box.on_send(self._ask)
        for widget in (self.kind, self.x, self.y):
            widget.param.watch(lambda _event: self._draw(), "value")

    def _download(self, kind: str) -> pn.widgets.FileDownload:
        return pn.widgets.FileDownload(
            callback=lambda: io.BytesIO(export(self.answer.frame if self.answer else pd.DataFrame(), kind)),
            filename=f"answer.{kind}",
            label=f"Download as {'CSV' if kind == 'csv' else 'Parquet'}",
            color="default",
            align="end",
        )

    def _schema(self) -> pn.viewable.Viewable:
        """All tables with their columns; a button puts a SELECT over one into the box."""
        cards = []
        for table in TABLES.values():
            lines = "".join(
                f"<tr><td><code>{escape(column.name)}</code></td><td class='wrap'>{escape(column.meaning)}</td></tr>"
                for column in (RUN, *table.columns)
            )
            put = pn.widgets.Button(label=f"Put {table.name} into the box", color="light")
            put.on_click(partial(self._put, f'SELECT * FROM "{table.name}" LIMIT 20'))
            body = pn.Column(
                pn.pane.HTML(f"<p class='muted'>One row per {escape(table.rows)}.</p><table>{lines}</table>"), put
            )
            cards.append(
                pn.Card(body, title=table.name, collapsed=True, sizing_mode="stretch_width", css_classes=["table-card"])
            )
        return pn.Column(pn.pane.HTML("<h2>The tables</h2>"), *cards, css_classes=["card", "beside"])

    def _put(self, text: str, _event: object) -> None:
        self.box.value = text

    def refresh(self, changed: set[str]) -> None:
        if "run" in changed:
            titles = {f"{number}. {query.title}": number - 1 for number, query in enumerate(QUERIES, 1)}
            self.example.param.update(options={"Choose one, or write your own below": -1} | titles, value=-1)
        if "question" in changed:
            self.box.value = self.state.question or FIRST
            if self.state.question:
                pn.state.onload(self._start)  # what came before the page is there would not be drawn

    def _choose(self, number: int) -> None:
        if number < 0:
            self.reading.visible = False
            return
        query = QUERIES[number]
        self.reading.param.update(object=f"<p class='muted'>{escape(query.reading)}</p>", visible=True)
        self.box.value = query.of(self.state.run)
        self._ask()

    def _ask(self) -> None:
        """Ask what the box holds, also if it is what was asked before."""
        text = self.box.value
        if not text.strip():
            self.turn += 1
            self._refuse("sql: nothing to ask; write one SELECT, or choose an example")
        elif text == self.state.question:
            self._start()
        else:
            self.state.question = text

    def _start(self) -> None:
        self.said.object = SAID.format(text="Asking …")
        self.ask.disabled = True
        self.turn += 1
        elsewhere(partial(self.sandbox.select, self.state.question), partial(self._answered, self.turn))

    def _answered(self, turn: int, answer: Answer | BaseException) -> None:
        if turn != self.turn:  # something else was asked meanwhile
            return
        if isinstance(answer, Answer):
            self._show(answer)
        elif isinstance(answer, InputError):
            self._refuse(str(answer))
        else:
            raise answer

    def _refuse(self, reason: str) -> None:
        self.ask.disabled = False
        self.answer = None
        self.said.object = f"<div class='notice' role='alert'>{escape(reason)}</div>"
        self.result.objects = []

    def _show(self, answer: Answer) -> None:
        self.ask.disabled = False
        self.answer = answer
        frame = answer.frame
        first = f"the first {len(frame):,} rows, here and in the download: there are more"
        more = first if answer.truncated else counted(len(frame))
        self.said.object = SAID.format(text=f"{more} in {answer.seconds:.2f} s")
        value, titles = numbered(answers.shown(frame))
        real = list(value.select_dtypes("floating"))
        numbers = answers.numeric(frame)
        places = [place for place, name in zip(value, frame, strict=True) if name in numbers]
        self.rows.objects = [
            pn.widgets.Tabulator(
                value,
                titles=titles,
                formatters=dict.fromkeys(real, "plaintext"),  # Panel's own shows what is below 0.000001 as 0
                text_align=dict.fromkeys(places, "right"),
                show_index=False,
                disabled=True,
                pagination="remote",
                page_size=ROWS,
                layout="fit_data",
                sizing_mode="stretch_width",
            )
        ]
        x, y = answers.axes(frame)
        self.x.param.update(options=list(frame.columns), value=x)
        self.y.param.update(options=numbers, value=y)
        self.kind.disabled = not numbers
        self.result.objects = [self.answered]
        self._draw()

    def _draw(self) -> None:
        kind, x, y = self.kind.value, self.x.value, self.y.value
        self.x.visible = self.y.visible = bool(kind)
        # One of the two is changed before the other: it may still name a column of the answer before.
        if self.answer is None or not kind or not {x, y} <= {*self.answer.frame.columns}:
            self.chart.objects = []
            return
        look = colors(self.state.palette, self.state.theme)
        made = answers.chart(self.answer.frame, kind, x, y, look)
        pane = pn.pane.HoloViews(made, sizing_mode="stretch_width", height=answers.HEIGHT)
        left_out = answers.left_out(self.answer.frame, kind, x, y)
        self.chart.objects = [pane, pn.pane.HTML(f"<p class='muted'>{left_out}</p>")] if left_out else [pane]


def counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"

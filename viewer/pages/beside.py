"""Beside the words: the maps in small with the sentence on them, and three findings to open with one click."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

import panel as pn

from viewer.data.findings import NEGATED, PLAIN, Finding, findings
from viewer.live import Live
from viewer.pages.charts import WATCHED, LayerCharts
from viewer.pages.page import Page
from viewer.state import State

HEADING = "<h2>Where it lies on the maps</h2>"


class Beside(Page):
    """A narrow column; it is no page of its own but follows the state like one."""

    title: ClassVar[str] = "Beside the words"
    watched: ClassVar[tuple[str, ...]] = WATCHED

    def __init__(self, state: State, live: Live) -> None:
        super().__init__(state, live)
        self.charts = LayerCharts(state, live, small=True)

    def build(self) -> pn.viewable.Viewable:
        self.findings = pn.Column(sizing_mode="stretch_width")
        return pn.Column(
            pn.pane.HTML(HEADING),
            self.charts.view,
            self.charts.legend,
            self.findings,
            css_classes=["card"],
            sizing_mode="stretch_width",
        )

    def redraw(self) -> None:
        self.charts.redraw()

    def refresh(self, changed: set[str]) -> None:
        if "run" in changed:
            self.findings.objects = self._findings()
        self.charts.refresh(changed)

    def _findings(self) -> list[pn.viewable.Viewable]:
        state, facts = self.state, self.state.facts
        texts = () if facts.channels else (PLAIN, NEGATED)
        read = [self.live.read(state.run, text, [facts.last]) for text in texts]
        buttons = []
        for finding in findings(state.source, facts, *read):
            button = pn.widgets.Button(label=finding.text, css_classes=["finding"], sizing_mode="stretch_width")
            button.on_click(partial(self._open, finding))
            buttons.append(button)
        return [pn.pane.HTML("<h2>Worth a look in this run</h2>"), *buttons]

    def _open(self, finding: Finding, _event: object) -> None:
        state = self.state
        show: Callable[..., None] = state.select if "selection" in finding.view else state.param.update
        show(**finding.view)

"""Claims: what the paper says, what this project's runs say to it, a card a claim."""

from collections.abc import Sequence
from html import escape
from typing import ClassVar

import panel as pn

from pipeline.claims.report import Claim, Report
from pipeline.claims.verdicts import RULES
from pipeline.errors import InputError
from viewer.data import claims
from viewer.live import Live
from viewer.pages.page import Page
from viewer.pages.training import WIDE, card
from viewer.plots import claims as plots
from viewer.plots.colors import colors
from viewer.state import State

NONE = (
    f"<p class='empty'>The claims are not checked yet. In the project's folder, type <code>{claims.COMMAND}</code>: it "
    "builds the runs that are needed, half an hour of work on two cores, and writes what this page shows.</p>"
)


class Claims(Page):
    """The page of the paper's claims, the same whatever run is in hand. It says which of their runs the store holds."""

    title: ClassVar[str] = "Claims"
    watched: ClassVar[tuple[str, ...]] = ("run",)

    def __init__(self, state: State, live: Live) -> None:
        super().__init__(state, live)
        self.colors = colors(state.palette, state.theme)
        self.shown: tuple[Report, tuple[claims.Compared, ...]] | None = None

    def build(self) -> pn.viewable.Viewable:
        self.view = pn.Column(sizing_mode="stretch_width")
        return self.view

    def refresh(self, changed: set[str]) -> None:
        """Read the file and look for its runs; cards are made anew only where something else is to be said."""
        try:
            report = claims.report(self.state.source)
        except InputError as mistake:
            self.shown = None
            self.view.objects = [html(f"<p class='empty'>{escape(str(mistake))}</p>")]
            raise
        if report is None:
            self.shown = None
            self.view.objects = [html(NONE)]
            return
        found = report, claims.compared(report, self.state.source)
        if found != self.shown:
            self.shown = found
            self.view.objects = self.cards(*found)

    def cards(self, report: Report, runs: Sequence[claims.Compared]) -> list[pn.viewable.Viewable]:
        about = f"<p class='muted'>{escape(report.about)} {plots.behind(runs, claims.COMMAND)}</p>"
        rules = f"<details><summary>How a verdict is found</summary><p>{escape(RULES)}</p></details>"
        first = card("The paper's claims, checked", html(about), html(plots.summary(report)), html(rules))
        return [first, *(self.card(claim) for claim in report.claims)]

    def card(self, claim: Claim) -> pn.viewable.Viewable:
        """One claim: the verdict, what it is made of, charts, and the numbers for who wants them."""
        charts = [
            pn.pane.HoloViews(
                plots.chart(each, self.colors), backend="bokeh", linked_axes=False, sizing_mode="stretch_width",
                styles=WIDE,
            )
            for each in claim.charts
        ]  # fmt: skip
        drawn = [pn.FlexBox(*charts, gap="16px")] if charts else []
        return card(plots.title(claim), html(plots.told(claim)), *drawn, html(plots.numbers(claim)))


def html(text: str) -> pn.pane.HTML:
    return pn.pane.HTML(text, sizing_mode="stretch_width", css_classes=["claim"])

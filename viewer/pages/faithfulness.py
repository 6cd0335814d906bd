"""How faithful the impacts are: a part of the page Training, from the table faithfulness."""

from html import escape

import panel as pn
from bokeh.models import Span

from viewer.data.faithfulness import MEASURES, faithfulness
from viewer.plots import faithfulness as plots
from viewer.plots.colors import Colors
from viewer.plots.training import epoch_line
from viewer.state import State

WIDE = {"flex": "1 1 330px", "min-width": "280px"}
READING = (
    "A method is worth something as far as its line lies from that of a random ranking; where the bars of two lines, "
    "their 95 % intervals, lie apart, so do the methods."
)
MEANING = (
    "Each method ranks the {element}s of the same test examples. <b>Comprehensiveness</b>: how much of the prediction "
    "is lost without its top {element}s; <b>sufficiency</b>: how much is lost when they alone are read. Both count "
    "from 0, the lowest found for any order of the {element}s, to 1, the highest, so that epochs compare, and runs by "
    "the same methods. <b>Hybrid documents</b> are joined from two classes: how often the highest {element} for a "
    "class lies in a part of that class; a network may be right about a part that is not, so 100 % is not the goal. In "
    "the table ▲, ▼ and ≈ say how a method stands to prefix impact on the same examples."
)
EMPTY = (
    "How faithful the impacts of this run are has not been measured. Measure it, which takes minutes for long texts: "
    "<code>dvc repro faithfulness@{run}</code> where DVC keeps the run, else the command that built the run once more."
)
SWITCHED_OFF = "This run does not measure how faithful its impacts are: its config has faithfulness.examples=0."


class FaithfulnessCard:
    """The charts and the table; `view` is shown. The line of the current epoch is moved by `mark`."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.text, self.table = (pn.pane.HTML("", sizing_mode="stretch_width") for _ in range(2))
        self.charts = {
            measure: pn.pane.HoloViews(backend="bokeh", linked_axes=False, sizing_mode="stretch_width", styles=WIDE)
            for measure in MEASURES
        }
        self.row = pn.FlexBox(*self.charts.values(), gap="16px")
        self.view = pn.Column(self.text, self.row, self.table, sizing_mode="stretch_width")
        self.lines: list[Span] = []

    def draw(self, colors: Colors) -> None:
        """Everything anew, for the run in hand."""
        state = self.state
        frame = faithfulness(state.source, state.facts)
        self.lines = []
        if frame.empty:
            off = state.facts.config.faithfulness.examples == 0
            said = SWITCHED_OFF if off else EMPTY.format(run=escape(state.run))
            self.text.object, self.table.object = f"<p class='empty'>{said}</p>", ""
            self.row.visible = False
            return
        explained = MEANING.format(element=state.facts.element)
        self.text.object = f"<p>{READING}</p><p class='muted'>{explained}</p>"
        for measure, chart in self.charts.items():
            there = bool((frame["measure"] == measure).any())
            chart.visible = there
            if there:
                self.lines.append(epoch_line(state.epoch, colors))
                chart.object = plots.method_curves(frame, measure, colors, self.lines[-1])
        self.row.visible = True
        self.tell()

    def tell(self) -> None:
        """The table of the measured epoch nearest to the one in hand, of two the earlier."""
        state = self.state
        frame = faithfulness(state.source, state.facts)
        if len(frame):
            nearest = min(frame["epoch"].unique(), key=lambda epoch: (abs(epoch - state.epoch), epoch))
            self.table.object = plots.methods_table(frame, int(nearest))

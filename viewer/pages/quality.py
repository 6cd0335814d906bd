"""How far the maps can be believed: the switch that marks what is badly placed, and the curves of the page Training."""

from html import escape

import holoviews as hv
import panel as pn
from bokeh.models import Span

from viewer.data import quality
from viewer.plots import quality as plots
from viewer.plots.colors import Colors
from viewer.plots.training import epoch_line
from viewer.state import State

BOUND = {"min-width": "0", "max-width": "100%"}  # what is wider scrolls in its own place
WHOLE, HALF = {"flex": "1 1 100%"} | BOUND, {"flex": "1 1 440px"} | BOUND
NARROWEST = 300  # pixels of a chart, so that the names of its lines have room; a narrower window scrolls it
RIGHT = "Held-out accuracy (% right)"
NOTHING = (
    "<p class='empty'>This run does not hold these numbers: its maps were drawn before they were computed. Draw them "
    "anew: <code>dvc repro maps@{run}</code> where DVC keeps the run, else "
    "<code>python -m pipeline.stages.maps {run}</code>.</p>"
)
CKA = (
    "<h3>Did the network move?</h3><p class='muted'>Linear CKA of the layer's own vectors. Solid: a layer and itself "
    "one epoch earlier; at 1 it sees the {noun}s as before, but for turning and scale. Dashed, →: a layer and the "
    "next one, which is named; at 1 that changes nothing. Where a solid line nears 1 the layer has been learned.</p>"
)
LINEAR = (
    "<h3>A straight cut through the layer</h3><p class='muted'>How many {noun}s it puts on the right side, of those "
    "not used to find it. Solid: the true label; dashed, *: the label the network predicts. Read how early, and in "
    "which layer, the solid line rises; the dashed one may be higher, as the network itself ends in such a cut.</p>"
)
NEIGHBOR = (
    "<h3>A vote of the nearest in the layer</h3><p class='muted'>The same for the label that most of its nearest have. "
    "Where it is as high as the straight cut, near {noun}s are alike; where it is lower, what tells them apart is one "
    "direction among many.</p>"
)


def badly_switch(state: State) -> pn.widgets.Toggle:
    """The switch that marks badly placed points in all charts."""
    made = pn.widgets.Toggle(label="Mark badly placed", value=state.badly_placed)
    made.param.watch(lambda event: setattr(state, "badly_placed", event.new), "value")
    state.param.watch(lambda event: setattr(made, "value", event.new), "badly_placed")
    return made


class QualityCurves:
    """Three small charts over the epochs; `view` is what to show, `lines` are those of the current epoch."""

    def __init__(self, state: State, colors: Colors) -> None:
        self.state, self.colors = state, colors
        self.lines: list[Span] = []
        self.view = pn.FlexBox(gap="12px 20px", sizing_mode="stretch_width")

    def refresh(self) -> None:
        """Draw the curves of the run in hand, as far as it holds them."""
        state, found = self.state, self.state.facts
        self.lines = [epoch_line(state.epoch, self.colors) for _ in range(3)]
        titles = [layer.title for layer in found.layers]
        similar, probes = quality.similarity(state.source, found), quality.probes(state.source, found)
        charts = []
        if len(similar):
            charts.append((WHOLE, CKA, plots.cka_curves(similar, titles, self.colors, self.lines[0])))
        for text, probe, line in ((LINEAR, "linear_probe", 1), (NEIGHBOR, "neighbor_probe", 2)):
            if probes["probe"].str.startswith(probe).any():
                drawn = plots.probe_curves(probes, probe, titles, RIGHT, self.colors, self.lines[line])
                charts.append((HALF, text, drawn))
        self.view.objects = [chart(text.format(noun=found.noun), drawn, styles) for styles, text, drawn in charts]
        if not charts:
            self.view.objects = [pn.pane.HTML(NOTHING.format(run=escape(found.run)))]


def chart(text: str, drawn: hv.Overlay, styles: dict[str, str]) -> pn.Column:
    """A chart under what is to be read from it."""
    pane = pn.pane.HoloViews(
        drawn, backend="bokeh", linked_axes=False, sizing_mode="stretch_width", min_width=NARROWEST
    )
    return pn.Column(
        pn.pane.HTML(text, sizing_mode="stretch_width", styles={"max-width": "90ch"}),
        pn.Column(pane, sizing_mode="stretch_width", styles={"overflow-x": "auto"} | BOUND),
        styles=styles,
    )

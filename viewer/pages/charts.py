"""The maps of all layers at the state's epoch, linked: in large on Layers, in small beside the sentence on Words."""

from html import escape

import panel as pn
from bokeh.models import BoxSelectTool, LassoSelectTool, PanTool
from panel.io import unlocked

from pipeline.errors import InputError
from viewer.data import maps, quality
from viewer.data.maps import LayerMaps
from viewer.design import hint
from viewer.live import Live
from viewer.pages.drawn import charts_at
from viewer.pages.linking import Linking
from viewer.plots import points
from viewer.plots.maps import FRAME, Chart
from viewer.plots.quality import badly_legend, briefly, told
from viewer.state import State

WATCHED = ("run", "epoch", "text", "selection", "pinned", "color_by", "true_size", "badly_placed")
MARKED = {"selection", "pinned"}  # these draw no chart anew
# The charts are looked for in the browser: buttons that held them could know them before the browser does.
RINGS = (
    ("", "nearest in the layer to the one pointed at"),
    (" dashed", "near it on the map only"),
    (" heavy", "the one you clicked"),
)
CHARTS = "for (const model of Bokeh.documents.flatMap((one) => one.roots()).flatMap((root) => [...root.references()]))"
DRAG = CHARTS + " if (model.type === types[source.active]) model.active = true"
BACK = (
    CHARTS
    + """ if (model.type === "Figure" && model.name?.startsWith("map ")) {
  for (const range of [model.x_range, model.y_range]) range.setv({start: -frame, end: frame})
}"""
)


class LayerCharts(Linking):
    """A row of linked charts. `view` is the row; `refresh(changed)` brings it up to date."""

    def __init__(self, state: State, live: Live, small: bool = False, with_tools: bool = False) -> None:
        """with_tools: what dragging does can be chosen, by the buttons that `tools` makes."""
        super().__init__(state, live)
        self.small, self.with_tools = small, with_tools
        self.view = pn.FlexBox(css_classes=["charts-small" if small else "charts"], gap="0" if small else "12px 0")
        self.legend = pn.pane.HTML("", css_classes=["legend"], sizing_mode="stretch_width")
        self.maps: LayerMaps = {}
        self._believed: quality.Qualities = {}
        self._notes: dict[str, pn.pane.HTML] = {}
        self._key: tuple[str, ...] | None = None

    def refresh(self, changed: set[str]) -> None:
        """Load what `changed` concerns, then draw; InputError where the store lacks it."""
        wanted = changed & {*WATCHED}
        if not wanted:
            return
        if wanted <= MARKED and self.linked is not None:
            self.mark()
            return
        try:
            charts = self._charts()
        except InputError:
            self.view.objects = [pn.pane.HTML("<p class='empty'>There are no maps to show here.</p>")]
            self._key = self.linked = None
            raise
        key = (self.state.run, *[layer.name for layer in self.state.facts.layers])
        anew = key != self._key or self.linked is None
        if anew:
            self._build(charts)
            self._key = key
        elif self.linked is not None:
            with unlocked():
                self.linked.update(charts, glide="epoch" in changed)
        if anew or changed & {"run", "epoch"}:
            self._believed = {}
            self._believed = quality.qualities(self.state.source, self.state.facts, [self.state.epoch])
        self._describe(charts)
        self.mark()

    def _charts(self) -> list[Chart]:
        """One chart a layer, from the store and the sentence in hand."""
        state, found = self.state, self.state.facts
        self.reviews = maps.mapped(state.source, found)
        said = maps.predictions(state.source, found, self.reviews, state.epoch)
        self.maps = maps.layer_maps(state.source, found, self.reviews, [state.epoch])
        charts = charts_at(state, self.live, found, self.reviews, self.maps, state.epoch, self.colors, "", self._placed)
        painted = points.painted(state.color_by, self.reviews.frame, said, found, self.colors)
        placed = [chart.sentence.unlike for chart in charts if chart.sentence is not None]
        unlike = any(placed) if placed else None
        wrong = not self.small and state.color_by != "right"
        self.legend.object = legend(painted, wrong, unlike, found.typed, found.noun)
        if state.badly_placed:
            self.legend.object += badly_legend(found.config.maps.listed_neighbors)
        return charts

    def _placed(self) -> None:
        """The sentence in hand has been placed among many reviews."""
        self.refresh({"text"})

    def _build(self, charts: list[Chart]) -> None:
        found = self.state.facts
        titles = {chart.key: layer.title for chart, layer in zip(charts, found.layers, strict=True)}
        linked = self.link(charts, found.classes, titles, size=4 if self.small else 6, with_tools=self.with_tools)
        margin = 0 if self.small else (5, 10)
        self._notes = {chart.key: pn.pane.HTML("", margin=margin, sizing_mode="stretch_width") for chart in charts}
        self.view.objects = [
            pn.Column(
                pn.pane.HTML(
                    f"<h3>{escape(titles[chart.key])}</h3>",
                    css_classes=["small-title"] if self.small else [],
                    margin=(5, 0) if self.small else margin,
                    sizing_mode="stretch_width",
                ),
                pn.Column(
                    pn.pane.Bokeh(linked.figures[chart.key], sizing_mode="stretch_width"),
                    margin=0 if self.small else (0, 10),
                    sizing_mode="stretch_width",
                ),
                self._notes[chart.key],
                css_classes=["chart-small" if self.small else "chart"],
            )
            for chart in charts
        ]
        for act in self.built:
            act(linked)

    def _describe(self, charts: list[Chart]) -> None:
        """What is to be known of each chart, below it; of a small one in a line."""
        state, epoch = self.state, self.state.epoch
        for chart, layer in zip(charts, state.facts.layers, strict=True):
            of_map, radius = self._believed.get((epoch, layer.name)), self.maps[epoch, layer.name].radius
            said = briefly(of_map, radius) if self.small else self._told(chart, of_map, radius)
            self._notes[chart.key].object = said

    def _told(self, chart: Chart, of_map: quality.Quality | None, radius: float) -> str:
        """How far to believe a chart, its true spread, what is out of sight, as HTML."""
        typed, noun = self.state.facts.typed, self.state.facts.noun
        notes = [f"Typical radius {radius:.2f} in the layer's own units."]
        if chart.outside:
            lie = f"1 {noun} lies" if chart.outside == 1 else f"{chart.outside} {noun}s lie"
            notes.append(f"{lie} outside the picture; Ctrl and scroll to zoom out.")
        if chart.sentence is not None and chart.sentence.outside:
            notes.append(f"Your {typed} lies outside the picture, where the arrow points.")
        if chart.sentence is not None and chart.sentence.unlike:
            notes.append(f"Your {typed} is unlike any mapped {noun}.")
        believed = told(of_map, noun) if of_map is not None else ""
        return f"{believed}<p class='muted'>{escape(' '.join(notes))}</p>"

    def tools(self) -> pn.Row:
        """Buttons that say what dragging does, in all charts."""
        assert self.with_tools
        choice = pn.widgets.RadioButtonGroup(
            options=["Lasso", "Box", "Move"], value="Lasso", color="default", description="What dragging does"
        )
        back = pn.widgets.Button(label="Whole map", description=hint("Undo zooming and moving"))

        choice.jscallback(
            value=DRAG, args={"types": [tool.__name__ for tool in (LassoSelectTool, BoxSelectTool, PanTool)]}
        )
        back.jscallback(clicks=BACK, args={"frame": FRAME})
        self.built.append(lambda _linked: choice.param.update(value="Lasso"))  # as in all new charts
        return pn.Row(choice, back, align="end")


def legend(
    painted: points.Painted, wrong: bool, unlike: bool | None, typed: str = "sentence", noun: str = "review"
) -> str:
    """What colours and shapes of the charts mean, as HTML. `unlike`: of the user's sentence; None: there is none.

    typed, noun: what that, and an example, is called.
    """
    parts = []
    if painted.ramp:
        stops = ", ".join(painted.ramp[::8])
        (_, low), (_, high), *dots = painted.legend
        ramp = f"<i class='ramp' style='background: linear-gradient(90deg, {stops})'></i>"
        parts.append(f"{escape(low)} {ramp} {escape(high)}")
    else:
        dots = list(painted.legend)
    parts += [f"<i class='dot' style='background: {color}'></i>{escape(words)}" for color, words in dots]
    if wrong:
        parts.append("<i class='dot hollow'></i>hollow: predicted wrong")
    if unlike is not None:
        parts.append(f"<i class='diamond'></i>your {typed}")
    if unlike:
        parts.append(f"<i class='diamond hollow'></i>unlike any mapped {noun}")
    parts += [f"<i class='ring{more}'></i>{words}" for more, words in RINGS]
    return "".join(f"<span class='item'>{part}</span> " for part in parts)

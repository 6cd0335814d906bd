"""Small maps of several epochs side by side, all linked: a column an epoch, a row a layer."""

from collections.abc import Sequence
from html import escape
from typing import Any

import panel as pn
from panel.io import unlocked

from pipeline.errors import InputError
from viewer.data import maps, quality
from viewer.data.maps import LayerMaps
from viewer.live import Live
from viewer.pages.drawn import charts_at
from viewer.pages.linking import Linking
from viewer.plots.maps import Chart
from viewer.plots.quality import BRIEFLY, briefly
from viewer.state import State

POINT = 4  # pixels


class EpochGrid(Linking):
    """The grid; `view` is what to show, `linked` its charts."""

    def __init__(self, state: State, live: Live) -> None:
        super().__init__(state, live)
        self.chosen = pn.widgets.CheckButtonGroup(label="Epochs shown", options=[], value=[], color="default")
        self.charts = pn.Column(css_classes=["charts"], margin=(0, 10), styles={"overflow-x": "auto"})
        self.view = pn.Column(
            pn.pane.HTML("<label>Epochs shown</label>"),
            self.chosen,
            pn.FlexBox(self.charts, self.details, css_classes=["maps", "long"], gap="12px 6px"),
            sizing_mode="stretch_width",
        )
        self._maps: LayerMaps = {}
        self._key: tuple[Any, ...] | None = None
        self.chosen.param.watch(lambda event: self._choose(event.new), "value")

    def refresh(self, changed: set[str]) -> None:
        """Draw what `changed` concerns; InputError where the store lacks it."""
        state, found = self.state, self.state.facts
        epochs = sorted({*state.grid} & {*found.epochs}) or first_choice(found.epochs)
        shown = {} if sorted(self.chosen.value) == epochs else {"value": epochs}  # more may have been chosen since
        self.chosen.param.update(options=list(found.epochs), **shown)
        key = (found.run, found.layers, tuple(epochs))
        if key != self._key:
            self._build(self._load(epochs), epochs)
            self._key = key
        elif changed & {"text", "color_by", "true_size", "badly_placed"}:
            assert self.linked is not None
            charts = self._load(epochs)
            with unlocked():
                self.linked.update(charts, glide=False)
        self.mark()

    def _choose(self, epochs: Sequence[int]) -> None:
        """Epochs were chosen; the first choice is what is shown where none are."""
        chosen = sorted(epochs)
        self.state.grid = [] if chosen == first_choice(self.state.facts.epochs) else chosen

    def _load(self, epochs: Sequence[int]) -> list[Chart]:
        """All charts, epoch by epoch."""
        found = self.state.facts
        try:
            self.reviews = maps.mapped(self.state.source, found)
            self._maps = maps.layer_maps(self.state.source, found, self.reviews, epochs)
        except InputError:
            self.charts.objects = [pn.pane.HTML("<p class='empty'>There are no maps to show here.</p>")]
            self._key = self.linked = None
            raise
        return [
            chart
            for epoch in epochs
            for chart in charts_at(
                self.state, self.live, found, self.reviews, self._maps, epoch, self.colors, f"e{epoch}", self._placed
            )
        ]

    def _placed(self) -> None:
        """The sentence in hand has been placed among many reviews."""
        self.refresh({"text"})

    def _build(self, made: list[Chart], epochs: Sequence[int]) -> None:
        found = self.state.facts
        names = [f"{layer.title}, epoch {epoch}" for epoch in epochs for layer in found.layers]
        titles = {chart.key: name for chart, name in zip(made, names, strict=True)}
        linked = self.link(made, found.classes, titles, size=POINT)
        known = quality.qualities(self.state.source, found, epochs)
        rows: list[pn.viewable.Viewable] = [pn.pane.HTML(BRIEFLY, margin=0, sizing_mode="stretch_width")]
        for number, layer in enumerate(found.layers):
            title = pn.pane.HTML(f"<h3>{escape(layer.title)}</h3>", margin=(8, 0, 0, 0), sizing_mode="stretch_width")
            row = [
                column(
                    linked.figures[f"e{epoch}l{number}"],
                    epoch,
                    briefly(known.get((epoch, layer.name)), self._maps[epoch, layer.name].radius),
                )
                for epoch in epochs
            ]
            rows += [title, pn.FlexBox(*row, css_classes=["epochs"])]
        self.charts.objects = rows
        for act in self.built:
            act(linked)


def column(figure: Any, epoch: int, said: str) -> pn.Column:
    """A chart under its epoch, and what is said of it below."""
    return pn.Column(
        pn.pane.HTML(f"<span class='muted'>Epoch {epoch}</span>", margin=(2, 0), sizing_mode="stretch_width"),
        pn.Column(pn.pane.Bokeh(figure, sizing_mode="stretch_width"), margin=0, sizing_mode="stretch_width"),
        pn.pane.HTML(said, margin=0, sizing_mode="stretch_width"),
        css_classes=["epoch"],
    )


def first_choice(epochs: Sequence[int]) -> list[int]:
    """The first, the middle and the last epoch, as far as they differ."""
    return sorted({epochs[0], epochs[(len(epochs) - 1) // 2], epochs[-1]})

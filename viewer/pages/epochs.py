"""Small maps of several epochs side by side, all linked: a column an epoch, a row a layer."""

from collections.abc import Sequence
from functools import partial
from html import escape
from typing import Any

import numpy as np
import panel as pn

from pipeline.errors import InputError
from viewer import design
from viewer.data import maps
from viewer.data.facts import Facts
from viewer.data.maps import LayerMap, Mapped
from viewer.data.selections import NOTHING, Selection
from viewer.live import Live
from viewer.pages.charts import placed, soon
from viewer.plots import points
from viewer.plots.colors import Colors, colors
from viewer.plots.linked import LinkedMaps
from viewer.plots.maps import Chart, scale
from viewer.state import State

POINT = 4  # pixels
LARGEST = 260  # pixels of a chart: three rows fit a screen


class EpochGrid:
    """The grid; `view` is what to show, `linked` its charts."""

    def __init__(self, state: State, live: Live) -> None:
        self.state, self.live = state, live
        self.colors = colors(state.palette, state.theme)
        self.chosen = pn.widgets.CheckButtonGroup(label="Epochs shown", options=[], value=[], color="default")
        self.details = pn.Column(css_classes=["beside"])
        self.charts = pn.Column(css_classes=["charts"], styles={"overflow-x": "auto"})
        self.view = pn.Column(
            pn.pane.HTML("<label>Epochs shown</label>"),
            self.chosen,
            pn.FlexBox(self.charts, self.details, css_classes=["maps"]),
            sizing_mode="stretch_width",
        )
        self.linked: LinkedMaps | None = None
        self.reviews: Mapped | None = None
        self._key: tuple[Any, ...] | None = None
        self._run = ""
        self.chosen.param.watch(lambda _event: self.state.guarded(lambda: self.refresh({"chosen"})), "value")

    def refresh(self, changed: set[str]) -> None:
        """Draw what `changed` concerns; InputError where the store lacks it."""
        state, found = self.state, self.state.facts
        if self._run != found.run:
            self._run = found.run
            self.chosen.param.update(options=list(found.epochs), value=first_choice(found.epochs))
        epochs = [epoch for epoch in found.epochs if epoch in self.chosen.value] or first_choice(found.epochs)
        key = (found.run, found.layers, tuple(epochs))
        if key != self._key:
            self._build(self._load(epochs), epochs)
            self._key = key
        elif changed & {"text", "color_by", "true_size"}:
            assert self.linked is not None
            soon(partial(self.linked.update, self._load(epochs), glide=False))
        assert self.linked is not None
        assert self.reviews is not None
        soon(partial(self.linked.select, self.reviews.rows(state.selection.examples).tolist()))

    def _load(self, epochs: Sequence[int]) -> list[Chart]:
        """All charts, epoch by epoch."""
        found = self.state.facts
        try:
            self.reviews = maps.mapped(self.state.source, found)
            places = maps.layer_maps(self.state.source, found, self.reviews, epochs)
        except InputError:
            self.charts.objects = [pn.pane.HTML("<p class='empty'>There are no maps to show here.</p>")]
            self._key = self.linked = None
            raise
        return [
            chart
            for epoch in epochs
            for chart in charts_at(self.state, self.live, found, self.reviews, places, epoch, self.colors, f"e{epoch}")
        ]

    def _build(self, made: list[Chart], epochs: Sequence[int]) -> None:
        assert self.reviews is not None
        found = self.state.facts
        names = [f"{layer.title}, epoch {epoch}" for epoch in epochs for layer in found.layers]
        titles = {chart.key: name for chart, name in zip(made, names, strict=True)}
        self.linked = LinkedMaps(made, self.reviews.frame, found.classes, titles, self.colors, size=POINT)
        self.linked.on_select(self._selected)
        self.linked.details.stylesheets = [design.THEME]
        rows = []
        for number, layer in enumerate(found.layers):
            row = [
                pn.Column(
                    pn.pane.HTML(f"<span class='muted'>Epoch {epoch}</span>", margin=(2, 10)),
                    pn.pane.Bokeh(self.linked.figures[f"e{epoch}l{number}"], sizing_mode="stretch_width"),
                    min_width=120,
                    max_width=LARGEST,
                    sizing_mode="stretch_width",
                )
                for epoch in epochs
            ]
            title = pn.pane.HTML(f"<h3>{escape(layer.title)}</h3>", margin=(8, 10, 0, 10))
            rows += [title, pn.Row(*row, sizing_mode="stretch_width")]
        self.charts.objects = rows
        self.details.objects = [pn.pane.Bokeh(self.linked.details, sizing_mode="stretch_width")]

    def _selected(self, rows: list[int]) -> None:
        assert self.reviews is not None
        examples = tuple(sorted(int(example) for example in self.reviews.examples[rows]))
        if examples != self.state.selection.examples:
            self.state.select(Selection(examples) if examples else NOTHING)


def first_choice(epochs: Sequence[int]) -> list[int]:
    """The first, the middle and the last epoch, as far as they differ."""
    return sorted({epochs[0], epochs[(len(epochs) - 1) // 2], epochs[-1]})


def charts_at(
    state: State,
    live: Live,
    found: Facts,
    reviews: Mapped,
    places: dict[tuple[int, str], LayerMap],
    epoch: int,
    look: Colors,
    prefix: str,
) -> list[Chart]:
    """One chart a layer of a run at one epoch, with the sentence in hand; keys are `prefix`l0, `prefix`l1, ..."""
    said = maps.predictions(state.source, found, reviews, epoch)
    painted = points.painted(state.color_by, reviews.frame, said, found, look)
    sentence = live.positions(found.run, state.text, [epoch])
    numbers = {name: number for number, name in enumerate(found.classes)}
    made = []
    for number, layer in enumerate(found.layers):
        layer_map = places[epoch, layer.name]
        to_chart = scale(layer_map, unit(places, epoch) if state.true_size else None)
        made.append(
            Chart(
                key=f"{prefix}l{number}",
                xy=to_chart.drawn(layer_map.xy),
                colors=painted.colors,
                hollow=said.predicted != reviews.frame["label"].to_numpy(),
                predicted=np.array([numbers[name] for name in said.predicted]),
                probability=said.probability,
                neighbors=layer_map.neighbors,
                distances=layer_map.distances,
                sentence=placed(sentence.get((epoch, layer.name)), to_chart),
            )
        )
    return made


def unit(places: dict[tuple[int, str], LayerMap], epoch: int) -> float:
    """What is drawn as 1 at true size: the largest typical radius of an epoch's maps."""
    return max(layer_map.radius for (at, _), layer_map in places.items() if at == epoch)


def trails(
    places: dict[tuple[int, str], LayerMap], layer: str, epochs: Sequence[int], rows: Sequence[int], true_size: bool
) -> tuple[np.ndarray, ...]:
    """For each of `rows` the places (E, 2) where a layer's charts drew it at `epochs`."""
    drawn = []
    for epoch in epochs:
        layer_map = places[epoch, layer]
        drawn.append(scale(layer_map, unit(places, epoch) if true_size else None).drawn(layer_map.xy[list(rows)]))
    return tuple(np.stack(drawn).transpose(1, 0, 2)) if drawn else ()

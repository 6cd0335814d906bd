"""The maps of two runs side by side, over the reviews that both have, linked."""

from dataclasses import replace
from html import escape

import panel as pn

from pipeline.errors import InputError
from pipeline.explain.align import Alignment
from viewer.data import comparison, maps, quality
from viewer.data.facts import Facts
from viewer.data.maps import LayerMaps, Mapped
from viewer.live import Live
from viewer.pages.charts import legend
from viewer.pages.drawn import charts_at
from viewer.pages.linking import Linking
from viewer.plots import points
from viewer.plots.maps import Chart
from viewer.plots.quality import BRIEFLY, badly_legend, briefly
from viewer.plots.runs import epoch_words
from viewer.state import State

POINT = 5  # pixels
MOST_COMPARED = 2_000  # reviews whose nearest are looked for now: they take under a second
AMONG_COMMON = "Neighbours are those among the reviews that both runs map: either run has other reviews as well."
NO_NEIGHBOURS = "Neighbours are not shown: the two runs map different reviews, so that each has neighbours of its own."


class RunPair(Linking):
    """A column of charts for each run, below each other in a narrow window; each run at the epoch in hand, or at its
    last where it has no such. `view` is what to show."""

    def __init__(self, state: State, live: Live) -> None:
        super().__init__(state, live)
        self.note = pn.pane.HTML("", sizing_mode="stretch_width")
        self.legend = pn.pane.HTML("", css_classes=["legend"], sizing_mode="stretch_width")
        self.charts = pn.FlexBox(css_classes=["pair"], gap="12px")
        self.details.css_classes = [*self.details.css_classes, "follows"]
        self.drawn = pn.FlexBox(self.charts, self.details, css_classes=["maps"], gap="12px 6px", visible=False)
        self.view = pn.Column(
            self.note,
            self.legend,
            self.drawn,
            sizing_mode="stretch_width",
        )

    def draw(self, one: Facts, other: Facts) -> None:
        """Show these two runs; InputError where they have no reviews in common, or a map is missing."""
        self.clear()
        if not comparison.same_corpus(one, other):
            raise InputError(comparison.nothing_common(one, other))
        other = replace(other, classes=one.classes, positive=one.positive)  # it may have them in another order
        ours, theirs = maps.mapped(self.state.source, one), maps.mapped(self.state.source, other)
        rows, other_rows = comparison.common_reviews(ours, theirs)
        if not len(rows):
            raise InputError(
                f"runs {one.run!r} and {other.run!r} map different {one.noun}s: none is on the maps of both"
            )
        epochs = {run.run: comparison.epoch_of(run, self.state.epoch) for run in (one, other)}
        at, other_at = epochs[one.run], epochs[other.run]
        places = maps.layer_maps(self.state.source, one, ours, [at])
        other_places = maps.layer_maps(self.state.source, other, theirs, [other_at])
        whole = len(rows) == len(ours) == len(theirs)  # then both are in one drawing order
        self.reviews = Mapped(ours.frame.iloc[rows].reset_index(drop=True))
        fits = {
            layer.name: comparison.turn(other_places[other_at, layer.name], other_rows, target, rows)
            for layer in other.layers
            if (target := places.get((at, layer.name))) is not None
        }
        charts = self._of_run(one, at, ours, places, "one", rows)
        charts += self._of_run(other, other_at, theirs, other_places, "other", other_rows, fits)
        note = "" if whole else AMONG_COMMON
        if not whole:
            try:
                charts = self._among_common(charts, one, other, epochs)
            except InputError:
                charts, note = [nearer(chart, 0) for chart in charts], NO_NEIGHBOURS
        fewest = min(chart.neighbors.shape[1] for chart in charts)
        believed = self._believed(one, at, places) | self._believed(other, other_at, other_places)
        self._build([nearer(chart, fewest) for chart in charts], one, other, epochs, note, believed)
        said = maps.predictions(self.state.source, one, ours, at)
        painted = points.painted(self.state.color_by, ours.frame, said, one, self.colors)
        unlike = [chart.sentence.unlike for chart in charts if chart.sentence is not None]
        self.legend.object = legend(
            painted, self.state.color_by != "right", any(unlike) if unlike else None, one.typed, one.noun
        )
        if self.state.badly_placed:
            self.legend.object += badly_legend(one.config.maps.listed_neighbors)
        self.note.object = (
            f"<p class='muted'>{len(rows):,} {one.noun}s are on the maps of both runs. The maps of "
            f"{escape(other.run)} are turned to lie on those of {escape(one.run)}.</p>{BRIEFLY}"
        )

    def _among_common(self, charts: list[Chart], one: Facts, other: Facts, epochs: dict[str, int]) -> list[Chart]:
        """The charts with the nearest of the common reviews; InputError where they cannot be found, or not so soon."""
        assert self.reviews is not None
        if not 1 < len(self.reviews) <= MOST_COMPARED:
            raise InputError(f"{len(self.reviews):,} {one.noun}s are on both maps")
        k = min(one.config.maps.listed_neighbors, other.config.maps.listed_neighbors, len(self.reviews) - 1)
        named = [(run, layer.name) for run in (one, other) for layer in run.layers]
        found = []
        for chart, (run, layer) in zip(charts, named, strict=True):
            near = comparison.nearest_common(self.state.source, run, epochs[run.run], layer, self.reviews.examples, k)
            found.append(replace(chart, neighbors=near[0], distances=near[1]))
        return found

    def _believed(self, run: Facts, epoch: int, places: LayerMaps) -> dict[tuple[str, str], str]:
        """{(run, layer): what is said below its map}."""
        known = quality.qualities(self.state.source, run, [epoch])
        return {
            (run.run, layer.name): briefly(known.get((epoch, layer.name)), places[epoch, layer.name].radius)
            for layer in run.layers
        }

    def clear(self) -> None:
        self.linked = self.reviews = None
        self.note.object = self.legend.object = ""
        self.charts.objects, self.details.objects = [], []
        self.drawn.visible = False  # else the room for the details stays

    def _of_run(
        self,
        found: Facts,
        epoch: int,
        reviews: Mapped,
        places: LayerMaps,
        prefix: str,
        rows: comparison.Ints,
        fits: dict[str, Alignment] | None = None,
    ) -> list[Chart]:
        """One run's charts of the common `rows`, turned by `fits`."""
        made = charts_at(self.state, self.live, found, reviews, places, epoch, self.colors, prefix)
        return [
            only(chart if fits is None or layer.name not in fits else turned(chart, fits[layer.name]), rows)
            for chart, layer in zip(made, found.layers, strict=True)
        ]

    def _build(
        self,
        charts: list[Chart],
        one: Facts,
        other: Facts,
        epochs: dict[str, int],
        note: str,
        believed: dict[tuple[str, str], str],
    ) -> None:
        named = [(run, layer) for run in (one, other) for layer in run.layers]
        titles = {chart.key: f"{layer.title}, run {run.run}" for chart, (run, layer) in zip(charts, named, strict=True)}
        linked = self.link(charts, one.classes, titles, size=POINT, note=note)
        for run in (one, other):
            made = [
                pn.Column(
                    pn.pane.HTML(f"<span class='muted'>{escape(layer.title)}</span>", margin=(2, 10)),
                    pn.Column(
                        pn.pane.Bokeh(linked.figures[chart.key], sizing_mode="stretch_width"),
                        margin=(0, 10),
                        sizing_mode="stretch_width",
                    ),
                    pn.pane.HTML(believed[run.run, layer.name], margin=(2, 10)),
                    css_classes=["pair-chart"],
                    sizing_mode="stretch_width",
                )
                for chart, (owner, layer) in zip(charts, named, strict=True)
                if owner is run
            ]
            head = pn.pane.HTML(f"<h3>{escape(run.run)}, {epoch_words(epochs[run.run], self.state.epoch)}</h3>")
            self.charts.append(
                pn.Column(head, pn.FlexBox(*made, css_classes=["pair-charts"]), css_classes=["pair-run"])
            )
        self.drawn.visible = True


def turned(chart: Chart, fit: Alignment) -> Chart:
    """A chart by the turn of its map: it is drawn around its own centre, so there is nothing to shift."""
    sentence = chart.sentence
    if sentence is not None:
        x, y = (sentence.x, sentence.y) @ fit.matrix
        sentence = replace(sentence, x=float(x), y=float(y))
    return replace(chart, xy=chart.xy @ fit.matrix, sentence=sentence)


def only(chart: Chart, rows: comparison.Ints) -> Chart:
    """The reviews `rows` of a chart. Neighbours keep their numbers among all, so of fewer none are asked for."""
    return replace(
        chart,
        near=chart.near if len(rows) == len(chart.xy) else None,
        xy=chart.xy[rows],
        colors=tuple(chart.colors[row] for row in rows),
        hollow=chart.hollow[rows],
        predicted=chart.predicted[rows],
        probability=chart.probability[rows],
        badly=None if chart.badly is None else chart.badly[rows],
        neighbors=chart.neighbors[rows],
        distances=chart.distances[rows],
    )


def nearer(chart: Chart, count: int) -> Chart:
    """The first `count` neighbours of each review: charts that are linked list equally many."""
    return replace(chart, neighbors=chart.neighbors[:, :count], distances=chart.distances[:, :count])

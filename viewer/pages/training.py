"""Training: a player over the epochs, the maps of several epochs linked, the curves and the most moving words."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any, ClassVar

import pandas as pd
import panel as pn
from bokeh.models import Span
from panel.io import unlocked

from pipeline.errors import InputError
from viewer.data import quality, training
from viewer.data.facts import Facts
from viewer.elsewhere import afterwards, elsewhere
from viewer.live import Live
from viewer.pages.charts import WATCHED, LayerCharts
from viewer.pages.drawn import trails
from viewer.pages.epochs import EpochGrid
from viewer.pages.faithfulness import FaithfulnessCard
from viewer.pages.page import Page
from viewer.pages.player import Player
from viewer.pages.quality import QualityCurves, badly_switch
from viewer.plots import training as plots
from viewer.plots.colors import colors
from viewer.plots.sideways import sideways
from viewer.state import State

MOST_TRAILS = 50  # more are a tangle
WIDE = {"flex": "1 1 420px", "min-width": "300px"}
TITLES = (
    "Epochs side by side",
    "Loss and accuracy",
    "The words that move the prediction most",
    "How faithful are the impacts?",
    "How well the maps of neighbouring epochs lie on one another",
    "What the layers hold, epoch by epoch",
)
HINT = (
    "Every point is a test example, the same in all maps. Maps of neighbouring epochs are turned to lie on one "
    "another, so nothing moves by turning alone. What moves still may be the network or the drawing: compare “map "
    "moved” with “network moved” below."
)
COUNTED = (
    "Mean impact{of} in percentage points of the words with at least {least} places in the explained reviews, at every "
    "explained epoch; the chart follows those of the last one. Point at a word for its places and its 95 % interval."
)
ALIGNED = (
    "How much of the next epoch's map cannot be got by turning, mirroring and scaling this one: 0 % is the same shape. "
    "From {poor} on the typical review jumps half of the map's radius or more and cannot be followed by eye. Then "
    "“layer” means that the layer's own vectors changed as much, “drawing” that they changed less than half as much."
)

MOVED = (
    " “Network moved” is 1 minus the CKA of the layer's vectors, in which the drawing has no part: at 0 % the layer "
    "sees the examples as it did an epoch before. Where the map moved and the network did not, believe the network."
)


class Training(Page):
    """The page of the epochs."""

    title: ClassVar[str] = "Training"
    watched: ClassVar[tuple[str, ...]] = (*WATCHED, "grid", "about", "trails")

    def __init__(self, state: State, live: Live) -> None:
        super().__init__(state, live)
        self.colors = colors(state.palette, state.theme)
        self.player = Player(state)
        self.row = LayerCharts(state, live)
        self.grid = EpochGrid(state, live)
        self.faithful = FaithfulnessCard(state)
        self.row.details.css_classes = ["card", "beside", "pointed"]
        self.believed = QualityCurves(state, self.colors)
        self._lines: list[Span] = []
        self._before: int | None = None
        # What draws the cards below the maps, in their order; each is drawn by itself, the first ones first.
        self._cards: list[Callable[[set[str]], None]] = [
            self.grid.refresh,
            self._draw_curves,
            self._draw_words_over_epochs,
            self._draw_faithfulness,
            self._draw_alignment,
            self._draw_belief,
        ]
        self._drawn = 0  # of the cards
        self._waiting = [pn.pane.HTML("<p class='muted'>Drawing …</p>") for _ in self._cards]
        self._coming = False

    def build(self) -> pn.viewable.Viewable:
        self.warning = pn.pane.HTML("", sizing_mode="stretch_width")
        self.trails = pn.widgets.Toggle(label="Trails of the selection", color="default")
        self.trails.param.watch(lambda event: setattr(self.state, "trails", event.new), "value")
        self.trailed = pn.pane.HTML("", align="center")
        self.loss, self.accuracy, self.words = (
            pn.pane.HoloViews(backend="bokeh", linked_axes=False, sizing_mode="stretch_width", styles=WIDE)
            for _ in range(3)
        )
        self.table, self.aligned = (pn.pane.HTML("", sizing_mode="stretch_width") for _ in range(2))
        contents = [
            self.grid.view,
            pn.FlexBox(self.loss, self.accuracy, gap="16px"),
            pn.Column(self.table, self.words, sizing_mode="stretch_width"),
            self.faithful.view,
            self.aligned,
            self.believed.view,
        ]
        return pn.Column(
            pn.pane.HTML(f"<p class='muted'>{HINT}</p>", sizing_mode="stretch_width"),
            self.player.view,
            self.warning,
            pn.FlexBox(self.trails, badly_switch(self.state), self.trailed, css_classes=["line"]),
            self.row.legend,
            pn.FlexBox(self.row.view, self.row.details, css_classes=["maps"], gap="12px 6px"),
            *[card(title, *parts) for title, *parts in zip(TITLES, self._waiting, contents, strict=True)],
            sizing_mode="stretch_width",
        )

    def hide(self) -> None:
        super().hide()
        self.player.stop()

    def redraw(self) -> None:
        for maps in (self.row, self.grid):
            maps.redraw()

    def refresh(self, changed: set[str]) -> None:
        """The player and the row of maps, and the cards that are there. A card is first drawn once what stands above it
        is in the browser."""
        self.player.refresh()
        self.trails.value = self.state.trails
        if "run" in changed:
            self._before = None
        parts: list[Callable[[], None]] = [lambda: self.row.refresh(changed)]
        if changed & {"run", "epoch"}:
            parts += [self._warn]
        if changed & {"run", "epoch", "selection", "true_size", "trails"}:
            parts += [self._draw_trails]
        parts += [partial(draw, changed) for draw in self._cards[: self._drawn]]
        try:
            each(parts)
        finally:
            self._mark(self.state.epoch)
            self._before = self.state.epoch
            if not self._coming:
                self._coming = True
                afterwards(self._draw_next)

    def _draw_next(self) -> None:
        """One more card, and so on until all are there."""
        draw, waiting = self._cards[self._drawn], self._waiting[self._drawn]
        self._drawn += 1
        said = self.state.notice
        try:
            self.state.guarded(lambda: draw({*self.watched}))
        finally:
            waiting.visible = False
            if said:  # the first reason is told
                self.state.notice = said
            self._mark(self.state.epoch)
            if self._drawn < len(self._cards):
                afterwards(self._draw_next)

    def _mark(self, epoch: int) -> None:
        """Move the line of the current epoch in all curves."""
        with unlocked():
            for line in [*self._lines, *self.believed.lines, *self.faithful.lines]:
                line.location = epoch

    def _warn(self) -> None:
        """Say which steps since the epoch shown before cannot be followed; on opening, the step to this epoch."""
        state = self.state
        pairs = training.alignment(state.source, state.facts)
        before = self._before if self._before is not None else state.epoch - 1
        low, high = sorted((before, state.epoch))
        steps = pairs[(pairs["epoch"] >= low) & (pairs["following"] <= high)]
        said = [training.warning(step) for _, step in steps.groupby("epoch")]
        self.warning.object = "".join(f"<p class='warning'>⚠ {text}</p>" for text in said if text)

    def _draw_trails(self) -> None:
        """The paths of the selected reviews to the epoch in hand, from where they can be followed."""
        state, row = self.state, self.row
        if row.linked is None or row.reviews is None:
            return
        rows = row.reviews.rows(state.selection.examples).tolist()
        shown = rows[:MOST_TRAILS] if state.trails else []
        places = training.every_map(state.source, state.facts, row.reviews) if shown else {}
        pairs = training.alignment(state.source, state.facts)
        columns: dict[str, Any] = {}
        for key, layer in zip(row.linked.keys, state.facts.layers, strict=True):
            epochs = training.followable(pairs, layer.name, state.facts.epochs, state.epoch)
            paths = trails(places, layer.name, epochs, shown, state.true_size) if shown else ()
            columns |= {f"xs_{key}": [path[:, 0] for path in paths], f"ys_{key}": [path[:, 1] for path in paths]}
        with unlocked():
            row.linked.draw_trails(columns)
        note = f"Select {state.facts.noun}s in a map to see their trails." if state.trails and not rows else ""
        if shown:
            note = "Each trail begins after the last step of its layer that cannot be followed."
        if len(rows) > len(shown) > 0:
            note += f" Drawn for {len(shown)} of the {len(rows)} selected {state.facts.noun}s."
        self.trailed.object = f"<span class='muted'>{note}</span>"

    def _draw_curves(self, changed: set[str]) -> None:
        if "run" not in changed:
            return
        state = self.state
        metrics = training.metrics(state.source, state.facts)
        self._lines = [plots.epoch_line(state.epoch, self.colors) for _ in range(2)]
        self.loss.object = plots.loss_curves(metrics, self.colors, self._lines[0])
        self.accuracy.object = plots.accuracy_curves(metrics, self.colors, self._lines[1])

    def _draw_faithfulness(self, changed: set[str]) -> None:
        if "run" in changed:
            self.faithful.draw(self.colors)
        elif "epoch" in changed:
            self.faithful.tell()

    def _draw_belief(self, changed: set[str]) -> None:
        if "run" in changed:
            self.believed.refresh()

    def _draw_alignment(self, changed: set[str]) -> None:
        if "run" not in changed:
            return
        pairs = training.alignment(self.state.source, self.state.facts)
        moved = quality.moved(quality.similarity(self.state.source, self.state.facts))
        explained = ALIGNED.format(poor=plots.percent(training.POOR)) + (MOVED if moved else "")
        self.aligned.object = f"<p class='muted'>{explained}</p>{plots.alignment_table(pairs, moved)}"

    def _draw_words_over_epochs(self, changed: set[str]) -> None:
        """Counting words over a whole corpus takes seconds the first time: the rest is shown before."""
        if not changed & {"run", "about"}:
            return
        if self.state.facts.channels:
            self.table.object, self.words.object = "<p class='empty'>This run reads numbers: it has no words.</p>", None
            return
        self.table.object, self.words.object = "<p class='muted'>Counting the words of all reviews …</p>", None
        found = self.state.facts
        elsewhere(partial(training.word_impacts, self.state.source, found), partial(self._draw_words, found))

    def _draw_words(self, found: Facts, impacts: pd.DataFrame | BaseException) -> None:
        """The table of all explained epochs, and the words of the last of them over the epochs."""
        state = self.state
        if found != state.facts:  # another run or class was chosen meanwhile
            return
        if isinstance(impacts, InputError):
            self.table.object = f"<p class='empty'>{escape(str(impacts))}</p>"
            return
        if isinstance(impacts, BaseException):
            raise impacts
        of = ""
        if state.facts.many:
            of = f" on the probability of {escape(state.facts.positive.upper())} (chosen in Words, More controls)"
        last = training.nearest_explained(state.facts, state.facts.last)
        explained = f"<p class='muted'>{COUNTED.format(of=of, least=training.LEAST_PLACES)}</p>"
        table = plots.moving_words_by_epoch(training.most_moving(impacts), self.colors)
        self.table.object = explained + sideways(table, "The most moving words of each epoch")
        followed = training.followed(impacts, last)
        self._lines = [*self._lines[:2], plots.epoch_line(state.epoch, self.colors)]
        self.words.object = plots.words_over_epochs(followed, self.colors, self._lines[2]) if len(followed) else None


def each(parts: Sequence[Callable[[], None]]) -> None:
    """Do all, each by itself: what one lacks does not take the others away; the first reason is told."""
    wrong = []
    for part in parts:
        try:
            part()
        except InputError as mistake:
            wrong.append(mistake)
    if wrong:
        raise wrong[0]


def card(title: str, *content: pn.viewable.Viewable) -> pn.Column:
    """A card with a title on the page."""
    head = pn.pane.HTML(f"<h2>{title}</h2>")
    return pn.Column(head, *content, css_classes=["card"], sizing_mode="stretch_width", margin=10)

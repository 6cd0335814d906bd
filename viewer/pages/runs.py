"""Runs: all runs of the store, how they differ, one sentence through all of them, two of them side by side."""

from html import escape
from typing import Any, ClassVar

import pandas as pd
import panel as pn

from pipeline.errors import InputError
from viewer.components.word_rows import Edit, WordRows
from viewer.data import comparison, examples, texts
from viewer.data.facts import Facts, facts
from viewer.data.reading import Reading
from viewer.live import Live
from viewer.pages.editing import open_in_words, take_edit
from viewer.pages.finder import Finder
from viewer.pages.page import Page
from viewer.pages.pair import RunPair
from viewer.pages.tables import numbered
from viewer.pages.training import WIDE, card
from viewer.plots import runs as plots
from viewer.plots import training
from viewer.plots.colors import colors
from viewer.plots.words import Counts, Style
from viewer.state import State

ANOTHER = (
    "<p class='empty'>There is one run to show. Make a second, for instance with a smaller network: "
    "<code>python -m pipeline name=mine model.hidden=32</code>. Then read the store again.</p>"
)
ROWS = 10  # of the table on one of its pages
WIDEST = 420  # pixels of a text in it


class Runs(Page):
    """The page that compares."""

    title: ClassVar[str] = "Runs"
    watched: ClassVar[tuple[str, ...]] = (
        "run", "epoch", "other_run", "text", "selection", "measure", "threshold", "each_row", "about", "color_by",
        "true_size", "badly_placed", "pinned",
    )  # fmt: skip

    def __init__(self, state: State, live: Live) -> None:
        super().__init__(state, live)
        self.colors = colors(state.palette, state.theme)
        self.pair = RunPair(state, live)
        self.whole: list[str] = []  # the runs that lack nothing
        self.readings: list[Reading] = []
        self.chosen = ""  # the run compared with
        self.apart_frame = pd.DataFrame({"example": []})  # the reviews they disagree on, as `comparison.disagreements`

    def build(self) -> pn.viewable.Viewable:
        state = self.state
        self.listing = pn.pane.HTML("", sizing_mode="stretch_width", styles={"overflow-x": "auto"})
        self.again = pn.widgets.Button(label="Read the store again", color="default")
        self.again.on_click(lambda _event: state.guarded(lambda: self.refresh({*self.watched})))
        self.differences = pn.pane.HTML("", sizing_mode="stretch_width", styles={"overflow-x": "auto"})
        self.accuracy, self.loss = (
            pn.pane.HoloViews(backend="bokeh", linked_axes=False, sizing_mode="stretch_width", styles=WIDE)
            for _ in range(2)
        )
        self.words = WordRows(
            empty="Type a sentence in Words to see how each run reads it.", sizing_mode="stretch_width"
        )
        self.words.on_edit(lambda edit: state.guarded(lambda: self.edit(edit)))
        self.words.on_row(lambda key: state.guarded(lambda: state.choose_run(key.removeprefix(plots.ROW))))
        self.unread = pn.pane.HTML("", sizing_mode="stretch_width")
        self.other = pn.widgets.Select(label="Compare with", options=[""], width=260)
        self.other.param.watch(self._chosen, "value")
        self.apart = pn.pane.HTML("", sizing_mode="stretch_width")
        self.disagreements = self._table()
        self.finder = Finder(state, self.open, "Open", "in the table")
        self.two = card(
            "Two runs side by side", self.other, self.apart, self.disagreements, self.finder.view, self.pair.view
        )
        return pn.Column(
            card("All runs", self.listing, self.again),
            card("What differs in their configs", self.differences),
            card("Their test scores over the epochs", pn.FlexBox(self.accuracy, self.loss, gap="16px")),
            card("What is in hand through all runs", pn.Column(self.words, self.unread, sizing_mode="stretch_width")),
            self.two,
            sizing_mode="stretch_width",
        )

    def redraw(self) -> None:
        self.pair.redraw()

    def refresh(self, changed: set[str]) -> None:
        if changed & {"run", "other_run"}:
            self._draw_all()
        if changed & {"run", "epoch", "text", "measure", "threshold", "each_row", "about"}:
            self._draw_words()
        if changed & {"run", "epoch", "other_run", "color_by", "true_size", "badly_placed", "text"}:
            self._draw_two(anew=bool(changed & {"run", "epoch", "other_run"}))
        self.pair.mark()

    def _draw_all(self) -> None:
        """What holds of all runs in the store; a broken one is named, and the others are shown."""
        source = self.state.source
        listing = comparison.listing(source)
        self.whole = listing["run"][listing["problem"] == ""].tolist()
        others = [name for name in self.whole if name != self.state.run]
        alike = comparison.comparable(source, self.state.facts, others)
        chosen = self.state.other_run if self.state.other_run in others else next(iter(alike), "")
        self.chosen = chosen
        options = [*alike, *(name for name in others if name not in alike)]
        self.other.param.update(options=options if chosen else ["", *options], value=chosen)
        self.two.visible = bool(others)
        self.listing.object = plots.listing_table(listing, self.state.run, chosen)
        if len(self.whole) < 2:
            self.listing.object += ANOTHER
        differences = comparison.differences(source, listing["run"].tolist())
        nothing = "<p class='empty'>Nothing to compare: no two configs that can be read differ.</p>"
        self.differences.object = nothing if differences.empty else plots.differences_table(differences)
        metrics = comparison.metrics(source, listing["run"].tolist())
        self.accuracy.object = training.run_curves(metrics, "accuracy", "test", "Test accuracy (% right)", self.colors)
        self.loss.object = training.run_curves(metrics, "loss", "test", "Test loss (nats)", self.colors)

    def _draw_words(self) -> None:
        """The sentence through every run that has its networks, at the epoch in hand or the run's last."""
        state = self.state
        readings: dict[str, Reading] = {}
        counts: dict[str, Counts] = {}
        unread = []
        for name in self.whole:
            try:
                found = facts(state.source, name)
                if found.channels != state.facts.channels:
                    continue  # words to one are nothing to the other
                reading = self.live.read(name, state.text, [comparison.epoch_of(found, state.epoch)])
                words = [reading.spelled(t) for t in range(1, len(reading.words) + 1)]
                counts[name] = {} if found.channels else texts.frequency(state.source, found, words)
                readings[name] = reading
            except InputError as mistake:
                unread.append(f"<p class='warning'>⚠ {escape(name)}: {escape(str(mistake))}</p>")
        self.readings = list(readings.values())
        style = Style(self.colors, state.measure, state.threshold, state.each_row, about=state.about)
        self.words.content = plots.run_rows(readings, state.epoch, style, counts) if readings else {}
        self.unread.object = "".join(unread)

    def edit(self, edit: Edit) -> None:
        """Read the sentence without a word, or with another in its place, here; compare both in Words."""
        take_edit(self.state, self.readings[edit.text], edit)

    def _draw_two(self, anew: bool) -> None:
        """Maps and disagreements of the run in hand and the other; `anew`: not only the maps."""
        if anew:
            self.apart.object, self.disagreements.visible, self.finder.view.visible = "", False, False
        if not self.other.value:
            self.pair.clear()
            self.apart.object = plots.none_alike(self.state.run, self.state.facts.config.corpus.source)
            return
        try:
            one, other = self.state.facts, facts(self.state.source, self.other.value)
            if anew:
                self._draw_disagreements(one, other)
        except InputError as mistake:
            self.pair.clear()
            self.apart.object = told(mistake)
            return
        try:
            self.pair.draw(one, other)
        except InputError as mistake:
            self.pair.clear()
            self.pair.note.object = told(mistake)

    def _draw_disagreements(self, one: Facts, other: Facts) -> None:
        epochs = comparison.epoch_of(one, self.state.epoch), comparison.epoch_of(other, self.state.epoch)
        found = comparison.disagreements(self.state.source, one, other, epochs)
        self.apart.object = plots.disagreement_words(found, one.run, other.run, epochs, one.noun)
        self.apart_frame = frame = found.frame
        value, titles = numbered(readable(frame, one, other))
        widths = {value.columns[-1]: WIDEST}
        self.disagreements.param.update(value=value, titles=titles, widths=widths, visible=not frame.empty)
        self.finder.offer(frame)
        self.finder.view.visible = not frame.empty

    def _table(self) -> pn.widgets.Tabulator:
        table = pn.widgets.Tabulator(
            pd.DataFrame(), show_index=False, disabled=True, pagination="remote", page_size=ROWS, visible=False,
            sizing_mode="stretch_width", selectable=False,
        )  # fmt: skip
        table.on_click(lambda event: self.state.guarded(lambda: self.open_row(event.row)))
        return table

    def open_row(self, row: int) -> None:
        """Open the review of a row of the table."""
        self.open(int(self.apart_frame["example"].iloc[row]))

    def open(self, example: int) -> None:
        """Put a review in hand, and show it in Words."""
        self.finder.clear()
        open_in_words(self.state, examples.original(self.state.source, self.state.facts, example)[0], example)

    def _chosen(self, event: Any) -> None:
        if event.new != self.chosen:  # by a person: the page's own choice is no step for the address
            self.state.other_run = event.new


def told(mistake: InputError) -> str:
    """What is wrong, as a sentence on the page."""
    text = str(mistake)
    return f"<p class='empty'>{escape(text[:1].upper() + text[1:])}.</p>"


def readable(frame: pd.DataFrame, one: Facts, other: Facts) -> pd.DataFrame:
    """The disagreements under the names that a page shows, the text last."""
    of = "its probability" if one.many else f"probability of {one.positive.upper()}"
    names = {
        "one_predicted": f"{one.run} says",
        "one_probability": f"{one.run}: {of}",
        "other_predicted": f"{other.run} says",
        "other_probability": f"{other.run}: {of}",
        "label": "true label",
        "snippet": "text",
    }
    shown = frame.drop(columns="example").rename(columns=names)
    for name in (names["one_probability"], names["other_probability"]):
        shown[name] = shown[name].round(3)
    for name in (names["label"], names["one_predicted"], names["other_predicted"]):
        shown[name] = shown[name].str.upper()
    return shown

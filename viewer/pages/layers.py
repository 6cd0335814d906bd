"""Layers: a map of every layer at the epoch in hand, the review pointed at, and what is selected."""

from dataclasses import replace
from typing import ClassVar

import panel as pn

from pipeline.errors import InputError
from viewer.components.word_rows import WordRows
from viewer.data import examples, texts
from viewer.data.reading import Reading
from viewer.live import Live
from viewer.pages.charts import WATCHED, LayerCharts
from viewer.pages.editing import open_in_words, take_edit
from viewer.pages.finder import Finder
from viewer.pages.page import Page
from viewer.pages.quality import badly_switch
from viewer.pages.selection import SelectionCard
from viewer.plots import points
from viewer.plots.words import Style, checkpoint_rows
from viewer.state import State

HINT = (
    "Every point is a test {noun}; {noun}s that a layer treats alike lie near each other. Drag to select in all maps "
    "at once (shift adds, alt takes away, Esc clears). The directions of a map mean nothing."
)


WORDING = ("measure", "threshold", "about")  # what the words of the review that was clicked depend on as well


class Layers(Page):
    """The linked maps in large."""

    title: ClassVar[str] = "Layers"
    watched: ClassVar[tuple[str, ...]] = (*WATCHED, "asked", *WORDING)

    def __init__(self, state: State, live: Live) -> None:
        super().__init__(state, live)
        self.charts = LayerCharts(state, live, with_tools=True)
        self.charts.details.css_classes = ["card", "beside", "pointed"]
        self.selected = SelectionCard(state)

    def build(self) -> pn.viewable.Viewable:
        state = self.state
        self.hint = pn.pane.HTML("", sizing_mode="stretch_width")
        self.color = pn.widgets.Select(label="Colour of the points", width=180)
        self.color.param.watch(lambda event: setattr(state, "color_by", event.new), "value")
        self.size = pn.widgets.Toggle(label="True size", value=state.true_size)
        self.size.param.watch(lambda event: setattr(state, "true_size", event.new), "value")
        self.finder = Finder(state, self.pin)
        self.words = pn.Column(css_classes=["card"], sizing_mode="stretch_width", margin=(12, 10, 0, 10), visible=False)
        return pn.Column(
            self.hint,
            pn.FlexBox(
                self.color,
                self.size,
                badly_switch(state),
                self.charts.tools(),
                self.finder.view,
                css_classes=["line"],
                align_items="flex-end",
            ),
            self.charts.legend,
            pn.FlexBox(self.charts.view, self.charts.details, css_classes=["maps"], gap="12px 6px"),
            self.words,
            self.selected.view,
            sizing_mode="stretch_width",
        )

    def redraw(self) -> None:
        self.charts.redraw()

    def refresh(self, changed: set[str]) -> None:
        if "asked" in changed:
            self.selected.wait()
        if changed & {*WATCHED}:
            self._draw(changed)
        if changed & {"run", "epoch", "pinned", *WORDING}:
            self._show_words()

    def _draw(self, changed: set[str]) -> None:
        """The maps, the choices above them, and the selection."""
        if "run" in changed:
            self.words.visible = False  # of another run
            self.finder.clear()
        self.charts.refresh(changed)
        assert self.charts.reviews is not None
        frame = self.charts.reviews.frame
        choices = points.choices(frame, self.state.facts.element)
        by = self.state.color_by if self.state.color_by in choices else "predicted"
        self.color.param.update(options={words: name for name, words in choices.items()}, value=by)
        self.finder.offer(frame, self.charts.reviews.many)
        noun = self.state.facts.noun
        self.hint.object = f"<p class='muted'>{HINT.format(noun=noun)}</p>"
        self.size.value = self.state.true_size
        if changed & {"run", "epoch", "selection"}:
            self.selected.refresh()

    def pin(self, example: int | None) -> None:
        """Keep a review: marked on the maps of all pages, its words below them; None: no longer."""
        self.state.pinned = example

    def _read(self, example: int, epoch: int) -> Reading:
        """A review with its stored impacts; where they are not stored, as the network reads it now."""
        state, found = self.state, self.state.facts
        try:
            return examples.stored(state.source, found, example, [epoch])
        except InputError:
            text, label = examples.original(state.source, found, example)
            return replace(self.live.read(state.run, text, [epoch]), label=label, example=example)

    def _show_words(self) -> None:
        """The words of the review that was clicked, if one was, at the epoch in hand."""
        state, found = self.state, self.state.facts
        example, epoch = state.pinned, state.epoch
        if example is None:
            self.words.visible = False
            self.finder.clear()
            return
        reading = self._read(example, epoch)
        style = Style(self.charts.colors, state.measure, state.threshold, about=state.about)
        counts = texts.frequency(state.source, found, [reading.spelled(i + 1) for i in range(len(reading.words))])
        rows = WordRows(content=checkpoint_rows(reading, [epoch], epoch, style, counts), sizing_mode="stretch_width")
        rows.on_edit(lambda edit: state.guarded(lambda: take_edit(state, reading, edit)))
        rows.on_row(lambda _key: state.take_text(reading.text, example))
        inspect = pn.widgets.Button(label="Open in Words", color="default")
        inspect.on_click(lambda _event: open_in_words(state, reading.text, example))
        unpin = pn.widgets.Button(label="Unpin", color="light")
        unpin.on_click(lambda _event: self.pin(None))
        self.words.objects = [pn.Row(pn.pane.HTML(f"<h2>The {found.noun} you clicked</h2>"), inspect, unpin), rows]
        self.words.visible = True

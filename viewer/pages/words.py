"""Words: what each word of a text did to the prediction, at every checkpoint, in many texts, or beside another text."""

from collections.abc import Sequence
from html import escape
from itertools import count
from typing import Any, ClassVar

import panel as pn
from panel.io import unlocked

from pipeline.errors import InputError
from viewer.components.word_rows import Edit, WordRows
from viewer.data.reading import Reading
from viewer.live import Live
from viewer.pages.editing import compare, edited
from viewer.pages.folded import folded
from viewer.pages.in_hand import InHand
from viewer.pages.listing import Listing
from viewer.pages.page import Page
from viewer.pages.sequence import SequenceInput
from viewer.plots import curves, words
from viewer.plots.colors import colors
from viewer.plots.pieces import aligned
from viewer.plots.words import Style
from viewer.state import State

LONGEST_TEXT = 500_000  # characters of a typed text
NUMBERS = count()  # of charts made
VIEWS = {
    "One {text}, every checkpoint": "checkpoints",
    "Many {text}s, one checkpoint": "texts",
    "Two {text}s": "compare",
}
TOWARDS = "the class a word pulls towards most"
WHERE = {
    "checkpoints": "There is no word to show. Type a sentence above and press Enter, or draw one at random.",
    "steps": "There is no step to show. Give a file above, or draw a sequence at random.",
    "second": "Put a second sequence beside this one: press Compare with this one, or click a step.",
    "compare": "Type two texts above to compare them. Or click a word of any text: Compare with and without.",
    "selection": "Nothing is selected. Select reviews on the maps of the page Layers, or show those of a filter.",
    "broken": "This text cannot be shown: what is wrong stands at the top of the page.",
    "filter": "No text passes these filters. Take one of them away.",
}


class Words(Page):
    """The page. `aside` is a slot at the right of the words, hidden while it holds nothing."""

    title: ClassVar[str] = "Words"
    watched: ClassVar[tuple[str, ...]] = (
        "run", "epoch", "text", "example", "second", "selection", "view", "measure", "threshold", "each_row", "about",
        "checkpoints", "left_out", "texts", "palette", "theme",
    )  # fmt: skip

    def __init__(self, state: State, live: Live) -> None:
        super().__init__(state, live)
        self.rows = WordRows(sizing_mode="stretch_width")
        self.chart = curves.ProbabilityChart(colors(state.palette, state.theme), f"cursor-{next(NUMBERS)}")
        self.rows.cursor = self.chart.cursor
        # In a column, as the pane's own `visible` does not come back from False.
        pane = pn.pane.Bokeh(self.chart.figure, sizing_mode="stretch_width")
        self.curve = pn.Column(pane, css_classes=["curve"], sizing_mode="stretch_width")
        self.sequence = SequenceInput(state)
        self.aside = pn.Column(styles={"flex": "1 1 300px", "min-width": "0"}, margin=(8, 10), visible=False)
        self.readings = InHand(state, live)
        self.listing = Listing(state, self.readings, self._show_many)
        self.shown: Sequence[Reading] = []  # by number of the text in the rows

    # ---- widgets

    def build(self) -> pn.viewable.Viewable:
        self._make_widgets()
        self._connect()
        card = {"css_classes": ["card"], "sizing_mode": "stretch_width", "margin": (8, 10)}
        main = pn.Column(self.notes, self.rows, self.curve, **card, styles={"flex": "3 1 560px", "min-width": "0"})
        return pn.Column(
            pn.FlexBox(
                self.text, self.explain, self.sequence.bar, self.listing.draw, self.listing.pick,
                align_items="flex-end", gap="6px", flex_wrap="wrap", sizing_mode="stretch_width",
            ),
            pn.FlexBox(self.second, sizing_mode="stretch_width"),
            self.sequence.cells,
            pn.FlexBox(
                self.view, self.left_out, self.more, self.listing.source, self.listing.picker.pager,
                align_items="flex-end", gap="6px 14px", sizing_mode="stretch_width",
            ),
            self.drawer,
            self.listing.finder,
            pn.FlexBox(main, self.aside, gap="16px", align_items="flex-start", sizing_mode="stretch_width"),
            sizing_mode="stretch_width",
        )  # fmt: skip

    def _make_widgets(self) -> None:
        wide: dict[str, Any] = {"styles": {"flex": "1 1 300px"}, "min_width": 200, "max_length": LONGEST_TEXT}
        self.text = pn.widgets.TextInput(label="Sentence", placeholder="Type a sentence and press Enter", **wide)
        self.second = pn.widgets.TextInput(label="Second sentence", placeholder="Type the sentence to compare", **wide)
        self.explain = pn.widgets.Button(label="Explain", color="primary")
        self.view = pn.widgets.RadioButtonGroup(options=named("text"), color="default")
        self.more = pn.widgets.Toggle(label="More controls")
        self.left_out = pn.widgets.Toggle(label="Compare with leave-one-out", color="default")
        self.measure = pn.widgets.RadioButtonGroup(options=["probability", "log-odds"], color="default")
        self.threshold = pn.widgets.FloatSlider(
            label="Grey up to this share of a text's largest", start=0, end=1, step=0.01
        )
        self.about = pn.widgets.Select(label="A word's colour says", options={TOWARDS: ""}, width=250)
        self.each_row = pn.widgets.Checkbox(label="Every row on a scale of its own")
        self.checkpoints = pn.widgets.CheckButtonGroup(color="default")
        drawer = pn.FlexBox(
            labelled("Impact measured in", self.measure), self.about, self.threshold, self.each_row,
            labelled("Checkpoints shown (none chosen: all)", self.checkpoints),
            gap="10px 22px", align_items="flex-end", css_classes=["card"], sizing_mode="stretch_width", margin=(8, 10),
        )  # fmt: skip
        self.drawer = folded(drawer)
        self.notes = pn.pane.HTML("", css_classes=["notes"], visible=False, sizing_mode="stretch_width")

    def _connect(self) -> None:
        """What the widgets do to the state."""
        state, guarded = self.state, self.state.guarded
        self.text.param.watch(lambda event: self._typed(event.new), "value")
        self.second.param.watch(lambda event: setattr(state, "second", event.new), "value")
        self.explain.on_click(lambda _event: self._typed(self.text.value))
        self.more.param.watch(lambda event: setattr(self.drawer, "visible", event.new), "value")
        self.view.param.watch(lambda event: setattr(state, "view", event.new), "value")
        self.measure.param.watch(lambda event: setattr(state, "measure", event.new), "value")
        self.threshold.param.watch(lambda event: setattr(state, "threshold", event.new), "value_throttled")
        self.about.param.watch(lambda event: setattr(state, "about", event.new or ""), "value")
        self.each_row.param.watch(lambda event: setattr(state, "each_row", event.new), "value")
        self.left_out.param.watch(lambda event: setattr(state, "left_out", event.new), "value")
        self.checkpoints.param.watch(lambda event: setattr(state, "checkpoints", sorted(event.new)), "value")
        self.rows.on_edit(lambda edit: guarded(lambda: self._edit(edit)))
        self.rows.on_row(lambda key: guarded(lambda: self._row(key)))
        self.aside.param.watch(lambda event: setattr(self.aside, "visible", bool(event.new)), "objects")

    # ---- what people do

    def _typed(self, text: str) -> None:
        if text != self.state.text:
            self.state.take_text(text)

    def _edit(self, edit: Edit) -> None:
        """A word was to be left out, replaced, or compared with its absence."""
        reading = self.shown[edit.text]
        changed = edited(reading, edit)
        if edit.action == "compare":
            compare(self.state, reading, changed)
        elif self.state.view == "compare" and edit.text == 1:
            self.state.second = changed
        else:
            view = "checkpoints" if self.state.view == "texts" else self.state.view
            self.state.param.update(text=changed, example=None, view=view)

    def _row(self, key: str) -> None:
        """The head of a row was clicked: its epoch, or its text, comes in hand."""
        kind, _, number = key.partition("-")
        if kind == "epoch":
            self.state.epoch = int(number.partition("-")[0])
        elif kind == "example":
            self.listing.take(int(number))
        else:
            self.listing.take(self.shown[int(number)].text)

    # ---- what is shown

    def refresh(self, changed: set[str]) -> None:
        state = self.state
        if "run" in changed:
            self.listing.offer()
            self.checkpoints.options = list(state.facts.epochs)
            self._offer()
        if changed & {"run", "texts"} and state.texts != self.listing.text:
            self.listing.follow()
        elif changed == {"texts"}:  # the page's own choice
            return
        if state.facts.channels:
            self.sequence.refresh()
        else:
            self.text.value, self.second.value = state.text, state.second
        self.view.value, self.measure.value, self.threshold.value = state.view, state.measure, state.threshold
        self.about.value, self.left_out.value = state.about, state.left_out
        self.each_row.value, self.checkpoints.value = state.each_row, list(state.checkpoints)
        self._lay_out()
        show = {"texts": self._show_many, "compare": self._show_compared}.get(state.view, self._show_checkpoints)
        try:
            show()
        except InputError:
            self._say(())
            self._show({}, [], "broken")  # not the words of what was in hand before
            raise

    def _offer(self) -> None:
        """What this run has: words to type or numbers to give; more than two classes to choose one of, as green and red
        say both of two."""
        facts = self.state.facts
        numbers = facts.channels > 0
        self.text.visible = self.explain.visible = not numbers
        self.sequence.bar.visible = numbers
        self.sequence.cells.visible = numbers and self.sequence.edit.value
        self.view.options = named("sequence" if numbers else "text")
        impacts = {f"impact on {name.upper()}": name for name in facts.classes} if facts.many else {}
        self.about.param.update(options={TOWARDS: ""} | impacts, value=self.state.about, visible=facts.many)

    def _lay_out(self) -> None:
        """Which widgets the kind of view needs."""
        self.second.visible = self.state.view == "compare" and not self.state.facts.channels
        self.left_out.visible = self.state.view == "checkpoints"
        self.listing.lay_out()

    @property
    def style(self) -> Style:
        state = self.state
        return Style(
            colors(state.palette, state.theme), state.measure, state.threshold, state.each_row, about=state.about
        )

    def _show_checkpoints(self) -> None:
        style, epoch = self.style, self.state.epoch
        reading = self.readings.one()
        self._say(reading.notes)
        if not reading.words:
            self._show({}, [], "checkpoints" if reading.steps is None else "steps")
            return
        counts, left_out = self.readings.counts([reading]), self.readings.left_out(reading)
        self._show(words.checkpoint_rows(reading, reading.epochs, epoch, style, counts, left_out), [reading])
        asked = reading.asked(style.about, epoch)
        lines = curves.checkpoint_curves(reading, reading.epochs, epoch, style.colors, asked)
        self._draw_curves(lines, asked, reading, [reading.spelled(t) for t in range(1, len(reading.words) + 1)])

    def _show_compared(self) -> None:
        style, epoch = self.style, self.state.epoch
        first, second = both = self.readings.two()
        self._say(list(dict.fromkeys((*first.notes, *second.notes))) if self.state.second.strip() else ())
        if not (first.words and second.words):
            self._show({}, [], "compare" if first.steps is None else "second")
            return
        counts = self.readings.counts(both)
        self._show(words.compared_rows(first, second, first.epochs, epoch, style, counts), both)
        slots = aligned(first, second)
        asked = first.asked(style.about, epoch)
        lines = curves.compared_curves(first, second, slots, epoch, style.colors, asked)
        self._draw_curves(lines, asked, first, slots.named(first, second), aligned=True)

    def _show_many(self) -> None:
        """A page of the selection, or of what the filters find."""
        readings = self.listing.page()
        self._say(())
        if not readings:
            self._show({}, [], self.listing.source.value)
            return
        counts = self.readings.counts(readings)
        self._show(words.text_rows(readings, self.state.epoch, self.style, counts), readings)

    def _draw_curves(
        self,
        lines: Sequence[curves.Curve],
        asked: str,
        reading: Reading,
        spelled: Sequence[str],
        aligned: bool = False,
    ) -> None:
        with unlocked():
            self.chart.draw(lines, asked, spelled, len(reading.classes), reading.element, aligned)

    def _show(self, content: words.Json, readings: Sequence[Reading], empty: str = "") -> None:
        self.shown = readings
        self.curve.visible = bool(readings) and self.state.view != "texts"
        self.rows.param.update(content=content, position=0, empty=WHERE.get(empty, ""))

    def _say(self, notes: Sequence[str]) -> None:
        said = " ".join(notes)
        self.notes.param.update(object=f"<p class='warning'>{escape(said)}</p>", visible=bool(said))


def named(text: str) -> dict[str, str]:
    """The kinds of view under names that say what is looked at."""
    return {words.format(text=text): kind for words, kind in VIEWS.items()}


def labelled(title: str, widget: pn.viewable.Viewable) -> pn.Column:
    """A widget that has no label of its own, under one."""
    return pn.Column(pn.pane.HTML(f"<label>{title}</label>"), widget)

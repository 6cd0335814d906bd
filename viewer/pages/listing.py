"""The texts listed on Words: of a filter or of the selection, a page at a time; one to click, or drawn at random."""

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn

from pipeline.errors import InputError
from viewer.data.reading import Reading
from viewer.design import hint
from viewer.pages.folded import folded
from viewer.pages.in_hand import InHand
from viewer.pages.picker import Picker
from viewer.state import State

SOURCES = {"the selection on the maps": "selection", "a filter": "filter"}
BY_SELECTION = "by=selection"  # begins the state's `texts` where they are those selected
NOTHING_DRAWN = "no {what} passes the filters; take one of them away under {where}"


class Listing:
    """Widgets over the state: `draw`, `pick` and `source` choose, `picker.pager` turns the pages, `finder` holds the
    filters and the list to click. `show` is called when other texts are to be shown together as rows."""

    def __init__(self, state: State, readings: InHand, show: Callable[[], None]) -> None:
        self.state, self.readings = state, readings
        self._show = show
        self._taking = False
        self.picker = Picker(state)
        self.draw = pn.widgets.Button(
            label="Draw at random", description=hint("One of the texts that pass the filters")
        )
        self.pick = pn.widgets.Toggle(label="Pick a review …")
        self.source = pn.widgets.Select(label="Texts from", options=SOURCES, value="filter", width=210)
        # A list that may hold no choice: Panel's Select would take the first line for chosen.
        self.results = pn.widgets.MultiSelect(
            label="Click one to explain it", size=8, sizing_mode="stretch_width", options={}, css_classes=["results"]
        )
        self.finder = folded(
            pn.Column(self.picker.view, self.results, css_classes=["card"], sizing_mode="stretch_width", margin=(8, 10))
        )
        self._connect()

    def _connect(self) -> None:
        self.draw.on_click(lambda _event: self._afresh(self._draw))
        self.pick.param.watch(lambda _event: self._afresh(self._find), "value")
        self.source.param.watch(self._source_changed, "value")
        self.results.param.watch(lambda event: self.state.guarded(lambda: self._picked(event.new)), "value")
        self.picker.on_change(lambda: self._afresh(self._find))

    def _afresh(self, act: Callable[[], None]) -> None:
        """Do what the filters concern: they are not in the state, so what was wrong with them goes away here."""
        self.state.notice = ""
        self.state.guarded(act)

    # ---- what the page asks of it

    def offer(self) -> None:
        """Offer what the run in hand has."""
        self.picker.offer()
        numbers = self.state.facts.channels > 0
        self.source.label = "Sequences from" if numbers else "Texts from"
        self.pick.label = "Pick a sequence …" if numbers else "Pick a review …"

    def take(self, key: int | str) -> None:
        """Put a text in hand: a stored review by its number, or a sentence by its words."""
        state = self.state
        text, example = (key, None) if isinstance(key, str) else (self.readings.text_of(key), key)
        view = "checkpoints" if state.view == "texts" else state.view
        state.param.update(text=text, example=example, view=view)

    @property
    def text(self) -> str:
        """Which texts are listed, for the state."""
        chosen = BY_SELECTION if self.source.value == "selection" else ""
        return "&".join(filter(None, (chosen, self.picker.text)))

    def follow(self) -> None:
        """Set the filters to what the state says: of a link, or of a step back."""
        self._taking = True
        self.source.value = "selection" if self.state.texts.startswith(BY_SELECTION) else "filter"
        self._taking = False
        self.picker.take(self.state.texts)
        if self.pick.value:
            self._list()

    def lay_out(self) -> None:
        """Show the widgets that the kind of view needs, and mark what is in hand in the list."""
        many = self.state.view == "texts"
        self.source.visible = many
        self.picker.pager.visible = many or self.pick.value
        filtering = many and self.source.value == "filter"
        self.finder.visible = self.pick.value or filtering
        self.results.visible = not filtering
        self.results.value = self._marked(self.results.options.values())

    def page(self) -> list[Reading]:
        """The texts to be shown together; of a link that is past the end, made where there were more, the first."""
        found = self._page()
        if not found and self.picker.offset:
            self.picker.offset = 0
            found = self._page()
        return found

    # ---- what people do

    def _page(self) -> list[Reading]:
        selected = self.source.value == "selection"
        return self.readings.selected(self.picker) if selected else self.readings.found(self.picker)

    def _draw(self) -> None:
        drawn = self.picker.draw()
        if drawn is None:
            what = self.state.facts.noun if self.picker.corpus.value == "reviews" else "sentence"
            raise InputError(NOTHING_DRAWN.format(what=what, where=self.pick.label.removesuffix(" …")))
        self.take(drawn)

    def _picked(self, chosen: Sequence[Any]) -> None:
        """Lines of the list were clicked: reviews' numbers, or texts of sentences; the last new one counts."""
        fresh = [key for key in chosen if key != self._in_hand]
        if fresh:
            self.take(fresh[-1] if isinstance(fresh[-1], str) else int(fresh[-1]))

    def _source_changed(self, _event: Any) -> None:
        if not self._taking:
            self.picker.offset = 0
            self._afresh(self._find)

    def _find(self) -> None:
        """Show what the filters find, as a list to click or as the rows themselves; the address follows."""
        self._list()
        self.state.texts = self.text

    def _list(self) -> None:
        self.lay_out()
        if self.state.view == "texts":
            self._show()
        elif self.pick.value:
            found = self.picker.find()
            labels = found["label"].str.upper() + "  ·  " + found["snippet"]
            keys = found["text"] if "text" in found else found["example"].map(int)
            numbered = (f"{n}.  {label}" for n, label in enumerate(labels, self.picker.offset + 1))
            options = dict(zip(numbered, keys, strict=True))
            self.results.param.update(options=options, value=self._marked(keys))

    def _marked(self, keys: Any) -> list[Any]:
        return [key for key in keys if key == self._in_hand]

    @property
    def _in_hand(self) -> int | str:
        """The key under which the list would hold what is in hand."""
        found: int | str = self.state.text if self.state.example is None else self.state.example
        return found

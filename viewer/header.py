"""What stands above every page: the run, the epoch, the sentence in hand, the selection; and the ways to the pages."""

from html import escape
from typing import Any

import panel as pn

from viewer.data.selections import NOTHING
from viewer.data.steps import described, lines
from viewer.design import hint
from viewer.state import PALETTES, State

SHOWN = 60  # characters of the sentence in hand


class Header:
    """The header of one session, over its state; `view` is what to show."""

    def __init__(self, state: State, pages: dict[str, str]) -> None:
        """pages: {title: name}."""
        self.state = state
        self.run = pn.widgets.Select(label="Run", options=state.source.runs(), width=150)
        self.epoch = pn.widgets.DiscreteSlider(label="Epoch", options=[0], width=190)
        self.back = pn.widgets.Button(label="◂", description=hint("One epoch back"), width=34, align="end")
        self.forth = pn.widgets.Button(label="▸", description=hint("One epoch on"), width=34, align="end")
        self.sentence = pn.pane.HTML("", css_classes=["grow"])
        self.selection = pn.pane.HTML("")
        self.clear = pn.widgets.Button(
            label="Clear", description=hint("Select nothing (Esc)"), align="end", tags=["clear"]
        )
        self.undo = pn.widgets.Button(label="Undo", description=hint("The selection before"), align="end")
        palettes = {words: name for name, words in PALETTES.items()}
        self.palette = pn.widgets.Select(label="Colours", options=palettes, width=175, css_classes=["colours"])
        dark = state.theme == "dark"
        self.theme = pn.widgets.Button(
            label="☀ Light" if dark else "☾ Dark", description=hint("Change the theme"), align="end"
        )
        self.notice = pn.pane.HTML("", visible=False, sizing_mode="stretch_width")
        self.ways = pn.widgets.RadioButtonGroup(options=pages, color="default", css_classes=["ways"])
        self.view = pn.Column(
            pn.FlexBox(
                pn.pane.HTML("<b class='brand'>Unrolled</b>", align="center"),
                self.ways,
                pn.Row(self.palette, self.theme, css_classes=["to-the-right"]),
                css_classes=["line"],
                align_items="flex-end",
            ),
            pn.FlexBox(
                self.run,
                pn.Row(self.back, self.epoch, self.forth),
                self.sentence,
                pn.Row(self.selection, self.clear, self.undo),
                css_classes=["line"],
                align_items="flex-end",
            ),
            self.notice,
            sizing_mode="stretch_width",
        )
        self._connect()
        self._show()
        state.param.watch(self._show, ["page", "run", "epoch", "text", "selection", "asked", "palette", "notice"])

    def _connect(self) -> None:
        """What the widgets do to the state."""
        state = self.state
        self.ways.param.watch(lambda event: setattr(state, "page", event.new), "value")
        self.run.param.watch(lambda event: state.guarded(lambda: state.choose_run(event.new)), "value")
        self.epoch.param.watch(lambda event: setattr(state, "epoch", event.new), "value_throttled")
        self.back.on_click(lambda _event: self._step(-1))
        self.forth.on_click(lambda _event: self._step(1))
        self.clear.on_click(lambda _event: state.select(NOTHING))
        self.undo.on_click(lambda _event: state.undo())
        self.palette.param.watch(lambda event: setattr(state, "palette", event.new), "value")
        self.theme.on_click(lambda _event: setattr(state, "theme", "light" if state.theme == "dark" else "dark"))

    def _step(self, by: int) -> None:
        epochs = self.state.facts.epochs
        place = epochs.index(self.state.epoch) + by
        if 0 <= place < len(epochs):
            self.state.epoch = epochs[place]

    def _runs(self) -> list[str]:
        """All runs, and the one in hand even if its folder has been taken away meanwhile."""
        found = self.state.source.runs()
        return found if self.state.run in found else [*found, self.state.run]

    def _how(self) -> str:
        """How the selection was made, if it was by a condition or a name of this run."""
        chosen = self.state.selection
        how = chosen.name or chosen.condition
        return f" · {how}" if how and chosen.run == self.state.run else ""

    def _show(self, *_events: Any) -> None:
        """What the state says, in the widgets."""
        state = self.state
        found = state.facts
        self.ways.value = state.page
        self.run.param.update(options=self._runs(), value=state.run)
        self.epoch.param.update(options=list(found.epochs), value=state.epoch)
        self.sentence.object = in_hand(state.text, found.channels)
        count = len(state.selection.examples)
        selected = f"{f'{count:,}' if count else 'none'} of {found.mapped:,}{self._how() if count else ''}"
        self.selection.object = labelled("Selection", "Selecting …" if state.asked is not None else selected)
        self.clear.disabled = not count and state.asked is None
        self.undo.disabled = not state.can_undo
        self.palette.value = state.palette
        said = f"<div class='notice' role='alert'>{escape(state.notice)}</div>"
        self.notice.param.update(object=said, visible=bool(state.notice))


def in_hand(text: str, channels: int) -> str:
    """The sentence in hand, its beginning, or the sequence of numbers, its size."""
    if channels:
        return labelled("Sequence in hand", described(len(lines(text)), channels))
    line = " ".join(text.split())
    shown = f"“{line[:SHOWN]}…”" if len(line) > SHOWN else f"“{line}”" if line else "none"
    return labelled("Sentence in hand", shown)


def labelled(label: str, value: str) -> str:
    """A value under its label, as HTML."""
    return f"<div class='labelled'><label>{label}</label><div>{escape(value)}</div></div>"

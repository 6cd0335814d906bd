"""The selection: how it is made by a condition, kept and reloaded, what is said of it, and its reviews as a table."""

import io
from collections.abc import Callable
from functools import partial
from html import escape

import pandas as pd
import panel as pn
from bokeh.models.widgets.tables import NumberFormatter

from viewer.data import conditions, selected, selections
from viewer.data.export import export
from viewer.data.facts import Facts
from viewer.data.maps import AT_ONCE
from viewer.data.training import nearest_explained
from viewer.elsewhere import elsewhere
from viewer.plots import statements
from viewer.state import State

EXAMPLES = {
    "Choose or type below": "",
    "Wrong predictions": "wrong",
    "Predicted positive": "predicted:",
    "Truly positive": "label:",
    "Holding the word boring": "word:boring",
    "Flipped between the first and the last epoch": "flipped:{first}-{last}",
    "Unsure (confidence below 0.2)": "confidence<0.2",
    "Long reviews": "length>300",
    "SQL: wrong though sure": 'sql:NOT "right" AND confidence > 0.9',
}
SHOWN = ("id", "label", "predicted", "confidence", "length", "text")  # the downloads hold all columns
TWO_PLACES = NumberFormatter(format="0.00")
BLOCK = {"flex": "1 1 300px", "max-width": "440px", "overflow-x": "auto"}
MOST_WORDS = 10
COUNTING = "<p class='muted' role='status'>Counting the words …</p>"
NONE_YET = (
    "<p class='empty'>Nothing is selected. Drag around points on a map, or select by a condition; then this card says "
    "how the selected {noun}s differ from all.</p>"
)


class SelectionCard:
    """One card under the maps; `view` is what to show, `refresh` brings it up to date."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.preset = pn.widgets.Select(label="Select by a condition", width=270)
        self.condition = pn.widgets.TextInput(
            label="Condition", placeholder="word:boring and wrong", description=conditions.KNOWN, width=300
        )
        self.find = pn.widgets.Button(label="Select", color="primary", align="end")
        self.name = pn.widgets.TextInput(label="Keep it under a name", placeholder="name", width=160)
        self.keep = pn.widgets.Button(label="Keep", align="end")
        self.kept = pn.widgets.Select(label="Kept selections", width=180)
        self.load = pn.widgets.Button(label="Load", align="end")
        self.forget = pn.widgets.Button(label="Remove", color="light", align="end")
        self.waiting = pn.pane.HTML("<p class='muted' role='status'>Selecting …</p>", visible=False)
        self.said = pn.Column(sizing_mode="stretch_width")
        self.view = pn.Column(
            pn.pane.HTML("<h2>The selection</h2>"),
            pn.FlexBox(
                self.preset, self.condition, self.find, self.name, self.keep, self.kept, self.load, self.forget,
                align_items="flex-end",
            ),
            self.waiting,
            self.said,
            css_classes=["card"],
            sizing_mode="stretch_width",
            margin=(12, 10),
        )  # fmt: skip
        self._connect()

    def _connect(self) -> None:
        state = self.state
        self.preset.param.watch(lambda event: self._by_preset(event.new), "value")
        self.find.on_click(lambda _event: self._by_condition(self.condition.value_input))
        self.condition.param.watch(lambda event: self._by_condition(event.new), "value")
        self.keep.on_click(lambda _event: state.guarded(self._keep))
        self.load.on_click(lambda _event: state.guarded(self._load))
        self.forget.on_click(lambda _event: state.guarded(self._forget))

    def refresh(self) -> None:
        """Say what holds of the selection now."""
        state, found = self.state, self.state.facts
        self.preset.options = presets(found)
        self._offer_kept()
        self.keep.disabled = not state.selection.examples
        self.said.objects = (
            self._statements() if state.selection.examples else [pn.pane.HTML(NONE_YET.format(noun=found.noun))]
        )

    def _offer_kept(self) -> None:
        state = self.state
        names = selections.saved(state.source.run(state.run))
        kept = state.selection.name or self.kept.value
        self.kept.param.update(options=names or ["none yet"], value=kept if kept in names else [*names, "none yet"][0])
        self.kept.disabled = self.load.disabled = self.forget.disabled = not names

    def wait(self) -> None:
        """Say whether reviews are being looked for."""
        self.waiting.visible = self.state.asked is not None

    def _by_preset(self, text: str) -> None:
        """Have the reviews of a chosen line looked for; then none is chosen, so that the same can be again."""
        self._by_condition(text)
        self.preset.value = ""

    def _by_condition(self, text: str) -> None:
        """Have the reviews looked for, unless they are already: a click on Select first ends the typing."""
        state = self.state
        if not text.strip():
            if state.notice.startswith("condition"):  # what was wrong with it is gone
                state.notice = ""
            return
        condition = state.guarded(lambda: conditions.parse(text).pinned(state.epoch))
        if condition is not None and condition != state.asked:
            state.asked = condition

    def _keep(self) -> None:
        state = self.state
        kept = selections.save(state.source.run(state.run), self.name.value_input or self.name.value, state.selection)
        if kept != state.selection:
            state.unname(kept.name)  # of an older one, whose file this is now
            state.select(kept)
        self._offer_kept()

    def _load(self) -> None:
        self.state.select(selections.load(self.state.source.run(self.state.run), self.kept.value))

    def _forget(self) -> None:
        name = self.kept.value
        selections.remove(self.state.source.run(self.state.run), name)
        self.state.unname(name)
        self._offer_kept()

    def _statements(self) -> list[pn.viewable.Viewable]:
        """The cards of numbers, then the table."""
        state, found, chosen = self.state, self.state.facts, self.state.selection
        ask = (state.source, found, chosen.examples)
        explained = nearest_explained(found, state.epoch)
        titles = {layer.name: layer.title for layer in found.layers}
        moved = f"Their most moving words at epoch {explained}"
        if found.many:
            moved += f", for {escape(found.positive.upper())}"
        sampled = len(chosen.examples) > selected.MOST or found.mapped > selected.MOST
        blocks = {
            "How they are predicted": statements.counted(selected.summary(*ask, state.epoch), found.mapped),
            "How far apart they are in each layer": statements.spread(
                selected.spread(*ask, state.epoch), titles, selected.MOST if sampled else 0
            ),
        }
        said = [pn.pane.HTML(f"<h3>{title}</h3>{html}", styles=BLOCK) for title, html in blocks.items()]
        if not found.channels:
            said.append(pn.pane.HTML(f"<h3>{moved}</h3>{COUNTING}", styles=BLOCK))
            words = partial(selected.moving_words, *ask, explained, limit=MOST_WORDS)
            take = partial(self._put_words, said[-1], moved)
            if len(chosen.examples) > AT_ONCE:  # seconds: the rest is shown before
                elsewhere(words, take)
            else:
                take(words())
        frame = selected.table(*ask, state.epoch)
        shown = [name for name in SHOWN if name in frame and not (name == "text" and found.channels)]
        whole = partial(selected.table, *ask, state.epoch, whole=True)
        return [
            pn.FlexBox(*said, gap="12px 32px", sizing_mode="stretch_width"),
            table(frame[shown]),
            pn.Row(*[self._download(whole, kind) for kind in ("csv", "parquet")]),
        ]

    def _download(self, whole: Callable[[], pd.DataFrame], kind: str) -> pn.widgets.FileDownload:
        """A button that hands out all rows and columns with the whole texts, read when somebody asks for them.

        Where they cannot be read any more the notice says why, and the file is empty.
        """
        state, numbers = self.state, self.state.facts.channels > 0

        def content() -> io.BytesIO:
            frame = state.guarded(whole)
            if frame is None:
                frame = pd.DataFrame()
            return io.BytesIO(export(frame.drop(columns="text", errors="ignore") if numbers else frame, kind))

        return pn.widgets.FileDownload(
            callback=content,
            filename=f"{state.run}-selection.{kind}",
            label=f"Download as {'CSV' if kind == 'csv' else 'Parquet'}",
            color="default",
        )

    def _put_words(self, pane: pn.pane.HTML, title: str, found: pd.DataFrame | BaseException) -> None:
        """The most moving words have been counted, perhaps of a selection that is none any more. title: as HTML."""
        if isinstance(found, BaseException):
            pane.object = ""
            self.state.guarded(partial(raised, found))
        else:
            pane.object = f"<h3>{title}</h3>{statements.moving(found)}"


def raised(reason: BaseException) -> None:
    raise reason


def presets(found: Facts) -> dict[str, str]:
    """Conditions to choose from: {what they say: how they are typed}; with more than two classes, one for each."""
    made = {}
    for name, text in EXAMPLES.items():
        kind = text.partition(":")[0]
        if kind in conditions.CLASSES:
            classes = found.classes if found.many else [found.positive]
            for one in classes:
                title = name.replace("positive", one.upper()) if found.many else name
                made[title] = conditions.Term(kind, one).text()
        elif kind != "word" or not found.channels:
            made[name] = text.format(first=found.epochs[0], last=found.last)
    return made


def table(frame: pd.DataFrame) -> pn.widgets.Tabulator:
    """The reviews, a page at a time; the cells are shown as text."""
    return pn.widgets.Tabulator(
        frame,
        show_index=False,
        disabled=True,
        formatters={"confidence": TWO_PLACES},
        pagination="remote",
        page_size=8,
        layout="fit_data_stretch",
        sizing_mode="stretch_width",
    )

"""The one view that all pages look at: the run, the epoch, the sentence in hand, the selection, and the controls.

No drawing and no widgets; pages watch the parameters they show. `viewer.link` writes it into the address.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import param

from pipeline.errors import InputError
from viewer.data import examples, selections
from viewer.data.conditions import Condition
from viewer.data.facts import Facts, facts
from viewer.data.selections import NOTHING, Selection
from viewer.data.source import Source
from viewer.data.steps import is_sequence

PAGES = ("words", "layers", "training", "runs", "claims", "sql")
FIRST_TEXT = "This movie is not boring!"
PALETTES = {"paper": "green and red", "safe": "orange and purple"}
UNDO_STEPS = 100


class State(param.Parameterized):
    """One browser session's view. Settings start as in the paper."""

    page = param.Selector(default="words", objects=list(PAGES))
    run = param.String(doc="name of the run")
    epoch = param.Integer(default=0, bounds=(0, None))
    text = param.String(default=FIRST_TEXT, doc="the sentence in hand")
    example = param.Integer(default=None, allow_None=True, doc="the stored example that `text` is, if it is one")
    second = param.String(default="", doc="a second sentence to compare with")
    selection = param.ClassSelector(class_=Selection, default=NOTHING, doc="examples selected on the maps")
    asked = param.ClassSelector(
        class_=Condition, default=None, allow_None=True, doc="what is being looked for; its answer becomes `selection`"
    )
    pinned = param.Integer(default=None, allow_None=True, doc="the mapped example that was clicked on a map")
    view = param.Selector(default="checkpoints", objects=["checkpoints", "texts", "compare"], doc="kind of Words")
    measure = param.Selector(default="probability", objects=["probability", "log-odds"])
    threshold = param.Number(default=0.1, bounds=(0, 1), doc="grey up to this share of a text's largest impact")
    about = param.String(default="", doc="of more than two classes the one in question; empty: an element's own")
    each_row = param.Boolean(default=False, doc="every row on a scale of its own, instead of one for all rows shown")
    texts = param.String(default="", doc="which texts are listed on Words, as `viewer.pages.picker` writes it")
    checkpoints = param.List(default=[], item_type=int, doc="epochs with a row on Words; none chosen: all")
    left_out = param.Boolean(default=False, doc="leave-one-out under the row in hand on Words")
    grid = param.List(default=[], item_type=int, doc="epochs side by side on Training; none: first, middle and last")
    palette = param.Selector(default="paper", objects=list(PALETTES))
    theme = param.Selector(default="light", objects=["light", "dark"])
    color_by = param.String(default="predicted", doc="what colours the points of the maps")
    true_size = param.Boolean(default=False, doc="maps at their true size instead of equal typical radius")
    badly_placed = param.Boolean(default=False, doc="points that a map places badly bear a cross")
    trails = param.Boolean(default=False, doc="the paths of the selected reviews on Training")
    other_run = param.String(default="", doc="the run compared with, on Runs")
    question = param.String(default="", doc="the SELECT asked last, on SQL")
    notice = param.String(default="", doc="what is wrong, a line each; empty: nothing")

    def __init__(self, source: Source, **given: Any) -> None:
        super().__init__(**given)
        self.source = source
        self._facts: Facts | None = None
        self._undo: list[Selection] = []
        names = [name for name in self.param if name not in ("name", "notice")]
        self.param.watch(self._start_anew, names)  # first of all watchers: what they say stays

    def _start_anew(self, *_events: Any) -> None:
        """What was wrong before does not hold of the next view."""
        self.notice = ""

    @property
    def facts(self) -> Facts:
        """The facts of the run in hand, with the class in question, if one is chosen, as the positive one."""
        if self._facts is None or self._facts.run != self.run:
            self._facts = facts(self.source, self.run)
        return self._facts.about(self.about)

    def keep(self, found: Facts) -> None:
        """What was found of the run that is about to be shown: the facts are not asked for again, and `undo` goes back
        to what this run has of the selections before."""
        if found.run != self.run:
            self._undo = self._left_of(self._undo, found)
        self._facts = found

    def _left_of(self, chosen: Sequence[Selection], found: Facts) -> list[Selection]:
        """These selections in another run: what it maps of each; of another corpus the same numbers are other texts."""
        if not any(each.examples for each in chosen):
            return [*chosen]  # a run whose table mapped is damaged can be shown all the same
        on_maps = selections.selectable(self.source, found.run) if self._reads_the_corpus_of(found) else set()
        return [each.among(on_maps) for each in chosen]

    def _reads_the_corpus_of(self, found: Facts) -> bool:
        return self._facts is not None and self._facts.numbering == found.numbering

    def _tests(self, found: Facts, example: int) -> bool:
        """Whether a stored example is one of the test examples of another run too."""
        return self._reads_the_corpus_of(found) and examples.is_tested(self.source, found, example)

    def choose_run(self, name: str) -> None:
        """Show another run; the epoch stays where that run has it, and of the selection what it maps."""
        found = facts(self.source, name)
        channels = self._facts.channels if self._facts is not None else 0
        changes: dict[str, Any] = {"run": name, "asked": None, "pinned": None}
        left = self._left_of([self.selection], found)[0]
        if left != self.selection:
            changes["selection"] = left
        if self.example is not None and not self._tests(found, self.example):
            changes["example"] = None  # its text stays in hand
        self.keep(found)
        if self.epoch not in found.epochs:
            changes["epoch"] = found.last
        for rows in ("checkpoints", "grid"):
            changes[rows] = [epoch for epoch in getattr(self, rows) if epoch in found.epochs]
        if self.about not in found.classes:
            changes["about"] = ""
        if channels != found.channels or (found.channels and not is_sequence(self.text, found.channels)):
            changes |= first_in_hand(self.source, found) | {"second": ""}
        self.param.update(**changes)

    def take_text(self, text: str, example: int | None = None) -> None:
        """Put a sentence in hand: a typed one, or that of a stored example."""
        whole = text.encode("utf-8", "replace").decode()  # a browser can send half a character
        self.param.update(text=whole, example=example)

    def select(self, selection: Selection, **also: Any) -> None:
        """Select examples, and change other parameters at once; `undo` goes back to the examples before.

        What is being looked for is given up.
        """
        changes: dict[str, Any] = {**also, "asked": None}
        if selection != self.selection:
            self._undo = [*self._undo[1 - UNDO_STEPS :], self.selection]
            changes["selection"] = selection
        self.param.update(**changes)

    @property
    def can_undo(self) -> bool:
        return any(before != self.selection for before in self._undo)

    def undo(self) -> None:
        """Go back to the selection before, if there was another one."""
        while self._undo:
            before = self._undo.pop()
            if before != self.selection:
                self.param.update(selection=before, asked=None)
                return

    def unname(self, name: str) -> None:
        """What is selected, or can be again by `undo`, is kept under this name no more."""

        def unnamed(one: Selection) -> Selection:
            return replace(one, name="") if (one.name, one.run) == (name, self.run) else one

        self._undo = [unnamed(before) for before in self._undo]
        if unnamed(self.selection) != self.selection:
            self.selection = unnamed(self.selection)

    def guarded(self, act: Callable[[], Any]) -> Any:
        """Do `act`; what a person can mend is said in the notice bar, and the page goes on."""
        try:
            return act()
        except InputError as mistake:
            self.notice = str(mistake)
        except OSError as failure:
            if failure.filename is None:  # not a file's fault: a bug of ours
                raise
            self.notice = f"{failure.filename}: {failure.strerror}"
        return None


def first_in_hand(source: Source, found: Facts) -> dict[str, Any]:
    """What a run begins with: the paper's sentence, or where it reads numbers its first test example."""
    example = examples.first(source, found) if found.channels else None
    text, number = (FIRST_TEXT, None) if example is None else example
    return {"text": text, "example": number}

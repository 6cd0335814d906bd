"""Choosing stored reviews by what they hold or how they were predicted, or sentences of the small corpus."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pandas as pd
import panel as pn

from viewer.data import texts
from viewer.data.texts import Filter
from viewer.design import hint
from viewer.state import State

ANY = ""
NEVER = -1  # for an epoch
PAGE = 20  # texts shown at once
MOST_VALUES = 20  # in a text that `take` reads
FARTHEST = 10**8  # number of the first text shown
CORPORA = {"Reviews": "reviews", "Sentences": "sentences"}
ORDERS = {"as stored": "", "most sure": "most sure", "least sure": "least sure", "random": "random"}


class Picker:
    """The filters and the page of texts they find. `view` holds the widgets; `found` is the frame shown.

    `found` has the columns example, label and snippet, of sentences text as well. seed: of all that is random here;
    unless it is given, every picker draws otherwise.
    """

    def __init__(self, state: State, seed: int | None = None) -> None:
        self.state = state
        self.corpus = pn.widgets.Select(label="From", options=CORPORA, width=120)
        self.label = pn.widgets.Select(label="True label", width=110)
        self.predicted = pn.widgets.Select(label="Predicted", width=110)
        self.order = pn.widgets.Select(label="Order", options=ORDERS, width=120)
        self.word = pn.widgets.TextInput(label="Holds the words", placeholder="boring", width=170)
        self.before = pn.widgets.Select(label="Prediction flipped between", options=[NEVER], width=170)
        self.after = pn.widgets.Select(label="and", options=[NEVER], width=110)
        self.wrong = pn.widgets.Checkbox(label="wrong ones only", align="end")
        self.mapped = pn.widgets.Checkbox(label="only those on the maps", align="end")
        self.back = pn.widgets.Button(label="←", description=hint("The texts before"), width=34)
        self.forth = pn.widgets.Button(label="→", description=hint("The next texts"), width=34)
        self.count = pn.pane.HTML("", css_classes=["count"], align="center")
        self._filters = [
            self.corpus, self.label, self.predicted, self.order, self.word, self.before, self.after, self.wrong,
            self.mapped,
        ]  # fmt: skip
        self.view = pn.FlexBox(*self._filters, align_items="flex-end", gap="6px 10px", sizing_mode="stretch_width")
        self.pager = pn.Row(self.back, self.forth, self.count)
        self.found: pd.DataFrame = pd.DataFrame({"example": [], "label": [], "snippet": []})
        self.total = self.offset = 0
        self.seed = 0  # of the order "random"
        self._random = Random(seed)
        self._changed: list[Callable[[], None]] = []
        self._taking = False
        for widget in self._filters:
            widget.param.watch(self._asked, "value")
        self.back.on_click(lambda _event: self._turn(-PAGE))
        self.forth.on_click(lambda _event: self._turn(PAGE))

    def on_change(self, act: Callable[[], None]) -> None:
        """What to do after the filters or the page changed; it may call `find`."""
        self._changed.append(act)

    def offer(self) -> None:
        """Offer the classes and epochs of the run in hand, and take back what it does not have; nobody is told."""
        self._taking = True
        try:
            self._offer()
        finally:
            self._taking = False

    def _offer(self) -> None:
        facts = self.state.facts
        words = not facts.channels
        self.corpus.visible = self.word.visible = words
        if not words:
            self.corpus.value, self.word.value = "reviews", ""
        classes = {"any": ANY} | {name.upper(): name for name in facts.classes}
        epochs = {"any": NEVER} | {f"epoch {epoch}": epoch for epoch in facts.epochs}
        for widget, options in (
            (self.label, classes), (self.predicted, classes), (self.before, epochs), (self.after, epochs),
        ):  # fmt: skip
            if widget.options != options:
                widget.param.update(options=options, value=next(iter(options.values())))

    @property
    def text(self) -> str:
        """The filters that are set and the first text shown, as short text; `take` reads it."""
        set_to = {
            "from": self.corpus.value if self.corpus.value != "reviews" else "",
            "label": self.label.value or ANY,
            "predicted": self.predicted.value or ANY,
            "order": self.order.value,
            "seed": self.seed if self.order.value == "random" else "",
            "word": self.word.value,
            "before": "" if self.before.value == NEVER else self.before.value,
            "after": "" if self.after.value == NEVER else self.after.value,
            "wrong": "yes" if self.wrong.value else "",
            "mapped": "yes" if self.mapped.value else "",
            "first": self.offset or "",
        }
        return urlencode({key: value for key, value in set_to.items() if value != ""}, errors="replace")

    def take(self, text: str) -> None:
        """Set the filters as `text` says, and to no choice what it does not say or this run does not offer."""
        try:
            given = dict(parse_qsl(text, max_num_fields=MOST_VALUES))
        except ValueError:  # more than `text` ever writes
            given = {}
        words = not self.state.facts.channels
        self._taking = True
        try:
            self.corpus.value = given.get("from") if words and given.get("from") in CORPORA.values() else "reviews"
            self.word.value = given.get("word", "") if words else ""
            for widget, key in ((self.label, "label"), (self.predicted, "predicted"), (self.order, "order")):
                widget.value = given[key] if given.get(key) in widget.options.values() else ANY
            for widget, key in ((self.before, "before"), (self.after, "after")):
                epoch = number(given, key, NEVER)
                widget.value = epoch if epoch in widget.options.values() else NEVER
            self.wrong.value, self.mapped.value = given.get("wrong") == "yes", given.get("mapped") == "yes"
            self.seed = number(given, "seed", self.seed)
            self.offset = number(given, "first", 0)
        finally:
            self._taking = False

    @property
    def filter(self) -> Filter:
        """The filters as they are set."""
        flipped = None
        if NEVER not in (self.before.value, self.after.value):
            flipped = (self.before.value, self.after.value)
        return Filter(
            label=self.label.value or ANY,
            predicted=self.predicted.value or ANY,
            wrong=self.wrong.value,
            order=self.order.value,
            word=self.word.value,
            flipped=flipped,
            mapped_only=self.mapped.value,
            seed=self.seed,
        )

    def find(self) -> pd.DataFrame:
        """The page of texts that pass the filters; InputError for a search without a word."""
        reviews = self.corpus.value == "reviews"
        numbers = self.state.facts.channels > 0
        for widget in self._filters[2:]:
            widget.visible = (reviews or widget is self.word) and not (widget is self.word and numbers)
        if reviews:
            facts = self.state.facts
            self.found, self.total = texts.find(
                self.state.source, facts, self.filter, self.state.epoch, limit=PAGE, offset=self.offset
            )
        else:
            matching = self._sentences()
            self.found, self.total = matching.iloc[self.offset : self.offset + PAGE], len(matching)
        self.tell_page(len(self.found), self.total)
        return self.found

    def tell_page(self, shown: int, total: int) -> None:
        """Say which texts of how many are shown, and whether there are others before and after."""
        first = self.offset + 1 if total else 0
        self.total = total
        self.count.object = f"{first:,} to {self.offset + shown:,} of {total:,}"
        self.back.disabled, self.forth.disabled = self.offset == 0, self.offset + shown >= total

    def _sentences(self) -> pd.DataFrame:
        """The sentences with the label and the words asked for; `example` is None, as they are not in the store."""
        found = texts.sentences(self.state.source.artifacts / "corpora")
        if self.label.value:
            found = found[found["label"] == self.label.value]
        if self.word.value.strip():
            wanted = texts.searched(self.word.value)
            found = found[[texts.holds(text, wanted) for text in found["text"]]]
        return found.assign(example=None, snippet=found["text"])

    def draw(self) -> int | str | None:
        """One drawn from those that pass the filters, if any does: a review's number, or the text of a sentence."""
        seed = self._random.randrange(FARTHEST)
        if self.corpus.value != "reviews":
            found = self._sentences()["text"]
            return str(found.sample(1, random_state=seed).iloc[0]) if len(found) else None
        chosen = Filter(**{**vars(self.filter), "order": "random", "seed": seed})
        rows, _ = texts.find(self.state.source, self.state.facts, chosen, self.state.epoch, limit=1)
        return int(rows["example"].iloc[0]) if len(rows) else None

    def _turn(self, by: int) -> None:
        self.offset = max(0, self.offset + by)
        self._tell()

    def _asked(self, event: Any) -> None:
        if self._taking:
            return
        self.offset = 0
        if event.obj is self.order and event.new == "random":
            self.seed = self._random.randrange(FARTHEST)
        self._tell()

    def _tell(self) -> None:
        for act in self._changed:
            act()


def number(given: Mapping[str, str], key: str, otherwise: int) -> int:
    """A whole number from 0 on, if one is given."""
    text = given.get(key, "")
    return min(int(text), FARTHEST) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise

"""A field that finds a review on the maps by its id, or by a part that no other id has: the way without a mouse."""

from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
from panel.widgets.base import Widget

from pipeline.errors import InputError
from viewer.data.maps import Mapped
from viewer.state import State


class IdInput(pn.widgets.AutocompleteInput):
    """Offers ids and takes whatever is typed or pasted; emptied, it is empty: Panel's own then takes the first id."""

    def _process_property_change(self, props: dict[str, Any]) -> dict[str, Any]:
        return dict(Widget._process_property_change(self, props))


class Finder:
    """The field (`view`); `told(example)` is called with the review that was found."""

    def __init__(self, state: State, told: Callable[[int], None]) -> None:
        self.state, self._told = state, told
        self._reviews: Mapped | None = None
        self.view = IdInput(
            label="Find a review by its id",
            placeholder="part of an id",
            search_strategy="includes",
            case_sensitive=False,
            min_characters=1,
            restrict=False,  # else what is pasted by the mouse and entered would be passed over without a word
            width=190,
        )
        self.view.param.watch(lambda event: state.guarded(partial(self._find, event.new)), "value")

    def offer(self, reviews: Mapped) -> None:
        """Find among these from now on."""
        self._reviews = reviews
        self.view.options = [] if reviews.many else sorted(reviews.frame["id"])  # many: the browser has not all ids
        self.view.label = f"Find a {self.state.facts.noun} by its id"

    def clear(self) -> None:
        """Empty the field: what was found is no longer shown, and can be found again."""
        self.view.value = ""

    def _find(self, identity: str | None) -> None:
        if not identity:
            return
        self.state.notice = ""
        if self._reviews is None:
            raise InputError("there are no maps here on which one could be found")
        frame = self._reviews.frame
        found = frame[frame["id"] == identity]
        if found.empty:
            found = frame[frame["id"].str.contains(identity, case=False, regex=False)]
        if found.empty:
            raise InputError(f"no {self.state.facts.noun} on the maps has {identity!r} in its id")
        if len(found) > 1:
            some = ", ".join(sorted(found["id"])[:3])
            raise InputError(f"{len(found):,} mapped ids hold {identity!r}: {some}; type more of one")
        self._told(int(found["example"].iloc[0]))

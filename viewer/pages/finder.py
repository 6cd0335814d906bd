"""A field that finds a review by its id, or by a part that no other id has: the way without a mouse."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import panel as pn
from panel.widgets.base import Widget

from pipeline.errors import InputError
from viewer.state import State


class IdInput(pn.widgets.AutocompleteInput):
    """Offers ids and takes whatever is typed or pasted; emptied, it is empty: Panel's own then takes the first id."""

    def _process_property_change(self, props: dict[str, Any]) -> dict[str, Any]:
        return dict(Widget._process_property_change(self, props))


class Finder:
    """The field (`view`); `told(example)` is called with the review that was found.

    act: what its label says of a review, where: what an error says of those that can be found.
    """

    def __init__(
        self, state: State, told: Callable[[int], None], act: str = "Find", where: str = "on the maps"
    ) -> None:
        self.state, self._told, self._act, self._where = state, told, act, where
        self._reviews: pd.DataFrame | None = None
        self.view = IdInput(
            label=f"{act} a review by its id",
            placeholder="part of an id",
            search_strategy="includes",
            case_sensitive=False,
            min_characters=1,
            restrict=False,  # else what is pasted by the mouse and entered would be passed over without a word
            width=190,
        )
        self.view.param.watch(lambda event: state.guarded(partial(self._find, event.new)), "value")

    def offer(self, reviews: pd.DataFrame, many: bool = False) -> None:
        """Find among these, rows with example and id, from now on; many: too many ids to send all to the browser."""
        self._reviews = reviews
        self.view.options = [] if many else sorted(reviews["id"])
        self.view.label = f"{self._act} a {self.state.facts.noun} by its id"

    def clear(self) -> None:
        """Empty the field: what was found is no longer shown, and can be found again."""
        self.view.value = ""

    def _find(self, identity: str | None) -> None:
        if not identity:
            return
        self.state.notice = ""
        if self._reviews is None:
            raise InputError("there are no maps here on which one could be found")
        frame = self._reviews
        found = frame[frame["id"] == identity]
        if found.empty:
            found = frame[frame["id"].str.contains(identity, case=False, regex=False)]
        if found.empty:
            raise InputError(f"no {self.state.facts.noun} {self._where} has {identity!r} in its id")
        if len(found) > 1:
            some = ", ".join(sorted(found["id"])[:3])
            raise InputError(f"{len(found):,} ids {self._where} hold {identity!r}: {some}; type more of one")
        self._told(int(found["example"].iloc[0]))

"""What all sets of linked charts have in common: they share the state's selection, and show what is pointed at.

Bokeh's own models are changed within `panel.io.unlocked`: what is changed there is sent after what Panel has still to
send, so that no change reaches the browser before the model that it is a change of.
"""

from collections.abc import Callable, Sequence

import panel as pn
from panel.io import unlocked

from viewer import design
from viewer.data.maps import Mapped
from viewer.data.selections import NOTHING, Selection
from viewer.elsewhere import afterwards
from viewer.live import Live
from viewer.plots.colors import colors
from viewer.plots.linked import LinkedMaps
from viewer.plots.maps import Chart
from viewer.state import State


class Linking:
    """A set of charts over one set of reviews; `linked` and `reviews` are None while there are no maps to show.

    `details` is what to show beside the charts; `built` is what else is to be done with new ones.
    """

    def __init__(self, state: State, live: Live) -> None:
        self.state, self.live = state, live
        self.colors = colors(state.palette, state.theme)
        self.details = pn.Column(css_classes=["beside", "pointed"], margin=(0, 10, 0, 0))
        self.linked: LinkedMaps | None = None
        self.reviews: Mapped | None = None
        self.built: list[Callable[[LinkedMaps], None]] = []
        self._marking = False

    def link(
        self,
        charts: Sequence[Chart],
        classes: Sequence[str],
        titles: dict[str, str],
        size: float,
        note: str = "",
        with_tools: bool = False,
    ) -> LinkedMaps:
        """New charts over `reviews`, as in LinkedMaps, with the selection on them and their details beside."""
        assert self.reviews is not None
        made = LinkedMaps(
            charts, self.reviews.frame, classes, titles, self.colors, size, note, self.state.facts.element, with_tools
        )
        # At once: a change that is told apart can reach the browser before the charts themselves.
        made.select(self._selection())
        made.pin(self._row_of(self.state.pinned))
        made.on_select(self._selected)
        made.on_pin(self._clicked)
        made.details.stylesheets = [design.THEME]
        self.details.objects = [pn.pane.Bokeh(made.details, sizing_mode="stretch_width")]
        self.linked = made
        afterwards(self.redraw)
        return made

    def redraw(self) -> None:
        """Draw what a browser draws by itself while it has the charts, and not when they come to it."""
        if self.linked is not None:
            with unlocked():
                self.linked.redraw()

    def mark(self) -> None:
        """Show the state's selection on the charts there are, and the review that is kept, if they have it."""
        if self.linked is not None and self.reviews is not None:
            self._marking = True
            try:
                with unlocked():
                    self.linked.select(self._selection())
                    self.linked.pin(self._row_of(self.state.pinned))
            finally:
                self._marking = False

    def _clicked(self, example: int | None) -> None:
        """A review was clicked in a chart; None: it is let go."""
        if not self._marking:
            self.state.pinned = example

    def _row_of(self, example: int | None) -> int | None:
        assert self.reviews is not None
        rows: list[int] = self.reviews.rows([] if example is None else [example]).tolist()
        return rows[0] if rows else None

    def _selection(self) -> list[int]:
        assert self.reviews is not None
        rows: list[int] = self.reviews.rows(self.state.selection.examples).tolist()
        return rows

    def _selected(self, rows: list[int]) -> None:
        """The user has selected in a chart."""
        if self._marking:  # by the state: of what it selects these charts may lack some
            return
        assert self.reviews is not None
        examples = tuple(sorted(int(example) for example in self.reviews.examples[rows]))
        if examples != self.state.selection.examples:
            self.state.select(Selection(examples) if examples else NOTHING)

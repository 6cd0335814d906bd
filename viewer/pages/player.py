"""The player: one epoch after the other, by a clock, by steps or by hand. It drives the state's epoch."""

from typing import Any

import panel as pn

from viewer.state import State

PERIOD = 1300  # milliseconds an epoch: half a second of gliding, then time to look


class Player:
    """Buttons and a slider over the epochs of the run in hand; `view` is what to show.

    Playing goes to the last epoch and stops there; from the last it begins anew. Whether points glide between two
    epochs is the charts' own matter: they jump where the browser asks for reduced motion.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.play = pn.widgets.Button(label="▶ Play", color="primary", width=96, align="end")
        self.back = pn.widgets.Button(label="◂ Back", align="end")
        self.forth = pn.widgets.Button(label="Forward ▸", align="end")
        self.slider = pn.widgets.DiscreteSlider(label="Move through training", options=[0], show_value=False, width=320)
        self.label = pn.pane.HTML("", min_width=150, align="end")
        self.view = pn.FlexBox(
            self.play, self.back, self.forth, self.slider, self.label, css_classes=["line"], align_items="flex-end"
        )
        self._clock: Any = None
        self.play.on_click(lambda _event: self.stop() if self.playing else self.start())
        self.back.on_click(lambda _event: self._by_hand(-1))
        self.forth.on_click(lambda _event: self._by_hand(1))
        self.slider.param.watch(self._scrubbed, "value")

    @property
    def playing(self) -> bool:
        return self._clock is not None and bool(self._clock.running)

    def refresh(self) -> None:
        """Show the state's epoch."""
        epochs = list(self.state.facts.epochs)
        if self.slider.options != epochs:
            self.stop()
        self.slider.param.update(options=epochs, value=self.state.epoch)
        untrained = " (not trained yet)" if self.state.epoch == 0 else ""
        self.label.object = f"<h2>Epoch {self.state.epoch} of {epochs[-1]}<span class='muted'>{untrained}</span></h2>"
        self.back.disabled = self.state.epoch == epochs[0]
        self.forth.disabled = self.state.epoch == epochs[-1]

    def start(self) -> None:
        """Play from the state's epoch on; from the last, begin anew."""
        if self.state.epoch == self.state.facts.last:
            self.state.epoch = self.state.facts.epochs[0]
        if self._clock is None:
            self._clock = pn.state.add_periodic_callback(self.tick, period=PERIOD, start=False)
        self._clock.start()
        self.play.label = "❚❚ Pause"

    def stop(self) -> None:
        if self.playing:
            self._clock.stop()
        self.play.label = "▶ Play"

    def tick(self) -> None:
        """What the clock does."""
        self.step(1)
        if self.state.epoch == self.state.facts.last:
            self.stop()

    def step(self, by: int) -> None:
        """Go `by` epochs on, as far as there are any."""
        epochs = self.state.facts.epochs
        place = min(max(epochs.index(self.state.epoch) + by, 0), len(epochs) - 1)
        self.state.epoch = epochs[place]

    def _by_hand(self, by: int) -> None:
        self.stop()
        self.step(by)

    def _scrubbed(self, event: Any) -> None:
        if event.new != self.state.epoch:
            self.stop()
            self.state.epoch = event.new

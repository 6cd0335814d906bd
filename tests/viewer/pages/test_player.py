"""The player: one epoch after the other, by its clock, by steps and by hand."""

from pathlib import Path

import pytest

from viewer.data.source import Source
from viewer.pages.player import Player
from viewer.state import State


class Clock:
    """A clock that never strikes by itself."""

    running = False

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False


@pytest.fixture
def player(store: Path) -> Player:
    state = State(Source(store), epoch=1)
    state.choose_run("tiny")
    made = Player(state)
    made._clock = Clock()
    made.refresh()
    state.param.watch(lambda _event: made.refresh(), "epoch")
    return made


def test_playing_goes_to_the_last_epoch_and_stops(player: Player) -> None:
    player.start()
    assert player.playing
    player.tick()
    assert (player.state.epoch, player.playing) == (2, True)
    player.tick()
    assert (player.state.epoch, player.playing) == (3, False)
    assert player.play.label.endswith("Play")
    player.start()
    assert (player.state.epoch, player.playing) == (0, True)


def test_steps_and_scrubbing_stop_the_clock_and_stay_within_the_epochs(player: Player) -> None:
    player.start()
    player.forth.clicks += 1
    assert (player.state.epoch, player.playing) == (2, False)
    player.forth.clicks += 1
    player.forth.clicks += 1
    assert player.state.epoch == 3
    assert player.forth.disabled
    player.slider.value = 0
    assert player.state.epoch == 0
    assert player.back.disabled
    assert "not trained yet" in player.label.object
    player.start()
    player.slider.value = 2
    assert not player.playing
    for playing in (True, False):
        player.play.clicks += 1
        assert player.playing == playing

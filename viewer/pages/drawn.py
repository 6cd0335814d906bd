"""The maps of the store with the sentence in hand, as charts to draw."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from pipeline.errors import InputError
from viewer.data import maps
from viewer.data.facts import Facts
from viewer.data.maps import LayerMaps, Mapped
from viewer.data.near import NOBODY, Near, near
from viewer.data.quality import badly_placed
from viewer.elsewhere import elsewhere
from viewer.live import Live
from viewer.loaded import Place
from viewer.placing import Position
from viewer.plots import points
from viewer.plots.colors import Colors
from viewer.plots.maps import Chart, Scale, Sentence, scale
from viewer.state import State


def charts_at(
    state: State,
    live: Live,
    found: Facts,
    reviews: Mapped,
    places: LayerMaps,
    epoch: int,
    look: Colors,
    prefix: str,
    redraw: Callable[[], None] | None = None,
) -> list[Chart]:
    """One chart a layer of a run at one epoch, with the sentence in hand; keys are `prefix`l0, `prefix`l1, ...

    places: the run's maps of this epoch, perhaps among others. Where the sentence cannot be placed, as a file that only
    it needs is missing or damaged, the notice says so and the reviews are drawn without it. Among many reviews placing
    it takes longer than a page may wait: they are drawn without it, and `redraw` is called when it is placed.
    """
    said = maps.predictions(state.source, found, reviews, epoch)
    painted = points.painted(state.color_by, reviews.frame, said, found, look)
    wait = redraw is None or not reviews.many
    sentence = whereabouts(state, live, found.run, epoch) if wait else looked_for(state, live, found.run, epoch, redraw)
    numbers = {name: number for number, name in enumerate(found.classes)}
    made = []
    for number, layer in enumerate(found.layers):
        layer_map = places[epoch, layer.name]
        to_chart = scale(layer_map, unit(places, epoch) if state.true_size else None)
        made.append(
            Chart(
                key=f"{prefix}l{number}",
                xy=to_chart.drawn(layer_map.xy),
                colors=painted.colors,
                hollow=said.predicted != reviews.frame["label"].to_numpy(),
                predicted=np.array([numbers[name] for name in said.predicted]),
                probability=said.probability,
                neighbors=layer_map.neighbors,
                distances=layer_map.distances,
                sentence=placed(sentence.get((epoch, layer.name)), to_chart),
                group=prefix or "all",
                badly=badly_placed(layer_map.kept) if state.badly_placed else None,
                near=partial(asked, state, found, reviews, epoch, layer.name) if reviews.many else None,
            )
        )
    return made


def whereabouts(state: State, live: Live, run: str, epoch: int) -> dict[Place, Position]:
    """Where the sentence in hand lies; nowhere where that cannot be said, and the notice tells why."""
    try:
        return live.positions(run, state.text, [epoch])
    except InputError as mistake:
        state.notice = str(mistake)
        return {}


def looked_for(
    state: State, live: Live, run: str, epoch: int, redraw: Callable[[], None] | None
) -> dict[Place, Position]:
    """Where the sentence lies, if that is known; otherwise it is looked for in another thread, then `redraw` called."""
    if live.placed(run, state.text, epoch):
        return whereabouts(state, live, run, epoch)

    text = state.text

    def take(found: object) -> None:
        if isinstance(found, InputError):
            state.notice = str(found)
        elif isinstance(found, BaseException):
            raise found
        elif redraw is not None and live.placed(run, text, epoch):
            state.guarded(redraw)

    elsewhere(lambda: live.positions(run, text, [epoch]), take)
    return whereabouts(state, live, run, epoch) if live.placed(run, text, epoch) else {}


def asked(state: State, found: Facts, reviews: Mapped, epoch: int, layer: str, row: int) -> Near:
    """The neighbours of one review; what is wrong with the store is told in the notice bar, and there are none."""
    told: Near | None = state.guarded(lambda: near(state.source, found, reviews, epoch, layer, row))
    return NOBODY if told is None else told


def unit(places: LayerMaps, epoch: int) -> float:
    """What is drawn as 1 at true size: the largest typical radius of an epoch's maps."""
    return max(layer_map.radius for (at, _), layer_map in places.items() if at == epoch)


def trails(
    places: LayerMaps, layer: str, epochs: Sequence[int], rows: Sequence[int], true_size: bool
) -> tuple[np.ndarray, ...]:
    """For each of `rows` the places (E, 2) where a layer's charts drew it at `epochs`."""
    drawn = []
    for epoch in epochs:
        layer_map = places[epoch, layer]
        drawn.append(scale(layer_map, unit(places, epoch) if true_size else None).drawn(layer_map.xy[list(rows)]))
    return tuple(np.stack(drawn).transpose(1, 0, 2)) if drawn else ()


def placed(position: Position | None, to_chart: Scale) -> Sentence | None:
    """Where a position of `Live.positions` lies on a chart."""
    if position is None:
        return None
    x, y = to_chart.drawn(np.array([position.x, position.y]))
    return Sentence(float(x), float(y), position.unlike)

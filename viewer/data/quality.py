"""How far the maps of a run can be believed: what the tables maps, points and similarity say of each map and layer.

Columns and rows that an older run lacks are None, or absent: what is not known is not told.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from viewer.data.facts import Facts
from viewer.data.source import Source
from viewer.kept import Kept

KEPT = 24  # answers, for all sessions
BADLY = 0.2  # a point is badly placed if a smaller share of its nearest on the map are its nearest in the layer
PROBES = ("linear_probe", "neighbor_probe", "linear_probe_predicted", "neighbor_probe_predicted")


@dataclass(frozen=True)
class Quality:
    """What is known of one map.

    listed: how many nearest `kept` is about; kept: mean share, over the points, of the nearest on the map that are the
    nearest in the layer; badly: share of the points that are badly placed; landmarks, judged: numbers of examples, see
    table maps; all others as in table maps, accuracies and shares 0 to 1.
    """

    listed: int
    mapped: int
    method: str | None = None
    landmarks: int | None = None
    judged: int | None = None
    kept: float | None = None
    badly: float | None = None
    trustworthiness: float | None = None
    continuity: float | None = None
    residual_variance: float | None = None
    neighborhood_hit: float | None = None
    components: int | None = None
    alignment_residual: float | None = None
    linear_probe: float | None = None
    neighbor_probe: float | None = None
    linear_probe_predicted: float | None = None
    neighbor_probe_predicted: float | None = None


WHOLE = ("landmarks", "judged", "components")
REAL = ("trustworthiness", "continuity", "residual_variance", "neighborhood_hit", "alignment_residual", *PROBES)


Qualities = Mapping[tuple[int, str], Quality]
_qualities: Kept[Hashable, Qualities] = Kept(KEPT)


def qualities(source: Source, facts: Facts, epochs: Sequence[int]) -> Qualities:
    """{(epoch, layer): the quality of its map} of the maps that there are. Kept until the files change."""
    key = facts.config.maps.listed_neighbors, facts.mapped, tuple(epochs)
    return source.once(_qualities, facts.run, ("maps", "points"), key, lambda: _read(source, facts, epochs))


def _read(source: Source, facts: Facts, epochs: Sequence[int]) -> Qualities:
    wanted = list(epochs)
    at = "WHERE run = ? AND list_contains(?, epoch)"
    maps = source.frame(f"SELECT epoch, layer, method, {', '.join(WHOLE + REAL)} FROM maps {at}", facts.run, wanted)
    points = source.frame(
        "SELECT epoch, layer, avg(kept) AS kept, avg((kept < ?)::INTEGER) AS badly "
        f"FROM points {at} AND NOT isnan(kept) GROUP BY epoch, layer",
        BADLY,
        facts.run,
        wanted,
    ).set_index(["epoch", "layer"])
    found = {}
    for row in maps.to_dict("records"):
        key = int(row["epoch"]), str(row["layer"])
        kept = points.loc[key] if key in points.index else {"kept": None, "badly": None}
        found[key] = Quality(
            listed=facts.config.maps.listed_neighbors,
            mapped=facts.mapped,
            method=row["method"] if isinstance(row["method"], str) else None,
            kept=real(kept["kept"]),
            badly=real(kept["badly"]),
            **{name: whole(row[name]) for name in WHOLE},
            **{name: real(row[name]) for name in REAL},  # type: ignore[arg-type]
        )
    return MappingProxyType(found)


def real(value: object) -> float | None:
    """A number of a frame; None where it has none."""
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[arg-type]


def whole(value: object) -> int | None:
    number = real(value)
    return None if number is None else round(number)


def badly_placed(kept: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Which points are badly placed, given the `kept` of each; one that was not judged is not."""
    return np.nan_to_num(kept, nan=1.0) < BADLY


def fewest(listed: int) -> int:
    """How many of its `listed` nearest must be kept, at the least, for a point not to be badly placed."""
    return math.ceil(BADLY * listed - 1e-9)


def probes(source: Source, facts: Facts) -> pd.DataFrame:
    """Columns layer, title, epoch, probe (one of PROBES), value (held-out accuracy, 0 to 1); a row for each stored."""
    found = source.frame(
        f"SELECT epoch, layer, {', '.join(PROBES)} FROM maps WHERE run = ? ORDER BY epoch, layer", facts.run
    )
    long = found.melt(["epoch", "layer"], list(PROBES), "probe", "value").dropna(subset="value")
    return titled(long, facts)


def similarity(source: Source, facts: Facts) -> pd.DataFrame:
    """Columns layer, title, other_layer, other_title, epoch, other_epoch, cka; the layer itself one epoch earlier, and
    neighbouring layers at one epoch. No row where the run has no table similarity, or a CKA is NULL."""
    found = source.frame(
        "SELECT epoch, layer, other_epoch, other_layer, cka FROM similarity WHERE run = ? AND NOT isnan(cka) "
        "ORDER BY epoch, layer, other_layer",
        facts.run,
    )
    titles = {layer.name: layer.title for layer in facts.layers}
    found = found[found["other_layer"].isin(titles)]
    return titled(found.assign(other_title=found["other_layer"].map(titles)), facts)


def titled(frame: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """The rows of the run's layers with their titles, in the order of display, then by epoch."""
    titles = {layer.name: layer.title for layer in facts.layers}
    order = {layer.name: number for number, layer in enumerate(facts.layers)}
    known = frame[frame["layer"].isin(titles)]
    known = known.assign(title=known["layer"].map(titles), place=known["layer"].map(order))
    return known.sort_values(["place", "epoch"], kind="stable").drop(columns="place").reset_index(drop=True)


def moved(similar: pd.DataFrame) -> dict[tuple[str, int], float]:
    """{(layer, epoch): 1 - CKA of the layer between this epoch and the next stored one}: how far the network moved."""
    own = similar[similar["layer"] == similar["other_layer"]]
    return {
        (layer, int(before)): 1 - float(cka)
        for layer, before, cka in zip(own["layer"], own["other_epoch"], own["cka"], strict=True)
    }

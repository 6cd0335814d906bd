"""What training did, epoch by epoch: loss and accuracy, the words that move most, how well the maps lie on one another.

Reads the tables metrics, elements, impacts, maps and vectors. Frames are shared between sessions: do not change them.
"""

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.errors import InputError
from pipeline.explain.align import procrustes
from viewer.data.facts import Facts
from viewer.data.maps import LayerMaps, Mapped, layer_maps
from viewer.data.selected import sample
from viewer.data.source import Source
from viewer.kept import Kept

LEAST_PLACES = 20  # fewer places say little of a word
TOP = 8
NORMAL_95 = 1.959963984540054  # standard errors on either side of a mean that hold 95 % of a normal distribution
ANSWERS = 8  # answers of the slow questions, for all sessions

# A residual r means that after the best turn and scale the typical point still lies sqrt(r) of its map's typical radius
# from where it was (root mean squares). From a quarter on, that is half a radius: too far for an eye to follow a shape.
# On the runs of this project it parts the first epochs of the LSTM and the hidden layer (0.40 to 1.00 on reviews, up to
# 0.59 on sentences) from all others (at most 0.24).
POOR = 0.25

_answers: Kept[Hashable, pd.DataFrame] = Kept(ANSWERS)


def every_map(source: Source, facts: Facts, reviews: Mapped) -> LayerMaps:
    """{(epoch, layer): its map without neighbours} at all epochs, rows as in `reviews`; InputError where one is
    missing."""
    return layer_maps(source, facts, reviews, facts.epochs, neighbors=False)


def metrics(source: Source, facts: Facts) -> pd.DataFrame:
    """Columns epoch, split, metric ("loss": nats, "accuracy": 0 to 1), value; a row for each that is stored."""
    return source.frame(
        "SELECT epoch, split, metric, value FROM metrics WHERE run = ? ORDER BY metric, split, epoch", facts.run
    )


def word_impacts(source: Source, facts: Facts, least: int = LEAST_PLACES) -> pd.DataFrame:
    """How far each word moves the probability of the positive class on average, at every explained epoch.

    One row for each epoch and word (lower case, straight apostrophes) that stands in at least `least` places of the
    test examples: epoch, word, count (places), impact (mean, signed, in probability), low, high (its 95 % interval:
    1.96 standard errors on either side). Sorted by epoch and word. InputError where the run has no impacts. Kept until
    the files change: over a whole corpus it takes seconds.
    """
    run = source.run(facts.run)
    files = [run.path("elements"), run.path("impacts")]
    if not all(path.exists() for path in files):
        raise InputError(f"run {facts.run!r} has no impacts of words; build them: dvc repro, or python -m pipeline")
    key = "word impacts", facts.positive, least
    return source.once(_answers, facts.run, ("elements", "impacts"), key, lambda: _word_impacts(source, facts, least))


# Words are numbered, and the rare ones left out, before elements meet impacts: the join of millions of rows then
# carries numbers instead of strings.
WORD_IMPACTS = """
WITH spellings AS (
  SELECT element, replace(lower(element), '’', '''') AS word, count(*) AS places
  FROM elements WHERE run = ? AND element IS NOT NULL GROUP BY element
), frequent AS (
  SELECT element, word, dense_rank() OVER (ORDER BY word)::INTEGER AS number
  FROM spellings QUALIFY sum(places) OVER (PARTITION BY word) >= ?
), numbered AS (
  SELECT example, position, number FROM elements JOIN frequent USING (element) WHERE run = ?
), sums AS (
  SELECT epoch, number, count(*) AS places, sum(impact::DOUBLE) AS total, sum(impact::DOUBLE * impact) AS squares
  FROM impacts JOIN numbered USING (example, position)
  WHERE run = ? AND class = ? AND impact IS NOT NULL GROUP BY epoch, number
)
SELECT epoch, word, places, total, squares
FROM sums JOIN (SELECT DISTINCT number, word FROM frequent) USING (number)
WHERE places >= ? ORDER BY epoch, word
"""


def _word_impacts(source: Source, facts: Facts, least: int) -> pd.DataFrame:
    run = facts.run
    sums = source.frame(WORD_IMPACTS, run, least, run, run, facts.positive, least)
    places = sums["places"].to_numpy(np.float64)
    mean = sums["total"].to_numpy(np.float64) / places
    with np.errstate(divide="ignore", invalid="ignore"):  # one place has no variance
        variance = (sums["squares"].to_numpy(np.float64) - places * mean**2) / (places - 1)
    reach = NORMAL_95 * np.sqrt(np.maximum(variance, 0) / places)
    return pd.DataFrame(
        {
            "epoch": sums["epoch"].astype(np.int64),
            "word": sums["word"].astype(object),
            "count": places.astype(np.int64),
            "impact": mean,
            "low": mean - reach,
            "high": mean + reach,
        }
    )


def most_moving(impacts: pd.DataFrame, top: int = TOP) -> pd.DataFrame:
    """Of a frame of `word_impacts`, the `top` words of each epoch that raise most and the `top` that lower most.

    Adds `rank`: 1 raises most, -1 lowers most. A word that raises is never among those that lower, so an epoch may have
    fewer. Sorted by epoch, then from what raises most to what lowers most; of equal words the first in the alphabet.
    """
    parts = []
    for _, epoch in impacts.groupby("epoch", sort=True):
        for sign in (1, -1):
            moving = epoch[sign * epoch["impact"] > 0]
            best = moving.assign(size=moving["impact"].abs()).sort_values(["size", "word"], ascending=[False, True])
            best = best.drop(columns="size").head(top)
            best = best.assign(rank=sign * np.arange(1, len(best) + 1))
            parts.append(best if sign > 0 else best.iloc[::-1])
    if not parts:
        return impacts.assign(rank=pd.Series(dtype=np.int64))
    return pd.concat(parts, ignore_index=True)


def followed(impacts: pd.DataFrame, epoch: int, top: int = TOP) -> pd.DataFrame:
    """The most moving words of one epoch at all epochs: rows of `impacts` with the `rank` they have at that epoch."""
    best = most_moving(impacts[impacts["epoch"] == epoch], top)
    found = impacts.merge(best[["word", "rank"]], on="word")
    return found.sort_values(["rank", "epoch"]).reset_index(drop=True)


def nearest_explained(facts: Facts, epoch: int) -> int:
    """The explained epoch nearest to `epoch`, of two the earlier."""
    if not facts.explained:
        raise InputError(f"run {facts.run!r} explains no epoch; name some: impacts.epochs=[0,10]")
    return min(facts.explained, key=lambda other: (abs(other - epoch), other))


def alignment(source: Source, facts: Facts) -> pd.DataFrame:
    """How well each map lies on that of the next epoch, after turning.

    One row for each layer and epoch but the last: layer, title, epoch, following, residual (0 same shape, 1 nothing in
    common, free of scale; see POOR), own (the same of the layer's vectors in all their dimensions, where the drawing
    has no part, of many those of a fixed sample; NaN where there are no vectors), verdict: "good"; "layer changed":
    poor, and at least half of it is in the vectors; "drawing changed": poor, and most of it is not. Sorted by layer (in
    the order of display) and epoch.
    """
    tables, key = ("maps", "vectors", "mapped"), ("alignment", facts.layers)
    return source.once(_answers, facts.run, tables, key, lambda: _alignment(source, facts))


def _alignment(source: Source, facts: Facts) -> pd.DataFrame:
    run = facts.run
    stored = source.frame(
        "SELECT layer, epoch, lead(epoch) OVER (PARTITION BY layer ORDER BY epoch) AS following, "
        "alignment_residual AS residual FROM maps WHERE run = ? ORDER BY layer, epoch",
        run,
    )
    stored = stored[stored["residual"].notna() & stored["following"].notna()]
    mapped = source.frame("SELECT example FROM mapped WHERE run = ? ORDER BY example", run)["example"].to_numpy()
    vectors = source.frame(
        "SELECT layer, epoch, vector FROM vectors WHERE run = ? AND example IN (SELECT unnest(?::INTEGER[])) "
        "ORDER BY layer, epoch, example",
        run,
        sample(mapped).tolist(),
    )
    spaces = {key: np.stack(list(rows)) for key, rows in vectors.groupby(["layer", "epoch"])["vector"]}
    rows = []
    for layer in facts.layers:
        name, title = layer.name, layer.title
        pairs = stored[stored["layer"] == name]
        for epoch, following, residual in zip(
            pairs["epoch"].astype(int), pairs["following"].astype(int), pairs["residual"].astype(float), strict=True
        ):
            own = shape_change(spaces.get((name, epoch)), spaces.get((name, following)))
            rows.append((name, title, epoch, following, residual, own, verdict(residual, own)))
    return pd.DataFrame(rows, columns=["layer", "title", "epoch", "following", "residual", "own", "verdict"])


def shape_change(before: npt.NDArray[np.float32] | None, after: npt.NDArray[np.float32] | None) -> float:
    """The Procrustes residual of two sets (n, width) of vectors of the same examples; NaN where they cannot be laid on
    one another."""
    if before is None or after is None or before.shape != after.shape:
        return float("nan")
    return procrustes(before.astype(np.float64), after.astype(np.float64)).residual


def verdict(residual: float, own: float) -> str:
    """The word for a residual of two maps, given that of the layer's own vectors."""
    if residual < POOR:
        return "good"
    return "drawing changed" if own < residual / 2 else "layer changed"


def warning(pairs: pd.DataFrame) -> str:
    """What to be careful with, in plain words, given the rows of `alignment` for one step from an epoch to the next.

    Empty if all maps lie well on one another.
    """
    reasons = {
        "layer changed": "the layer itself rearranged the reviews",
        "drawing changed": "the layer changed far less than its drawing did",
    }
    said = []
    for kind, reason in reasons.items():
        titles = list(pairs[pairs["verdict"] == kind]["title"])
        if titles:
            said.append(f"{' and '.join(titles)} ({reason})")
    if not said:
        return ""
    step = f"epoch {pairs['epoch'].iloc[0]} to {pairs['following'].iloc[0]}"
    return f"From {step} single points cannot be followed in {'; '.join(said)}."


def followable(pairs: pd.DataFrame, layer: str, epochs: Sequence[int], epoch: int) -> list[int]:
    """The epochs up to `epoch` after the last step between two of them that is poorly aligned in a layer.

    pairs: from `alignment`; epochs: all of the run, rising.
    """
    steps = pairs[(pairs["layer"] == layer) & (pairs["verdict"] != "good") & (pairs["following"] <= epoch)]
    first = int(steps["following"].max()) if len(steps) else epochs[0]
    return [each for each in epochs if first <= each <= epoch]

"""What can be said of a selection: how right the network is, how spread out it is, which words moved it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.special import stdtrit

from pipeline.data.words import UNKNOWN, normal
from pipeline.errors import InputError
from viewer.data.facts import Facts
from viewer.data.reviews import COLUMNS, columns, identifier, reviews
from viewer.data.snippets import characters, snippet
from viewer.data.source import Source

Ints = npt.NDArray[np.int64]
MOST = 1_000  # reviews between all of which distances are taken; the mean of a sample of so many is 1 or 2 % off
AT_ONCE = 512  # vectors whose distances to all others are in memory together
TEXT_START = 160  # characters
COVERED = 0.95


@dataclass(frozen=True)
class Summary:
    """A group of reviews at one epoch.

    count: reviews in it; total: mapped reviews if all of it are mapped, else test reviews; accuracy and confidence:
    means, NaN of an empty group; confusion: a row a true class, a column a predicted class, reviews counted.
    """

    count: int
    total: int
    accuracy: float
    confidence: float
    confusion: pd.DataFrame


def summary(source: Source, facts: Facts, examples: Sequence[int], epoch: int) -> Summary:
    """What the network makes of these reviews at `epoch`. An empty group has count 0."""
    found = of_reviews(source, facts, examples, epoch, ["example", "label", "predicted", "confidence"])
    counts = pd.crosstab(found["label"], found["predicted"])
    confusion = counts.reindex(index=facts.classes, columns=facts.classes, fill_value=0)
    on_maps = source.frame(
        "SELECT count(*) AS count FROM mapped WHERE run = ? AND example IN (SELECT unnest(?::INTEGER[]))",
        facts.run,
        list(examples),
    )
    return Summary(
        count=len(found),
        total=facts.mapped if on_maps["count"][0] == len(found) else facts.tested,
        accuracy=float(np.trace(confusion)) / len(found) if len(found) else math.nan,
        confidence=float(found["confidence"].mean()),
        confusion=confusion.rename_axis(index="label", columns="predicted").astype(int),
    )


def spread(source: Source, facts: Facts, examples: Sequence[int], epoch: int) -> dict[str, float]:
    """{layer: how far apart these reviews lie in it, by the layer's own distance; 1: as far as all mapped reviews}.

    The mean Euclidean distance of all pairs of them over that of all pairs of mapped reviews; of more than MOST reviews
    the pairs of a fixed sample. NaN for fewer than two mapped reviews, or where all mapped reviews lie in one place.
    """
    mapped = source.frame("SELECT example FROM mapped WHERE run = ? ORDER BY example", facts.run)["example"].to_numpy()
    everyone, chosen = sample(mapped), sample(mapped[np.isin(mapped, list(examples))])
    found = source.frame(
        "SELECT layer, example, vector FROM vectors WHERE run = ? AND epoch = ? "
        "AND example IN (SELECT unnest(?::INTEGER[])) ORDER BY layer, example",
        facts.run,
        epoch,
        np.union1d(everyone, chosen).tolist(),
    )
    ratios = {}
    for layer in facts.layers:
        rows = found[found["layer"] == layer.name]
        vectors = np.stack(rows["vector"].to_list()).astype(float) if len(rows) else np.empty((0, layer.width))
        of_all, of_chosen = (mean_distance(vectors[rows["example"].isin(some)]) for some in (everyone, chosen))
        ratios[layer.name] = of_chosen / of_all if of_all > 0 else math.nan
    return ratios


def sample(examples: Ints) -> Ints:
    """At most MOST of them, always the same ones, in their order."""
    if len(examples) <= MOST:
        return examples
    return np.sort(np.random.default_rng(0).choice(examples, MOST, replace=False))


def mean_distance(vectors: npt.NDArray[np.float64]) -> float:
    """The mean Euclidean distance between two different rows of `vectors`, (N, D); NaN where there are no two."""
    count = len(vectors)
    if count < 2:
        return math.nan
    total = sum(cdist(vectors[start : start + AT_ONCE], vectors).sum() for start in range(0, count, AT_ONCE))
    return float(total) / (count * (count - 1))


def moving_words(
    source: Source, facts: Facts, examples: Sequence[int], epoch: int, least: int = 20, limit: int = 15
) -> pd.DataFrame:
    """The words with the largest mean impact, either sign, in these reviews; in all test reviews if there are none.

    Columns: word (normal form), count (places), impact (mean change of the probability of the positive class), low
    and high (its 95 % interval by Student's t over the places), known (whether the network knows the word). Words
    with fewer than `least` places are left out, as are those with fewer than two. InputError where the epoch has no
    stored impacts.
    """
    if epoch not in facts.explained:
        explained = ", ".join(map(str, facts.explained))
        raise InputError(f"impacts of epoch {epoch} are not stored in run {facts.run}; there are epochs {explained}")
    chosen = "AND example IN (SELECT unnest(?::INTEGER[]))" if examples else ""
    given = [list(examples)] if examples else []
    sums = source.frame(
        f"""
SELECT token, CASE WHEN token = ? THEN element END AS spelling, count(*) AS count,
       sum(impact::DOUBLE) AS total, sum(impact::DOUBLE ** 2) AS squares
FROM (SELECT example, position, impact FROM impacts WHERE run = ? AND epoch = ? AND class = ? {chosen})
     JOIN (SELECT example, position, token, element FROM elements WHERE run = ? {chosen}) USING (example, position)
WHERE token IS NOT NULL GROUP BY ALL""",
        *(UNKNOWN, facts.run, epoch, facts.positive, *given, facts.run, *given),
    )
    words = source.frame("SELECT token, word FROM vocabulary WHERE run = ?", facts.run).set_index("token")["word"]
    sums["known"] = sums["token"] != UNKNOWN
    sums["word"] = sums["token"].map(words).where(sums["known"], sums["spelling"].map(normal, na_action="ignore"))
    found = sums.groupby("word", as_index=False)[["count", "total", "squares", "known"]].agg(
        {"count": "sum", "total": "sum", "squares": "sum", "known": "any"}
    )
    found = with_interval(found[found["count"] >= max(least, 2)])
    ranked = found.sort_values(
        ["impact", "word"], key=lambda column: -column.abs() if column.name == "impact" else column
    )
    return ranked.head(limit).reset_index(drop=True)


def with_interval(sums: pd.DataFrame) -> pd.DataFrame:
    """Columns word, count, impact, low, high, known from the sums of impacts and of their squares."""
    count, mean = sums["count"], sums["total"] / sums["count"]
    variance = ((sums["squares"] - sums["total"] * mean) / (count - 1)).clip(lower=0)  # rounding may go below 0
    half = stdtrit(count - 1, (1 + COVERED) / 2) * np.sqrt(variance / count)
    found = sums.assign(impact=mean, low=mean - half, high=mean + half)
    return found[["word", "count", "impact", "low", "high", "known"]]


def table(source: Source, facts: Facts, examples: Sequence[int], epoch: int, whole: bool = False) -> pd.DataFrame:
    """The reviews, one row each, by example: the columns of the relation `reviews`, attributes of the corpus included.

    `text` is the beginning on one line, or the `whole`; None of sequences of numbers.
    """
    names = [name for name in columns(source, facts) if name not in ("right", "text")]
    found = of_reviews(source, facts, examples, epoch, [*names, "text"], None if whole else characters(TEXT_START))
    if not whole:
        found["text"] = [None if text is None else snippet(text, TEXT_START) for text in found["text"]]
    return found[[*(name for name in COLUMNS if name in found), *(name for name in names if name not in COLUMNS)]]


def of_reviews(
    source: Source,
    facts: Facts,
    examples: Sequence[int],
    epoch: int,
    names: Sequence[str],
    most: int | None = None,
) -> pd.DataFrame:
    """Some columns of these reviews at `epoch`, by example; of `text` the first `most` characters, or all."""
    asked = ", ".join(
        f"left(text, {int(most)}) AS text" if name == "text" and most is not None else identifier(name)
        for name in names
    )
    relation = reviews(source, facts, epoch, mapped_only=False)
    return source.frame(
        f"SELECT {asked} FROM ({relation}) WHERE example IN (SELECT unnest(?::INTEGER[])) ORDER BY example",
        list(examples),
    )

"""Several runs beside one another: what they are, how they differ, where two of them disagree.

Every run's files are read on their own, so that one that is damaged or still being built hides no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline import config
from pipeline.errors import InputError
from pipeline.explain.align import Alignment, procrustes
from pipeline.explain.neighbors import nearest
from pipeline.store import Run
from viewer.data import snippets, steps
from viewer.data.facts import Facts, facts
from viewer.data.maps import LayerMap, Mapped
from viewer.data.source import Source

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# What each stage leaves behind, in the order of the stages.
STAGES = {
    "examples": ("examples", "elements", "vocabulary", "mapped"),
    "train": ("classes", "metrics"),
    "impacts": ("impacts", "predictions"),
    "maps": ("layers", "maps", "points", "vectors", "neighbors"),
}
SCORES = {  # columns of `listing`: split and metric
    "test": ("test", "accuracy"),
    "validation": ("validation", "accuracy"),
    "train": ("train", "accuracy"),
    "loss": ("test", "loss"),
}
SNIPPET = 160  # characters of a text in a table
OF = "of "  # begins the name of a column with the probability of a class
SHOWN = 500  # rows of a table of disagreements


def listing(source: Source) -> pd.DataFrame:
    """All runs of the store, a row each, by name. Never raises for what is wrong with a run.

    Columns run, test, validation, train (share right of the examples of that split at the last epoch, NaN if unknown),
    loss (of the test examples there), epochs, network, corpus (its file's name), problem (one line; empty: the run is
    whole).
    """
    rows = [described(source.run(name)) for name in source.runs()]
    return pd.DataFrame(rows, columns=["run", *SCORES, "epochs", "network", "corpus", "problem"])


def described(run: Run) -> dict[str, object]:
    """One row of `listing`."""
    row: dict[str, object] = {"run": run.name, "epochs": 0, "network": "", "corpus": ""}
    row |= dict.fromkeys(SCORES, float("nan"))
    try:
        settings = config.read(run.config)
        row |= {
            "epochs": settings.epochs[-1],
            "network": settings.model.network.rpartition(".")[2],
            "corpus": settings.corpus.source.rpartition("/")[2].removesuffix(".parquet"),
        }
        row |= last_scores(run)
        row["problem"] = unfinished(run)
    except InputError as mistake:
        row["problem"] = str(mistake)
    except OSError as failure:  # a folder that was removed meanwhile, or may not be read
        row["problem"] = f"{failure.filename or run.folder}: {failure.strerror or failure}"
    return row


def last_scores(run: Run) -> dict[str, float]:
    """SCORES as far as they are known, at the last epoch: none before training has ended."""
    if not run.has("metrics"):
        return {}
    metrics = run.read("metrics").to_pandas()
    last = metrics[metrics["epoch"] == metrics["epoch"].max()].set_index(["split", "metric"])["value"]
    return {name: float(last[key]) for name, key in SCORES.items() if key in last.index}


def unfinished(run: Run) -> str:
    """What a run still lacks, in one line; empty if nothing. InputError where a file is damaged."""
    for stage, tables in STAGES.items():
        missing = [table for table in tables if not run.has(table)]
        if missing:
            return f"not finished: no {', '.join(missing)} yet ({stage}); build it: dvc repro, or python -m pipeline"
    for tables in STAGES.values():
        for table in tables:
            run.read(table, columns=[])  # the end of the file alone: is it whole?
    return ""


def differences(source: Source, runs: Sequence[str]) -> pd.DataFrame:
    """The keys in which the configs of `runs` differ: a row a key (the index), a column a run, values as YAML text.

    "" where a run has no such key. Names are not compared. A run whose config cannot be read is left out.
    """
    flat = {}
    for name in runs:
        try:
            flat[name] = config.read(source.run(name).config).flat()
        except (InputError, OSError):
            continue
    keys = sorted({key for values in flat.values() for key in values} - {"name"})
    table = pd.DataFrame({name: [values.get(key, "") for key in keys] for name, values in flat.items()}, index=keys)
    table.index.name = "key"
    return table[table.nunique(axis=1) > 1] if len(flat) > 1 else table.head(0)


def metrics(source: Source, runs: Sequence[str]) -> pd.DataFrame:
    """Columns run, epoch, split, metric, value of all `runs` that have metrics; a damaged file is left out."""
    found = []
    for name in runs:
        try:
            found.append(source.run(name).read("metrics").to_pandas().assign(run=name))
        except (InputError, OSError):
            continue
    columns = ["run", "epoch", "split", "metric", "value"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def same_corpus(one: Facts, other: Facts) -> bool:
    """Whether two runs tell the same classes of the same examples apart, so that they can be compared."""
    return one.numbering == other.numbering and set(one.classes) == set(other.classes)


def comparable(source: Source, one: Facts, names: Sequence[str]) -> list[str]:
    """Those of the runs `names`, all of them whole, that read the same corpus as `one`."""
    return [name for name in names if same_corpus(one, facts(source, name))]


def nothing_common(one: Facts, other: Facts) -> str:
    """What to say of two runs that read different corpora, or tell other classes apart."""
    if one.numbering == other.numbering:
        return (
            f"runs {one.run!r} and {other.run!r} cannot be compared: they tell other classes apart, "
            f"{' '.join(one.classes)} and {' '.join(other.classes)}; choose two runs with the same classes"
        )
    mine, theirs = (run.config.corpus for run in (one, other))
    how = f"they read {mine.source} and {theirs.source}"
    if mine.source == theirs.source:
        how = f"they read {mine.source} by other columns or arguments"
    return f"runs {one.run!r} and {other.run!r} have no common examples: {how}; choose two runs on one corpus"


@dataclass(frozen=True)
class Disagreements:
    """compared: how many test examples both runs predict; count: on how many they disagree; one_right, other_right: who
    is right there; frame: the clearest first, at most SHOWN rows: example, id, label, one_predicted, one_probability,
    other_predicted, other_probability (of two classes, of the first run's positive one; of more, of the class that the
    run predicts), snippet.
    """

    compared: int
    count: int
    one_right: int
    other_right: int
    frame: pd.DataFrame


PREDICTIONS = """
SELECT example, predicted, class, probability FROM read_parquet(?) WHERE epoch = ?
"""

TEXTS = """
SELECT example, id, label, left(text, ?) AS snippet, len(steps) AS steps FROM read_parquet(?)
"""


def epoch_of(run: Facts, asked: int) -> int:
    """The epoch at which a run is compared with others: the one asked for where the run has it, else its last."""
    return asked if asked in run.epochs else run.last


def disagreements(
    source: Source, one: Facts, other: Facts, epochs: tuple[int, int] | None = None, shown: int = SHOWN
) -> Disagreements:
    """The common test examples that two runs predict differently, each at its own of two epochs; unless some are given
    at their last ones.

    The clearest first: the largest distance of their probabilities, half the sum of the differences over all classes;
    of two classes that is the difference in either one. InputError where the runs have no common examples, or a table
    is missing or damaged.
    """
    if not same_corpus(one, other):
        raise InputError(nothing_common(one, other))
    first, second = epochs or (one.last, other.last)
    both = predictions(source, one, first).merge(
        predictions(source, other, second), on="example", suffixes=("_one", "_other")
    )
    sides = {side: both[[f"{OF}{name}_{side}" for name in one.classes]].to_numpy() for side in ("one", "other")}
    both["distance"] = np.abs(sides["one"] - sides["other"]).sum(axis=1) / 2
    for side, probabilities in sides.items():
        positive = probabilities[:, one.classes.index(one.positive)]
        both[f"probability_{side}"] = probabilities.max(axis=1) if one.many else positive
    parts = source.frame(TEXTS, snippets.characters(SNIPPET), str(table_file(source, one.run, "examples")))
    both = both.merge(parts, on="example")
    apart = both[both["predicted_one"] != both["predicted_other"]]
    order = apart.sort_values(["distance", "example"], ascending=[False, True])
    frame = pd.DataFrame(
        {
            "example": order["example"].astype(np.int64),
            "id": order["id"],
            "label": order["label"],
            "one_predicted": order["predicted_one"],
            "one_probability": order["probability_one"],
            "other_predicted": order["predicted_other"],
            "other_probability": order["probability_other"],
            "snippet": [steps.described(int(count), one.channels) for count in order["steps"]]
            if one.channels
            else [snippets.snippet(text, SNIPPET) for text in order["snippet"]],
        }
    )
    return Disagreements(
        compared=len(both),
        count=len(apart),
        one_right=int((apart["predicted_one"] == apart["label"]).sum()),
        other_right=int((apart["predicted_other"] == apart["label"]).sum()),
        frame=frame.head(shown).reset_index(drop=True),
    )


def predictions(source: Source, facts: Facts, epoch: int) -> pd.DataFrame:
    """example, predicted, and for each class a column "of <class>" with its probability, at an epoch of a run.

    Of two classes the network may have one as its output: the other's probability is what is left to 1.
    """
    found = source.frame(PREDICTIONS, str(table_file(source, facts.run, "predictions")), epoch)
    found["class"] = OF + found["class"]
    wide = found.pivot(index=["example", "predicted"], columns="class", values="probability")
    for name in facts.classes:
        if OF + name not in wide:
            wide[OF + name] = 1 - wide.sum(axis=1)
    return wide.reset_index()


def table_file(source: Source, run: str, table: str) -> Path:
    path = source.run(run).path(table)
    if not path.exists():
        raise InputError(f"run {run!r} has no table {table} yet; build it: dvc repro, or python -m pipeline")
    return path


def common_reviews(one: Mapped, other: Mapped) -> tuple[Ints, Ints]:
    """Row numbers in both of the reviews that are on the maps of both, in the drawing order of the first."""
    place = {int(example): row for row, example in enumerate(other.examples)}
    pairs = [(row, place[int(example)]) for row, example in enumerate(one.examples) if int(example) in place]
    rows = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def nearest_common(source: Source, facts: Facts, epoch: int, layer: str, examples: Ints, k: int) -> tuple[Ints, Floats]:
    """The `k` nearest of the others among `examples`, for each, in a layer of a run at an epoch.

    Row numbers (n, k), nearest first, and distances (n, k). InputError where the run lacks a vector of theirs.
    """
    found = source.frame(
        "SELECT example, vector FROM vectors WHERE run = ? AND epoch = ? AND layer = ?", facts.run, epoch, layer
    ).set_index("example")
    if not np.isin(examples, found.index).all():
        raise InputError(f"run {facts.run!r} lacks vectors of {layer}; build it: dvc repro, or python -m pipeline")
    return nearest(np.stack(list(found.loc[examples, "vector"])).astype(np.float64), k)


def turn(layer_map: LayerMap, rows: Ints, target: LayerMap, target_rows: Ints) -> Alignment:
    """What turns, and mirrors if need be, a run's map to lie on another run's, by the reviews that both have.

    Sizes are kept; the drawing scales every map by itself. `residual` says what stays unexplained: 0 (same shape) to 1.
    """
    return procrustes(layer_map.xy[rows], target.xy[target_rows])

"""What the claims need of the store: tables of a run, its checkpoints, and the runs that differ from it in one thing.

Reads the run's tables and checkpoints, and configs, predictions and table similarity of the other runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq
import torch

from pipeline import config, store
from pipeline.claims import neutral_words
from pipeline.claims.density import Step
from pipeline.claims.distance import Layer
from pipeline.claims.hidden_layer import SEEDS
from pipeline.claims.layers import DENSE, LSTM
from pipeline.claims.negation import Read
from pipeline.claims.neutral_words import Word
from pipeline.claims.pairs import Pair
from pipeline.claims.separability import Probes
from pipeline.config import Config
from pipeline.data import stored
from pipeline.data.words import UNKNOWN, spans
from pipeline.errors import InputError
from pipeline.explain.prefix import log_odds, prefix_logits, probabilities
from pipeline.models import checkpoints
from pipeline.store import Run

Booleans = npt.NDArray[np.bool_]
# In the order of the fields of Probes.
MEASURES = (
    "linear_probe", "neighbor_probe", "linear_probe_predicted", "neighbor_probe_predicted", "neighborhood_hit",
)  # fmt: skip


def frame(run: Run, table: str, columns: Sequence[str]) -> pd.DataFrame:
    """Columns of a table of a run; without a row where the run has no such table, or it has no such columns: runs that
    were built before there were any."""
    if not run.has(table) or not set(columns) <= set(names(run, table)):
        return pd.DataFrame({column: [] for column in columns})
    return run.read(table, list(columns)).to_pandas()


def names(run: Run, table: str) -> list[str]:
    """The columns in a table's file; a file that is not whole is told as `Run.read` tells it."""
    try:
        return list(pq.read_schema(run.path(table)).names)
    except (OSError, ValueError):
        return list(run.read(table).column_names)


@dataclass(frozen=True)
class Evidence:
    """The run that the claims are made about, and its neighbours in the same store.

    Raises InputError where the run is not built, or does not read texts of two classes.
    """

    run: Run
    config: Config

    @cached_property
    def positive(self) -> str:
        return stored.classes(self.run)[-1]

    @cached_property
    def epochs(self) -> list[int]:
        return list(self.config.epochs)

    @cached_property
    def layers(self) -> list[str]:
        """The mapped layers in the order of display."""
        return [str(name) for name in self.run.read("layers", ["layer"])["layer"].to_pylist()]

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """Columns epoch, example, probability of positive, and right."""
        return predictions(self.run)

    def right(self) -> dict[int, tuple[int, int]]:
        """{epoch: (test reviews predicted right, of how many)}."""
        counted = self.predictions.groupby("epoch")["right"].agg(["sum", "size"])
        return {int(epoch): (int(right), int(of)) for epoch, right, of in counted.itertuples()}

    def right_on_the_maps(self) -> tuple[int, int]:
        """(mapped reviews predicted right at the last epoch, of how many)."""
        mapped = self.run.read("mapped")["example"].to_pylist()
        last = self.predictions[self.predictions["epoch"] == self.epochs[-1]]
        right = last[last["example"].isin(mapped)]["right"]
        return int(right.sum()), len(right)

    def probes(self) -> list[Probes]:
        found = frame(self.run, "maps", ["epoch", "layer", "judged", *MEASURES])
        rows = found.set_index(["layer", "epoch"]).sort_index()
        return [
            Probes(
                epoch,
                layer,
                int(row["judged"]),
                *(None if pd.isna(row[name]) else float(row[name]) for name in MEASURES),
            )
            for layer in self.layers
            for epoch in self.epochs
            if (layer, epoch) in rows.index and not pd.isna((row := rows.loc[(layer, epoch)])["judged"])
        ]

    def spaces(self) -> list[Layer]:
        """Every layer at every epoch, with what the network says of the reviews on its map."""
        vectors = self.run.read("vectors").to_pandas().set_index(["layer", "epoch"])
        points = (
            self.run.read("points", ["epoch", "layer", "example", "x", "y"]).to_pandas().set_index(["layer", "epoch"])
        )
        said = self.predictions.set_index(["epoch", "example"])["probability"]
        found = []
        for layer in self.layers:
            for epoch in self.epochs:
                own, places = vectors.loc[(layer, epoch)], points.loc[(layer, epoch)]
                if own["example"].tolist() != places["example"].tolist():
                    raise InputError(
                        f"{self.run.folder}: vectors and points are not of one build; build its maps again"
                    )
                probability = said.loc[epoch].loc[own["example"]].to_numpy(np.float64)
                stacked = np.stack(list(own["vector"])).astype(np.float64)
                found.append(Layer(epoch, layer, stacked, places[["x", "y"]].to_numpy(np.float64), probability))
        return found

    def steps(self) -> list[Step]:
        """From each layer to the one that follows, at every epoch."""
        found = frame(self.run, "similarity", ["epoch", "layer", "other_epoch", "other_layer", "density_correlation"])
        found = found[(found["epoch"] == found["other_epoch"]) & found["density_correlation"].notna()]
        at = {
            (int(row.epoch), frozenset((row.layer, row.other_layer))): float(row.density_correlation)
            for row in found.itertuples(index=False)
        }
        return [
            Step(epoch, one, other, at[epoch, frozenset((one, other))], self.mapped)
            for one, other in zip(self.layers, self.layers[1:], strict=False)
            for epoch in self.epochs
            if (epoch, frozenset((one, other))) in at
        ]

    @cached_property
    def mapped(self) -> int:
        return int(self.run.read("mapped").num_rows)

    def seeds(self, hidden: bool) -> dict[int, Run]:
        """{seed: run} of finished runs that differ from this one in their seed alone, or in having no hidden layer
        besides; of several alike this one, else the first by name. Settings of impacts and maps are no difference."""
        model = self.config.model.model_dump() | ({} if hidden else {"dense": None})
        wanted = self.config.corpus, self.config.trainer, model
        found: dict[int, Run] = {}
        for name in sorted(store.runs(self.run.artifacts), key=lambda name: (name != self.run.name, name)):
            other = Run(name, self.run.artifacts)
            try:
                its = config.read(other.config)
            except InputError:
                continue  # of another version, or damaged: no run to compare with
            same = (its.corpus, its.trainer, its.model.model_dump()) == wanted
            if same and its.seed in SEEDS and its.seed not in found and other.has("predictions"):
                found[its.seed] = other
        return dict(sorted(found.items()))

    def pair_readings(self, pairs: Sequence[Pair]) -> dict[str, Read]:
        """Every sentence of the pairs as the networks of all epochs read it."""
        texts = list(dict.fromkeys(text for pair in pairs for text in (pair.one, pair.other)))
        words = [tuple(text[start:stop] for start, stop in spans(text)) for text in texts]
        vocabulary = stored.vocabulary(self.run)
        lengths = torch.tensor([len(each) for each in words])
        inputs = torch.zeros((len(texts), int(lengths.max())), dtype=torch.int64)
        for row, each in enumerate(words):
            inputs[row, : len(each)] = torch.from_numpy(vocabulary.encode(each).astype(np.int64))
        expected = checkpoints.describe(self.config, self.run)
        after = []
        with torch.inference_mode():
            for epoch in self.epochs:
                network = checkpoints.load(self.run.checkpoint(epoch), expected)
                after.append(probabilities(log_odds(prefix_logits(network, inputs, lengths)))[..., 0].numpy())
        return {
            text: Read(each, np.stack([one[row, : len(each) + 1] for one in after]))
            for row, (text, each) in enumerate(zip(texts, words, strict=True))
        }

    def words(self) -> list[Word]:
        """The neutral words: in training, and their impacts in the test reviews at the last epoch."""
        ids = stored.vocabulary(self.run).ids
        training = self.run.read("training", ["split", "label", "tokens"])
        training = training.filter([one == "train" for one in training["split"].to_pylist()])
        tokens = training["tokens"].combine_chunks()
        rows = np.repeat(np.arange(len(tokens)), np.diff(tokens.offsets.to_numpy()))
        flat = tokens.flatten().to_numpy()
        labels = np.array(training["label"].to_pylist()) == self.positive
        found = self.places(list(neutral_words.WORDS))
        answer = []
        for word in (*neutral_words.WORDS, neutral_words.UNKNOWN):
            token = UNKNOWN if word == neutral_words.UNKNOWN else ids.get(word)
            held = labels[np.unique(rows[flat == token])] if token is not None else labels[:0]
            own = found[found["word"] == word]
            answer.append(
                Word(
                    word, word in ids, int((~held).sum()), int(held.sum()), float(labels.mean()),
                    own["impact"].to_numpy(np.float64), own["relative"].to_numpy(np.float64),
                )
            )  # fmt: skip
        return answer

    def places(self, words: list[str]) -> pd.DataFrame:
        """Columns word, impact, relative (its size as a share of the largest in its review), a row for every place."""
        query = """
            WITH explained AS (
              SELECT example, position, impact::DOUBLE AS impact FROM impacts
              WHERE run = $run AND epoch = $epoch AND class = $class AND impact IS NOT NULL
            ), largest AS (SELECT example, max(abs(impact)) AS largest FROM explained GROUP BY example), places AS (
              SELECT example, position, lower(element) AS word FROM elements
              WHERE run = $run AND lower(element) IN (SELECT unnest($words))
              UNION ALL SELECT example, position, $unknown FROM elements WHERE run = $run AND NOT known
            )
            SELECT word, impact, coalesce(abs(impact) / nullif(largest, 0), 0) AS relative
            FROM places JOIN explained USING (example, position) JOIN largest USING (example)
            ORDER BY word, example, position
        """
        given: dict[str, Any] = {"run": self.run.name, "epoch": max(self.config.impacts.epochs), "class": self.positive}
        connection = store.connect(self.run.artifacts)
        try:
            return connection.execute(query, given | {"words": words, "unknown": neutral_words.UNKNOWN}).df()
        finally:
            connection.close()


def gathered(name: str, artifacts: Path = store.ARTIFACTS) -> Evidence:
    """The evidence of a finished run of texts in two classes; InputError where it is none."""
    run = Run(name, artifacts)
    if name not in store.runs(artifacts) or not run.has("maps"):
        raise InputError(f"run {name!r} is not built in {artifacts}; the claims are made about it: make claims")
    evidence = Evidence(run, config.read(run.config))
    if len(stored.classes(run)) != 2 or stored.channels(run).count:
        raise InputError(f"run {name!r} does not read texts of two classes; the claims are made about such a run")
    return evidence


def predictions(run: Run) -> pd.DataFrame:
    """Columns epoch, example, probability of positive, and right (the predicted class is the label); sorted."""
    labels = run.read("examples", ["example", "label"]).to_pandas()
    said = run.read("predictions", ["epoch", "example", "probability", "predicted"]).to_pandas()
    found = said.merge(labels, on="example")
    found["right"] = found["predicted"] == found["label"]
    return found.sort_values(["epoch", "example"], ignore_index=True)[["epoch", "example", "probability", "right"]]


def right_at_the_end(run: Run) -> Booleans:
    """(n,) which of the test reviews, in the order of their numbers, are predicted right at the last epoch."""
    found = predictions(run)
    right: Booleans = found[found["epoch"] == found["epoch"].max()]["right"].to_numpy(bool)
    return right


def similarities(run: Run) -> dict[int, float]:
    """{epoch: CKA of the LSTM state and the hidden layer}; empty where the run has none."""
    found = frame(run, "similarity", ["epoch", "layer", "other_epoch", "other_layer", "cka"])
    both = [{row.layer, row.other_layer} == {LSTM, DENSE} for row in found.itertuples(index=False)]
    found = found[np.array(both, bool) & (found["epoch"] == found["other_epoch"]) & found["cka"].notna()]
    return {int(row.epoch): float(row.cka) for row in found.itertuples(index=False)}

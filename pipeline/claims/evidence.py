"""What the claims need of the store: tables of a run, its checkpoints, and the runs that differ from it in one thing.

Reads the run's tables and checkpoints, and configs, predictions and table similarity of the other runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from pipeline import config, store
from pipeline.claims import neutral_words
from pipeline.claims.density import Step
from pipeline.claims.distance import Layer
from pipeline.claims.hidden_layer import SEEDS
from pipeline.claims.layers import DENSE, LSTM
from pipeline.claims.neutral_words import Word
from pipeline.claims.pairs import Pair
from pipeline.claims.read import Read
from pipeline.claims.separability import Probes
from pipeline.claims.tables import frame
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
        """Columns epoch, example, probability of positive, predicted, and right."""
        return predictions(self.run)

    @property
    def last(self) -> int:
        """The last epoch: the one that the claims are about."""
        return self.epochs[-1]

    def right(self) -> dict[int, tuple[int, int]]:
        """{epoch: (test reviews predicted right, of how many)}."""
        counted = self.predictions.groupby("epoch")["right"].agg(["sum", "size"])
        return {int(epoch): (int(right), int(of)) for epoch, right, of in counted.itertuples()}

    def right_on_the_maps(self) -> tuple[int, int]:
        """(mapped reviews predicted right at the last epoch, of how many)."""
        mapped = self.run.read("mapped")["example"].to_pylist()
        last = self.predictions[self.predictions["epoch"] == self.last]
        right = last[last["example"].isin(mapped)]["right"]
        return int(right.sum()), len(right)

    def probes(self) -> list[Probes]:
        """Of every layer at every epoch whose map the store has measured."""
        found = frame(self.run, "maps", ["epoch", "layer", "judged", *MEASURES])
        rows = found.set_index(["layer", "epoch"]).sort_index()
        positive = self.called_positive()
        measured = []
        for layer, epoch in ((layer, epoch) for layer in self.layers for epoch in self.epochs):
            if (layer, epoch) not in rows.index or pd.isna((row := rows.loc[(layer, epoch)])["judged"]):
                continue
            told = [None if pd.isna(row[name]) else float(row[name]) for name in MEASURES]
            measured.append(Probes(epoch, layer, int(row["judged"]), *(*told, positive.get(epoch))))
        return measured

    def called_positive(self) -> dict[int, float]:
        """{epoch: share of the mapped reviews that the network calls positive}."""
        mapped = self.run.read("mapped")["example"].to_pylist()
        said = self.predictions[self.predictions["example"].isin(mapped)]
        shares = (said["predicted"] == self.positive).groupby(said["epoch"]).mean()
        return {int(epoch): float(share) for epoch, share in shares.items()}

    def spaces(self) -> list[Layer]:
        """Every layer at every epoch that the store has vectors and a map of, with what the network says of the reviews
        on its map."""
        vectors = by_layer(frame(self.run, "vectors", ["epoch", "layer", "example", "vector"]))
        points = by_layer(frame(self.run, "points", ["epoch", "layer", "example", "x", "y"]))
        said = {epoch: own.set_index("example")["probability"] for epoch, own in self.predictions.groupby("epoch")}
        found = []
        for layer, epoch in ((layer, epoch) for layer in self.layers for epoch in self.epochs):
            if (layer, epoch) not in vectors or (layer, epoch) not in points or epoch not in said:
                continue
            own, places = vectors[layer, epoch], points[layer, epoch]
            if own["example"].tolist() != places["example"].tolist():
                raise InputError(f"{self.run.folder}: vectors and points are not of one build; build its maps again")
            probability = said[epoch].loc[own["example"]].to_numpy(np.float64)
            stacked = np.stack(list(own["vector"])).astype(np.float64)
            found.append(Layer(epoch, layer, stacked, places[["x", "y"]].to_numpy(np.float64), probability))
        return found

    def steps(self) -> list[Step]:
        """From each layer to the one that follows, at every epoch of which the store has them compared."""
        found = frame(self.run, "similarity", ["epoch", "layer", "other_epoch", "other_layer", "density_correlation"])
        at = {
            (int(row.epoch), frozenset((row.layer, row.other_layer))): row.density_correlation
            for row in found[found["epoch"] == found["other_epoch"]].itertuples(index=False)
        }
        return [
            Step(epoch, one, other, None if pd.isna(told := at[epoch, pair]) else float(told), self.mapped)
            for one, other in pairwise(self.layers)
            for epoch in self.epochs
            if (epoch, pair := frozenset((one, other))) in at
        ]

    @cached_property
    def mapped(self) -> int:
        return int(self.run.read("mapped").num_rows)

    @cached_property
    def others(self) -> dict[str, Config]:
        """The configs of all runs of the store that can be read, this one first, the others by name."""
        names = sorted(store.runs(self.run.artifacts), key=lambda name: (name != self.run.name, name))
        read = ((name, readable(Run(name, self.run.artifacts))) for name in names)
        return {name: its for name, its in read if its is not None}

    def unreadable(self) -> list[str]:
        """The runs of the store whose config cannot be read: damaged, or of another version."""
        return [name for name in store.runs(self.run.artifacts) if name not in self.others]

    def seeds(self, hidden: bool) -> dict[int, Run]:
        """{seed: run} of finished runs that differ from this one in their seed alone, or in having no hidden layer
        besides; of several alike this one, else the first by name. Settings of impacts and maps are no difference."""
        model = self.config.model.model_dump() | ({} if hidden else {"dense": None})
        wanted = self.config.corpus, self.config.trainer, model
        found: dict[int, Run] = {}
        for name, its in self.others.items():
            other = Run(name, self.run.artifacts)
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
            held = labels[np.unique(rows[flat == ids.get(word, UNKNOWN)])]  # all unknown words are one token
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


def by_layer(rows: pd.DataFrame) -> dict[tuple[str, int], pd.DataFrame]:
    """The rows of every layer at every epoch, in the order of the table."""
    return {(str(layer), int(epoch)): own for (layer, epoch), own in rows.groupby(["layer", "epoch"])}


def readable(run: Run) -> Config | None:
    """The config of a run; None where it is damaged, or of another version."""
    try:
        return config.read(run.config)
    except InputError:
        return None


def predictions(run: Run) -> pd.DataFrame:
    """Columns epoch, example, probability of positive, predicted, and right (that is the label); sorted."""
    labels = run.read("examples", ["example", "label"]).to_pandas()
    said = run.read("predictions", ["epoch", "example", "probability", "predicted"]).to_pandas()
    found = said.merge(labels, on="example")
    found["right"] = found["predicted"] == found["label"]
    columns = ["epoch", "example", "probability", "predicted", "right"]
    return found.sort_values(["epoch", "example"], ignore_index=True)[columns]


def right_at(epoch: int, run: Run) -> Booleans:
    """(n,) which of the test reviews, in the order of their numbers, are predicted right at an epoch; empty where the
    run has no predictions of it."""
    found = predictions(run)
    right: Booleans = found[found["epoch"] == epoch]["right"].to_numpy(bool)
    return right


def similarities(run: Run) -> dict[int, float]:
    """{epoch: CKA of the LSTM state and the hidden layer}; empty where the run has none."""
    found = frame(run, "similarity", ["epoch", "layer", "other_epoch", "other_layer", "cka"])
    both = [{row.layer, row.other_layer} == {LSTM, DENSE} for row in found.itertuples(index=False)]
    found = found[np.array(both, bool) & (found["epoch"] == found["other_epoch"]) & found["cka"].notna()]
    return {int(row.epoch): float(row.cka) for row in found.itertuples(index=False)}

"""The impacts in the store, against the network evaluated on explicit prefixes one by one."""

import math

import numpy as np
import pytest
import torch

from pipeline.explain.prefix import GRID
from pipeline.models.checkpoints import Description, save
from pipeline.models.networks import LSTMClassifier
from pipeline.store import connect
from tests.project import Project
from tests.stored import Stored


@pytest.mark.parametrize("epoch", [0, 3])
def test_every_row_is_what_the_network_says_of_that_prefix_alone(stored: Stored, epoch: int) -> None:
    network = stored.network(epoch)
    for example in stored.table("examples")["example"].to_pylist()[::150]:
        rows = stored.rows("impacts", epoch=epoch, example=example)
        tokens = stored.tokens(example)
        assert [row["position"] for row in rows] == list(range(tokens.shape[1] + 1))
        before = None
        for row in rows:
            length = row["position"]
            with torch.no_grad():
                logit = network(tokens[:, : max(length, 1)], torch.tensor([length])).item()
            probability = 1 / (1 + math.exp(-logit))
            assert row["logit"] == pytest.approx(logit, abs=1e-5)
            assert row["class"] == "pos"
            if before is None:
                assert row["impact"] is None
            else:
                assert row["impact"] == pytest.approx(probability - before, abs=1e-6)
            before = probability


def test_impacts_of_a_review_add_up_to_its_prediction_minus_the_empty_prefix(stored: Stored) -> None:
    view = connect()
    sums = view.sql(
        """SELECT example, epoch, sum(impact::DOUBLE), max_by(probability, position), min_by(probability, position)
           FROM impacts GROUP BY ALL"""
    ).fetchall()
    predictions = {(row["example"], row["epoch"]): row["probability"] for row in stored.rows("predictions")}
    assert len(sums) == 2 * stored.table("examples").num_rows
    for example, epoch, total, last, first in sums:
        assert total * GRID == round(total * GRID)  # on the grid: added up without rounding
        assert total == pytest.approx(last - first, abs=1.1 / GRID)
        assert predictions[example, epoch] == pytest.approx(last, abs=1e-6)


def test_all_test_examples_are_explained_in_order(stored: Stored) -> None:
    table = stored.table("impacts")
    keys = list(zip(*(table[name].to_pylist() for name in ("epoch", "example", "position")), strict=True))
    assert keys == sorted(keys)
    lengths = dict(zip(*(stored.table("examples")[name].to_pylist() for name in ("example", "length")), strict=True))
    assert len(keys) == 2 * sum(length + 1 for length in lengths.values())
    assert set(table["example"].to_pylist()) == set(lengths)


def test_the_view_derives_the_probability_from_the_logit(stored: Stored) -> None:
    logits = stored.table("impacts")["logit"].to_numpy().astype(np.float64)
    derived = connect().sql("SELECT probability FROM impacts ORDER BY epoch, example, position").fetchall()
    np.testing.assert_allclose(np.array(derived)[:, 0], 1 / (1 + np.exp(-logits)), rtol=1e-12)


FALSE_CLAIM = """
import torch
from torch import nn

class Backwards(nn.Module):
    \"\"\"Reads a sequence in both directions, yet claims that one pass holds its prefixes.\"\"\"

    def __init__(self, tokens: int, outputs: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, 8)
        self.lstm = nn.LSTM(8, 8, batch_first=True, bidirectional=True)
        self.output = nn.Linear(16, outputs)

    def prefix_logits(self, inputs, lengths):
        states = self.lstm(self.embedding(inputs))[0]
        return self.output(torch.cat([torch.zeros_like(states[:, :1]), states], dim=1))

    def forward(self, inputs, lengths):
        return self.prefix_logits(inputs, lengths)[torch.arange(len(inputs)), lengths]
"""


BACKWARDS = """# @package _global_
model: {network: backwards.Backwards}
maps: {layers: {lstm: last}}
"""


def test_a_network_that_only_claims_to_be_causal_is_refused_with_the_difference(workshop: Project) -> None:
    (workshop.folder / "backwards.py").write_text(FALSE_CLAIM)
    (workshop.folder / "conf/model/backwards.yaml").write_text(BACKWARDS)
    workshop.edit("conf/run/tiny.yaml", "model: {embedding: 8, hidden: 8, dense: 8}\n", "")
    workshop.edit("conf/run/tiny.yaml", "/corpus: sentences", "/corpus: sentences\n  - override /model: backwards")
    before = (workshop.results / "impacts.parquet").read_bytes()
    for stage in ("compose", "train"):
        result = workshop.stage(stage)
        assert result.returncode == 0, result.stderr
    result = workshop.stage("impacts")
    assert result.returncode == 2
    assert "epoch=000.ckpt: the network claims to be causal" in result.stderr
    assert float(result.stderr.partition("differs by ")[2].split()[0]) > 1e-3
    assert (workshop.results / "impacts.parquet").read_bytes() == before


def test_a_checkpoint_of_another_model_is_refused_and_nothing_changes(workshop: Project) -> None:
    before = (workshop.results / "impacts.parquet").read_bytes()
    arguments = {"embedding": 4, "hidden": 5, "dense": 6, "dropout": 0.0}
    other = Description("pipeline.models.networks.LSTMClassifier", arguments, tokens=502, outputs=1)
    network = LSTMClassifier(tokens=502, outputs=1, **arguments)
    save(workshop.results / "checkpoints" / "epoch=003.ckpt", network, other, epoch=3)
    for stage in ("impacts", "maps"):
        result = workshop.stage(stage)
        assert result.returncode == 2
        assert "epoch=003.ckpt: a checkpoint of another model (its dense is 6, the run's is 8)" in result.stderr
    assert (workshop.results / "impacts.parquet").read_bytes() == before

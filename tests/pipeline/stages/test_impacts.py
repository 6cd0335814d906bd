"""The impacts in the store, against the network evaluated on explicit prefixes one by one."""

import math

import numpy as np
import pytest
import torch

from pipeline.errors import InputError
from pipeline.explain.prefix import GRID, is_causal
from pipeline.models.checkpoints import Description, save
from pipeline.models.networks import LSTMClassifier
from pipeline.stages import impacts
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

class Foresighted(nn.Module):
    \"\"\"Claims that one pass holds its prefixes, which from the seventh word on is false.\"\"\"

    def __init__(self, tokens: int, outputs: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, 8)
        self.output = nn.Linear(8, outputs)

    def prefix_logits(self, inputs, lengths):
        words = self.embedding(inputs)
        sums = torch.cat([torch.zeros_like(words[:, :1]), words.cumsum(dim=1)], dim=1)
        return self.output(sums + words[:, 6:].sum(dim=1, keepdim=True))

    def forward(self, inputs, lengths):
        read = torch.arange(inputs.shape[1])[None] < lengths[:, None]
        return self.output((self.embedding(inputs) * read[..., None]).sum(dim=1))
"""


FORESIGHTED = """# @package _global_
model: {network: foresighted.Foresighted}
maps: {layers: {embedding: mean}}
"""


def test_a_network_that_only_claims_to_be_causal_is_refused_with_the_difference(workshop: Project) -> None:
    (workshop.folder / "foresighted.py").write_text(FALSE_CLAIM)
    (workshop.folder / "conf/model/foresighted.yaml").write_text(FORESIGHTED)
    workshop.edit("conf/run/tiny.yaml", "model: {embedding: 8, hidden: 8, dense: 8}\n", "")
    workshop.edit("conf/run/tiny.yaml", "/corpus: sentences", "/corpus: sentences\n  - override /model: foresighted")
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


def further_run(project: Project, *words: str) -> Stored:
    """A further run of one epoch, built by the command line."""
    small = ["run=tiny", "name=more", "trainer.epochs=1", "impacts.epochs=[0,1]", "maps.examples=20"]
    result = project.command("pipeline", *small, *words)
    assert result.returncode == 0, result.stderr
    return Stored("more")


def test_attention_is_stored_for_every_element_explained(workshop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = further_run(workshop, "model=attention", "model.attention=3")
    monkeypatch.chdir(workshop.folder)
    for epoch in (0, 1):
        rows = stored.rows("attention", epoch=epoch)
        explained = [row for row in stored.rows("impacts", epoch=epoch) if row["position"]]
        assert [(row["example"], row["position"]) for row in rows] == [
            (row["example"], row["position"]) for row in explained
        ]
        w = {name: value.double().numpy() for name, value in stored.network(epoch).state_dict().items()}
        for example in stored.table("examples")["example"].to_pylist()[::100]:
            with torch.no_grad():
                states = stored.network(epoch).states(stored.tokens(example))[0].double().numpy()
            hidden = np.tanh(states @ w["pooling.score.0.weight"].T + w["pooling.score.0.bias"])
            share = np.exp(hidden @ w["pooling.score.2.weight"][0])
            found = [row["weight"] for row in rows if row["example"] == example]
            np.testing.assert_allclose(found, share / share.sum(), atol=1e-6)


def test_a_network_without_attention_has_an_empty_table(stored: Stored) -> None:
    assert stored.table("attention").num_rows == 0


def test_a_network_that_is_not_causal_is_explained_for_the_mapped_examples_and_null_where_it_is_not_defined(
    workshop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = further_run(workshop, "model=transformer_bidirectional", "model.heads=2")
    monkeypatch.chdir(workshop.folder)
    mapped = stored.table("mapped")["example"].to_pylist()
    rows = stored.rows("impacts", epoch=1)
    assert sorted({row["example"] for row in rows}) == mapped
    network = stored.network(1)
    for example in mapped[::5]:
        tokens, before = stored.tokens(example), None
        for row in (row for row in rows if row["example"] == example):
            length = row["position"]
            if length == 0:
                assert (row["logit"], row["impact"]) == (None, None)
                continue
            with torch.no_grad():
                logit = network(tokens[:, :length], torch.tensor([length])).item()
            probability = 1 / (1 + math.exp(-logit))
            assert row["logit"] == pytest.approx(logit, abs=1e-5)
            assert row["impact"] == (None if before is None else pytest.approx(probability - before, abs=1e-6))
            before = probability
    sums = connect().sql(
        """SELECT count(*), bool_and((probability IS NULL) = (position = 0)) FROM impacts WHERE run = 'more'"""
    )
    assert sums.fetchall() == [(2 * len(rows), True)]


@pytest.mark.parametrize(("run", "classes", "everything"), [("sources", 3, False), ("undefined", 2, True)])
def test_auto_explains_all_examples_of_a_causal_network_where_there_are_two_classes_and_else_the_mapped(
    of_kinds: Project, run: str, classes: int, everything: bool
) -> None:
    stored = Stored(run)
    assert stored.config.impacts.examples == "auto"
    assert is_causal(stored.network(3))  # both: the number of classes alone decides
    assert stored.table("classes").num_rows == classes
    mapped = stored.table("mapped")["example"].to_pylist()
    expected = stored.table("examples")["example"].to_pylist() if everything else mapped
    assert sorted(set(stored.table("impacts")["example"].to_pylist())) == sorted(expected)
    assert len(mapped) < stored.table("examples").num_rows  # so that the two can be told apart


def test_so_many_examples_are_the_mapped_ones_and_then_others(
    workshop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workshop.folder)
    stored = Stored("tiny")
    everything = stored.table("examples")["example"].to_pylist()
    mapped = set(stored.table("mapped")["example"].to_pylist())

    def explained(wanted: str | int) -> list[int]:
        changed = stored.config.model_copy(
            update={"impacts": stored.config.impacts.model_copy(update={"examples": wanted})}
        )
        return impacts.chosen(stored.run, changed, causal=False).examples.tolist()

    few, many = explained(20), explained(100)
    assert (len(few), len(many)) == (20, 100)
    assert set(few) < mapped < set(many) < set(everything)
    assert set(few) < set(explained(21))
    assert few == sorted(few)
    assert explained("auto") == explained("mapped") == sorted(mapped)
    assert explained("all") == everything
    with pytest.raises(InputError, match=r"impacts.examples=9999 is more than the \d+ test examples"):
        explained(9999)

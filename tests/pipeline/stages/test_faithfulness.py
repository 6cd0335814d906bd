"""The table of faithfulness against the network asked of one sequence at a time."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.errors import InputError
from pipeline.explain.attribution import METHODS
from pipeline.models.networks import LSTMClassifier
from pipeline.stages import faithfulness
from pipeline.stages.compose import composed
from pipeline.store import Run
from tests.pipeline.stages import one_by_one
from tests.pipeline.stages.one_by_one import SHARES
from tests.project import RUN, Project
from tests.stored import Stored

MEASURES = ("comprehensiveness", "normalized_comprehensiveness", "normalized_sufficiency", "sufficiency")


def compare(stored: Stored, epoch: int) -> None:
    """Every number of every row of an epoch."""
    values = one_by_one.values(stored, epoch)
    per_method = [(measure, share) for measure in MEASURES for share in (0, *SHARES)] + [("hybrid_hit", 0)]
    rows = stored.rows("faithfulness", epoch=epoch)
    keys = [(row["method"], row["measure"], row["share"]) for row in rows]
    assert keys == sorted((method, *one) for method in METHODS for one in per_method)
    assert set(keys) == set(values)
    draws = one_by_one.drawn(stored, [len(own) for own in values.values()])
    for (method, *key), row in zip(keys, rows, strict=True):
        own, reference = values[method, *key], values["prefix_impact", *key]
        tolerance = 1e-4 if key[0].startswith("normalized") else 1e-6  # float32, divided by a range that may be small
        assert row["examples"] == (~np.isnan(own)).sum()
        expected = one_by_one.summary(own, draws[len(own)])
        assert (row["value"], row["low"], row["high"]) == pytest.approx(expected, abs=tolerance), (method, key)
        difference = tuple(row[name] for name in ("difference", "difference_low", "difference_high"))
        if method == "prefix_impact":
            assert difference == (None, None, None)
        else:
            paired = one_by_one.summary(own - reference, draws[len(own)])
            assert difference == pytest.approx(paired, abs=tolerance), (method, key)


@pytest.mark.parametrize("epoch", [0, 3])
def test_every_row_is_what_the_network_says_of_one_sequence_at_a_time(stored: Stored, epoch: int) -> None:
    compare(stored, epoch)


@pytest.mark.parametrize("name", ["sources", "undefined", "speakers"])
def test_so_it_is_for_other_kinds(of_kinds: Project, name: str) -> None:
    compare(Stored(name), 3)


def test_the_epochs_are_those_of_the_impacts(stored: Stored) -> None:
    assert {row["epoch"] for row in stored.rows("faithfulness")} == {0, 3}


def test_some_examples_fall_into_sentences_and_some_hits_are_missed(stored: Stored) -> None:
    """Else the hybrid documents of this run would show nothing."""
    cut = [len(one_by_one.sentences(stored, example)) for example in one_by_one.chosen(stored)]
    assert max(cut) > 1
    found = one_by_one.hits(stored, one_by_one.Asked(stored, 3))
    assert len({tuple(own) for own in found.values()}) > 2
    assert set(np.concatenate(list(found.values()))) == {0, 0.5, 1}


def test_a_trained_network_is_told_from_chance(stored: Stored) -> None:
    for method in METHODS:
        (row,) = stored.rows("faithfulness", epoch=3, method=method, measure="normalized_comprehensiveness", share=0)
        assert (row["difference_high"] or 0) < 0 if method == "random" else row["value"] > 0.7


@pytest.fixture
def apart(stored: Stored, tmp_path: Path) -> Stored:
    """The tiny run in a store of its own."""
    other = Stored(RUN)
    other.run = Run(RUN, tmp_path)
    shutil.copytree(stored.run.folder, other.run.folder)
    return other


def seventh_from_the_end(own: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """A network's own logits, wrong at the seventh place from the end of long sequences alone."""

    def logits(network: LSTMClassifier, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        found = own(network, inputs, lengths).clone()
        for row in torch.nonzero(lengths > 8)[:, 0].tolist():
            found[row, lengths[row] - 7] += 1
        return found

    return logits


@pytest.mark.parametrize("claim", ["prefix_logits", "leave_one_out_logits"])
def test_a_network_whose_own_way_is_false_is_refused(
    apart: Stored, claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LSTMClassifier, claim, seventh_from_the_end(getattr(LSTMClassifier, claim)))
    before = apart.run.path("faithfulness").read_bytes()
    with pytest.raises(InputError, match=rf"epoch=000\.ckpt: .* differs by .*; remove {claim} from the network or"):
        faithfulness.write(apart.run, apart.config)
    assert apart.run.path("faithfulness").read_bytes() == before


def test_a_network_that_reads_beyond_the_lengths_is_refused(apart: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    def forward(network: LSTMClassifier, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        return network.head(network.states(inputs)[:, -1])

    monkeypatch.setattr(LSTMClassifier, "forward", forward)
    with pytest.raises(InputError, match=r"epoch=000\.ckpt: the probability of sequence .* when it is evaluated alone"):
        faithfulness.write(apart.run, apart.config)


def test_no_examples_no_rows(apart: Stored) -> None:
    none = apart.config.faithfulness.model_copy(update={"examples": 0})
    faithfulness.write(apart.run, apart.config.model_copy(update={"faithfulness": none}))
    table = apart.table("faithfulness")
    assert table.num_rows == 0
    assert table.schema.names[:4] == ["epoch", "method", "measure", "share"]


def test_the_defaults_are_those_of_a_run_without_the_section() -> None:
    fields = faithfulness.Config.model_fields["faithfulness"].default
    assert composed("paper").faithfulness == fields

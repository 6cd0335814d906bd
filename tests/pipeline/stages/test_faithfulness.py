"""The table of faithfulness against the network asked about every shortened sequence, one at a time."""

from collections import Counter

import numpy as np
import pytest

from pipeline.data.splits import shuffled
from pipeline.explain.attribution import METHODS
from pipeline.explain.faithfulness import SHARES
from pipeline.stages import faithfulness
from pipeline.stages.compose import composed
from tests import prefixes
from tests.project import Project
from tests.stored import Stored

MEASURES = ("comprehensiveness", "normalized_comprehensiveness", "normalized_sufficiency", "sufficiency")


def chosen(stored: Stored) -> list[int]:
    """The examples that the table is about, by the seed of the corpus."""
    rows = stored.mapped
    order = shuffled([row["id"] for row in rows], stored.config.corpus.seed)
    return [rows[place]["example"] for place in order[: stored.config.faithfulness.examples]]


def of_predicted(stored: Stored, epoch: int, read: object) -> tuple[int, np.ndarray]:
    """The class predicted after everything, and its probability after every prefix; the mean where there is none."""
    found = prefixes.probabilities(stored, epoch, read)  # type: ignore[arg-type]
    predicted = int(found[-1].argmax())
    return predicted, np.nan_to_num(found[:, predicted], nan=1 / found.shape[1])


def expected(stored: Stored, epoch: int, share: int) -> tuple[list[float], list[float]]:
    """Comprehensiveness and sufficiency of prefix impact, for every example."""
    both: tuple[list[float], list[float]] = [], []
    for example in chosen(stored):
        read = prefixes.of_example(stored, example)
        predicted, p = of_predicted(stored, epoch, read)
        moved, length = np.diff(p), read.shape[1]
        top = sorted(range(length), key=lambda place: -moved[place])[: -(-share * length // 100)]
        rest = [place for place in range(length) if place not in top]
        for values, kept in zip(both, (rest, sorted(top)), strict=True):
            whole = prefixes.probabilities(stored, epoch, read[:, kept])
            values.append(p[-1] - np.nan_to_num(whole[-1], nan=1 / whole.shape[1])[predicted])
    return both


@pytest.mark.parametrize("share", [5, 50])
def test_removal_one_by_one(stored: Stored, share: int) -> None:
    for measure, values in zip(("comprehensiveness", "sufficiency"), expected(stored, 3, share), strict=True):
        (row,) = stored.rows("faithfulness", epoch=3, method="prefix_impact", measure=measure, share=share)
        assert row["value"] == pytest.approx(np.mean(values), abs=1e-6)
        assert row["examples"] == 20
        spread = np.std(values) / np.sqrt(20)
        assert row["low"] == pytest.approx(np.mean(values) - 1.96 * spread, abs=0.7 * spread)
        assert row["high"] == pytest.approx(np.mean(values) + 1.96 * spread, abs=0.7 * spread)


def test_every_method_has_every_measure_and_a_difference_to_prefix_impact(stored: Stored) -> None:
    rows = stored.rows("faithfulness")
    keys = [(row["epoch"], row["method"], row["measure"], row["share"]) for row in rows]
    per_method = [(measure, share) for measure in MEASURES for share in (0, *SHARES)] + [("hybrid_hit", 0)]
    assert keys == sorted((epoch, method, *one) for epoch in (0, 3) for method in METHODS for one in per_method)
    value = {key: row["value"] for key, row in zip(keys, rows, strict=True)}
    for key, row in zip(keys, rows, strict=True):
        epoch, method, measure, share = key
        assert row["low"] <= row["value"] <= row["high"]
        if method == "prefix_impact":
            assert row["difference"] is row["difference_low"] is row["difference_high"] is None
        else:
            reference = value[epoch, "prefix_impact", measure, share]
            assert row["difference"] == pytest.approx(row["value"] - reference, abs=1e-12)
            assert row["difference_low"] <= row["difference"] <= row["difference_high"]
        if measure.startswith("normalized"):
            assert 0 <= row["value"] <= 1
        elif measure != "hybrid_hit" and share == 0:
            mean = np.mean([value[epoch, method, measure, one] for one in SHARES])
            assert row["value"] == pytest.approx(mean, abs=1e-12)


def test_a_trained_network_is_told_from_chance(stored: Stored) -> None:
    for method in METHODS:
        (row,) = stored.rows("faithfulness", epoch=3, method=method, measure="normalized_comprehensiveness", share=0)
        assert (row["difference_high"] or 0) < 0 if method == "random" else row["value"] > 0.7


@pytest.mark.parametrize("name", ["sources", "undefined", "speakers"])
def test_other_kinds_have_all_of_it_too(of_kinds: Project, name: str) -> None:
    stored = Stored(name)
    counts = Counter(row["measure"] for row in stored.rows("faithfulness"))
    assert counts == dict.fromkeys(MEASURES, 2 * 5 * 6) | {"hybrid_hit": 2 * 5}
    values = expected(stored, 3, 20)
    for measure, own in zip(("comprehensiveness", "sufficiency"), values, strict=True):
        (row,) = stored.rows("faithfulness", epoch=3, method="prefix_impact", measure=measure, share=20)
        assert row["value"] == pytest.approx(np.mean(own), abs=1e-6)


def test_no_examples_no_rows(workshop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workshop.folder)
    stored = Stored("tiny")
    config = stored.config
    none = config.faithfulness.model_copy(update={"examples": 0})
    faithfulness.write(stored.run, config.model_copy(update={"faithfulness": none}))
    table = stored.table("faithfulness")
    assert table.num_rows == 0
    assert table.schema.names[:4] == ["epoch", "method", "measure", "share"]


def test_the_defaults_are_those_of_a_run_without_the_section() -> None:
    fields = faithfulness.Config.model_fields["faithfulness"].default
    assert composed("paper").faithfulness == fields

"""What is drawn of the table faithfulness, and the words for its differences."""

import pytest

from tests.stored import Stored
from viewer.data.facts import facts
from viewer.data.faithfulness import MEASURES, METHODS, faithfulness, verdict
from viewer.data.source import Source


def test_every_method_and_measure_that_compares_in_order(stored: Stored) -> None:
    source = Source()
    found = faithfulness(source, facts(source, "tiny"))
    keys = list(found[["epoch", "measure", "method"]].itertuples(index=False, name=None))
    assert keys == [(epoch, measure, method) for epoch in (0, 3) for measure in MEASURES for method in METHODS]
    (row,) = stored.rows("faithfulness", epoch=3, measure="hybrid_hit", method="random")
    mine = found[(found["epoch"] == 3) & (found["measure"] == "hybrid_hit") & (found["method"] == "random")]
    assert {name: mine[name].item() for name in ("value", "low", "high", "difference", "examples")} == {
        name: row[name] for name in ("value", "low", "high", "difference", "examples")
    }


@pytest.mark.parametrize(
    ("measure", "low", "high", "said"),
    [
        ("hybrid_hit", 0.1, 0.2, "better"),
        ("hybrid_hit", -0.2, -0.1, "worse"),
        ("hybrid_hit", -0.1, 0.1, "no clear difference"),
        ("normalized_sufficiency", 0.1, 0.2, "worse"),
        ("normalized_sufficiency", -0.2, -0.1, "better"),
        ("normalized_comprehensiveness", 0.0, 0.1, "no clear difference"),
    ],
)
def test_verdicts(measure: str, low: float, high: float, said: str) -> None:
    assert verdict(measure, low, high) == said

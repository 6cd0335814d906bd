"""The three findings, each number worked out from the plain rows, each view one that can be shown."""

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.spatial.distance import pdist

from tests.project import Project
from tests.stored import Stored
from tests.viewer.handmade import Hand
from tests.viewer.readings import reading
from viewer.data.facts import facts
from viewer.data.findings import NEGATED, PLAIN, findings, learning, mistakes, negation
from viewer.data.reading import Reading
from viewer.data.source import Source
from viewer.state import State


def said(text: str, last: float) -> Reading:
    """A reading after whose last word the probability has moved by `last`."""
    return reading(text, [[0.5] * len(text.split()) + [0.5 + last]])


@pytest.mark.parametrize(
    ("alone", "after_not", "text"),
    [
        (-0.3333, 0.126, f"moves POS by \u221233.3 points; in “{NEGATED}” by +12.6"),
        (0.2, -0.0004, f"moves POS by +20.0 points; in “{NEGATED}” by 0.0"),
    ],
)
def test_negation_says_both_impacts_where_they_were_measured(
    stored: Stored, alone: float, after_not: float, text: str
) -> None:
    known = facts(Source(), "tiny")
    found = negation(known, said(PLAIN, alone), said(NEGATED, after_not))
    assert found.text == f"In “{PLAIN}”, “boring” {text}"
    assert (found.view["text"], found.view["second"], found.view["epoch"]) == (PLAIN, NEGATED, 3)


def test_mistakes_are_as_far_apart_as_their_vectors(stored: Stored) -> None:
    source = Source()
    found = mistakes(source, facts(source, "tiny"))
    assert found is not None
    predicted = {row["example"]: row["predicted"] for row in stored.rows("predictions", epoch=3)}
    wrong = {row["example"] for row in stored.mapped if predicted[row["example"]] != row["label"]}
    ratios = []
    for layer in ("embedding", "dense"):
        rows = stored.rows("vectors", epoch=3, layer=layer)
        of_all = pdist(np.array([row["vector"] for row in rows]))
        of_wrong = pdist(np.array([row["vector"] for row in rows if row["example"] in wrong]))
        ratios.append(f"{of_wrong.mean() / of_all.mean():.2f}")
    count, *shown = re.findall(r"[0-9.]+(?= wrong| times)", found.text)
    assert (int(count), shown) == (len(wrong), ratios)
    assert "“Word vectors”" in found.text
    assert "“Hidden layer”" in found.text
    assert set(found.view["selection"].examples) == wrong  # type: ignore[attr-defined]
    assert (found.view["page"], found.view["epoch"]) == ("layers", 3)


def test_learning_names_the_epoch_with_the_largest_gain(stored: Stored) -> None:
    source = Source()
    found = learning(source, facts(source, "tiny"))
    assert found is not None
    score = {row["epoch"]: row["value"] for row in stored.rows("metrics", split="test", metric="accuracy")}
    best = max(range(1, 4), key=lambda epoch: score[epoch] - score[epoch - 1])
    assert found.text == (
        f"Epoch {best} taught most: {100 * score[best - 1]:.0f} % of the test reviews were right before it, "
        f"{100 * score[best]:.0f} % after it"
    )
    assert found.view == {"page": "training", "epoch": best}


def test_every_view_can_be_shown(stored: Stored) -> None:
    source = Source()
    found = findings(source, facts(source, "tiny"), said(PLAIN, -0.1), said(NEGATED, 0.1))
    assert len(found) == 3
    for finding in found:
        state = State(source)
        state.choose_run("tiny")
        state.param.update(**finding.view)
        assert state.page == finding.view["page"]


def test_a_run_that_lacks_tables_has_fewer(tmp_path: Path) -> None:
    hand = Hand(tmp_path, ["no", "yes"])
    found = findings(hand.source, facts(hand.source, "hand"), said(PLAIN, -0.1), said(NEGATED, 0.1))
    assert [finding.view["page"] for finding in found] == ["words", "training"]
    hand.run.write("metrics", {"epoch": [0], "split": ["test"], "metric": ["accuracy"], "value": [0.5]})
    source = hand.source
    assert learning(source, facts(source, "hand")) is None


def test_what_never_rose_taught_nothing(tmp_path: Path) -> None:
    hand = Hand(tmp_path, ["no", "yes"])
    hand.run.write("metrics", {"epoch": [0, 1], "split": ["test"] * 2, "metric": ["accuracy"] * 2, "value": [0.5, 0.5]})
    assert learning(hand.source, facts(hand.source, "hand")) is None


def test_reviews_that_all_lie_in_one_place_are_not_far_apart(workshop: Project) -> None:
    """Nor are they as far apart as they were before the file changed."""
    source = Source(workshop.artifacts)
    known = facts(source, "tiny")
    assert mistakes(source, known) is not None
    path = workshop.results / "vectors.parquet"
    table = pq.read_table(path, partitioning=None)
    nought = pa.array([[0.0] * len(one) for one in table["vector"].to_pylist()], table.schema.field("vector").type)
    pq.write_table(table.set_column(table.schema.get_field_index("vector"), "vector", nought), path)
    assert mistakes(source, known) is None


def test_a_broken_table_takes_one_finding_away_not_the_page(tmp_path: Path) -> None:
    hand = Hand(tmp_path, ["no", "yes"])
    source = hand.source
    known = facts(source, "hand")
    hand.run.path("metrics").write_bytes(b"broken")
    found = findings(source, known, said(PLAIN, -0.1), said(NEGATED, 0.1))
    assert [finding.view["page"] for finding in found] == ["words"]

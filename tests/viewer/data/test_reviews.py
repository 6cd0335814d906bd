"""The relation that conditions ask, against the plain rows; a name or class that looks like SQL stays a name."""

from pathlib import Path

import pytest

from tests.stored import Stored
from tests.viewer.handmade import Hand
from viewer.data.facts import facts
from viewer.data.reviews import COLUMNS, columns, identifier, reviews
from viewer.data.source import Source


@pytest.mark.parametrize("epoch", [0, 3])
@pytest.mark.parametrize("mapped_only", [True, False])
def test_it_holds_every_review_once_with_what_is_predicted(stored: Stored, epoch: int, mapped_only: bool) -> None:
    source = Source()
    known = facts(source, "tiny")
    found = source.frame(reviews(source, known, epoch, mapped_only)).to_dict("records")
    said = {row["example"]: row for row in stored.rows("predictions", epoch=epoch)}
    plain = {row["example"]: row for row in (stored.mapped if mapped_only else stored.rows("examples"))}
    assert sorted(row["example"] for row in found) == sorted(plain)
    for row in found:
        example, prediction = plain[row["example"]], said[row["example"]]
        for name in ("id", "label", "length", "text", "seen"):
            assert row[name] == example[name]
        assert row["predicted"] == prediction["predicted"]
        assert row["right"] is not row["wrong"] is (example["label"] != prediction["predicted"])
        assert row["probability"] == pytest.approx(prediction["probability"])
        assert row["confidence"] == pytest.approx(abs(2 * prediction["probability"] - 1), abs=1e-6)


def test_its_columns_are_those_described_and_the_corpus_own(stored: Stored) -> None:
    source = Source()
    known = facts(source, "tiny")
    names = columns(source, known)
    assert names[: len(COLUMNS)] == list(COLUMNS)
    assert list(source.frame(reviews(source, known, 3))) == names
    assert set(names[len(COLUMNS) :]) == {key for row in stored.rows("examples") for key, _ in row["attributes"]}


def test_a_class_that_looks_like_sql_is_a_class(tmp_path: Path) -> None:
    hand = Hand(tmp_path, ["no", "'; DROP TABLE x; --"])
    hand.examples(["good film", "bad", "not good"], ["no", "'; DROP TABLE x; --", "no"])
    hand.predictions({0: [{"'; DROP TABLE x; --": p} for p in (0.9, 0.2, 0.5)]})
    found = hand.source.frame(
        f"{reviews(hand.source, facts(hand.source, 'hand'), 0, mapped_only=False)} ORDER BY example"
    )
    assert found["probability"].tolist() == pytest.approx([0.9, 0.2, 0.5])
    assert found["confidence"].tolist() == pytest.approx([0.8, 0.6, 0.0])


def test_names_are_quoted() -> None:
    assert identifier('a "b"') == '"a ""b"""'

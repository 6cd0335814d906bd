"""What is said of a selection, recomputed by plain loops, SciPy and by hand."""

import math
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import pdist

from pipeline.errors import InputError
from pipeline.store import Run
from tests.stored import Stored
from viewer.data import selected
from viewer.data.facts import Facts, Layer
from viewer.data.selected import moving_words, spread, summary, table
from viewer.data.snippets import snippet
from viewer.data.source import Source


@pytest.fixture
def mapped(stored: Stored) -> tuple[int, ...]:
    return tuple(stored.table("mapped")["example"].to_pylist())


@pytest.mark.parametrize("epoch", [0, 1, 3])
@pytest.mark.parametrize("part", [slice(None), slice(0, 20, 3), slice(5, 6)])
def test_summary_counts_what_a_loop_counts(
    stored: Stored, source: Source, tiny: Facts, mapped: tuple[int, ...], epoch: int, part: slice
) -> None:
    chosen = mapped[part]
    labels = {row["example"]: row["label"] for row in stored.rows("examples")}
    said = {row["example"]: row for row in stored.rows("predictions", epoch=epoch)}
    found = summary(source, tiny, chosen, epoch)
    assert (found.count, found.total) == (len(chosen), 60)
    right = [labels[example] == said[example]["predicted"] for example in chosen]
    assert found.accuracy == pytest.approx(sum(right) / len(right))
    sure = [abs(2 * said[example]["probability"] - 1) for example in chosen]
    assert found.confidence == pytest.approx(statistics.fmean(sure))
    assert found.confusion.index.tolist() == found.confusion.columns.tolist() == ["neg", "pos"]
    for label in tiny.classes:
        for predicted in tiny.classes:
            pairs = [(labels[example], said[example]["predicted"]) for example in chosen]
            assert found.confusion.loc[label, predicted] == pairs.count((label, predicted))


def test_summary_of_none_and_of_unmapped_reviews(stored: Stored, source: Source, tiny: Facts) -> None:
    found = summary(source, tiny, (), 3)
    assert (found.count, found.total) == (0, 60)
    assert math.isnan(found.accuracy)
    assert math.isnan(found.confidence)
    assert found.confusion.to_numpy().sum() == 0
    everyone = stored.table("examples")["example"].to_pylist()
    assert summary(source, tiny, everyone, 3).total == summary(source, tiny, everyone, 3).count == len(everyone)


@pytest.mark.parametrize("at_once", [7, 512])
@pytest.mark.parametrize("part", [slice(None), slice(0, 30, 2), slice(0, 2)])
def test_spread_is_a_ratio_of_mean_distances(
    stored: Stored,
    source: Source,
    tiny: Facts,
    mapped: tuple[int, ...],
    part: slice,
    at_once: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selected, "AT_ONCE", at_once)
    found = spread(source, tiny, mapped[part], 3)
    assert list(found) == [layer.name for layer in tiny.layers]
    for layer in found:
        vectors = {row["example"]: row["vector"] for row in stored.rows("vectors", epoch=3, layer=layer)}
        some = pdist(np.array([vectors[example] for example in mapped[part]], float))
        assert found[layer] == pytest.approx(some.mean() / pdist(np.array(list(vectors.values()), float)).mean())


def test_spread_of_fewer_than_two_is_not_a_number(
    stored: Stored, source: Source, tiny: Facts, mapped: tuple[int, ...]
) -> None:
    unmapped = sorted(set(stored.table("examples")["example"].to_pylist()) - set(mapped))
    for chosen in ((), mapped[:1], tuple(unmapped[:5]), (mapped[0], unmapped[0])):
        assert all(math.isnan(ratio) for ratio in spread(source, tiny, chosen, 3).values())


def by_hand(stored: Stored, epoch: int, chosen: set[int]) -> dict[str, list[float]]:
    """{normal form: its impacts in these examples}."""
    impacts = {(row["example"], row["position"]): row["impact"] for row in stored.rows("impacts", epoch=epoch)}
    found: dict[str, list[float]] = {}
    for row in stored.rows("elements"):
        if row["example"] in chosen:
            form = row["element"].lower().replace("’", "'")
            found.setdefault(form, []).append(impacts[row["example"], row["position"]])
    return found


@pytest.mark.parametrize("epoch", [0, 3])
@pytest.mark.parametrize(("part", "least"), [(slice(0, 0), 20), (slice(None), 5), (slice(0, 40, 2), 2)])
def test_moving_words_are_those_of_a_loop_over_all_places(
    stored: Stored, source: Source, tiny: Facts, mapped: tuple[int, ...], epoch: int, part: slice, least: int
) -> None:
    chosen = mapped[part]
    words = by_hand(stored, epoch, set(chosen) or set(stored.table("examples")["example"].to_pylist()))
    enough = {word: impacts for word, impacts in words.items() if len(impacts) >= least}
    found = moving_words(source, tiny, chosen, epoch, least=least, limit=10_000)
    assert found.columns.tolist() == ["word", "count", "impact", "low", "high", "known"]
    assert set(found["word"]) == set(enough)
    assert len(found) == len(enough) > 5
    vocabulary = set(stored.table("vocabulary")["word"].to_pylist())
    for row in found.rename(columns={"count": "places"}).itertuples():
        impacts = enough[str(row.word)]
        assert row.places == len(impacts)
        assert row.impact == pytest.approx(statistics.fmean(impacts), abs=1e-12)
        error = stats.sem(impacts)
        low, high = stats.t.interval(0.95, len(impacts) - 1, row.impact, error) if error else (row.impact, row.impact)
        assert (row.low, row.high) == pytest.approx((low, high), abs=1e-7)
        assert row.known == (row.word in vocabulary)
    sizes = found["impact"].abs().tolist()
    assert sizes == sorted(sizes, reverse=True)
    short = moving_words(source, tiny, chosen, epoch, least=least, limit=3)
    pd.testing.assert_frame_equal(short, found.head(3))


def test_moving_words_of_an_epoch_without_impacts_is_one_line(source: Source, tiny: Facts) -> None:
    with pytest.raises(InputError, match="impacts of epoch 1 are not stored in run tiny; there are epochs 0, 3"):
        moving_words(source, tiny, (), 1)


def test_moving_words_where_no_word_is_frequent_enough(source: Source, tiny: Facts, mapped: tuple[int, ...]) -> None:
    assert moving_words(source, tiny, mapped, 3, least=10_000).empty


def hand_made(
    tmp_path: Path, elements: list[tuple[str | None, int | None]], impacts: list[float]
) -> tuple[Source, Facts]:
    """A store of one example with these elements (word, token)."""
    run, count = Run("hand", tmp_path), len(elements)
    run.write("vocabulary", {"word": ["<unknown>", "good"], "token": [1, 2], "count": [0, 1], "counts": [[], []]})
    run.write(
        "elements",
        {
            "example": [1] * count, "position": list(range(1, count + 1)), "element": [word for word, _ in elements],
            "start": [None] * count, "stop": [None] * count,
            "known": [None if token is None else token > 1 for _, token in elements],
            "token": [token for _, token in elements],
        },
    )  # fmt: skip
    run.write(
        "impacts",
        {
            "epoch": [0] * (count + 1), "example": [1] * (count + 1), "position": list(range(count + 1)),
            "class": ["pos"] * (count + 1), "logit": [0.0] * (count + 1), "impact": [None, *impacts],
        },
    )  # fmt: skip
    known: Any = None
    return Source(tmp_path), Facts("hand", known, ("neg", "pos"), "pos", (), (0,), (0,), 1, 0)


def test_all_spellings_of_an_unknown_word_are_one_word_apart_from_other_unknown_ones(tmp_path: Path) -> None:
    elements = [("Don’t", 1), ("don't", 1), ("DON'T", 1), ("Good", 2), ("GOOD", 2), ("odd", 1), ("İ", 1), ("i̇", 1)]
    impacts = [0.25, 0.5, 0.0, -0.5, -0.25, 0.125, 0.5, 0.5]
    source, known = hand_made(tmp_path, elements, impacts)
    found = moving_words(source, known, (), 0, least=1)
    assert found[["word", "count", "impact", "known"]].to_numpy().tolist() == [
        ["i̇", 2, 0.5, False],
        ["good", 2, -0.375, True],
        ["don't", 3, 0.25, False],
    ]
    # by hand: 0.25 +- t(0.975, 2) * 0.25 / sqrt(3), and t is 4.302653
    assert found["low"][2] == pytest.approx(0.25 - 4.302653 * 0.25 / math.sqrt(3), abs=1e-6)
    assert (found["low"][0], found["high"][0]) == (0.5, 0.5)


@pytest.mark.parametrize(("impact", "count"), [(0.1, 54), (0.7, 70), (1 / 3, 74)])
def test_equal_impacts_have_an_interval_of_no_width(tmp_path: Path, impact: float, count: int) -> None:
    """Sums of that many such numbers round so that the variance comes out just below 0."""
    source, known = hand_made(tmp_path, [("good", 2)] * count, [impact] * count)
    found = moving_words(source, known, (), 0)
    assert found["low"][0] == pytest.approx(found["impact"][0], abs=1e-7)
    assert found["high"][0] == pytest.approx(found["impact"][0], abs=1e-7)


def test_sequences_of_numbers_have_no_words(tmp_path: Path) -> None:
    source, known = hand_made(tmp_path, [(None, None)] * 30, [0.1] * 30)
    assert moving_words(source, known, (), 0).empty


def test_reviews_in_one_place_have_no_spread(tmp_path: Path) -> None:
    source, known = hand_made(tmp_path, [("good", 2)], [0.0])
    columns = {"epoch": [0] * 3, "layer": ["dense"] * 3, "example": [1, 2, 3], "vector": [[1.0, 2.0]] * 3}
    Run("hand", tmp_path).write("vectors", columns)
    known = Facts("hand", known.config, known.classes, "pos", (Layer("dense", "Hidden layer", 2),), (0,), (0,), 3, 3)
    assert math.isnan(spread(source, known, (1, 2, 3), 0)["dense"])


def test_table_has_a_row_a_review_with_all_that_is_known_of_it(
    stored: Stored, source: Source, tiny: Facts, mapped: tuple[int, ...]
) -> None:
    found = table(source, tiny, mapped[:7][::-1], 3)
    assert found["example"].tolist() == list(mapped[:7])
    rows = {row["example"]: row for row in stored.rows("examples")}
    said = {row["example"]: row for row in stored.rows("predictions", epoch=3)}
    for row in found.to_dict("records"):
        stored_row, answer = rows[row["example"]], said[row["example"]]
        assert {name: row[name] for name in ("id", "label", "length", "seen")} == {
            name: stored_row[name] for name in ("id", "label", "length", "seen")
        }
        assert (row["predicted"], row["probability"]) == (answer["predicted"], answer["probability"])
        assert row["wrong"] == (stored_row["label"] != answer["predicted"])
        assert row["text"] == snippet(stored_row["text"], 160)
        assert row["source"] == dict(stored_row["attributes"])["source"]
    whole = table(source, tiny, mapped[:7], 3, whole=True)
    assert whole["text"].tolist() == [rows[example]["text"] for example in mapped[:7]]
    assert list(table(source, tiny, (), 3)) == list(found)

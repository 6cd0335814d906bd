"""Curves, moving words and alignment of a run, held against plain Python over the tables' rows."""

import math
import os
import statistics
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import procrustes as scipy_procrustes

from pipeline.data.words import normal
from pipeline.errors import InputError
from pipeline.store import Run
from tests.stored import Stored
from viewer.data import training
from viewer.data.facts import Facts, facts
from viewer.data.source import Source


@pytest.fixture
def tiny(stored: Stored) -> tuple[Source, Facts, Stored]:
    source = Source()
    return source, facts(source, "tiny"), stored


def test_metrics_are_the_stored_ones(tiny: tuple[Source, Facts, Stored]) -> None:
    source, about, stored = tiny
    found = training.metrics(source, about)
    expected = {(row["epoch"], row["split"], row["metric"]): row["value"] for row in stored.rows("metrics")}
    assert found.set_index(["epoch", "split", "metric"])["value"].to_dict() == expected
    assert set(found["split"]) == {"train", "validation", "test"}


def test_word_impacts_are_means_over_all_places(tiny: tuple[Source, Facts, Stored]) -> None:
    source, about, stored = tiny
    words = {(row["example"], row["position"]): normal(row["element"]) for row in stored.rows("elements")}
    places: dict[tuple[int, str], list[float]] = defaultdict(list)
    for one in stored.rows("impacts"):
        if one["position"] > 0:
            places[one["epoch"], words[one["example"], one["position"]]].append(one["impact"])
    expected = {key: values for key, values in places.items() if len(values) >= 5}
    found = training.word_impacts(source, about, least=5)
    assert list(zip(found["epoch"], found["word"], strict=True)) == sorted(expected)
    for row in found.to_dict("records"):
        values = expected[row["epoch"], row["word"]]
        mean, error = statistics.fmean(values), statistics.stdev(values) / math.sqrt(len(values))
        reach = statistics.NormalDist().inv_cdf(0.975) * error
        assert row["count"] == len(values)
        assert row["impact"] == pytest.approx(mean, abs=1e-9)
        assert (row["low"], row["high"]) == pytest.approx((mean - reach, mean + reach), abs=1e-7)


def written(artifacts: Path, spellings: list[str], impacts: list[float]) -> Run:
    """One epoch, one example, the given words and their impacts."""
    run = Run("hand", artifacts)
    n = len(spellings)
    run.write(
        "elements",
        {
            "example": [0] * n, "position": range(1, n + 1), "element": spellings, "start": [0] * n, "stop": [1] * n,
            "known": [True] * n, "token": [2] * n,
        },
    )  # fmt: skip
    run.write(
        "impacts",
        {
            "epoch": [3] * (n + 1), "example": [0] * (n + 1), "position": range(n + 1), "class": ["pos"] * (n + 1),
            "logit": [0.0] * (n + 1), "impact": [None, *impacts],
        },
    )  # fmt: skip
    return run


def hand_facts() -> Facts:
    return Facts("hand", None, ("neg", "pos"), "pos", (), (0, 3), (3,), 1, 0)  # type: ignore[arg-type]


def test_spellings_of_one_word_count_together_and_rare_words_are_left_out(tmp_path: Path) -> None:
    written(tmp_path, ["Don't", "don’t", "DON'T", "rare", "rare"], [0.1, 0.2, 0.6, 0.5, 0.5])
    found = training.word_impacts(Source(tmp_path), hand_facts(), least=3)
    assert found["word"].tolist() == ["don't"]
    assert found["count"].tolist() == [3]
    assert found["impact"].tolist() == pytest.approx([0.3])
    spread = statistics.NormalDist().inv_cdf(0.975) * statistics.stdev([0.1, 0.2, 0.6]) / math.sqrt(3)
    assert found["high"].tolist() == pytest.approx([0.3 + spread])


def test_a_file_written_anew_is_read_anew(tmp_path: Path) -> None:
    source = Source(tmp_path)
    run = written(tmp_path, ["a"] * 3, [0.1] * 3)
    assert training.word_impacts(source, hand_facts(), least=2)["impact"].tolist() == pytest.approx([0.1])
    written(tmp_path, ["a"] * 3, [-0.2] * 3)
    later = run.path("impacts").stat().st_mtime_ns + 1_000_000
    os.utime(run.path("impacts"), ns=(later, later))
    assert training.word_impacts(source, hand_facts(), least=2)["impact"].tolist() == pytest.approx([-0.2])


def test_a_run_without_impacts_says_so(tmp_path: Path) -> None:
    written(tmp_path, ["a"], [0.1]).path("impacts").unlink()
    with pytest.raises(InputError, match="'hand' has no impacts of words; build them"):
        training.word_impacts(Source(tmp_path), hand_facts())


def frame(**words: float) -> pd.DataFrame:
    """One epoch of word impacts."""
    return pd.DataFrame({"epoch": 0, "word": list(words), "impact": list(words.values())})


def test_most_moving_orders_from_most_raising_to_most_lowering() -> None:
    best = training.most_moving(frame(a=0.1, b=0.3, c=-0.2, d=-0.4, e=0.2, f=0.0), top=2)
    assert best["word"].tolist() == ["b", "e", "c", "d"]
    assert best["rank"].tolist() == [1, 2, -2, -1]


def test_equal_words_come_in_the_order_of_the_alphabet_and_fewer_words_give_fewer_rows() -> None:
    best = training.most_moving(frame(z=0.1, a=0.1, m=-0.1), top=8)
    assert best["word"].tolist() == ["a", "z", "m"]
    assert training.most_moving(frame(), top=8).empty


def test_followed_words_are_those_of_one_epoch_at_all_epochs() -> None:
    impacts = pd.concat([frame(a=0.1, b=-0.2, c=0.01), frame(a=-0.3, b=0.4, c=0.5).assign(epoch=1)])
    found = training.followed(impacts, epoch=0, top=1)
    assert found[["word", "epoch", "rank"]].to_numpy().tolist() == [
        ["b", 0, -1],
        ["b", 1, -1],
        ["a", 0, 1],
        ["a", 1, 1],
    ]
    assert found["impact"].tolist() == [-0.2, 0.4, 0.1, -0.3]


def test_nearest_explained() -> None:
    about = Facts("hand", None, ("neg", "pos"), "pos", (), (0, 1, 2, 3), (0, 2), 1, 0)  # type: ignore[arg-type]
    assert [training.nearest_explained(about, epoch) for epoch in about.epochs] == [0, 0, 2, 2]


def test_alignment_is_that_of_the_store_and_of_the_vectors(tiny: tuple[Source, Facts, Stored]) -> None:
    source, about, stored = tiny
    found = training.alignment(source, about)
    assert found["layer"].tolist() == [layer.name for layer in about.layers for _ in about.epochs[:-1]]
    for row in found.to_dict("records"):
        (kept,) = stored.rows("maps", epoch=row["epoch"], layer=row["layer"])
        assert row["residual"] == kept["alignment_residual"]
        assert row["following"] == row["epoch"] + 1
        before, after = (
            np.array([one["vector"] for one in stored.rows("vectors", epoch=epoch, layer=row["layer"])])
            for epoch in (row["epoch"], row["following"])
        )
        # SciPy's disparity of the two shapes, each at size 1 and laid on one another with the best scale
        assert row["own"] == pytest.approx(scipy_procrustes(after, before)[2], abs=1e-6)


def test_a_turned_and_scaled_shape_has_not_changed() -> None:
    shape = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))
    assert training.shape_change(shape, (2 * shape @ turn).astype(np.float32)) == pytest.approx(0, abs=1e-6)
    assert math.isnan(training.shape_change(shape, None))
    assert math.isnan(training.shape_change(shape, shape[:5]))


def test_residual_is_the_typical_jump_squared() -> None:
    """What POOR rests on: an rms jump of half the rms radius, after the best turn and scale, is a residual of 1/4."""
    rng = np.random.default_rng(3)
    target = rng.normal(size=(200_000, 2))
    noise = rng.normal(size=target.shape)
    # jump = target * (correlation^2 - 1) + noise part: for a residual r the rms jump is sqrt(r) radii
    source = math.sqrt(1 - training.POOR) * target + math.sqrt(training.POOR) * noise
    fitted = source * (source * target).sum() / (source**2).sum()
    jump = math.sqrt(((fitted - target) ** 2).sum() / (target**2).sum())
    assert jump == pytest.approx(0.5, abs=0.01)
    residual = training.shape_change(source.astype(np.float32), target.astype(np.float32))
    assert residual == pytest.approx(training.POOR, abs=0.01)


@pytest.mark.parametrize(
    ("residual", "own", "expected"),
    [
        (0.24, 0.0, "good"),
        (0.25, 0.2, "layer changed"),
        (0.59, 0.04, "drawing changed"),
        (0.99, float("nan"), "layer changed"),
    ],
)
def test_verdict(residual: float, own: float, expected: str) -> None:
    assert training.verdict(residual, own) == expected


def test_warning_names_layers_and_reasons_and_is_silent_where_all_is_well() -> None:
    pairs = pd.DataFrame(
        {
            "title": ["Word vectors", "LSTM state", "Hidden layer"],
            "epoch": 1,
            "following": 2,
            "verdict": ["good", "layer changed", "drawing changed"],
        }
    )
    said = training.warning(pairs)
    assert said.startswith("From epoch 1 to 2 single points cannot be followed in LSTM state (")
    assert "Hidden layer (the layer changed far less" in said
    assert "Word vectors" not in said
    assert training.warning(pairs.head(1)) == ""


def test_what_can_be_followed_begins_after_the_last_poor_step() -> None:
    pairs = pd.DataFrame(
        {
            "layer": ["lstm", "lstm", "lstm", "dense"],
            "following": [1, 2, 3, 3],
            "verdict": ["layer changed", "good", "drawing changed", "layer changed"],
        }
    )
    epochs = [0, 1, 2, 3, 4]
    found = [training.followable(pairs, "lstm", epochs, epoch) for epoch in epochs]
    assert found == [[0], [1], [1, 2], [3], [3, 4]]
    assert training.followable(pairs, "embedding", epochs, 2) == [0, 1, 2]

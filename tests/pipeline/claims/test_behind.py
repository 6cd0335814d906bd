"""What a run is known by: the same of the same numbers wherever it lies, another of other numbers or settings."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.claims.behind import known
from pipeline.claims.report import Behind
from pipeline.errors import InputError
from pipeline.store import Run

METRICS = [
    {"epoch": epoch, "split": split, "metric": metric, "value": value}
    for epoch, split, metric, value in (
        (0, "test", "accuracy", 0.5),
        (1, "test", "accuracy", 0.75),
        (1, "test", "loss", 0.4),
        (1, "train", "accuracy", 1.0),
    )
]


def made(folder: Path, metrics: list[dict[str, object]], config: str = "seed: 1\n") -> Behind:
    run = Run("hand", folder)
    run.folder.mkdir(parents=True)
    run.config.write_text(config, encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(metrics), run.path("metrics"))
    return known(run)


def test_accuracy_is_of_the_test_reviews_at_the_last_epoch(tmp_path: Path) -> None:
    found = made(tmp_path, METRICS[::-1])
    assert (found.run, found.accuracy) == ("hand", 0.75)
    assert found.config == hashlib.sha256(b"seed: 1\n").hexdigest()
    assert made(tmp_path / "loss", METRICS[2:]).accuracy is None


def test_the_same_numbers_are_the_same_run(tmp_path: Path) -> None:
    one = made(tmp_path / "one", METRICS)
    again = [row | {"value": float(str(row["value"])) + 1e-9} for row in METRICS]
    assert made(tmp_path / "again", again[::-1]) == one, "in whatever order, to the digits that are kept"


def test_what_differs_is_told_apart(tmp_path: Path) -> None:
    one = made(tmp_path / "one", METRICS)
    other = made(tmp_path / "other", [*METRICS[:2], METRICS[2] | {"value": 0.41}, METRICS[3]])
    assert other.tables != one.tables
    assert (other.config, other.accuracy) == (one.config, one.accuracy)
    settings = made(tmp_path / "settings", METRICS, "seed: 2\n")
    assert settings.config != one.config
    assert settings.tables == one.tables


def test_a_run_that_cannot_be_read_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"config\.yaml: cannot be read"):
        known(Run("none-such", tmp_path))
    made(tmp_path, METRICS)
    Run("hand", tmp_path).path("metrics").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="not a whole Parquet file"):
        known(Run("hand", tmp_path))

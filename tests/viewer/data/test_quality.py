"""How far maps can be believed, held to the plain tables; what an older run lacks is not told."""

import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.stored import Stored
from viewer.data import quality
from viewer.data.facts import Facts, facts
from viewer.data.source import Source

COLUMNS = (*quality.REAL, *quality.WHOLE)


def test_a_map_has_the_numbers_of_its_row_and_the_means_of_its_points(
    source: Source, tiny: Facts, stored: Stored
) -> None:
    known = quality.qualities(source, tiny, [1, 3])
    assert set(known) == {(epoch, layer.name) for epoch in (1, 3) for layer in tiny.layers}
    for (epoch, layer), of_map in known.items():
        (row,) = stored.rows("maps", epoch=epoch, layer=layer)
        kept = [point["kept"] for point in stored.rows("points", epoch=epoch, layer=layer)]
        assert of_map.kept == pytest.approx(sum(kept) / len(kept))
        assert of_map.badly == pytest.approx(sum(share < 0.2 for share in kept) / len(kept))
        assert (of_map.method, of_map.listed, of_map.mapped) == (row["method"], 5, 60)
        for name in COLUMNS:
            expected = row[name]
            assert getattr(of_map, name) == (None if expected is None or np.isnan(expected) else expected), name


def test_what_an_older_run_lacks_is_none(stored: Stored, tmp_path: Path) -> None:
    """Beside a whole run, one whose tables are of before: without columns, without a table."""
    for name in ("tiny", "older"):
        shutil.copytree(stored.run.folder, tmp_path / f"run={name}")
    older = tmp_path / "run=older"
    maps = pq.read_table(older / "maps.parquet", partitioning=None)
    pq.write_table(maps.drop_columns(["method", "landmarks", "judged", *quality.PROBES]), older / "maps.parquet")
    (older / "similarity.parquet").unlink()
    source = Source(tmp_path)
    known = facts(source, "older")
    for of_map in quality.qualities(source, known, [3]).values():
        assert of_map.method is of_map.judged is of_map.linear_probe is None
        assert of_map.trustworthiness is not None
    assert quality.probes(source, known).empty
    assert quality.similarity(source, known).empty
    assert quality.moved(quality.similarity(source, known)) == {}
    assert len(quality.probes(source, facts(source, "tiny")))


@pytest.mark.parametrize(("listed", "least"), [(10, 2), (5, 1), (12, 3), (3, 1)])
def test_badly_placed_is_who_keeps_fewer_than_a_fifth(listed: int, least: int) -> None:
    assert quality.fewest(listed) == least
    shares = np.arange(listed + 1) / listed
    assert quality.badly_placed(shares).sum() == least, "those who keep fewer"
    assert not quality.badly_placed(np.array([np.nan])).any(), "nobody has judged it"


def test_probes_are_the_stored_ones_by_layer_in_order(source: Source, tiny: Facts, stored: Stored) -> None:
    frame = quality.probes(source, tiny)
    assert list(dict.fromkeys(frame["title"])) == ["Word vectors", "LSTM state", "Hidden layer"]
    expected = {
        (row["layer"], row["epoch"], probe): row[probe]
        for row in stored.rows("maps")
        for probe in quality.PROBES
        if row[probe] is not None and not np.isnan(row[probe])
    }
    assert len(expected) > 12
    assert frame.set_index(["layer", "epoch", "probe"])["value"].to_dict() == expected


def test_the_network_moved_as_far_as_a_layer_is_unlike_itself_an_epoch_before(
    source: Source, tiny: Facts, stored: Stored
) -> None:
    frame = quality.similarity(source, tiny)
    rows = [row for row in stored.rows("similarity") if row["cka"] is not None and not np.isnan(row["cka"])]
    assert len(frame) == len(rows)
    moved = {(row["layer"], row["other_epoch"]): 1 - row["cka"] for row in rows if row["layer"] == row["other_layer"]}
    assert quality.moved(frame) == pytest.approx(moved)
    beside = frame[frame["layer"] != frame["other_layer"]]
    assert set(zip(beside["title"], beside["other_title"], strict=True)) == {
        ("Word vectors", "LSTM state"), ("LSTM state", "Hidden layer"),
    }  # fmt: skip

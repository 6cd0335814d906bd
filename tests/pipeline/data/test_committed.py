"""The corpora that come with the project, as the named runs read them."""

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.data import corpora
from pipeline.stages.compose import composed

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(("run", "label", "classes"), [("paper", "label", 2), ("ratings", "rating", 8)])
def test_imdb_by_sentiment_and_by_stars(run: str, label: str, classes: int) -> None:
    """Every review is there once, with its own label, where the corpus' authors put it or in the validation split."""
    settings = composed(run).corpus
    loaded = corpora.load(settings, ROOT)
    assert list(loaded.classes) == [str(name) for name in settings.classes or ()]
    assert len(loaded.classes) == classes
    file = pq.read_table(ROOT / str(settings.file))
    told = {row["id"]: (row["split"], str(row[label])) for row in file.select(["id", "split", label]).to_pylist()}
    read = loaded.table.select(["id", "split", "label"]).to_pylist()
    assert len(read) == len(told) == 50_000
    for row in read:
        split, own = told[row["id"]]
        assert row["label"] == own
        assert row["split"] == split or (row["split"], split) == ("validation", "train")
    counts = Counter((row["split"], row["label"]) for row in read)
    for name in loaded.classes:
        trained, kept = counts["train", name], counts["validation", name]
        assert kept == pytest.approx(settings.validation * (trained + kept), abs=1), (
            f"validation holds its share of {name}"
        )

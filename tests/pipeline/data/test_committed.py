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


def test_vowels_are_sequences_of_twelve_numbers_in_nine_classes() -> None:
    """As many of each speaker, as long as the corpus' authors describe them."""
    loaded = corpora.load(composed("vowels").corpus, ROOT)
    assert loaded.classes == [f"speaker {number}" for number in range(1, 10)]
    rows = loaded.table.to_pylist()
    lengths = [len(row["steps"]) for row in rows]
    assert (len(rows), min(lengths), max(lengths)) == (640, 7, 29)
    assert {len(step) for row in rows for step in row["steps"]} == {12}
    counts = Counter((row["split"] == "test", row["label"]) for row in rows)
    assert [counts[False, name] for name in loaded.classes] == [30] * 9
    assert [counts[True, name] for name in loaded.classes] == [31, 35, 88, 44, 29, 24, 40, 50, 29]

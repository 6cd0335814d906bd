"""Searches and counts against the tables' plain rows, and small stores written by hand."""

from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.data.words import normal, spans
from pipeline.errors import InputError
from tests.viewer.handmade import Hand
from viewer.data import texts
from viewer.data.facts import facts
from viewer.data.texts import Filter, find, frequency, sentences


@pytest.fixture
def hand(tmp_path):
    """Four reviews of three classes with dangerous texts."""
    hand = Hand(tmp_path, ["bad", "so so", "good"])
    hand.examples(
        ["A good<br /><br />film, <b>not</b> bad", "<script>alert('film')</script>", "İstanbul’s film", "good " * 60],
        ["good", "bad", "so so", "good"],
    )
    said = [(0.5, 0.25, 0.25), (0.2, 0.2, 0.6), (0.1, 0.8, 0.1), (0.0, 0.0, 1.0)]
    early = [(0.5, 0.25, 0.25), (0.4, 0.3, 0.3), (0.1, 0.8, 0.1), (0.3, 0.6, 0.1)]
    hand.predictions(
        {epoch: [dict(zip(hand.classes, one, strict=True)) for one in some] for epoch, some in enumerate([early, said])}
    )
    return hand


def searched(hand, wanted, epoch=1, **more):
    source = hand.source
    return find(source, facts(source, "hand"), wanted, epoch, **more)


# Searching


@pytest.fixture(scope="module")
def judged(built):
    """For every test example of the tiny run and every epoch its row, words and prediction, by plain Python."""
    folder = built.results

    def rows(table):
        return pq.read_table(folder / f"{table}.parquet", partitioning=None).to_pylist()

    words, mapped = {}, {row["example"] for row in rows("mapped")}
    for row in rows("elements"):
        words.setdefault(row["example"], []).append(normal(row["element"]))
    said = {(row["epoch"], row["example"]): row for row in rows("predictions")}
    examples = rows("examples")

    @cache
    def at(epoch):
        found = []
        for row in examples:
            one = said[epoch, row["example"]]
            found.append(
                {
                    **{name: row[name] for name in ("example", "id", "label", "length", "text")},
                    "predicted": one["predicted"],
                    "probability": one["probability"],
                    "confidence": abs(2 * one["probability"] - 1),
                    "words": words[row["example"]],
                    "mapped": row["example"] in mapped,
                    "predictions": {epoch: said[epoch, row["example"]]["predicted"] for epoch in range(4)},
                }
            )
        return found

    return at


def passing(rows, wanted):
    """The rows that pass a filter, in their order."""
    phrase = [normal(wanted.word[start:stop]) for start, stop in spans(wanted.word)]
    found = [
        row
        for row in rows
        if wanted.label in ("", row["label"])
        and wanted.predicted in ("", row["predicted"])
        and not (wanted.wrong and row["predicted"] == row["label"])
        and not (wanted.mapped_only and not row["mapped"])
        and not (wanted.flipped and len({row["predictions"][epoch] for epoch in wanted.flipped}) == 1)
        and (not phrase or phrase in [row["words"][n : n + len(phrase)] for n in range(len(row["words"]))])
    ]
    sign = {"most sure": -1, "least sure": 1}.get(wanted.order, 0)
    return sorted(found, key=lambda row: (sign * row["confidence"], row["example"]))


FILTERS = [
    Filter(),
    Filter(label="neg"),
    Filter(label="neg", predicted="pos"),
    Filter(wrong=True, order="most sure"),
    Filter(order="least sure", mapped_only=True),
    Filter(word="GOOD"),
    Filter(word="this  is, a"),
    Filter(word="don’t"),
    Filter(word="not zyxxy"),
    Filter(flipped=(0, 3)),
    Filter(flipped=(2, 2)),
    Filter(label="pos", wrong=True, flipped=(1, 3), order="most sure", word="the"),
    Filter(label="neither"),
    Filter(word="'; DROP TABLE examples; --", label="' OR 1=1"),
]


@pytest.mark.parametrize("epoch", [0, 2])
@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_a_search_finds_what_plain_python_finds(source, tiny, judged, wanted, epoch):
    found, total = find(source, tiny, wanted, epoch, limit=10_000)
    expected = passing(judged(epoch), wanted)
    assert total == len(expected) == len(found)
    for name in ("example", "id", "label", "predicted", "length", "probability", "confidence"):
        assert found[name].tolist() == [row[name] for row in expected]
    assert list(found) == ["example", "id", "label", "predicted", "probability", "confidence", "length", "snippet"]


@given(st.data())
def test_a_search_for_words_of_a_text_or_for_anything_never_fails(source, tiny, judged, data):
    text = data.draw(st.sampled_from(judged(3)))["text"]
    start = data.draw(st.integers(0, len(text)))
    word = data.draw(
        st.just(text[start : start + 12]) | st.text(max_size=30) | st.sampled_from(["\ud800", "%", "_", "*"])
    )
    words = len(spans(word))
    if word.strip() and not 0 < words <= texts.LONGEST_PHRASE:
        with pytest.raises(InputError, match="search for"):
            find(source, tiny, Filter(word=word), 3)
        return
    found, total = find(source, tiny, Filter(word=word), 3, limit=10_000)
    assert total == len(found)
    if word.isascii():  # of other letters, DuckDB and Python may write the lower case of unknown words otherwise
        assert found["example"].tolist() == [row["example"] for row in passing(judged(3), Filter(word=word))]


def test_pages_join_to_the_whole_and_all_say_how_many_there_are(source, tiny):
    for order in ("", "most sure", "random"):
        wanted = Filter(label="pos", order=order)
        whole, total = find(source, tiny, wanted, 3, limit=10_000)
        pages = [find(source, tiny, wanted, 3, limit=25, offset=start) for start in range(0, total + 50, 25)]
        assert {count for _, count in pages} == {total}
        assert [number for page, _ in pages for number in page["example"]] == whole["example"].tolist()
        assert len(pages[-1][0]) == 0


def test_a_random_order_repeats_with_its_seed_and_differs_with_another(source, tiny):
    one, again, other, plain = (
        find(source, tiny, Filter(order=order, seed=seed), 3, limit=10_000)[0]["example"].tolist()
        for order, seed in (("random", 1), ("random", 1), ("random", 2), ("", 1))
    )
    assert one == again
    assert one != other
    assert sorted(one) == sorted(other) == plain


@pytest.mark.parametrize("wanted", [Filter(), Filter(flipped=(0, 7))])
def test_a_search_at_an_epoch_that_is_not_there_is_refused(source, tiny, wanted):
    with pytest.raises(InputError, match="no epoch 7; choose one of 0 to 3"):
        find(source, tiny, wanted, 3 if wanted.flipped else 7)


@pytest.mark.parametrize("word", ["?!", "<br />", "one two three four five six seven eight nine"])
def test_a_search_without_a_word_or_with_too_many_is_refused_in_one_line(source, tiny, word):
    with pytest.raises(InputError, match=r"^search for .*(there is no word in it|at most 8)"):
        find(source, tiny, Filter(word=word), 3)


def test_of_many_classes_the_confidence_is_that_of_the_largest_beyond_chance(hand):
    found, _ = searched(hand, Filter())
    assert found["probability"].tolist() == [0.25, 0.6, 0.1, 1.0]  # of the last class
    np.testing.assert_allclose(found["confidence"], [(p - 1 / 3) / (2 / 3) for p in (0.5, 0.6, 0.8, 1.0)])
    assert found["predicted"].tolist() == ["bad", "good", "so so", "good"]
    assert searched(hand, Filter(wrong=True))[0]["example"].tolist() == [0, 1]
    assert searched(hand, Filter(flipped=(0, 1)))[0]["example"].tolist() == [1, 3]
    assert searched(hand, Filter(order="most sure"))[0]["example"].tolist() == [3, 2, 1, 0]


def test_a_snippet_is_one_short_line_of_plain_text(hand):
    snippets = searched(hand, Filter())[0]["snippet"].tolist()
    assert snippets[:3] == ["A good film, <b>not</b> bad", "<script>alert('film')</script>", "İstanbul’s film"]
    assert snippets[3] == " ".join(["good"] * 24) + " …"


@pytest.mark.parametrize(
    ("word", "examples"),
    [("FILM", [0, 1, 2]), ("good film", [0]), ("film B not", [0]), ("film not", []), ("film bad", []),
     ("alert", [1]), ("ALERT film", [1]),
     ("istanbul", []), ("İSTANBUL'S", [2]), ("script", [1]), ("goo", []), ("good good good", [3])],
)  # fmt: skip
def test_whole_words_are_found_in_any_case_and_spelling(hand, word, examples):
    assert searched(hand, Filter(word=word))[0]["example"].tolist() == examples


# Counts and corpora


def test_words_counts_are_those_of_the_vocabulary(source, tiny, stored):
    rows = {row["word"]: row for row in stored.rows("vocabulary")}
    found = frequency(source, tiny, ["The", "GOOD", "zyxxy", "don’t", "", "good", "<unknown>"])
    assert set(found) == {"the", "good"} | ({"don't", "unknown"} & set(rows))
    for word, (count, by_class) in found.items():
        assert (count, by_class) == (rows[word]["count"], dict(rows[word]["counts"]))
    assert frequency(source, tiny, []) == {}


@given(st.lists(st.text(max_size=8), max_size=5))
def test_counts_of_anything_never_fail(source, tiny, words):
    assert all(sum(by_class.values()) == count for count, by_class in frequency(source, tiny, words).values())


def test_the_sentences_of_the_corpus_come_as_they_are(built):
    found = sentences(built.artifacts / "corpora")
    rows = pq.read_table(built.artifacts / "corpora" / "sentences.parquet").to_pylist()
    assert list(found) == ["id", "text", "label", "source"]
    assert found.to_dict("records") == [{name: row[name] for name in found} for row in rows]
    assert len(found) == 3000


def test_a_missing_or_strange_sentences_file_is_named(tmp_path: Path):
    with pytest.raises(InputError, match=r"sentences\.parquet: no such file"):
        sentences(tmp_path)
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "sentences.parquet")
    with pytest.raises(InputError, match="no column 'id'"):
        sentences(tmp_path)

"""Filters and pages of stored reviews, each against the rows a plain loop keeps."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from tests.stored import Stored
from viewer import design
from viewer.data import texts
from viewer.data.source import Source
from viewer.pages.picker import ANY, NEVER, PAGE, Picker
from viewer.state import State

design.use()
Row = dict[str, Any]


@pytest.fixture
def picker(stored: Stored) -> Picker:
    state = State(Source(Path("artifacts").absolute()))
    state.choose_run("tiny")
    state.epoch = 3
    picker = Picker(state, seed=1)
    picker.offer()
    return picker


@pytest.fixture
def rows(stored: Stored) -> list[Row]:
    """All test reviews with their words and what is predicted at epochs 0 and 3."""
    first, last = ({row["example"]: row for row in stored.rows("predictions", epoch=epoch)} for epoch in (0, 3))
    mapped = {row["example"] for row in stored.mapped}
    words: dict[int, list[str]] = {}
    for row in sorted(stored.rows("elements"), key=lambda row: row["position"]):
        words.setdefault(row["example"], []).append(row["element"].lower())
    return [
        row
        | {
            "predicted": last[row["example"]]["predicted"],
            "before": first[row["example"]]["predicted"] if row["example"] in first else None,
            "sure": abs(2 * last[row["example"]]["probability"] - 1),
            "mapped": row["example"] in mapped,
            "words": words.get(row["example"], []),
        }
        for row in sorted(stored.rows("examples"), key=lambda row: row["example"])
    ]


def words(text: str) -> list[str]:
    """Its words in lower case, by a split at everything that no word of an English text holds."""
    return re.sub(r"[^a-z0-9']+", " ", text.lower().replace("’", "'")).split()


def every(picker: Picker) -> list[int]:
    """The numbers on all its pages."""
    found: list[int] = []
    picker.offset = 0
    while len(page := picker.find()):
        assert len(page) <= PAGE
        found += [int(number) for number in page["example"]]
        picker.offset += PAGE
    picker.offset = 0
    return found


FILTERS: dict[str, tuple[dict[str, Any], Callable[[Row], bool]]] = {
    "nothing": ({}, lambda row: True),
    "label": ({"label": "pos"}, lambda row: row["label"] == "pos"),
    "predicted": ({"predicted": "neg"}, lambda row: row["predicted"] == "neg"),
    "wrong": ({"wrong": True}, lambda row: row["label"] != row["predicted"]),
    "mapped": ({"mapped": True}, lambda row: row["mapped"]),
    "word": ({"word": "Movie"}, lambda row: "movie" in row["words"]),
    "flipped": (
        {"before": 0, "after": 3},
        lambda row: row["before"] is not None and row["before"] != row["predicted"],
    ),
    "several": (
        {"label": "neg", "wrong": True, "mapped": True},
        lambda row: row["label"] == "neg" and row["predicted"] == "pos" and row["mapped"],
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_what_passes_is_what_a_loop_lets_through(picker: Picker, rows: list[Row], name: str) -> None:
    settings, passes = FILTERS[name]
    for widget, value in settings.items():
        getattr(picker, widget).value = value
    expected = [row["example"] for row in rows if passes(row)]
    assert every(picker) == expected
    picker.find()
    assert picker.total == len(expected)


def test_orders(picker: Picker, rows: list[Row]) -> None:
    sure = {row["example"]: row["sure"] for row in rows}
    for order, sign in (("most sure", -1), ("least sure", 1)):
        picker.order.value = order
        assert every(picker) == [number for number, _ in sorted(sure.items(), key=lambda one: (sign * one[1], one[0]))]
    picker.order.value = "random"
    drawn = every(picker)
    assert sorted(drawn) == [row["example"] for row in rows]
    assert drawn != sorted(drawn)
    assert every(picker) == drawn  # pages of one order
    picker.order.value = ""
    picker.order.value = "random"
    assert every(picker) != drawn


def test_pages_turn_and_stop_at_both_ends(picker: Picker, rows: list[Row]) -> None:
    told: list[int] = []
    picker.on_change(lambda: told.append(len(picker.find())))
    picker.find()
    assert picker.count.object == f"1 to 20 of {len(rows):,}"
    assert (picker.back.disabled, picker.forth.disabled) == (True, False)
    for _ in range((len(rows) - 1) // PAGE):
        picker.forth.clicks += 1
    assert picker.forth.disabled
    assert told[-1] == (len(rows) - 1) % PAGE + 1
    assert picker.count.object.endswith(f"to {len(rows)} of {len(rows):,}")
    picker.back.clicks += 1
    assert not picker.forth.disabled
    picker.label.value = "pos"
    assert picker.offset == 0  # another filter starts at its first page
    picker.word.value = "qwzxk"
    assert picker.count.object == "0 to 0 of 0"
    assert (picker.back.disabled, picker.forth.disabled) == (True, True)


def test_a_draw_passes_the_filters_and_draws_differ(picker: Picker, rows: list[Row]) -> None:
    picker.label.value = "pos"
    drawn = [picker.draw() for _ in range(8)]
    assert len(set(drawn)) > 1
    assert set(drawn) <= {row["example"] for row in rows if row["label"] == "pos"}
    picker.word.value = "qwzxk"
    assert picker.draw() is None


def test_each_picker_draws_otherwise_but_for_a_given_seed(picker: Picker) -> None:
    def drawn(seed: int | None) -> list[int | str | None]:
        other = Picker(picker.state, seed)
        return [other.draw() for _ in range(6)]

    assert drawn(1) == [picker.draw() for _ in range(6)]
    assert drawn(None) != drawn(None)


def test_a_draw_leaves_a_random_order_as_it_is(picker: Picker) -> None:
    picker.order.value = "random"
    before, text = every(picker), picker.text
    picker.draw()
    assert (every(picker), picker.text) == (before, text)


def test_a_draw_among_the_sentences_is_a_sentence_that_passes_what_can_be_seen(picker: Picker) -> None:
    picker.wrong.value = picker.mapped.value = True  # of reviews: hidden where sentences are listed
    picker.predicted.value, picker.before.value, picker.after.value = "pos", 0, 3
    picker.corpus.value, picker.label.value, picker.word.value = "sentences", "neg", "boring"
    everything = texts.sentences(Path("artifacts/corpora"))
    passing = {
        text
        for text, label in zip(everything["text"], everything["label"], strict=True)
        if label == "neg" and "boring" in words(text)
    }
    drawn = {picker.draw() for _ in range(20)}
    assert len(drawn) > 1
    assert drawn <= passing
    picker.word.value = "qwzxk"
    assert picker.draw() is None


def test_classes_and_epochs_of_the_run_are_offered(picker: Picker) -> None:
    assert picker.label.options == {"any": ANY, "NEG": "neg", "POS": "pos"}
    assert list(picker.before.options.values()) == [NEVER, 0, 1, 2, 3]
    picker.label.value = "pos"
    picker.offer()
    assert picker.label.value == "pos"  # the same run: what was chosen stays


def test_one_epoch_alone_flips_nothing(picker: Picker) -> None:
    picker.before.value = 0
    assert picker.filter.flipped is None


@pytest.mark.parametrize("word", ["", "boring", "BORING", "zzzz", "art", "it’s not", "is, the", "very very"])
def test_sentences_by_label_and_words(picker: Picker, word: str) -> None:
    picker.corpus.value = "sentences"
    picker.label.value = "neg"
    picker.word.value = word
    everything = texts.sentences(Path("artifacts/corpora"))
    expected = [
        text
        for text, label in zip(everything["text"], everything["label"], strict=True)
        if label == "neg" and f" {' '.join([*words(word), ''])}" in f" {' '.join([*words(text), ''])}"
    ]
    found = picker.find()
    assert found["text"].tolist() == expected[:PAGE]
    assert picker.total == len(expected)
    assert not picker.wrong.visible


@pytest.mark.parametrize("corpus", ["reviews", "sentences"])
@given(typed=st.text(max_size=40))
@example(typed="?!")
@example(typed="' OR 1=1 --")
@example(typed="word " * 20)
@example(typed="\0")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_searched_for_is_found_or_refused_in_one_line(picker: Picker, corpus: str, typed: str) -> None:
    picker.corpus.value, picker.word.value = corpus, typed
    mistake = ""
    try:
        found = picker.find()
    except InputError as told:
        mistake = str(told)
    else:
        assert len(found) == min(picker.total, PAGE)
    assert mistake.startswith("search for" if mistake else "")
    assert len(mistake.splitlines()) <= 1


def test_what_is_set_comes_back_from_its_text(picker: Picker, stored: Stored) -> None:
    assert picker.text == ""
    picker.label.value, picker.predicted.value, picker.order.value = "pos", "neg", "random"
    picker.word.value, picker.before.value, picker.after.value = "not & boring", 0, 3
    picker.wrong.value = picker.mapped.value = True
    picker.offset = 20
    found = picker.find()["example"].tolist()
    other = Picker(picker.state)
    other.offer()
    other.take(picker.text)
    assert other.text == picker.text
    assert other.filter == picker.filter
    assert other.find()["example"].tolist() == found
    other.take("")
    assert other.text == ""


@pytest.mark.parametrize(
    "text",
    ["label=nobody&order=sideways&before=77&after=x&first=-3&seed=1e9", "&".join(["wrong=no"] * 99), "%ff=%", "🎬"],
)
def test_a_text_that_says_nothing_possible_sets_nothing(picker: Picker, text: str) -> None:
    told: list[str] = []
    picker.on_change(lambda: told.append(picker.text))
    picker.take(text)
    assert picker.text == ""
    assert not told

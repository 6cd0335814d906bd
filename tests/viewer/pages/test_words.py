"""The page Words without a browser: its three views, picking, editing, and how it follows the state."""

from pathlib import Path

import numpy as np
import pytest

from tests.stored import Stored
from viewer import design
from viewer.components.word_rows import Edit
from viewer.data import texts
from viewer.data.selections import Selection
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.words import WHERE, Words
from viewer.state import State

design.use()


@pytest.fixture
def page(stored: Stored) -> Words:
    return opened(stored)


def opened(stored: Stored, **given: object) -> Words:
    source = Source(Path("artifacts"))
    state = State(source)
    state.choose_run(stored.run.name)
    state.param.update(epoch=state.facts.last, **given)
    page = Words(state, Live(source))
    page.show()
    assert state.notice == ""
    return page


def keys(page: Words) -> list[str]:
    return [row["key"] for row in page.rows.content.get("rows", [])]


def spelled(page: Words, text: int = 0) -> list[str]:
    return [piece for kind, piece in page.rows.content["texts"][text]["pieces"] if kind == "word"]


def act(page: Words, action: str, row: str, text: int, position: int, by: str = "") -> None:
    for heard in page.rows._edited:
        heard(Edit(row, text, position, action, by))  # type: ignore[arg-type]


def test_first_a_typed_sentence_at_every_checkpoint(page: Words) -> None:
    assert keys(page) == [f"epoch-{epoch}" for epoch in page.state.facts.epochs]
    assert spelled(page) == ["This", "movie", "is", "not", "boring"]
    assert [row["current"] for row in page.rows.content["rows"]] == [False, False, False, True]
    read = page.live.read(page.state.run, page.state.text)
    for place, row in enumerate(page.rows.content["rows"]):
        assert row["probability"] == pytest.approx(read.probability[place], abs=1e-6)
    assert page.curve.visible
    assert [line.visible for line in page.chart.lines] == [True] * len(page.state.facts.epochs)


def test_typing(page: Words) -> None:
    page.text.value = "A <b>great</b> film"
    assert page.state.text == "A <b>great</b> film"
    assert spelled(page) == ["A", "b", "great", "b", "film"]
    page.text.value = "   "
    assert page.rows.content == {}
    assert page.rows.empty == WHERE["checkpoints"]
    assert not page.curve.visible
    page.text.value = "good"
    assert spelled(page) == ["good"]
    assert page.curve.visible


def test_a_stored_review_is_shown_as_it_is_stored(page: Words, stored: Stored) -> None:
    example = stored.rows("examples")[3]
    page.state.take_text(example["text"], example["example"])
    assert keys(page) == ["epoch-0", "epoch-1", "epoch-2", "epoch-3"]
    said = stored.rows("impacts", example=example["example"], epoch=3)
    logits = [row["logit"] for row in sorted(said, key=lambda row: row["position"])]
    assert page.rows.content["rows"][3]["logit"] == pytest.approx(logits, abs=1e-4)
    page.state.epoch = 2  # not explained: read now, as without its row in hand
    assert keys(page) == ["epoch-0", "epoch-1", "epoch-2", "epoch-3"]
    assert page.rows.content["rows"][3]["logit"] == pytest.approx(logits, abs=1e-4)


def test_checkpoints_chosen(page: Words) -> None:
    page.checkpoints.value = [1]
    assert page.state.checkpoints == [1]
    assert keys(page) == ["epoch-1", "epoch-3"]  # the epoch in hand always
    page.checkpoints.value = []
    assert len(keys(page)) == 4


def test_controls(page: Words) -> None:
    page.measure.value = "log-odds"
    assert page.rows.content["legend"]["ends"][1].endswith("log-odds")
    page.state.threshold = 1.0
    assert all(bar == 0 for row in page.rows.content["rows"] for bar in row["bars"])
    page.state.threshold = 0.0
    page.each_row.value = True
    for row in page.rows.content["rows"]:
        assert np.abs(row["bars"]).max() == pytest.approx(1)


def test_words_left_out_and_replaced(page: Words) -> None:
    act(page, "leave out", "epoch-3", 0, 4)
    assert page.state.text == page.text.value == "This movie is boring!"
    act(page, "replace", "epoch-3", 0, 4, "great")
    assert page.state.text == "This movie is great!"
    act(page, "compare", "epoch-3", 0, 4)
    assert (page.state.view, page.state.second) == ("compare", "This movie is!")
    assert page.state.text == "This movie is great!"


def test_two_texts(stored: Stored) -> None:
    page = opened(stored, view="compare", text="It is boring", second="It is not boring")
    assert keys(page)[:3] == ["epoch-0-first", "epoch-0-second", "epoch-1-first"]
    assert [text["slots"] for text in page.rows.content["texts"]] == [[1, 2, 4], [1, 2, 3, 4]]
    assert page.second.visible
    act(page, "replace", "epoch-0-second", 1, 3, "so")
    assert (page.state.text, page.state.second) == ("It is boring", "It is so boring")
    page.second.value = ""
    assert page.rows.content == {}
    assert page.rows.empty == WHERE["compare"]


def test_heads_of_rows_choose(page: Words, stored: Stored) -> None:
    page._row("epoch-1")
    assert page.state.epoch == 1
    page._row("epoch-2-second")
    assert page.state.epoch == 2
    page.state.view = "texts"
    page._row(keys(page)[4])
    assert page.state.view == "checkpoints"
    assert f"example-{page.state.example}" == f"example-{stored.rows('examples')[4]['example']}"
    assert page.state.text == stored.rows("examples")[4]["text"]


def test_many_texts_of_a_filter(page: Words, stored: Stored) -> None:
    page.state.view = "texts"
    first = [row["example"] for row in stored.rows("examples")[:20]]
    assert keys(page) == [f"example-{example}" for example in first]
    assert not page.curve.visible
    page.listing.picker.forth.clicks += 1
    assert keys(page)[0] == f"example-{stored.rows('examples')[20]['example']}"
    page.listing.picker.label.value = "pos"
    assert page.listing.picker.offset == 0
    assert all(row["cells"][0]["text"] == "true POS" for row in page.rows.content["rows"])
    page.state.epoch = 1  # not explained
    assert len(keys(page)) == 20
    page.listing.picker.word.value = "qwzxk"
    assert page.rows.content == {}
    assert page.rows.empty == WHERE["filter"]
    page.listing.picker.word.value = "?!"
    assert "no word" in page.state.notice
    page.listing.picker.word.value = ""
    assert page.state.notice == ""


def test_many_texts_of_the_selection(page: Words, stored: Stored) -> None:
    page.listing.source.value = "selection"
    page.state.view = "texts"
    assert page.rows.empty == WHERE["selection"]
    chosen = tuple(row["example"] for row in stored.mapped[:25])
    page.state.select(Selection(chosen))
    assert keys(page) == [f"example-{example}" for example in chosen[:20]]
    assert page.listing.picker.count.object == "1 to 20 of 25"
    page.listing.picker.forth.clicks += 1
    assert keys(page) == [f"example-{example}" for example in chosen[20:]]
    page.state.select(Selection(chosen[:3]))
    assert len(keys(page)) == 3


def test_sentences(page: Words) -> None:
    page.state.view = "texts"
    page.listing.picker.corpus.value = "sentences"
    everything = texts.sentences(Path("artifacts/corpora"))
    assert page.listing.picker.count.object == f"1 to 20 of {len(everything):,}"
    assert spelled(page)[:2] == everything["text"][0].split()[:2]
    page.listing.picker.word.value = "boring"
    assert page.listing.picker.total == sum("boring" in text.lower() for text in everything["text"])


def test_picking_one(page: Words, stored: Stored) -> None:
    page.listing.pick.value = True
    assert page.listing.finder.visible
    assert page.listing.results.visible
    assert list(page.listing.results.options.values()) == [row["example"] for row in stored.rows("examples")[:20]]
    assert page.listing.results.value == []
    page.listing.results.value = [stored.rows("examples")[2]["example"]]
    assert page.state.example == stored.rows("examples")[2]["example"]
    assert page.state.text == stored.rows("examples")[2]["text"]
    page.listing.results.value = [stored.rows("examples")[place]["example"] for place in (2, 4)]  # with control held
    assert page.listing.results.value == [page.state.example] == [stored.rows("examples")[4]["example"]]
    page.text.value = "another text"
    assert page.listing.results.value == []
    page.listing.picker.wrong.value = True
    right = {row["example"] for row in stored.rows("predictions", epoch=3)}
    assert set(page.listing.results.options.values()) <= right


def test_drawing_at_random(page: Words) -> None:
    drawn = set()
    for _ in range(6):
        page.listing.draw.clicks += 1
        drawn.add(page.state.example)
    assert len(drawn) > 1
    page.listing.picker.word.value = "qwzxk"
    page.listing.draw.clicks += 1
    assert "no review passes" in page.state.notice
    page.listing.picker.corpus.value = "sentences"
    page.listing.draw.clicks += 1
    assert "no sentence passes" in page.state.notice
    page.listing.picker.word.value = "boring"
    page.state.view = "texts"
    page.listing.draw.clicks += 1
    assert page.state.notice == ""
    assert page.state.example is None
    assert page.state.text in set(texts.sentences(Path("artifacts/corpora"))["text"])
    assert "boring" in page.state.text.lower()
    assert (page.state.view, keys(page)[0]) == ("checkpoints", "epoch-0")


def test_flips(page: Words, stored: Stored) -> None:
    page.listing.pick.value = True
    page.listing.picker.before.value = 0
    page.listing.picker.after.value = 3
    said = {
        epoch: {row["example"]: row["predicted"] for row in stored.rows("predictions", epoch=epoch)} for epoch in (0, 3)
    }
    flipped = sum(said[0][example] != said[3][example] for example in said[3] if example in said[0])
    assert page.listing.picker.total == flipped


def test_the_slot_beside_the_words_shows_when_it_is_filled(page: Words) -> None:
    assert not page.aside.visible
    page.aside.objects = ["maps"]
    assert page.aside.visible


def test_the_chart_of_each_page_has_a_line_of_its_own(page: Words) -> None:
    other = Words(page.state, page.live)
    assert other.rows.cursor != page.rows.cursor == page.chart.cursor


def test_leave_one_out_on_request(page: Words) -> None:
    assert not any("without" in key for key in keys(page))
    page.left_out.value = True
    assert page.state.left_out
    assert keys(page) == ["epoch-0", "epoch-1", "epoch-2", "epoch-3", "epoch-3-without"]
    found = page.live.left_out(page.state.run, page.state.text, 3)
    assert page.rows.content["rows"][-1]["without"] == pytest.approx(found.probabilities[:, 1], abs=1e-6)
    page.state.epoch = 1
    assert keys(page)[1:3] == ["epoch-1", "epoch-1-without"]
    for text in ("", "good", "good " * 10_000):
        page.state.take_text(text)
        assert page.state.notice == ""
        assert any("without" in key for key in keys(page)) == bool(text)
    page.state.view = "compare"
    assert not page.left_out.visible
    page.state.param.update(view="checkpoints", left_out=False, text="good film")
    assert not any("without" in key for key in keys(page))


def test_leave_one_out_of_a_stored_review_and_a_click_on_its_row(page: Words, stored: Stored) -> None:
    example = stored.rows("examples")[3]
    page.state.param.update(text=example["text"], example=example["example"], left_out=True)
    row = page.rows.content["rows"][-1]
    assert row["key"] == "epoch-3-without"
    assert row["whole"] == pytest.approx(page.rows.content["rows"][-2]["probability"][-1], abs=1e-6)
    for heard in page.rows._row_chosen:
        heard("epoch-0")
        heard("epoch-3-without")
    assert page.state.epoch == 3


def test_the_texts_that_are_listed_are_part_of_the_view(page: Words, stored: Stored) -> None:
    page.state.view = "texts"
    page.listing.picker.label.value = "pos"
    page.listing.picker.forth.clicks += 1
    assert page.state.texts == "label=pos&first=20"
    same = opened(stored, view="texts", texts=page.state.texts)
    assert keys(same) == keys(page)
    assert (same.listing.picker.label.value, same.listing.picker.offset) == ("pos", 20)
    page.listing.source.value = "selection"
    assert page.state.texts == "by=selection&label=pos"
    page.state.texts = ""  # a step back
    assert (page.listing.source.value, page.listing.picker.label.value, page.listing.picker.offset) == ("filter", "", 0)
    far = opened(stored, view="texts", texts="first=99999")
    assert keys(far) == keys(page)

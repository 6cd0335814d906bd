"""The state as readings: from the store where it explains them, else by the networks; both say the same."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from pipeline.errors import InputError
from tests.stored import Stored
from viewer import design
from viewer.data.selections import Selection
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.in_hand import InHand
from viewer.pages.picker import PAGE, Picker
from viewer.state import State

design.use()


@pytest.fixture
def state(stored: Stored) -> State:
    state = State(Source(Path("artifacts").absolute()))
    state.choose_run("tiny")
    state.epoch = 3
    return state


@pytest.fixture
def hand(state: State) -> InHand:
    return InHand(state, Live(state.source))


@pytest.fixture
def picker(state: State) -> Picker:
    picker = Picker(state)
    picker.offer()
    return picker


@pytest.mark.parametrize(
    ("chosen", "epoch", "shown"),
    [([], 3, [0, 1, 2, 3]), ([], 2, [0, 1, 2, 3]), ([1], 3, [1, 3]), ([0, 99], 0, [0])],
)
def test_which_checkpoints_have_a_row(hand: InHand, chosen: list[int], epoch: int, shown: list[int]) -> None:
    hand.state.param.update(checkpoints=chosen, epoch=epoch)
    assert hand.epochs == shown


def after_each_word(stored: Stored, example: int, epoch: int) -> list[float]:
    """The probabilities of a review by the stored log-odds."""
    rows = sorted(stored.rows("impacts", example=example, epoch=epoch), key=lambda row: row["position"])
    return [float(expit(row["logit"])) for row in rows]


def test_a_stored_review_has_a_row_at_every_checkpoint(hand: InHand, stored: Stored) -> None:
    """As it is stored where it is explained; elsewhere as the network says of one prefix after another."""
    row = stored.rows("examples")[4]
    hand.state.take_text(row["text"], row["example"])
    found = hand.one()
    assert (found.example, found.label, found.epochs) == (row["example"], row["label"], (0, 1, 2, 3))
    for epoch in (0, 3):
        np.testing.assert_allclose(found.probability[epoch], after_each_word(stored, row["example"], epoch), atol=1e-6)
    words = [found.spelled(t) for t in range(1, len(found.words) + 1)]
    for epoch in (1, 2):
        said = [hand.live.read("tiny", " ".join(words[:stop]), [epoch]).final(epoch) for stop in range(len(words) + 1)]
        np.testing.assert_allclose(found.probability[epoch], said, atol=1e-6)
        np.testing.assert_allclose(found.impact[epoch, 1:], np.diff(said), atol=1e-6)


@pytest.mark.parametrize(("chosen", "shown"), [([0, 3], (0, 3)), ([1], (1, 2)), ([0, 1], (0, 1, 2))])
def test_of_a_stored_review_those_that_were_chosen(
    hand: InHand, stored: Stored, chosen: list[int], shown: tuple[int, ...]
) -> None:
    row = stored.rows("examples")[4]
    hand.state.take_text(row["text"], row["example"])
    hand.state.param.update(checkpoints=chosen, epoch=3 if 3 in chosen else 2)
    found = hand.one()
    assert (found.example, found.label, found.epochs) == (row["example"], row["label"], shown)


def test_without_a_checkpoint_a_stored_review_is_shown_as_far_as_it_is_stored(stored: Stored, tmp_path: Path) -> None:
    shutil.copytree(stored.run.folder, tmp_path / "run=tiny")
    (tmp_path / "run=tiny" / "checkpoints" / "epoch=001.ckpt").write_bytes(b"nothing")
    state = State(Source(tmp_path))
    state.choose_run("tiny")
    hand = InHand(state, Live(state.source))
    row = stored.rows("examples")[4]
    state.param.update(text=row["text"], example=row["example"], epoch=3)
    found = hand.one()
    assert found.epochs == (0, 3)
    assert found.notes[-1].startswith("Some checkpoints are not shown: ")
    state.epoch = 1
    with pytest.raises(InputError, match="epoch=001"):
        hand.one()


def test_words_of_another_vocabulary_are_refused(stored: Stored, tmp_path: Path) -> None:
    shutil.copytree(stored.run.folder, tmp_path / "run=tiny")
    state = State(Source(tmp_path))
    state.choose_run("tiny")
    row = stored.rows("examples")[4]
    table = state.source.run("tiny").read("elements").to_pandas()
    table.loc[table["example"] == row["example"], "known"] = False
    state.source.run("tiny").write("elements", {name: table[name].tolist() for name in table})
    state.param.update(text=row["text"], example=row["example"], epoch=3)
    with pytest.raises(InputError, match="stores other words"):
        InHand(state, Live(state.source)).one()


def test_a_typed_text_that_is_a_review_says_the_same_as_the_store(hand: InHand, stored: Stored) -> None:
    row = stored.rows("examples")[7]
    hand.state.take_text(row["text"])
    found = hand.one()
    assert (found.example, found.label) == (None, None)
    np.testing.assert_allclose(found.probability[3], after_each_word(stored, row["example"], 3), atol=1e-5)


def test_two_texts_are_read_at_the_same_checkpoints(hand: InHand) -> None:
    hand.state.param.update(text="good", second="not good at all", checkpoints=[0])
    first, second = hand.two()
    assert first.epochs == second.epochs == (0, 3)
    assert (first.text, len(second.words)) == ("good", 4)


def pages(hand: InHand, picker: Picker) -> Sequence[int | None]:
    return [found.example for found in hand.selected(picker)]


def test_a_selection_comes_in_pages(hand: InHand, picker: Picker, stored: Stored) -> None:
    assert pages(hand, picker) == []
    chosen = tuple(row["example"] for row in stored.mapped[: 2 * PAGE + 3])
    hand.state.select(Selection(chosen))
    assert pages(hand, picker) == list(chosen[:PAGE])
    picker.offset = 2 * PAGE
    assert pages(hand, picker) == list(chosen[2 * PAGE :])
    hand.state.select(Selection(chosen[:PAGE]))  # the page is gone: the last there is
    assert pages(hand, picker) == list(chosen[:PAGE])
    assert picker.offset == 0


@pytest.mark.parametrize("epoch", [3, 1])
def test_what_the_filters_find_is_read_at_the_epoch_in_hand(
    hand: InHand, picker: Picker, stored: Stored, epoch: int
) -> None:
    hand.state.epoch = epoch
    found = hand.found(picker)
    assert [one.example for one in found] == [row["example"] for row in stored.rows("examples")[:PAGE]]
    assert {one.epochs for one in found} == {(epoch,)}
    said = {row["example"]: row["probability"] for row in stored.rows("predictions", epoch=epoch)}
    mapped = [one for one in found if one.example in said]
    assert mapped
    for one in mapped:
        assert one.final(epoch) == pytest.approx(said[one.example], abs=1e-5)


def test_sentences_keep_a_label_that_the_run_has(hand: InHand, picker: Picker) -> None:
    picker.corpus.value = "sentences"
    found = hand.found(picker)
    assert len(found) == PAGE
    assert {one.label for one in found} <= {"neg", "pos"}
    assert all(one.example is None for one in found)


def test_counts_are_those_of_the_vocabulary(hand: InHand, stored: Stored) -> None:
    hand.state.take_text("The movie, the MOVIE: qwzxk")
    (row,) = stored.rows("vocabulary", word="movie")
    assert hand.counts([hand.one()])["movie"] == (row["count"], dict(row["counts"]))
    assert "qwzxk" not in hand.counts([hand.one()])


def test_a_review_that_is_not_there_is_refused(hand: InHand) -> None:
    with pytest.raises(InputError, match="no test example 999999"):
        hand.text_of(999_999)

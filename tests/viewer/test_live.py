"""Typed sentences against explicit prefixes, stored impacts and stored points; what is kept; what is refused."""

import os
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from pipeline.data import stored as stored_data
from pipeline.data.words import spans
from pipeline.errors import InputError
from pipeline.store import Run
from tests.project import RUN
from viewer.data.source import Source
from viewer.live import Live

TEXT = "This movie is NOT boring, zyxxy!"


@pytest.fixture(scope="module")
def live(built):
    return Live(Source(built.artifacts))


@pytest.fixture
def copy(built, tmp_path):
    """A private copy of the tiny run alone."""
    shutil.copytree(built.results, tmp_path / f"run={RUN}")
    return Run(RUN, tmp_path)


def one_by_one(network, tokens):
    """Probabilities of the positive class of two after 0, 1, ... tokens, each prefix evaluated for itself."""
    with torch.no_grad():
        logits = [
            network(torch.tensor([[*tokens[:length], 0]]), torch.tensor([length])).item()
            for length in range(len(tokens) + 1)
        ]
    return expit(np.array(logits, dtype=np.float64)), np.array(logits)


def test_every_checkpoint_says_what_its_explicit_prefixes_say(live, stored):
    reading = live.read(RUN, TEXT)
    tokens = stored_data.vocabulary(stored.run).encode(TEXT[start:stop] for start, stop in spans(TEXT))
    assert reading.epochs == (0, 1, 2, 3)
    for row, epoch in enumerate(reading.epochs):
        probability, logit = one_by_one(stored.network(epoch), tokens.tolist())
        np.testing.assert_allclose(reading.probability[row], probability, atol=1e-6)
        np.testing.assert_allclose(reading.logit[row], logit, atol=1e-5)
        np.testing.assert_allclose(reading.impact[row, 1:], np.diff(probability), atol=1e-6)
    assert np.isnan(reading.impact[:, 0]).all()


def test_words_have_their_places_and_say_whether_they_are_known(live):
    reading = live.read(RUN, TEXT)
    assert [reading.spelled(place) for place in range(1, 7)] == ["This", "movie", "is", "NOT", "boring", "zyxxy"]
    assert [word.known for word in reading.words][3:] == [True, reading.words[4].known, False]
    assert (reading.text, reading.unread, reading.notes) == (TEXT, (), ())
    assert (reading.label, reading.example) == (None, None)


def test_stored_impacts_of_a_review_are_those_of_its_text_typed(live, stored):
    for example in stored.rows("examples")[::40]:
        reading = live.read(RUN, example["text"], [0, 3])
        rows = stored.rows("impacts", example=example["example"])
        assert len(rows) == reading.logit.size
        np.testing.assert_allclose(reading.logit.ravel(), [row["logit"] for row in rows], rtol=0, atol=1e-6)
        impacts = np.array([row["impact"] for row in rows], dtype=float)
        np.testing.assert_allclose(reading.impact.ravel(), impacts, rtol=0, atol=1e-6)


def test_epochs_are_the_asked_ones_in_rising_order(live):
    everything, some = live.read(RUN, TEXT), live.read(RUN, TEXT, [3, 1, 3])
    assert some.epochs == (1, 3)
    np.testing.assert_allclose(some.probability, everything.probability[[1, 3]], rtol=0, atol=1e-7)
    assert live.read(RUN, TEXT, []).epochs == everything.epochs
    assert {epoch for epoch, _ in live.positions(RUN, TEXT, [2])} == {2}


@pytest.mark.parametrize("text", ["", "  \n\t ", "?!", "<br />"])
def test_a_text_without_words_is_the_empty_prefix_alone_and_has_no_place(live, stored, text):
    reading = live.read(RUN, text)
    assert reading.probability.shape == reading.impact.shape == (4, 1)
    assert (reading.words, reading.unread) == ((), ())
    before = stored.rows("impacts", epoch=3, position=0)[0]["logit"]
    assert reading.final(3) == pytest.approx(expit(before), abs=1e-6)
    assert "no word" in reading.notes[0]
    assert live.positions(RUN, text) == {}


def test_beyond_the_cut_nothing_is_read(live):
    text = "good " * 10_000
    reading = live.read(RUN, text)
    assert len(reading.words) == 12
    assert len(reading.unread) == 9_988
    assert reading.unread[0] == (60, 64)
    assert "first 12 of these 10,000 words" in reading.notes[0]
    np.testing.assert_array_equal(reading.probability, live.read(RUN, "good " * 12).probability)


@pytest.mark.parametrize("text", ["zyxxy qwrtz", "😀 👍🏽", "شكرا جزيلا", "ÅÅÅÅ"])
def test_unknown_words_alone_are_said_to_be_unknown(live, text):
    reading = live.read(RUN, text)
    assert not any(word.known for word in reading.words)
    assert "knows none" in reading.notes[0]
    assert len(live.positions(RUN, text)) == 12


@given(
    st.text(max_size=200) | st.lists(st.sampled_from(["not", "good", " ", "’", "<br />", "שלום", "🎬"])).map("".join)
)
def test_any_text_is_read_and_its_impacts_add_up(built, live, text):
    reading = live.read(RUN, text)
    assert [(word.start, word.stop) for word in reading.words] + list(reading.unread) == spans(text)
    assert all(reading.spelled(place) for place in range(1, len(reading.words) + 1))
    assert reading.impact.shape == (4, len(reading.words) + 1)
    change = reading.probability[:, -1] - reading.probability[:, 0]
    np.testing.assert_allclose(np.nansum(reading.impact, axis=1), change, rtol=0, atol=2e-7)
    assert bool(live.positions(RUN, text)) == bool(reading.words)


def test_a_mapped_review_typed_lies_on_its_own_point_with_itself_as_nearest(live, stored):
    points = {(row["epoch"], row["layer"], row["example"]): (row["x"], row["y"]) for row in stored.rows("points")}
    sizes = {}
    for (epoch, layer, _), point in points.items():
        sizes.setdefault((epoch, layer), []).append(point)
    vectors = {(row["epoch"], row["layer"], row["example"]): row["vector"] for row in stored.rows("vectors")}
    for example in stored.mapped[::6]:
        positions = live.positions(RUN, example["text"])
        assert set(positions) == set(sizes)
        for place, position in positions.items():
            here = (*place, example["example"])
            size = np.std(sizes[place], axis=0).max()
            assert np.hypot(*np.subtract((position.x, position.y), points[here])) <= 1e-5 * size
            np.testing.assert_allclose(position.vector, vectors[here], atol=1e-6)
            assert position.neighbors[0] == (example["example"], pytest.approx(0, abs=1e-6))
            assert not position.unlike


def test_the_other_neighbours_of_a_mapped_review_are_those_of_the_table(live, stored):
    example = stored.mapped[7]
    listed = {
        (row["epoch"], row["layer"], row["rank"]): row for row in stored.rows("neighbors", example=example["example"])
    }
    for place, position in live.positions(RUN, example["text"]).items():
        for rank, (near, distance) in enumerate(position.neighbors[1:], 1):
            assert near == listed[(*place, rank)]["neighbor"]
            assert distance == pytest.approx(listed[(*place, rank)]["distance"], abs=1e-5)
        assert len(position.neighbors) == 5


def test_many_threads_get_what_one_gets(built, live):
    texts = [f"{one} {other} movie" for one in ("not", "a", "very") for other in ("good", "bad", "boring", "fine")]
    expected = [(live.read(RUN, text), live.positions(RUN, text)) for text in texts]
    fresh, found = Live(Source(built.artifacts)), {}

    def ask(number):
        for place in range(len(texts)):
            text = texts[(place + number) % len(texts)]
            found[number, text] = fresh.read(RUN, text), fresh.positions(RUN, text)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 6 * len(texts)
    for (_, text), (reading, positions) in found.items():
        one, places = expected[texts.index(text)]
        np.testing.assert_array_equal(reading.probability, one.probability)
        assert all(np.array_equal(position.vector, places[place].vector) for place, position in positions.items())


def test_what_was_asked_before_is_kept_and_cannot_be_changed(live):
    reading = live.read(RUN, TEXT)
    assert live.read(RUN, TEXT) is reading
    with pytest.raises(ValueError, match="read-only"):
        reading.impact[0] = 1
    live.positions(RUN, TEXT).clear()
    assert live.positions(RUN, TEXT)
    live.forget()
    assert live.read(RUN, TEXT) is not reading


def test_a_run_built_anew_is_read_anew(copy):
    live = Live(Source(copy.artifacts))
    before, warmed = live.read(RUN, TEXT), live.warm(RUN)
    assert live.warm(RUN) is warmed
    warmed.join(60)
    shutil.copyfile(copy.checkpoint(0), copy.checkpoint(3))
    os.utime(copy.checkpoint(3), ns=(1, 1))
    after = live.read(RUN, TEXT)
    np.testing.assert_array_equal(after.probability[3], before.probability[0])
    np.testing.assert_array_equal(after.probability[2], before.probability[2])
    again = live.warm(RUN)
    assert again is not warmed
    again.join(60)


def test_runs_that_were_not_asked_for_lately_are_dropped(copy, tmp_path):
    live = Live(Source(copy.artifacts))
    for number in range(6):
        other = tmp_path / f"run=other{number}"
        shutil.copytree(copy.folder, other)
        (other / "config.yaml").write_text(copy.config.read_text().replace("name: tiny", f"name: other{number}"))
        live.read(f"other{number}", TEXT)
    assert len(live._runs) == 4


def test_warming_loads_everything(built):
    live = Live(Source(built.artifacts))
    live.warm(RUN).join(60)
    loaded = live._loaded(RUN)
    assert len(loaded._networks) == 4
    assert len(loaded._maps) == 12


def test_warming_says_nothing_of_what_is_missing(copy):
    live = Live(Source(copy.artifacts))
    live.warm("absent").join(60)
    copy.checkpoint(2).unlink()
    live.warm(RUN).join(60)  # an error in a thread would fail this test
    assert live.read(RUN, TEXT, [3]).epochs == (3,)


def test_the_program_may_end_while_a_run_is_being_loaded(built):
    code = f"from viewer.live import Live; from viewer.data.source import Source; Live(Source()).warm({RUN!r})"
    project = dict(os.environ, PYTHONPATH=os.getcwd())
    ended = subprocess.run([sys.executable, "-c", code], cwd=built.folder, env=project, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


def says(live, *words, ask="read", **given):
    with pytest.raises(InputError) as refused:
        getattr(live, ask)(given.pop("run", RUN), TEXT, **given)
    message = str(refused.value)
    assert "\n" not in message
    assert all(word in message for word in words), message


@pytest.mark.parametrize("run", ["absent", "", "../tiny", "none", "'; DROP TABLE maps"])
def test_a_run_that_is_not_there_is_named(live, run):
    says(live, run, RUN, run=run)


def test_an_epoch_that_is_not_there_is_named(live):
    says(live, "epoch 9", "0 to 3", epochs=[1, 9])
    says(live, "epoch -1", epochs=[-1], ask="positions")


def test_a_missing_or_damaged_checkpoint_is_named_and_the_others_still_answer(copy):
    live = Live(Source(copy.artifacts))
    copy.checkpoint(2).unlink()
    says(live, "epoch=002.ckpt", "no such checkpoint")
    copy.checkpoint(2).write_bytes(copy.checkpoint(1).read_bytes()[:-100])
    says(live, "epoch=002.ckpt", "not a whole checkpoint")
    says(live, "epoch=002.ckpt", "not a whole checkpoint", ask="positions")
    assert live.read(RUN, TEXT, [0, 1, 3]).epochs == (0, 1, 3)


@pytest.mark.parametrize("table", ["vectors", "points"])
def test_damaged_maps_are_named_and_impacts_still_answered(copy, table):
    live = Live(Source(copy.artifacts))
    whole = copy.path(table).read_bytes()
    assert live.positions(RUN, TEXT)
    copy.path(table).write_bytes(whole[: len(whole) // 2])
    says(live, f"{table}.parquet", ask="positions")
    assert live.read(RUN, TEXT).epochs
    copy.path(table).unlink()
    says(live, "missing", "dvc repro", ask="positions")
    copy.path(table).write_bytes(whole)
    assert live.positions(RUN, TEXT)


def test_a_run_without_maps_has_no_positions(copy):
    copy.path("maps").unlink()
    assert Live(Source(copy.artifacts)).positions(RUN, TEXT) == {}


def test_maps_of_another_network_than_the_checkpoints_are_refused(copy):
    table = Run(RUN, copy.artifacts).read("vectors").to_pydict()
    copy.write("vectors", table | {"vector": [vector[:-1] for vector in table["vector"]]})
    says(Live(Source(copy.artifacts)), "maps", "not of its checkpoints", ask="positions")

"""Runs of other kinds as the viewer reads them, held to explicit prefixes one by one and to the plain tables."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.errors import InputError
from tests.prefixes import of_example, of_words, probabilities
from tests.project import Project
from tests.stored import Stored
from viewer.data import comparison, conditions, examples, maps, selected, texts
from viewer.data.facts import facts
from viewer.data.findings import NEGATED, PLAIN, findings
from viewer.data.reading import Reading
from viewer.data.source import Source
from viewer.data.steps import written
from viewer.live import Live
from viewer.loaded import LoadedRun
from viewer.numbers import signed

pytestmark = pytest.mark.usefixtures("of_kinds")
KINDS = ("sources", "undefined", "speakers")
TYPED = "This phone is not boring"


@pytest.fixture
def source() -> Source:
    return Source(Path("artifacts").absolute())


@pytest.mark.parametrize("run", KINDS)
def test_live_readings_are_explicit_prefixes_and_stored_ones_the_same(source: Source, run: str) -> None:
    stored, known = Stored(run), facts(source, run)
    for row in stored.mapped[:3]:
        kept = examples.stored(source, known, row["example"])
        read = Live(source).read(run, kept.text, kept.epochs)
        for reading in (kept, read):
            assert reading.probabilities.shape == (2, row["length"] + 1, len(known.classes))
            for place, epoch in enumerate(reading.epochs):
                expected = probabilities(stored, epoch, of_example(stored, row["example"]))
                np.testing.assert_allclose(reading.probabilities[place], expected, atol=1e-5)
                np.testing.assert_allclose(reading.impacts[place, 1:], np.diff(expected, axis=0), atol=2e-5)
                with np.errstate(divide="ignore"):
                    odds = np.log(expected) - np.log(1 - expected)
                np.testing.assert_allclose(reading.logits[place], odds, atol=2e-3)
                assert reading.predicted(epoch) == known.classes[expected[-1].argmax()]
                k = len(known.classes)
                sure = (expected[-1].max() - 1 / k) / (1 - 1 / k)
                assert reading.confidence(epoch) == pytest.approx(sure, abs=1e-4)


def test_predictions_of_all_classes_are_the_table_s(source: Source) -> None:
    for run in KINDS:
        stored, known = Stored(run), facts(source, run)
        reviews = maps.mapped(source, known)
        for epoch in known.epochs:
            said = maps.predictions(source, known, reviews, epoch)
            rows: dict[int, list[dict[str, object]]] = {}
            for row in stored.rows("predictions", epoch=epoch):
                rows.setdefault(row["example"], []).append(row)
            for place, example in enumerate(reviews.examples):
                found = [float(str(row["probability"])) for row in rows[example]]
                found += [1 - found[0]] if len(found) == 1 else []
                assert said.predicted[place] == rows[example][0]["predicted"]
                assert said.probability[place] == pytest.approx(max(found))


def test_attention_is_what_the_network_weighs_the_words_with(source: Source) -> None:
    stored, known = Stored("sources"), facts(source, "sources")
    row = max(stored.mapped, key=lambda one: one["length"])
    kept = examples.stored(source, known, row["example"])
    read = Live(source).read("sources", row["text"], [0, 3])
    for reading in (kept, read):
        assert reading.attention is not None
        for place, epoch in enumerate((0, 3)):
            tokens = stored.tokens(row["example"])
            with torch.inference_mode():
                wanted = stored.network(epoch).attention_weights(tokens, torch.tensor([tokens.shape[1]]))[0]  # type: ignore[operator]
            np.testing.assert_allclose(reading.attention[place], wanted.numpy(), atol=1e-6)
            assert reading.attention[place].sum() == pytest.approx(1, abs=1e-5)
    assert Live(source).read("sources", "", [3]).attention is None
    assert Live(source).read("undefined", TYPED, [3]).attention is None


def test_without_an_answer_to_nothing_impacts_begin_at_the_second_word(source: Source) -> None:
    read = Live(source).read("undefined", TYPED, [3])
    assert np.isnan(read.probabilities[0, 0]).all()
    assert np.isnan(read.impacts[0, :2]).all()
    assert np.isfinite(read.impacts[0, 2:]).all()
    nothing = Live(source).read("undefined", "...", [3])
    assert (nothing.predicted(3), nothing.words) == ("", ())
    assert read.predictions(3)[0] == -1


def of_steps(source: Source, text: str) -> Reading:
    return Live(source).read("speakers", text, [3])


def test_numbers_are_read_up_to_the_cut_and_placed_where_the_store_has_them(source: Source) -> None:
    stored, known = Stored("speakers"), facts(source, "speakers")
    row = stored.mapped[0]
    text = written(row["steps"])
    assert examples.original(source, known, row["example"]) == (text, row["label"])
    read = of_steps(source, text)
    assert read.steps is not None
    np.testing.assert_array_equal(read.steps, np.array(row["steps"]))
    assert read.spelled(2) == text.split("\n")[1]
    placed = Live(source).positions("speakers", text, [3])
    for layer in known.layers:
        point = next(
            one for one in stored.rows("points", epoch=3, layer=layer.name) if one["example"] == row["example"]
        )
        at = placed[3, layer.name]
        assert (at.x, at.y) == pytest.approx((point["x"], point["y"]), abs=1e-3)
        assert at.neighbors[0][0] == row["example"]
    twice = of_steps(source, "\n".join([text] * 3))
    assert (len(twice.words), len(twice.unread)) == (29, 3 * row["length"] - 29)
    assert "reads the first 29 of these" in twice.notes[0]


def test_a_sentence_is_no_sequence_and_nothing_is_no_step(source: Source) -> None:
    loaded = LoadedRun(source, "speakers")
    for ask in (loaded.read, loaded.positions):
        with pytest.raises(InputError, match="row 1: 1 cells; the run reads 12 numbers a step"):
            ask("good film", None)
    assert of_steps(source, "").words == ()
    assert loaded.positions("", [3]) == {}
    assert of_steps(source, "").notes == ("There is no step in this sequence: the network has nothing to read.",)


def test_what_is_found_of_numbers_is_told_by_its_size(source: Source) -> None:
    known = facts(source, "speakers")
    rows, total = texts.find(source, known, texts.Filter(label="speaker 2"), 3, limit=3)
    lengths = {row["example"]: row["length"] for row in Stored("speakers").rows("examples", label="speaker 2")}
    assert total == len(lengths)
    assert [f"{lengths[example]} steps of 12 numbers" for example in rows["example"]] == rows["snippet"].tolist()
    expected = {}
    for row in Stored("speakers").rows("predictions", epoch=3):
        expected[row["example"]] = max(row["probability"], expected.get(row["example"], 0))
    sure = [(expected[example] - 1 / 9) / (1 - 1 / 9) for example in rows["example"]]
    assert rows["confidence"].tolist() == pytest.approx(sure)


def test_another_class_can_be_in_question(source: Source) -> None:
    known = facts(source, "sources")
    assert (known.positive, known.about("imdb").positive, known.about("other").positive) == ("yelp", "imdb", "yelp")
    assert facts(source, "undefined").about("neg").positive == "pos"


def test_runs_of_another_kind_are_in_one_store(kinds: Project) -> None:
    assert Source(kinds.artifacts).runs() == sorted(KINDS)


def test_the_confusion_of_nine_classes_is_counted_from_the_tables(source: Source) -> None:
    stored, known = Stored("speakers"), facts(source, "speakers")
    rows = {row["example"]: row["label"] for row in stored.mapped}
    predicted = {row["example"]: row["predicted"] for row in stored.rows("predictions", epoch=3)}
    found = selected.summary(source, known, sorted(rows), 3)
    for label in known.classes:
        for name in known.classes:
            count = sum(rows[one] == label and predicted[one] == name for one in rows)
            assert found.confusion.loc[label, name] == count
    assert found.accuracy == pytest.approx(np.mean([rows[one] == predicted[one] for one in rows]))


def test_words_move_the_class_in_question(source: Source) -> None:
    stored = Stored("sources")
    places = {(row["example"], row["position"]): row["element"].lower() for row in stored.rows("elements")}
    for name in ("amazon", "yelp"):
        found = selected.moving_words(source, facts(source, "sources").about(name), [], 3, least=20, limit=5)
        impacts: dict[str, list[float]] = {}
        for row in stored.rows("impacts", epoch=3, **{"class": name}):
            if row["position"]:
                impacts.setdefault(places[row["example"], row["position"]], []).append(row["impact"])
        for row in found.itertuples():
            assert row.impact == pytest.approx(np.mean(impacts[row.word]), abs=1e-6)
        most = max(abs(np.mean(each)) for each in impacts.values() if len(each) >= 20)
        assert abs(found["impact"].iloc[0]) == pytest.approx(most, abs=1e-6)


def test_findings_say_which_class_and_leave_words_out_where_there_are_none(source: Source) -> None:
    live, known = Live(source), facts(source, "sources")
    plain, negated = (live.read("sources", text, [3]) for text in (PLAIN, NEGATED))
    stored = Stored("sources")
    said = probabilities(stored, 3, of_words(stored, PLAIN.split()))
    toward = int((said[-1] - said[-2]).argmax())
    after = probabilities(stored, 3, of_words(stored, NEGATED.split()))
    found = findings(source, known, plain, negated)[0]
    name = known.classes[toward]
    assert found.view["about"] == name
    first, then = (signed(100 * (one[-1] - one[-2])[toward], 1) for one in (said, after))
    assert f"moves {name.upper()} by {first} points" in found.text
    assert found.text.endswith(f"by {then}")
    numbers = findings(source, facts(source, "speakers"))
    assert [one.view["page"] for one in numbers] in (["training"], ["layers", "training"])
    assert all("review" not in one.text for one in numbers)


def test_a_word_is_no_condition_on_numbers(source: Source) -> None:
    with pytest.raises(InputError, match="word:boring: run speakers reads numbers and has no words"):
        conditions.select(source, facts(source, "speakers"), "word:boring", 3)
    right = conditions.select(source, facts(source, "speakers"), 'label:"speaker 3"', 3)
    assert set(right.examples) == {row["example"] for row in Stored("speakers").mapped if row["label"] == "speaker 3"}


def test_runs_of_many_classes_disagree_where_their_predictions_differ(kinds: Project, tmp_path: Path) -> None:
    shutil.copytree(kinds.artifacts / "run=speakers", tmp_path / "run=speakers")
    shutil.copytree(kinds.artifacts / "run=speakers", tmp_path / "run=other")
    source = Source(tmp_path)
    run = source.run("other")
    table = run.read("predictions").to_pandas()
    turned = sorted(table["example"].unique())[::9]
    rows = table["example"].isin(turned) & (table["epoch"] == 3)
    shift = {f"speaker {number}": f"speaker {number % 9 + 1}" for number in range(1, 10)}
    table.loc[rows, "class"] = table.loc[rows, "class"].map(shift)
    table.loc[rows, "predicted"] = table.loc[rows, "predicted"].map(shift)
    run.write("predictions", {name: table[name].tolist() for name in table})
    found = comparison.disagreements(source, facts(source, "speakers"), facts(source, "other"))
    assert sorted(found.frame["example"]) == turned
    before: dict[int, dict[str, float]] = {}
    for row in Stored("speakers").rows("predictions", epoch=3):
        before.setdefault(row["example"], {})[row["class"]] = row["probability"]
    distances = []
    for row in found.frame.to_dict("records"):
        own = before[row["example"]]
        assert row["one_probability"] == row["other_probability"] == pytest.approx(max(own.values()))
        assert row["other_predicted"] == shift[row["one_predicted"]]
        distances.append(sum(abs(own[name] - own[other]) for other, name in shift.items()) / 2)
        assert row["snippet"].endswith("steps of 12 numbers")
    assert distances == sorted(distances, reverse=True)


@pytest.mark.parametrize("run", KINDS)
def test_leave_one_out_is_the_sequence_without_each_element(source: Source, run: str) -> None:
    stored, known = Stored(run), facts(source, run)
    for row in stored.mapped[:2]:
        text, read = examples.original(source, known, row["example"])[0], of_example(stored, row["example"])
        found = Live(source).left_out(run, text, 3)
        places = list(range(row["length"]))
        for place in places:
            kept = read[:, places[:place] + places[place + 1 :]]
            np.testing.assert_allclose(found.probabilities[place], probabilities(stored, 3, kept)[-1], atol=1e-5)
        np.testing.assert_allclose(found.whole, probabilities(stored, 3, read)[-1], atol=1e-5)


def test_without_its_only_word_a_network_may_have_no_answer(source: Source) -> None:
    assert np.isnan(Live(source).left_out("undefined", "boring", 3).probabilities).all()

"""Sequences of numbers in nine classes through every stage, by the real command line, against the published network."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from sklearn.preprocessing import StandardScaler

from pipeline.data import stored
from pipeline.queries import QUERIES
from pipeline.store import connect
from tests.project import ROOT, Project, copied
from tests.stored import Stored

SMALL = (
    "run=vowels", "name=small", "corpus.max_length=12", "model.embedding=12", "model.hidden=16", "model.dense=16",
    "trainer.epochs=4", "trainer.learning_rate=0.02", "impacts.epochs=[0,4]", "maps.examples=90",
)  # fmt: skip
CLASSES = [f"speaker {number}" for number in range(1, 10)]


@pytest.fixture(scope="module")
def vowels(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy with a small network of the run `vowels`."""
    project = copied(tmp_path_factory.mktemp("vowels"))
    result = project.command("pipeline", *SMALL)
    assert result.returncode == 0, result.stderr
    assert f"9 classes: {', '.join(CLASSES)}" in result.stderr
    return project


@pytest.fixture
def store(vowels: Project, monkeypatch: pytest.MonkeyPatch) -> Stored:
    monkeypatch.chdir(vowels.folder)
    return Stored("small")


@pytest.fixture(scope="module")
def originals() -> dict[str, np.ndarray]:
    """{id: (steps, 12) numbers} of the corpus, float64."""
    table = pq.read_table(ROOT / "artifacts/corpora/vowels.parquet")
    return {row["id"]: np.array(row["steps"]) for row in table.select(["id", "steps"]).to_pylist()}


@pytest.fixture
def inputs(store: Stored, originals: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """{id: (steps, 12)} as the network is to read them: scikit-learn's scaling of what it reads of the train split."""
    train = [originals[row["id"]][:12] for row in store.rows("training", split="train")]
    scaler = StandardScaler().fit(np.concatenate(train))
    return {name: torch.from_numpy(scaler.transform(numbers[:12])).float() for name, numbers in originals.items()}


def probabilities(network: torch.nn.Module, steps: torch.Tensor) -> np.ndarray:
    """Softmax of the logits of one whole sequence."""
    with torch.no_grad():
        logits = network(steps[None] if len(steps) else torch.zeros(1, 1, 12), torch.tensor([len(steps)]))
    return torch.softmax(logits.double(), dim=1)[0].numpy()


def test_whole_sequences_are_kept_and_what_is_read_of_them_is_said(
    store: Stored, originals: dict[str, np.ndarray]
) -> None:
    for row in store.rows("examples"):
        assert row["text"] is None
        assert row["steps"] == originals[row["id"]].tolist()
        assert row["original_length"] == len(row["steps"])
        assert row["length"] == min(12, len(row["steps"]))
    for row in store.rows("training"):
        assert row["tokens"] is None
        assert row["steps"] == originals[row["id"]][:12].tolist()


def test_every_step_is_an_element_without_a_text(store: Stored) -> None:
    lengths = {row["example"]: row["length"] for row in store.rows("examples")}
    places = [(example, place) for example, length in lengths.items() for place in range(1, length + 1)]
    rows = store.rows("elements")
    assert [(row["example"], row["position"]) for row in rows] == places
    assert all(row[name] is None for row in rows for name in ("element", "start", "stop", "known", "token"))
    assert store.table("vocabulary").num_rows == 0


def test_channels_hold_the_scale_of_the_training_split(store: Stored, originals: dict[str, np.ndarray]) -> None:
    train = np.concatenate([originals[row["id"]][:12] for row in store.rows("training", split="train")])
    rows = store.rows("channels")
    assert [row["channel"] for row in rows] == list(range(1, 13))
    np.testing.assert_allclose([row["center"] for row in rows], train.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose([row["scale"] for row in rows], train.std(axis=0), rtol=1e-9)


def test_what_is_read_back_is_what_scikit_learn_scales(store: Stored, inputs: dict[str, torch.Tensor]) -> None:
    ids = {row["example"]: row["id"] for table in ("examples", "training") for row in store.rows(table)}
    for sequences in (stored.test(store.run), *stored.training(store.run).values()):
        padded, lengths = sequences.padded(np.arange(len(sequences)))
        for example, steps, length in zip(sequences.examples, padded, lengths, strict=True):
            torch.testing.assert_close(steps[:length], inputs[ids[example]], rtol=1e-5, atol=1e-6)
            assert not steps[length:].any()


def test_metrics_and_predictions_are_those_of_the_published_weights(
    store: Stored, inputs: dict[str, torch.Tensor]
) -> None:
    network = store.network(4)
    for split in ("train", "validation", "test"):
        rows = store.rows("examples" if split == "test" else "training", split=split)
        found = np.array([probabilities(network, inputs[row["id"]]) for row in rows])
        labels = [CLASSES.index(row["label"]) for row in rows]
        expected = {
            "accuracy": (found.argmax(axis=1) == labels).mean(),
            "loss": -np.log(found[range(len(rows)), labels]).mean(),
        }
        for metric, value in expected.items():
            (row,) = store.rows("metrics", epoch=4, split=split, metric=metric)
            assert row["value"] == pytest.approx(value, abs=1e-5)
    assert store.rows("metrics", epoch=4, split="test", metric="accuracy")[0]["value"] > 0.5  # of nine: it has learned
    predictions = store.rows("predictions", epoch=4)
    assert [row["class"] for row in predictions] == CLASSES * len(found)
    np.testing.assert_allclose([row["probability"] for row in predictions], found.ravel(), atol=1e-5)
    assert [row["predicted"] for row in predictions[::9]] == [CLASSES[best] for best in found.argmax(axis=1)]


def test_impacts_hold_every_class_after_every_prefix(store: Stored, inputs: dict[str, torch.Tensor]) -> None:
    network = store.network(4)
    for example in store.rows("examples")[::60]:
        steps = inputs[example["id"]]
        expected = np.array([probabilities(network, steps[:length]) for length in range(len(steps) + 1)])
        rows = store.rows("impacts", epoch=4, example=example["example"])
        assert [(row["position"], row["class"]) for row in rows] == [
            (place, name) for place in range(len(steps) + 1) for name in CLASSES
        ]
        odds = np.log(expected / (1 - expected))
        np.testing.assert_allclose([row["logit"] for row in rows], odds.ravel(), atol=1e-3)
        assert {row["impact"] for row in rows[:9]} == {None}
        np.testing.assert_allclose([row["impact"] for row in rows[9:]], np.diff(expected, axis=0).ravel(), atol=1e-6)


def test_the_view_derives_probabilities_that_add_up_to_one(store: Stored) -> None:
    query = (
        "SELECT count(*), min(total), max(total) FROM (SELECT sum(probability) AS total FROM impacts GROUP BY epoch, "
    )
    (found,) = connect().sql(query + "example, position)").fetchall()
    lengths = store.table("examples")["length"].to_numpy()
    assert found[0] == 2 * (lengths + 1).sum()
    assert found[1:] == pytest.approx((1, 1), abs=1e-5)


def test_maps_show_equally_many_of_each_class_at_every_epoch(store: Stored) -> None:
    labels = [row["label"] for row in store.mapped]
    assert {name: labels.count(name) for name in CLASSES} == dict.fromkeys(CLASSES, 10)
    assert store.table("points").num_rows == 5 * 3 * 90
    network = store.network(4)
    example = store.mapped[0]["example"]
    (vector,) = store.rows("vectors", epoch=4, layer="embedding", example=example)
    steps = stored.test(store.run)
    row = int(np.flatnonzero(steps.examples == example)[0])
    inputs, lengths = steps.padded([row])
    expected = (inputs[0] @ network.embedding.weight.T + network.embedding.bias)[: lengths[0]].mean(dim=0)
    torch.testing.assert_close(torch.tensor(vector["vector"]), expected.detach(), rtol=1e-5, atol=1e-6)


def test_the_last_class_lies_right_on_the_last_maps(store: Stored) -> None:
    last = {row["example"] for row in store.mapped if row["label"] == CLASSES[-1]}
    for layer in ("embedding", "lstm", "dense"):
        points = store.rows("points", epoch=4, layer=layer)
        assert np.mean([row["x"] for row in points if row["example"] in last]) > np.mean([row["x"] for row in points])


@pytest.mark.parametrize("number", range(1, len(QUERIES) + 1))
def test_example_queries_answer_for_any_run(vowels: Project, number: int) -> None:
    result = vowels.command("pipeline.sql", "--run", "small", "--example", str(number), "--format", "json")
    assert result.returncode == 0, result.stderr
    words = number in (1, 2, 4, 5)  # there are none
    assert bool(json.loads(result.stdout)) is not words


def test_where_each_class_is_decided_is_what_numpy_counts(store: Stored) -> None:
    (query,) = [query for query in QUERIES if query.title.startswith("Where in a sequence")]
    lengths = {row["example"]: row["length"] for row in store.rows("examples")}
    labels = {row["example"]: row["label"] for row in store.rows("examples")}
    sizes: dict[tuple[str, int, bool], list[float]] = {}
    for row in store.rows("impacts", epoch=4):
        if row["position"]:
            tenth = -(-10 * row["position"] // lengths[row["example"]])
            own = labels[row["example"]] == row["class"]
            sizes.setdefault((row["class"], tenth, own), []).append(abs(row["impact"]))
    answer = connect().sql(query.of("small")).fetchall()
    assert len(answer) == 9 * 10
    for name, tenth, places, own, others in answer:
        assert places == len(sizes[name, tenth, True])
        assert own == pytest.approx(np.mean(sizes[name, tenth, True]), abs=1e-4)
        assert others == pytest.approx(np.mean(sizes[name, tenth, False]), abs=1e-4)


def test_built_again_every_file_has_the_same_bytes(vowels: Project) -> None:
    folder = vowels.artifacts / "run=small"
    again = vowels.command("pipeline", *SMALL[:1], "name=again", *SMALL[2:])
    assert again.returncode == 0, again.stderr
    for path in sorted(folder.rglob("*.*")):
        if not path.name.startswith("config."):  # they hold the name
            other = vowels.artifacts / "run=again" / path.relative_to(folder)
            assert other.read_bytes() == path.read_bytes(), path.name

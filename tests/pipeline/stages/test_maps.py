"""The maps in the store, against the network's own layers, scikit-learn's Isomap and the stored alignment."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import Isomap, trustworthiness
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pipeline.errors import InputError
from pipeline.explain import isomap
from pipeline.explain.projections import PACKAGES
from pipeline.stages import compose, maps
from pipeline.store import Run
from tests.project import RUN
from tests.stored import Stored

EPOCHS = (0, 1, 2, 3)
LAYERS = ("dense", "embedding", "lstm")


def vectors_of(stored: Stored, epoch: int, layer: str) -> np.ndarray:
    return np.array([row["vector"] for row in stored.rows("vectors", epoch=epoch, layer=layer)], dtype=np.float64)


def points_of(stored: Stored, epoch: int, layer: str) -> np.ndarray:
    return np.array([(row["x"], row["y"]) for row in stored.rows("points", epoch=epoch, layer=layer)])


def test_the_mapped_examples_are_balanced_unseen_and_the_same_everywhere(stored: Stored) -> None:
    mapped = stored.mapped
    assert [sum(row["label"] == label for row in mapped) for label in ("neg", "pos")] == [30, 30]
    assert not any(row["seen"] for row in mapped)
    expected = [row["example"] for row in mapped]
    for epoch in EPOCHS:
        for layer in LAYERS:
            assert [row["example"] for row in stored.rows("points", epoch=epoch, layer=layer)] == expected


@pytest.mark.parametrize("epoch", [0, 3])
def test_vectors_are_what_the_layers_answer(stored: Stored, epoch: int) -> None:
    network = stored.network(epoch)
    for number, example in list(enumerate(row["example"] for row in stored.mapped))[::10]:
        with torch.no_grad():
            embedded = network.embedding(stored.tokens(example))
            state = network.lstm(embedded)[0][:, -1]
            expected = {"embedding": embedded.mean(dim=1), "lstm": state, "dense": network.dense(state)}
        for layer in LAYERS:
            np.testing.assert_allclose(vectors_of(stored, epoch, layer)[number], expected[layer][0], atol=1e-6)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("epoch", [0, 3])
def test_points_are_isomaps_own_turned_by_the_stored_alignment(stored: Stored, epoch: int, layer: str) -> None:
    expected = Isomap(n_neighbors=10, n_components=2, eigen_solver="dense").fit_transform(
        vectors_of(stored, epoch, layer)
    )
    (row,) = stored.rows("maps", epoch=epoch, layer=layer)
    turn = np.array(row["alignment_matrix"]).reshape(2, 2)
    np.testing.assert_allclose(turn @ turn.T, np.eye(2), atol=1e-12)
    turned_back = (points_of(stored, epoch, layer) - row["alignment_offset"]) @ turn.T
    np.testing.assert_allclose(np.abs(turned_back), np.abs(expected), atol=1e-8)


@pytest.mark.parametrize("layer", LAYERS)
def test_the_positive_class_lies_right_at_the_last_epoch(stored: Stored, layer: str) -> None:
    positive = np.array([row["label"] == "pos" for row in stored.mapped])
    points = points_of(stored, 3, layer)
    left, right = points[~positive].mean(axis=0), points[positive].mean(axis=0)
    assert right[0] > left[0]
    assert right[1] == pytest.approx(left[1], abs=1e-9 * np.ptp(points))


@pytest.mark.parametrize("layer", LAYERS)
def test_no_other_turn_brings_an_epoch_nearer_to_the_next(stored: Stored, layer: str) -> None:
    for epoch in (0, 1, 2):
        here, there = points_of(stored, epoch, layer), points_of(stored, epoch + 1, layer)
        stored_error = ((here - there) ** 2).sum()
        for mirror in (1, -1):
            for angle in np.linspace(0, 2 * np.pi, 73):
                turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * [1, mirror]
                centred = (here - here.mean(axis=0)) @ turn + there.mean(axis=0)
                assert stored_error <= ((centred - there) ** 2).sum() * (1 + 1e-9)


def test_neighbors_are_the_nearest_by_true_distance(stored: Stored) -> None:
    examples = [row["example"] for row in stored.mapped]
    for layer in LAYERS:
        distances = cdist(vectors_of(stored, 3, layer), vectors_of(stored, 3, layer))
        rows = stored.rows("neighbors", epoch=3, layer=layer)
        assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5] * len(examples)
        for row in rows:
            here, there = examples.index(row["example"]), examples.index(row["neighbor"])
            assert here != there
            assert row["distance"] == pytest.approx(distances[here, there], abs=1e-9)
            others = np.delete(distances[here], here)
            assert row["distance"] == pytest.approx(np.sort(others)[row["rank"] - 1], abs=1e-9)


def test_a_new_example_is_placed_from_the_store_where_scikit_learn_places_it(stored: Stored) -> None:
    """What the viewer does for a typed sentence: vectors from the store, the map fitted again, the alignment."""
    for layer in LAYERS:
        vectors = vectors_of(stored, 3, layer)
        new = np.random.default_rng(0).normal(vectors.mean(axis=0), vectors.std(axis=0), (7, vectors.shape[1]))
        (row,) = stored.rows("maps", epoch=3, layer=layer)
        turn = np.array(row["alignment_matrix"]).reshape(2, 2)
        placed = isomap.place(isomap.fit(vectors, 10).frame, new) @ turn + row["alignment_offset"]
        model = Isomap(n_neighbors=10, n_components=2, eigen_solver="dense").fit(vectors)
        expected = model.transform(new) @ turn + row["alignment_offset"]
        np.testing.assert_allclose(placed, expected, atol=1e-6)


def test_layers_and_quality_are_complete(stored: Stored) -> None:
    assert [(row["layer"], row["width"], row["pooling"]) for row in stored.rows("layers")] == [
        ("embedding", 8, "mean"), ("lstm", 8, "last"), ("dense", 8, "none")
    ]  # fmt: skip
    for row in stored.rows("maps"):
        assert row["components"] >= 1
        assert 0 <= row["residual_variance"] <= 1
        assert 0 <= row["trustworthiness"] <= 1
        assert (row["alignment_residual"] is None) == (row["epoch"] == 3)
    assert all(0 <= row["kept"] <= 1 for row in stored.rows("points"))


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("epoch", [0, 3])
def test_trust_and_kept_neighbours_are_those_of_the_stored_points(stored: Stored, epoch: int, layer: str) -> None:
    vectors, points = vectors_of(stored, epoch, layer), points_of(stored, epoch, layer)
    (row,) = stored.rows("maps", epoch=epoch, layer=layer)
    assert (row["method"], row["landmarks"], row["judged"]) == ("isomap", 60, 60)
    assert row["trustworthiness"] == pytest.approx(trustworthiness(vectors, points, n_neighbors=5), abs=1e-9)
    near = [np.argsort(cdist(space, space), axis=1)[:, 1:6] for space in (vectors, points)]
    shared = [len(set(one) & set(other)) / 5 for one, other in zip(*near, strict=True)]
    kept = [row["kept"] for row in stored.rows("points", epoch=epoch, layer=layer)]
    assert np.abs(np.array(kept) - shared).sum() <= 0.4  # two neighbours at most that differ by rounding


def held_out(vectors: np.ndarray, labels: np.ndarray) -> float:
    right = 0
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(vectors, labels):
        fitted = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(vectors[train], labels[train])
        right += (fitted.predict(vectors[test]) == labels[test]).sum()
    return right / len(labels)


@pytest.mark.parametrize("epoch", EPOCHS)
def test_probes_are_of_the_true_and_of_the_predicted_labels(stored: Stored, epoch: int) -> None:
    mapped = {row["example"]: row["label"] for row in stored.mapped}
    said = {row["example"]: row["predicted"] for row in stored.rows("predictions", epoch=epoch)}
    predicted = np.array([said[example] == "pos" for example in mapped])
    true = np.array([label == "pos" for label in mapped.values()])
    for layer in LAYERS:
        (row,) = stored.rows("maps", epoch=epoch, layer=layer)
        vectors = vectors_of(stored, epoch, layer)
        assert row["linear_probe"] == pytest.approx(held_out(vectors, true), abs=1e-9)
        assert 0 <= row["neighbor_probe"] <= 1
        if min(predicted.sum(), (~predicted).sum()) < 5:
            assert row["linear_probe_predicted"] is row["neighbor_probe_predicted"] is None
        else:
            assert row["linear_probe_predicted"] == pytest.approx(held_out(vectors, predicted), abs=1e-9)
            assert 0 <= row["neighbor_probe_predicted"] <= 1


def test_every_layer_is_compared_with_itself_an_epoch_earlier_and_with_the_next_layer(stored: Stored) -> None:
    expected = {(epoch, layer, epoch - 1, layer) for epoch in EPOCHS[1:] for layer in LAYERS}
    for one, other in (("embedding", "lstm"), ("lstm", "dense")):
        expected |= {(epoch, one, epoch, other) for epoch in EPOCHS}
    rows = stored.rows("similarity")
    keys = [tuple(row[key] for key in ("epoch", "layer", "other_epoch", "other_layer")) for row in rows]
    assert keys == sorted(expected)
    for (epoch, layer, *other), row in zip(keys, rows, strict=True):
        x, y = (vectors_of(stored, *place) for place in ((epoch, layer), other))
        x, y = x - x.mean(axis=0), y - y.mean(axis=0)
        cka = np.linalg.norm(y.T @ x) ** 2 / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y)
        assert row["cka"] == pytest.approx(cka, abs=1e-9)
        near = [np.sort(cdist(space, space), axis=1)[:, 1:6].mean(axis=1) for space in (x, y)]
        assert row["density_correlation"] == pytest.approx(spearmanr(*near).statistic, abs=1e-3)


@pytest.fixture
def redrawn(stored: Stored, tmp_path: Path) -> Callable[..., Stored]:
    """The tiny run in a store of its own, with its maps drawn anew by other settings."""

    def draw(**changes: object) -> Stored:
        run = Run(RUN, tmp_path)
        shutil.copytree(stored.run.folder, run.folder, dirs_exist_ok=True)
        settings = stored.config.maps.model_copy(update=changes)
        maps.write(run, stored.config.model_copy(update={"maps": settings}))
        other = Stored(RUN)
        other.run = run
        return other

    return draw


def test_drawn_again_every_table_has_the_same_bytes(stored: Stored, redrawn: Callable[..., Stored]) -> None:
    again = redrawn()
    for table in ("layers", "vectors", "points", "neighbors", "similarity", "maps"):
        assert again.run.path(table).read_bytes() == stored.run.path(table).read_bytes(), table


def test_with_fewer_landmarks_than_examples(redrawn: Callable[..., Stored]) -> None:
    drawn = redrawn(landmarks=20)
    for layer in LAYERS:
        (row,) = drawn.rows("maps", epoch=3, layer=layer)
        assert (row["landmarks"], row["judged"]) == (20, 60)
        assert 0 <= row["residual_variance"] <= 1
        turn = np.array(row["alignment_matrix"]).reshape(2, 2)
        expected = isomap.fit(vectors_of(drawn, 3, layer), 10, 20).coordinates @ turn + row["alignment_offset"]
        np.testing.assert_allclose(points_of(drawn, 3, layer), expected, atol=1e-9)


@pytest.mark.parametrize("method", ["pca", "umap", "tsne"])
def test_maps_by_another_method_fill_the_same_tables(redrawn: Callable[..., Stored], method: str) -> None:
    if method in PACKAGES:
        pytest.importorskip(PACKAGES[method][0])
    drawn = redrawn(method=method, layers={"dense": "none"})
    rows = drawn.rows("maps")
    assert len(rows) == len(EPOCHS)
    for row in rows:
        assert row["method"] == method
        assert row["landmarks"] is row["components"] is row["residual_variance"] is None
        assert row["linear_probe"] is not None
        vectors = vectors_of(drawn, row["epoch"], row["layer"])
        points = points_of(drawn, row["epoch"], row["layer"])
        assert row["trustworthiness"] == pytest.approx(trustworthiness(vectors, points, n_neighbors=5), abs=1e-9)
        if method == "pca":
            centred = vectors - vectors.mean(axis=0)
            spread = np.linalg.svd(centred, compute_uv=False)[:2]
            np.testing.assert_allclose(np.linalg.svd(points - points.mean(axis=0), compute_uv=False), spread, atol=1e-9)


def test_a_method_whose_package_is_missing_is_refused_before_anything_is_trained(
    stored: Stored, redrawn: Callable[..., Stored], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.explain.projections.find_spec", lambda module: None)
    maps_by = stored.config.maps.model_copy(update={"method": "tsne"})
    with pytest.raises(InputError, match=r"^config: maps.method=tsne needs the package openTSNE: pip install"):
        compose.check(stored.config.model_copy(update={"maps": maps_by}))
    with pytest.raises(InputError, match=r"config.yaml: maps.method=umap needs the package umap-learn: pip install"):
        redrawn(method="umap")


def test_above_the_limit_a_map_is_judged_on_a_sample(
    stored: Stored, redrawn: Callable[..., Stored], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.explain.quality.MOST", 40)
    drawn = redrawn()
    rows = np.sort(np.random.default_rng(0).permutation(60)[:40])
    for layer in LAYERS:
        (row,) = drawn.rows("maps", epoch=3, layer=layer)
        assert row["judged"] == 40
        vectors, points = vectors_of(drawn, 3, layer)[rows], points_of(drawn, 3, layer)[rows]
        assert row["trustworthiness"] == pytest.approx(trustworthiness(vectors, points, n_neighbors=5), abs=1e-9)
    assert drawn.table("points") == stored.table("points")  # whoever is judged, all are drawn, each with its own share

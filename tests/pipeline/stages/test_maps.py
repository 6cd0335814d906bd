"""The maps in the store, against the network's own layers, scikit-learn's Isomap and the stored alignment."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.sparse.csgraph import connected_components, shortest_path
from scipy.spatial import procrustes
from scipy.spatial.distance import cdist
from scipy.stats import pearsonr, spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import Isomap, trustworthiness
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import NearestNeighbors, kneighbors_graph
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


def test_the_layers_are_those_of_the_config(stored: Stored) -> None:
    assert [(row["layer"], row["width"], row["pooling"]) for row in stored.rows("layers")] == [
        ("embedding", 8, "mean"), ("lstm", 8, "last"), ("dense", 8, "none")
    ]  # fmt: skip


def folds(labels: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    yield from StratifiedKFold(5, shuffle=True, random_state=0).split(labels, labels)


def cut(vectors: np.ndarray, labels: np.ndarray) -> float:
    """Held-out accuracy of a straight cut."""
    right = 0
    for train, test in folds(labels):
        fitted = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(vectors[train], labels[train])
        right += (fitted.predict(vectors[test]) == labels[test]).sum()
    return right / len(labels)


def voted(vectors: np.ndarray, labels: np.ndarray) -> float:
    """Held-out accuracy of a vote of the five nearest."""
    right = 0
    for train, test in folds(labels):
        near = np.argsort(cdist(vectors[test], vectors[train]), axis=1)[:, :5]
        right += ((labels[train][near].mean(axis=1) > 0.5) == labels[test]).sum()
    return right / len(labels)


def unexplained(vectors: np.ndarray, points: np.ndarray, rows: np.ndarray, landmarks: np.ndarray) -> float:
    """1 - r^2 of the shortest paths over the ten nearest and the distances on the map, pair by pair."""
    paths = shortest_path(kneighbors_graph(vectors, 10, mode="distance"), directed=False)
    pairs = [(i, j) for i in rows for j in landmarks if i != j]
    on_map = [np.linalg.norm(points[i] - points[j]) for i, j in pairs]
    return float(1 - pearsonr([paths[pair] for pair in pairs], on_map).statistic ** 2)


ALL = np.arange(60)


def check_quality(
    stored: Stored, epoch: int, layer: str, rows: np.ndarray = ALL, landmarks: np.ndarray = ALL
) -> dict[str, Any]:
    """Hold a row of table maps to the stored vectors and points, by scikit-learn and SciPy; the row.

    rows: who is judged; landmarks: from whom distances along the data are measured.
    """
    (row,) = stored.rows("maps", epoch=epoch, layer=layer)
    vectors, points = vectors_of(stored, epoch, layer), points_of(stored, epoch, layer)
    said = {one["example"]: one["predicted"] for one in stored.rows("predictions", epoch=epoch)}
    true = np.array([one["label"] == "pos" for one in stored.mapped])[rows]
    predicted = np.array([said[one["example"]] == "pos" for one in stored.mapped])[rows]
    judged, places = vectors[rows], points[rows]
    near = NearestNeighbors(n_neighbors=5).fit(places).kneighbors(return_distance=False)
    few = min(predicted.sum(), (~predicted).sum()) < 5
    expected = {
        "trustworthiness": trustworthiness(judged, places, n_neighbors=5),
        "continuity": trustworthiness(places, judged, n_neighbors=5),
        "neighborhood_hit": np.mean([true[one] == true[other] for one in range(len(rows)) for other in near[one]]),
        "residual_variance": unexplained(vectors, points, rows, landmarks),
        "linear_probe": cut(judged, true),
        "neighbor_probe": voted(judged, true),
        "linear_probe_predicted": None if few else cut(judged, predicted),
        "neighbor_probe_predicted": None if few else voted(judged, predicted),
        "components": connected_components(kneighbors_graph(vectors, 10), directed=False)[0],
        "judged": len(rows),
    }
    for name, value in expected.items():
        assert row[name] == (None if value is None else pytest.approx(value, abs=1e-9)), name
    return row


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("epoch", EPOCHS)
def test_quality_is_that_of_the_stored_vectors_and_points(stored: Stored, epoch: int, layer: str) -> None:
    row = check_quality(stored, epoch, layer)
    assert (row["method"], row["landmarks"]) == ("isomap", 60)
    assert row["trustworthiness"] != pytest.approx(row["continuity"], abs=1e-6), "exchanged, they would pass"
    assert epoch == 0 or row["linear_probe_predicted"] is not None, "nothing is held to what is predicted"


@pytest.mark.parametrize("layer", LAYERS)
def test_the_residual_of_an_alignment_is_what_scipy_leaves_between_two_maps(stored: Stored, layer: str) -> None:
    for epoch in EPOCHS[:-1]:
        (row,) = stored.rows("maps", epoch=epoch, layer=layer)
        disparity = procrustes(points_of(stored, epoch + 1, layer), points_of(stored, epoch, layer))[2]
        assert row["alignment_residual"] == pytest.approx(disparity, abs=1e-9)
    assert stored.rows("maps", epoch=3, layer=layer)[0]["alignment_residual"] is None


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("epoch", [0, 3])
def test_kept_is_the_share_of_a_points_nearest_that_are_nearest_in_the_layer(
    stored: Stored, epoch: int, layer: str
) -> None:
    near = [
        NearestNeighbors(n_neighbors=5).fit(space).kneighbors(return_distance=False).tolist()
        for space in (vectors_of(stored, epoch, layer), points_of(stored, epoch, layer))
    ]
    expected = [len(set(one) & set(other)) / 5 for one, other in zip(*near, strict=True)]
    assert [row["kept"] for row in stored.rows("points", epoch=epoch, layer=layer)] == pytest.approx(expected)
    assert len(set(expected)) > 2


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
    landmarks = np.sort(np.random.default_rng(0).permutation(60)[:20])
    for layer in LAYERS:
        row = check_quality(drawn, 3, layer, landmarks=landmarks)
        assert row["landmarks"] == 20
        turn = np.array(row["alignment_matrix"]).reshape(2, 2)
        expected = isomap.fit(vectors_of(drawn, 3, layer), 10, 20).coordinates @ turn + row["alignment_offset"]
        np.testing.assert_allclose(points_of(drawn, 3, layer), expected, atol=1e-9)


@pytest.mark.parametrize("method", ["pca", "umap", "tsne"])
def test_maps_by_another_method_fill_the_same_tables(redrawn: Callable[..., Stored], method: str) -> None:
    if method in PACKAGES:
        pytest.importorskip(PACKAGES[method][0])
    drawn = redrawn(method=method, layers={"dense": "none"})
    assert len(drawn.rows("maps")) == len(EPOCHS)
    for epoch in EPOCHS:
        row = check_quality(drawn, epoch, "dense")
        assert (row["method"], row["landmarks"]) == (method, None)
        if method == "pca":
            vectors, points = vectors_of(drawn, epoch, "dense"), points_of(drawn, epoch, "dense")
            spread = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False)[:2]
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
        check_quality(drawn, 3, layer, rows)
    assert drawn.table("points") == stored.table("points")  # whoever is judged, all are drawn, each with its own share

"""Maps of many reviews: landmark Isomap against scikit-learn's, and beside other methods, on real vectors."""

import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from sklearn.manifold import Isomap

from pipeline import config
from pipeline.data import stored
from pipeline.explain import isomap
from pipeline.explain.projections import PACKAGES, missing
from pipeline.models import checkpoints
from pipeline.stages import maps
from pipeline.store import Run
from tests.bench.drawing import drawn, trust
from tests.bench.measure import Result, interleaved

RUN = "paper"
LAYER = "lstm"
NEIGHBORS = 10
SOME = 5_000
SLOW = 120  # seconds at SOME reviews beyond which a method is not tried on all


def measure() -> list[Result]:
    if not Run(RUN).has("maps"):
        print(f"the run {RUN} is not built: maps are not measured; make repro builds it", file=sys.stderr)
        return []
    some = drawn_at_random(vectors()[LAYER], SOME)
    with tempfile.TemporaryDirectory() as folder:
        few = saved(Path(folder) / f"{SOME}.npy", some)
        everything = {layer: saved(Path(folder) / f"{layer}.npy", these) for layer, these in vectors().items()}
        results = [*against_exact(some), *of_all(everything)]
        methods({SOME: few, len(vectors()[LAYER]): everything[LAYER]})
    return results


def saved(file: Path, these: np.ndarray) -> Path:
    np.save(file, these)
    return file


@cache
def vectors() -> dict[str, np.ndarray]:
    """{layer: (n, width)} vectors of all test reviews at the last epoch of the run."""
    run = Run(RUN)
    settings = config.read(run.config)
    network = checkpoints.load(run.checkpoint(settings.epochs[-1]), checkpoints.describe(settings, run))
    return maps.outputs(network, settings.maps.layers, stored.test(run))


def drawn_at_random(rows: np.ndarray, count: int) -> np.ndarray:
    return rows[np.sort(np.random.default_rng(1).permutation(len(rows))[:count])]


def against_exact(some: np.ndarray) -> list[Result]:
    """Landmark Isomap beside scikit-learn's, which is exact, in one process."""
    exact = Isomap(n_neighbors=NEIGHBORS, n_components=2)

    def fast() -> np.ndarray:
        return isomap.fit(some, NEIGHBORS, isomap.LANDMARKS).coordinates

    ratio, slow, quick = interleaved(lambda: exact.fit(some), fast, pairs=2)
    both = [trust(some, places, NEIGHBORS) for places in (exact.embedding_, fast())]
    detail = f"{len(some)} reviews, {isomap.LANDMARKS} landmarks: {slow:.1f} s against {quick:.2f} s"
    told = f"trustworthiness {both[0]:.4f} exact, {both[1]:.4f} by landmarks"
    return [
        Result("scikit-learn's exact Isomap / landmark Isomap", ratio, 5, "x", detail, at_least=True),
        Result("what landmarks cost in trustworthiness", abs(both[0] - both[1]), 0.01, "", told),
    ]


def of_all(files: dict[str, Path]) -> list[Result]:
    """The map of every layer, each drawn by a process of its own: the slowest and the largest of them count."""
    found = {layer: drawn(file, "isomap", NEIGHBORS) for layer, file in files.items()}
    count = len(vectors()[LAYER])
    spent = ", ".join(f"{layer} {one.seconds:.1f} s" for layer, one in found.items())
    trusted = ", ".join(f"{one.trustworthiness:.3f}" for one in found.values())
    detail = f"{count} reviews, {isomap.LANDMARKS} landmarks, the slowest of {spent}; trustworthiness {trusted}"
    return [
        Result("a map of all test reviews", max(one.seconds for one in found.values()), 15, "s", detail),
        Result("memory of the process that draws it", max(one.gigabytes for one in found.values()), 1, "GB",
               "peak resident, interpreter included, of the largest"),
    ]  # fmt: skip


def methods(files: dict[int, Path]) -> None:
    """Print time, memory and trustworthiness of every method, each map in a process of its own.

    files: {number of reviews: their vectors}.
    """
    print(f"\n{'method':<8}  {'reviews':>7}  {'seconds':>7}  {'GB':>5}  trustworthiness (layer {LAYER})")
    slow = set()
    for count, file in files.items():
        for method in ("isomap", "pca", *PACKAGES):
            if missing(method) or method in slow:
                continue
            one = drawn(file, method, NEIGHBORS)
            if one.seconds > SLOW:
                slow.add(method)
            told = f"{one.seconds:>7.1f}  {one.gigabytes:>5.2f}  {one.trustworthiness:.4f}"
            print(f"{method:<8}  {count:>7}  {told}", flush=True)

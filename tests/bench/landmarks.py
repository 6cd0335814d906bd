"""python -m tests.bench.landmarks: draw docs/landmarks.svg anew, the number of landmarks against the quality of maps.

From the last epoch of the run `paper`, on 5,000 and on all 25,000 test reviews; a minute or two.
"""

import argparse
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib import pyplot

from pipeline.explain import graph, isomap, quality
from pipeline.explain.neighbors import nearest
from tests.bench.bench_maps import NEIGHBORS, SOME, drawn_at_random, vectors

FILE = Path("docs/landmarks.svg")
COUNTS = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
LARGEST = 2_000  # landmarks of all reviews; of SOME reviews all are
COLORS = {"embedding": "#7a7a7a", "lstm": "#1f6fb2", "dense": "#b3541e"}


def qualities(these: np.ndarray, most: int) -> dict[int, float]:
    """{landmarks: trustworthiness} of maps that share one graph and, as far as they go, their landmarks."""
    rows = quality.judged(len(these))
    edges, _ = graph.joined(these, *nearest(these, NEIGHBORS))
    chosen = isomap.landmarks(len(these), most)
    paths = graph.paths(edges, chosen)
    found = {}
    for count in (count for count in COUNTS if count <= most):
        mine = np.isin(chosen, isomap.landmarks(len(these), count))
        between = paths[chosen[mine]][:, mine]
        axes = isomap.scaling(isomap.scaled(between))
        places = isomap.projected(paths[rows][:, mine], axes, 0.5 * (between**2).mean(axis=0) @ axes)
        found[count] = quality.trustworthiness(these[rows], nearest(places, NEIGHBORS)[0])
        print(f"{len(these)} reviews, {count} landmarks: {found[count]:.4f}", flush=True)
    return found


def main() -> None:
    argparse.ArgumentParser(prog="python -m tests.bench.landmarks", description=__doc__).parse_args()
    matplotlib.rcParams.update({"svg.hashsalt": "landmarks", "svg.fonttype": "none", "font.family": "sans-serif"})
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for layer, everything in vectors().items():
        for these, most, line in ((drawn_at_random(everything, SOME), SOME, "-"), (everything, LARGEST, ":")):
            found = qualities(these, most)
            name = f"{layer}, {len(these):,} reviews"
            axes.plot(list(found), list(found.values()), line, marker="o", ms=4, color=COLORS.get(layer), label=name)
    axes.axvline(isomap.LANDMARKS, color="#bbbbbb", lw=1, zorder=0)
    axes.set(xscale="log", xlabel="landmarks", ylabel="trustworthiness", ylim=(0.5, 1.0))
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.16))
    figure.savefig(FILE, metadata={"Date": None}, bbox_inches="tight")


if __name__ == "__main__":
    main()

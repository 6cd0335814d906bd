"""The viewer with all 25,000 test reviews on its maps: what is sent, how long the server works, how soon it is painted.

The reviews, their texts, predictions and impacts are those of the run paper; their places and neighbours on the maps of
its last epoch are drawn at random, as how many there are is all that counts here.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import yaml
from playwright.sync_api import Browser, sync_playwright

from pipeline.schema import TABLES
from pipeline.store import Run
from tests.bench.bench_pages import opened
from tests.bench.measure import Result, seconds
from tests.bench.painted import pointing, selecting
from tests.browser.charts import charts
from tests.browser.serving import IDLE, SWITCHES, UNCHECKED, Served, browser_path, eventually
from viewer.data.facts import facts
from viewer.data.selections import Selection
from viewer.data.source import Source
from viewer.live import Live
from viewer.pages.layers import Layers
from viewer.state import State

RUN = "paper"
TURNS = 7
HOVERS = 50
LISTED = 10  # neighbours
PATIENCE = 180.0  # seconds
OWN = ("config.yaml", "config.parquet", "mapped.parquet", "points.parquet", "neighbors.parquet", "vectors.parquet",
       "maps.parquet", "similarity.parquet")  # fmt: skip


def measure() -> list[Result]:
    if not Run(RUN).has("maps"):
        print(f"the run {RUN} is not built: the claims of many points are not measured", file=sys.stderr)
        return []
    with crowded() as artifacts:
        return [*worked(artifacts), *in_browser(artifacts)]


def worked(artifacts: Path) -> list[Result]:
    """The server's own time, without a browser: the page, a selection of half the reviews, the answers to hovering."""
    source = Source(artifacts)
    live = Live(source)

    def page() -> Layers:
        state = State(source)
        state.choose_run(RUN)
        state.epoch = state.facts.last
        made = Layers(state, live)
        made.show()
        return made

    made = page()  # what all sessions share is read
    count = made.state.facts.mapped
    opening = median(seconds(page) for _ in range(TURNS))
    linked, reviews = made.charts.linked, made.charts.reviews
    assert linked is not None
    assert reviews is not None
    rows = np.random.default_rng(0).integers(0, count, HOVERS)
    asked = [{"row": [int(row)], "key": ["l1"], "round": [0]} for row in rows]
    hover = median(seconds(lambda one=one: linked.asked.update(data=one)) for one in asked)  # type: ignore[misc]
    halves = [Selection(tuple(sorted(reviews.examples[start::2].tolist()))) for start in (0, 1)]
    selecting = median(seconds(lambda turn=turn: made.state.select(halves[turn % 2])) for turn in range(TURNS))  # type: ignore[misc]
    how = f"{count:,} mapped reviews, three layers, median of"
    return [
        Result("server: the page Layers, many points", opening, 1.0, "s", f"{how} {TURNS}, of a warm server"),
        Result("server: an answer to hovering, many points", 1000 * hover, 50, "ms", f"{how} {HOVERS}"),
        Result(
            "server: half of many points selected", selecting, 5.0, "s", f"{how} {TURNS}, with its most moving words"
        ),
    ]


def in_browser(artifacts: Path) -> list[Result]:
    """What a browser is sent until the page Layers is drawn; how soon it paints a selection and a hovered review."""
    path = browser_path()
    if path is None:
        print("no browser is installed: what it does with many points is not measured", file=sys.stderr)
        return []
    count = facts(Source(artifacts), RUN).mapped
    with (
        Served(Path(), "--artifacts", str(artifacts), variables=UNCHECKED) as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        try:
            _, size = opened(browser, f"{served.address}/?page=layers", "The selection")
            painted = fluent(browser, served, count)
        finally:
            browser.close()
    return [
        Result("data of the page Layers, many points", size / 1e6, 2.5, "MB", f"{count:,} mapped reviews"),
        *painted,
    ]


def fluent(browser: Browser, served: Served, count: int) -> list[Result]:
    """Selecting and hovering, each until it is painted. Without a graphics card, no WebGL is asked for."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{served.address}/?page=layers")
    eventually(page, lambda: len(charts(page)) == 3, PATIENCE)
    page.wait_for_function(IDLE, timeout=1000 * PATIENCE)
    rows = np.random.default_rng(1).permutation(charts(page)[1].inside(-2, -2, 2, 2))[:HOVERS]
    hovers = [pointing(page, 1, int(row), PATIENCE) for row in rows]
    lassos = [selecting(page, turn % 3, PATIENCE) for turn in range(TURNS)]
    page.close()
    how = f"{count:,} mapped reviews, three maps, median of"
    return [
        Result("hovering rings the neighbours, many points", median(hovers), 100, "ms",
               f"mouse there to painted, the server's answer between; {how} {len(hovers)}"),
        Result("a selection repaints, many points", median(lassos), 500, "ms",
               f"mouse up to painted; {how} {len(lassos)}"),
    ]  # fmt: skip


@contextmanager
def crowded() -> Iterator[Path]:
    """The artifacts of a store with the run paper whose maps hold all test reviews."""
    with TemporaryDirectory() as folder:
        artifacts = Path(folder) / "artifacts"
        here, there = Run(RUN), Run(RUN, artifacts)
        shutil.copytree(
            here.folder.absolute(), there.folder, copy_function=os.symlink, ignore=lambda _from, _names: OWN
        )
        config = yaml.safe_load(here.config.read_text(encoding="utf-8"))
        examples = here.read("examples", ["example"])["example"].to_numpy()
        config["maps"] |= {"examples": len(examples), "listed_neighbors": LISTED}
        there.config.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        write_maps(there, examples, config["trainer"]["epochs"], list(config["maps"]["layers"]))
        yield artifacts


def write_maps(run: Run, examples: np.ndarray, epoch: int, layers: list[str]) -> None:
    """All tables of the maps of one epoch, with places and neighbours drawn at random."""
    widths = dict(zip(*(run.read("layers")[name].to_pylist() for name in ("layer", "width")), strict=True))
    random, count = np.random.default_rng(0), len(examples)
    run.write("mapped", {"example": examples})
    with run.writer("vectors") as vectors, run.writer("points") as points, run.writer("neighbors") as neighbors:
        for layer in sorted(layers):
            place = {"epoch": np.full(count, epoch), "layer": [layer] * count, "example": examples}
            found = random.standard_normal((count, widths[layer])).astype(np.float32)
            x, y = random.standard_normal((2, count))
            vectors(place | {"vector": list(found)})
            points(place | {"x": x, "y": y, "kept": random.uniform(size=count)})
            rows = {name: np.repeat(column, LISTED) for name, column in place.items()}
            near = examples[(np.arange(count)[:, None] + np.arange(1, LISTED + 1)) % count]
            distance = np.sort(random.uniform(size=(count, LISTED)), axis=1).ravel()
            rank = np.tile(np.arange(1, LISTED + 1), count)
            neighbors(rows | {"rank": rank, "neighbor": near.ravel(), "distance": distance})
    number = {"trustworthiness": 0.9, "continuity": 0.9, "residual_variance": 0.2, "neighborhood_hit": 0.8}
    maps = [
        {"epoch": epoch, "layer": layer, "method": "isomap", "landmarks": 500, "judged": 5_000, "components": 1,
         "alignment_matrix": [1.0, 0.0, 0.0, 1.0], "alignment_offset": [0.0, 0.0], **number}
        for layer in sorted(layers)
    ]  # fmt: skip
    names = [column.name for column in TABLES["maps"].stored]
    run.write("maps", {name: [row.get(name) for row in maps] for name in names})

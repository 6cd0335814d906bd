"""Files that break or vanish while the viewer runs: the page says which, and goes on once they are whole."""

import itertools
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.charts import charts
from tests.browser.rows import typed
from tests.browser.serving import Served, at_rest, eventually, opened

BROKEN = {
    "points": "page=layers",
    "neighbors": "page=layers",
    "predictions": "page=layers",
    "maps": "page=layers",
    "elements": "view=texts",
    "impacts": "view=texts",
    "examples": "view=texts",
    "metrics": "page=training",
}
# What an open session asks for at every step, on one of these pages or another.
READ_ANEW = ("classes", "metrics", "mapped", "examples", "predictions", "points", "neighbors", "maps")
PAGES = ("Words", "Layers", "Training", "Runs")


@pytest.mark.parametrize("damage", ["cut short", "deleted"])
def test_a_file_that_breaks_while_the_viewer_runs(
    page: Page, private_server: Served, damage: str, tmp_path: Path
) -> None:
    """A page opened on the broken file says so; once the file is whole, the same page goes on at the next step."""
    results = private_server.folder / "artifacts" / "run=tiny"
    opened(page, private_server.address)
    for table, query in BROKEN.items():
        path, kept = results / f"{table}.parquet", tmp_path / table
        shutil.copy2(path, kept)
        if damage == "deleted":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:-30])
        opened(page, f"{private_server.address}/?{query}")
        expect(page.get_by_role("alert"), table).to_contain_text(path.name if damage == "cut short" else "tiny")
        shutil.copy2(kept, path)
        if page.get_by_role("button", name="One epoch back").count():
            page.get_by_role("button", name="One epoch back").click()
        else:  # without metrics there is no run to show, and so no step
            opened(page, f"{private_server.address}/?view=texts")
        if query == "page=layers":
            eventually(page, lambda: len(charts(page)) == 3)
        else:
            expect(page.get_by_text("1 to 20 of"), table).to_be_visible()
            expect(page.get_by_text("true NEG").first, table).to_be_visible()
        eventually(page, lambda: page.get_by_role("alert").count() == 0)


def step(page: Page, epoch: int) -> None:
    """To the epoch 2 or 3 from the other, until the server has answered and the page is drawn."""
    page.get_by_role("button", name="One epoch back" if epoch == 2 else "One epoch on").click()
    expect(page.locator("header")).to_contain_text(f"Epoch: {epoch}")
    at_rest(page)


def test_pages_that_are_open_while_a_file_breaks(page: Page, private_server: Served) -> None:
    """Whoever goes on in an open session is told of the file, and once it is whole no more.

    One table after the other: what one left wrong would be told of while the next is broken, whose name it has not.
    """
    told, epochs = set(), itertools.cycle([2, 3])
    opened(page, private_server.address)
    for table in READ_ANEW:
        path = private_server.folder / "artifacts" / "run=tiny" / f"{table}.parquet"
        kept = path.read_bytes()
        path.write_bytes(kept[:-30])
        for title in PAGES:
            page.get_by_role("button", name=title, exact=True).click()
            step(page, next(epochs))
            for alert in page.get_by_role("alert").all():
                expect(alert).to_contain_text(path.name)
                told.add(table)
        path.write_bytes(kept)
        step(page, next(epochs))
        eventually(page, lambda: page.get_by_role("alert").count() == 0)
    assert told == {*READ_ANEW}
    page.get_by_role("button", name="Layers", exact=True).click()
    eventually(page, lambda: len(charts(page)) == 3)
    assert page.get_by_role("alert").count() == 0


def test_a_broken_file_of_another_run_is_told_there_alone(page: Page, private_server: Served) -> None:
    runs = private_server.folder / "artifacts"
    shutil.copytree(runs / "run=tiny", runs / "run=other")
    path = runs / "run=other" / "mapped.parquet"
    path.write_bytes(path.read_bytes()[:200])
    opened(page, f"{private_server.address}/?run=tiny&view=texts")
    expect(page.get_by_text("1 to 20 of")).to_be_visible()
    opened(page, f"{private_server.address}/?run=tiny&page=layers")
    eventually(page, lambda: len(charts(page)) == 3)
    assert page.get_by_role("alert").count() == 0
    opened(page, f"{private_server.address}/?run=other&page=layers")
    expect(page.get_by_role("alert")).to_contain_text("run=other/mapped.parquet")


def test_a_checkpoint_that_is_deleted(page: Page, private_server: Served) -> None:
    checkpoint = private_server.folder / "artifacts" / "run=tiny" / "checkpoints" / "epoch=002.ckpt"
    kept = checkpoint.read_bytes()
    opened(page, private_server.address)
    checkpoint.unlink()
    typed(page, "another sentence")
    expect(page.get_by_role("alert")).to_contain_text("epoch=002.ckpt")
    expect(page.get_by_text("This text cannot be shown")).to_be_visible()
    assert page.locator(".word").count() == 0, "words of what was in hand before"
    checkpoint.write_bytes(kept)
    typed(page, "yet another sentence")
    expect(page.get_by_text("yet", exact=True).first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_store_without_runs_names_the_command(page: Page, private_server: Served) -> None:
    shutil.rmtree(private_server.folder / "artifacts" / "run=tiny")
    opened(page, private_server.address)
    expect(page.get_by_text("make repro")).to_be_visible()

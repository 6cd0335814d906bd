"""The page of the paper's claims in a browser: every card with its verdict, numbers on request, at two widths."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import Served, opened


@pytest.mark.parametrize("size", [(1280, 800), (420, 800), (390, 800)])
def test_verdicts_numbers_and_room(page: Page, server: Served, size: tuple[int, int]) -> None:
    report = json.loads((server.folder / "artifacts" / "claims.json").read_text(encoding="utf-8"))
    opened(page, f"{server.address}/?page=claims")
    for claim in report["claims"]:
        head = page.get_by_role("heading", name=f"{claim['number']}. {claim['title']}")
        expect(head).to_be_visible()
        expect(head).to_contain_text(claim["verdict"])
        expect(page.get_by_text(claim["reading"])).to_be_visible()
    expect(page.get_by_text("make claims").first).to_be_visible()  # the tiny run is none of those behind the numbers
    outcomes = page.locator(".decisions td:last-child")
    parts = [part["outcome"] for claim in report["claims"] for part in claim["parts"]]
    assert [text.split(" ", 1)[1] for text in outcomes.all_inner_texts()] == parts
    for place in range(len(parts)):
        box = outcomes.nth(place).bounding_box()
        assert box is not None
        assert 0 <= box["x"] < box["x"] + box["width"] <= size[0], "an outcome is seen without scrolling sideways"
    card = page.locator(".card", has=page.get_by_role("heading", name="1. Accuracy"))
    expect(card.locator("table").last).to_be_hidden()
    card.get_by_text("All numbers").click()
    table = card.locator("table").last
    expect(table).to_be_visible()
    assert table.locator("tbody tr").count() == len(report["claims"][0]["tables"][0]["rows"])
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= size[0], "the page is wider than its window"

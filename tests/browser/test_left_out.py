"""Leave-one-out under the row in hand, and how faithful the impacts are, in a browser."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.rows import Prefixes, assert_drawn, explain, row, rows, shares, word
from tests.browser.serving import Served, eventually, opened
from tests.project import Project
from tests.stored import Stored
from viewer.plots.disputes import OPPOSITE, disputes

WORDS = ["This", "movie", "is", "not", "boring"]


@pytest.fixture(scope="module")
def server(browser: Browser, built: Project) -> Iterator[Served]:
    with Served(built.folder) as served:
        yield served


def test_leave_one_out_stands_under_the_row_in_hand_and_says_where_it_disagrees(
    page: Page, server: Served, stored: Stored
) -> None:
    words, prefixes = opened(page, server.address), Prefixes(stored)
    explain(words, " ".join(WORDS))
    words.get_by_role("button", name="Compare with leave-one-out").click()
    eventually(words, lambda: [each.key for each in rows(words)][-2:] == ["epoch-3", "epoch-3-without"])
    eventually(words, lambda: "without=yes" in words.url)
    after = prefixes.probabilities(3, WORDS)
    without = [prefixes.probabilities(3, WORDS[:place] + WORDS[place + 1 :])[-1] for place in range(5)]
    read = [np.diff(prefixes.probabilities(epoch, WORDS)) for epoch in range(4)]
    left_out = after[-1] - np.array(without)
    assert_drawn(words, shares([*read, left_out]), rows(words))

    signs = disputes(read[3], left_out, 0.1)
    disagree = sum(1 for sign in signs if sign)
    assert row(words, "epoch-3-without").said == [
        "left out",
        "1 disagrees" if disagree == 1 else f"{disagree} disagree",
    ]
    for key in ("epoch-3", "epoch-3-without"):
        drawn = [word(words, key, place).locator(".dispute").all_text_contents() for place in range(1, 6)]
        assert drawn == [[sign] if sign else [] for sign in signs]
    for place, sign in enumerate(signs, 1):
        name = word(words, "epoch-3-without", place).get_attribute("aria-label") or ""
        assert ("point opposite ways" in name) == (sign == OPPOSITE)

    word(words, "epoch-3", 5).focus()
    words.keyboard.press("ArrowDown")
    details = words.locator(".details")
    expect(details.locator(".where")).to_contain_text("word 5 of 5 · left out")
    values = details.locator(".value").first.text_content() or ""
    assert [float(one) for one in values.split(" → ")] == pytest.approx([without[4], after[-1]], abs=6e-5)


def test_the_page_training_says_how_faithful_the_impacts_are(page: Page, server: Served) -> None:
    training = opened(page, f"{server.address}/?page=training")
    expect(training.get_by_role("heading", name="How faithful are the impacts?")).to_be_visible()
    table = training.locator("table").filter(has_text="Hybrid documents")
    expect(table.locator("tbody th")).to_have_text(
        ["Prefix impact", "Leave-one-out", "Integrated gradients", "Gradient times input", "Random"]
    )
    expect(table).to_contain_text("Epoch 3")

"""Texts drawn at random, picked by filters, and listed at one checkpoint; every number is held to the tables."""

import numpy as np
import pyarrow.parquet as pq
from playwright.sync_api import Page, expect

from tests.browser.rows import (
    EPOCHS,
    Prefixes,
    assert_drawn,
    impacts,
    row,
    rows,
    shares,
    shows,
    stored_impacts,
    verdict,
)
from tests.browser.serving import Served, eventually, opened
from tests.stored import Stored


def test_a_review_is_drawn_at_random(words: Page, stored: Stored) -> None:
    texts = {each["example"]: each["text"] for each in stored.rows("examples")}
    drawn = []
    for _ in range(3):
        before = words.url
        words.get_by_role("button", name="Draw at random").click()
        words.wait_for_url(lambda url, before=before: "example=" in url and url != before)
        drawn.append(int(words.url.split("example=")[1].split("&")[0]))
        shows(words, texts[drawn[-1]])
        expect(words.get_by_label("Sentence", exact=True)).to_have_value(texts[drawn[-1]])
    assert len({*drawn}) == 3


def counted(page: Page, wanted: int) -> None:
    """Wait until the pager tells of so many texts, and the list holds the first twenty of them."""
    first = "0 to 0" if not wanted else f"1 to {min(20, wanted)}"
    expect(page.locator(".count")).to_have_text(f"{first} of {wanted:,}")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(min(20, wanted))


def test_reviews_are_picked_by_every_filter(words: Page, stored: Stored, prefixes: Prefixes) -> None:
    examples = {each["example"]: each for each in stored.rows("examples")}
    said = {epoch: {each["example"]: each for each in stored.rows("predictions", epoch=epoch)} for epoch in EPOCHS}
    wrong = {number for number, each in said[3].items() if each["predicted"] != examples[number]["label"]}
    mapped = {each["example"] for each in stored.mapped}
    words.get_by_role("button", name="Pick a review").click()
    counted(words, len(examples))
    shows(words, "This movie is not boring!")  # looking for another text does not put it in hand

    words.get_by_label("True label").select_option("POS")
    labelled = {number for number, each in examples.items() if each["label"] == "pos"}
    counted(words, len(labelled))
    words.get_by_label("Predicted").select_option("NEG")
    predicted = {number for number in labelled if said[3][number]["predicted"] == "neg"}
    counted(words, len(predicted))
    words.get_by_label("True label").select_option("any")
    words.get_by_label("Predicted").select_option("any")
    words.get_by_label("wrong ones only").check()
    counted(words, len(wrong))
    words.get_by_label("only those on the maps").check()
    counted(words, len(wrong & mapped))
    words.get_by_label("wrong ones only").uncheck()
    words.get_by_label("only those on the maps").uncheck()
    words.get_by_label("Holds the words").fill("boring")
    words.get_by_label("Holds the words").press("Enter")
    holding = {each["example"] for each in stored.rows("elements") if each["element"].lower() == "boring"}
    assert holding
    counted(words, len(holding))
    words.get_by_label("Holds the words").fill("")
    words.get_by_label("Holds the words").press("Enter")
    words.get_by_label("Prediction flipped between").select_option("epoch 0")
    words.get_by_label("and", exact=True).select_option("epoch 3")
    flipped = {number for number in examples if said[0][number]["predicted"] != said[3][number]["predicted"]}
    counted(words, len(flipped))
    words.get_by_label("Order").select_option("most sure")
    surest = max(flipped, key=lambda number: (abs(2 * said[3][number]["probability"] - 1), -number))
    start = " ".join(examples[surest]["text"].split())[:30]
    option = words.get_by_role("listbox").get_by_role("option").first
    expect(option).to_contain_text(start)
    option.click()
    shows(words, examples[surest]["text"])
    explained = {each["position"]: each for each in stored.rows("impacts", example=surest, epoch=3)}
    first = row(words, "epoch-3")
    assert first.said == ["Epoch 3", *verdict(1 / (1 + np.exp(-explained[len(explained) - 1]["logit"])))]
    expected = impacts(prefixes, rows(words)[0].spelled)  # of checkpoints that are not explained, nothing is stored
    for epoch in (0, 3):
        expected[epoch] = stored_impacts(stored, surest, epoch)
    assert_drawn(words, shares(expected), rows(words))


def test_a_sentence_of_the_small_corpus(words: Page, server: Served, prefixes: Prefixes) -> None:
    corpus = pq.read_table(server.folder / "artifacts/corpora/sentences.parquet").to_pylist()
    words.get_by_role("button", name="Pick a review").click()
    words.get_by_label("From", exact=True).select_option("Sentences")
    counted(words, len(corpus))
    words.get_by_label("Holds the words").fill("boring")
    words.get_by_label("Holds the words").press("Enter")
    holding = [each for each in corpus if "boring" in each["text"].lower()]
    counted(words, len(holding))
    words.get_by_label("True label").select_option("NEG")
    negative = [each["text"] for each in holding if each["label"] == "neg"]
    counted(words, len(negative))
    words.get_by_role("listbox").get_by_role("option").nth(1).click()
    shows(words, negative[1])
    expect(words.get_by_label("Sentence", exact=True)).to_have_value(negative[1])


def test_many_texts_at_one_checkpoint(words: Page, server: Served, stored: Stored) -> None:
    opened(words, f"{server.address}/?view=texts&selection=wrong")
    examples = stored.rows("examples")
    said = {each["example"]: each for each in stored.rows("predictions", epoch=3)}
    predicted = {number: each["predicted"] for number, each in said.items()}

    def told(example: dict[str, object]) -> list[str]:
        right = "right" if predicted[example["example"]] == example["label"] else "wrong"
        label, confidence = verdict(said[example["example"]]["probability"])
        return [f"true {str(example['label']).upper()}", "read as", label, right, confidence]

    found = rows(words)
    assert [each.key for each in found] == [f"example-{each['example']}" for each in examples[:20]]
    assert [each.said for each in found] == [told(each) for each in examples[:20]]
    assert [each.text for each in found] == [each["text"] for each in examples[:20]]
    assert_drawn(words, shares([stored_impacts(stored, each["example"], 3) for each in examples[:20]]), found)
    expect(words.locator(".count")).to_have_text(f"1 to 20 of {len(examples)}")
    words.get_by_role("button", name="The next texts").click()
    eventually(words, lambda: rows(words)[0].key == f"example-{examples[20]['example']}")

    words.get_by_label("Texts from").select_option("the selection on the maps")
    wrong = [each for each in stored.mapped if predicted[each["example"]] != each["label"]]
    eventually(
        words, lambda: [each.key for each in rows(words)] == [f"example-{each['example']}" for each in wrong[:20]]
    )
    assert {each.said[3] for each in rows(words)} == {"wrong"}
    words.locator(f"[data-head='example-{wrong[1]['example']}']").click()
    shows(words, wrong[1]["text"])
    assert [each.cells[0] for each in rows(words)] == [f"Epoch {epoch}" for epoch in EPOCHS]
    words.wait_for_url(f"**example={wrong[1]['example']}*")


def test_the_sentences_corpus_as_many_texts(words: Page, server: Served, prefixes: Prefixes) -> None:
    opened(words, f"{server.address}/?view=texts")
    words.get_by_label("From", exact=True).select_option("Sentences")
    corpus = pq.read_table(server.folder / "artifacts/corpora/sentences.parquet").to_pylist()
    eventually(words, lambda: [each.text for each in rows(words)] == [each["text"] for each in corpus[:20]])
    found = rows(words)
    assert [each.said[0] for each in found] == [f"true {each['label'].upper()}" for each in corpus[:20]]
    assert_drawn(words, shares([np.diff(prefixes.probabilities(3, each.spelled)) for each in found]), found)

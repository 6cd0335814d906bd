"""The page Words as a person uses it; every number is held to explicit prefixes, read one by one, or to the tables."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.charts import charts
from tests.browser.rows import (
    EPOCHS,
    Prefixes,
    assert_drawn,
    curve,
    explain,
    impacts,
    number,
    row,
    rows,
    shares,
    shows,
    verdict,
    word,
)
from tests.browser.serving import Served, eventually, opened
from tests.stored import Stored

TYPED = "  This  MOVIE is\u00a0not … boring!!"
WORDS = ["This", "MOVIE", "is", "not", "boring"]


def test_a_typed_sentence_has_a_row_at_every_checkpoint(words: Page, prefixes: Prefixes) -> None:
    explain(words, TYPED)
    found = rows(words)
    assert [each.text for each in found] == [TYPED] * 4, "spelling and spaces are the text's own"
    assert all(each.spelled == WORDS for each in found)
    assert words.locator(".text").first.evaluate("(text) => getComputedStyle(text).whiteSpace") == "pre-wrap"
    for epoch, each in zip(EPOCHS, found, strict=True):
        final = prefixes.probabilities(epoch, WORDS)[-1]
        assert each.said == [f"Epoch {epoch}", *verdict(final)]
    assert [each.current for each in found] == [False, False, False, True]
    moved = impacts(prefixes, WORDS)
    assert_drawn(words, shares(moved), found)
    largest = f"{100 * max(np.abs(one).max() for one in moved):.1f} percentage points"
    expect(words.locator(".end")).to_have_text([f"lowers POS by up to {largest}", f"raises it by up to {largest}"])
    drawn = curve(words)
    for epoch, line in zip(EPOCHS, drawn.lines, strict=True):
        assert line["x"] == [0, 1, 2, 3, 4, 5]
        assert line["y"] == pytest.approx(prefixes.probabilities(epoch, WORDS), abs=1e-6)
        assert line["width"] == (3 if epoch == 3 else 1.5)


def test_pointing_at_a_word_tells_what_it_did(words: Page, prefixes: Prefixes) -> None:
    spelled = ["This", "phone", "is", "not", "qwzxk"]
    explain(words, " ".join(spelled))
    probability, logit = prefixes.probabilities(1, spelled), prefixes.logits(1, spelled)
    details = words.get_by_role("status").filter(has=words.locator(".title"))
    for position, text in enumerate(spelled, 1):
        word(words, "epoch-1", position).hover()
        expect(details.locator(".shown")).to_have_text(text)
        expect(details.locator(".where")).to_contain_text(f"word {position} of 5 · Epoch 1, ")
        before, after = probability[position - 1 : position + 1]
        points, odds = 100 * (after - before), logit[position] - logit[position - 1]
        said = details.locator(".value").all_text_contents()
        assert [float(value) for value in said[0].split(" → ")] == pytest.approx([before, after], abs=6e-5)
        told = said[1].split()
        assert told[1::2] == ["points,", "log-odds"]
        assert number(told[0]) == pytest.approx(points, abs=0.051)
        assert number(told[2]) == pytest.approx(odds, abs=0.0051)
        if text in ("phone", "not"):
            seen = prefixes.seen[text]
            by_class = ", ".join(f"{count} in {name.upper()}" for name, count in seen["counts"])
            assert said[2] == f"seen {seen['count']} times in training: {by_class}"
    assert said[2].startswith("not in the vocabulary")


def test_words_and_curve_point_at_each_other(words: Page) -> None:
    words.set_viewport_size({"width": 1280, "height": 1200})  # both in sight: scrolling would move what is pointed at
    explain(words, TYPED + " indeed")
    eventually(
        words, lambda: curve(words).lines[0]["x"] == [0, 1, 2, 3, 4, 5, 6]
    )  # the chart of this text, not the last
    word(words, "epoch-1", 4).hover()
    eventually(
        words,
        lambda: [[each.at for each in one.words] for one in rows(words)] == [[False] * 3 + [True, False, False]] * 4,
    )
    eventually(words, lambda: curve(words).at == 4)
    words.mouse.move(*curve(words).pixel(2))
    eventually(words, lambda: curve(words).at == 2)
    eventually(words, lambda: [each.at for each in row(words, "epoch-3").words] == [False, True] + [False] * 4)
    expect(words.locator(".details .shown")).to_have_text("MOVIE")
    words.mouse.move(2, 2)
    eventually(words, lambda: curve(words).at == 0 and not any(each.at for one in rows(words) for each in one.words))


def test_a_word_is_left_out_and_everything_follows(words: Page, prefixes: Prefixes) -> None:
    explain(words, "This movie is not boring!")
    word(words, "epoch-3", 4).click()
    menu = words.get_by_role("dialog", name="What to do with not")
    menu.get_by_role("button", name="Leave out").click()
    shows(words, "This movie is boring!")
    expect(menu).to_have_count(0)
    expect(words.get_by_label("Sentence", exact=True)).to_have_value("This movie is boring!")
    expect(words.locator("header")).to_contain_text("“This movie is boring!”")
    left = ["This", "movie", "is", "boring"]
    assert_drawn(words, shares(impacts(prefixes, left)), rows(words))
    eventually(words, lambda: curve(words).lines[3]["x"] == [0, 1, 2, 3, 4])
    assert curve(words).lines[3]["y"] == pytest.approx(prefixes.probabilities(3, left), abs=1e-6)


def test_a_word_is_replaced(words: Page, prefixes: Prefixes) -> None:
    explain(words, "This movie is not boring!")
    word(words, "epoch-0", 5).click()
    menu = words.get_by_role("dialog", name="What to do with boring")
    menu.get_by_label("Replace with").fill("great <b>fun</b>")
    menu.get_by_role("button", name="Replace", exact=True).click()
    shows(words, "This movie is not great <b>fun</b>!")
    spelled = ["This", "movie", "is", "not", "great", "b", "fun", "b"]
    assert rows(words)[0].spelled == spelled
    assert_drawn(words, shares(impacts(prefixes, spelled)), rows(words))


def test_compare_with_and_without_a_word(words: Page, prefixes: Prefixes) -> None:
    explain(words, "This movie is not boring!")
    word(words, "epoch-3", 4).click()
    words.get_by_role("button", name="Compare with and without").click()
    eventually(words, lambda: len(rows(words)) == 8)
    expect(words.get_by_label("Second sentence")).to_have_value("This movie is boring!")
    both = ["This", "movie", "is", "not", "boring"], ["This", "movie", "is", "boring"]
    for epoch in EPOCHS:
        first, second = row(words, f"epoch-{epoch}-first"), row(words, f"epoch-{epoch}-second")
        finals = [prefixes.probabilities(epoch, spelled)[-1] for spelled in both]
        assert first.said == [f"Epoch {epoch}", "first", *verdict(finals[0])]
        assert second.said[:3] == ["second", *verdict(finals[1])]
        difference = number(second.said[3].removesuffix(" points"))
        assert difference == pytest.approx(100 * (finals[1] - finals[0]), abs=0.051)
        of_first = {each.text: (each.slot, each.left) for each in first.words}
        of_second = {each.text: (each.slot, each.left) for each in second.words}
        assert [slot for slot, _ in of_first.values()] == [1, 2, 3, 4, 5]
        assert [slot for slot, _ in of_second.values()] == [1, 2, 3, 5]
        for text, (slot, left) in of_second.items():
            assert of_first[text][0] == slot
            assert of_first[text][1] == pytest.approx(left, abs=1.5), f"{text} is not under {text}"
    moved = [np.diff(prefixes.probabilities(epoch, spelled)) for epoch in EPOCHS for spelled in both]
    assert_drawn(words, shares(moved), rows(words))
    word(words, "epoch-2-second", 4).hover()
    eventually(words, lambda: row(words, "epoch-0-first").words[4].at)
    assert not any(each.at for each in row(words, "epoch-0-first").words[:4])


def test_controls_do_what_they_say(words: Page, prefixes: Prefixes) -> None:
    explain(words, TYPED)
    moved = impacts(prefixes, WORDS)
    odds = [np.diff(prefixes.logits(epoch, WORDS)) for epoch in EPOCHS]
    words.get_by_role("button", name="More controls").click()
    words.get_by_role("button", name="log-odds").click()
    largest = f"{max(np.abs(one).max() for one in odds):.2f} log-odds"
    expect(words.locator(".end").first).to_have_text(f"lowers POS by up to {largest}")
    assert_drawn(words, shares(odds), rows(words))
    words.get_by_role("button", name="probability", exact=True).click()
    expect(words.locator(".end").first).to_contain_text("points")

    words.get_by_label("Every row on a scale of its own").check()
    expect(words.locator(".end").first).to_contain_text("the row's largest")
    assert_drawn(words, shares(moved, alone=True), rows(words))
    words.get_by_label("Every row on a scale of its own").uncheck()
    expect(words.locator(".end").first).to_contain_text("points")

    slider = words.get_by_role("slider", name="Grey up to this share of a text's largest")
    slider.focus()
    slider.press("End")
    expect(words.locator(".mark").first).to_have_text("grey: at most 100 % of the row's largest")
    assert_drawn(words, shares(moved, threshold=1), rows(words))
    slider.press("Home")
    expect(words.locator(".mark").first).to_have_text("grey: at most 0 % of the row's largest")
    assert_drawn(words, shares(moved, threshold=0), rows(words))

    shown = words.get_by_role("group", name="Checkpoints shown")
    shown.get_by_role("button", name="1", exact=True).click()
    eventually(words, lambda: [each.key for each in rows(words)] == ["epoch-1", "epoch-3"])
    assert_drawn(words, shares([moved[1], moved[3]], threshold=0), rows(words))
    shown.get_by_role("button", name="1", exact=True).click()
    eventually(words, lambda: len(rows(words)) == 4)


def test_the_other_palette(words: Page, prefixes: Prefixes) -> None:
    before = rows(words)
    words.get_by_label("Colours").select_option("orange and purple")
    words.wait_for_url("**palette=safe**")
    eventually(words, lambda: rows(words) and rows(words)[0].words[0].color != before[0].words[0].color)
    found = rows(words)
    assert_drawn(words, shares(impacts(prefixes, [*found[0].spelled])), found)
    for old, new in zip(before, found, strict=True):
        assert [each.sign for each in old.words] == [each.sign for each in new.words]
    strongest = max((each for one in found for each in one.words if each.sign > 0), key=lambda each: each.bar)
    red, green, blue = strongest.color[:3]
    assert red > green > blue, "what raises is orange"


def test_words_by_keyboard_alone(words: Page) -> None:
    box = words.get_by_label("Sentence", exact=True)
    box.focus()
    words.keyboard.press("Control+A")
    words.keyboard.type("This film is not boring!")
    words.keyboard.press("Enter")
    shows(words, "This film is not boring!")
    for _ in range(30):
        words.keyboard.press("Tab")
        if words.evaluate(FOCUSED).startswith("This, "):
            break
    assert words.evaluate(FOCUSED).startswith("This, "), "Tab reaches the words"
    first = word(words, "epoch-3", 1)
    expect(first).to_be_focused()
    for _ in range(3):
        words.keyboard.press("ArrowRight")
    expect(word(words, "epoch-3", 4)).to_be_focused()
    expect(words.locator(".details .shown")).to_have_text("not")
    words.keyboard.press("ArrowUp")
    expect(word(words, "epoch-2", 4)).to_be_focused()
    words.keyboard.press("End")
    expect(word(words, "epoch-2", 5)).to_be_focused()
    words.keyboard.press("Home")
    words.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    words.keyboard.press("Enter")
    menu = words.get_by_role("dialog", name="What to do with This")
    expect(menu.get_by_role("button", name="Leave out")).to_be_focused()
    words.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(first).to_be_focused()
    words.keyboard.press("Enter")
    words.keyboard.press("Tab")
    words.keyboard.type("That")
    words.keyboard.press("Enter")
    shows(words, "That film is not boring!")


FOCUSED = """() => {
  let found = document.activeElement
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement
  return found?.ariaLabel ?? ''
}"""


def test_a_link_shows_the_same_again(words: Page) -> None:
    explain(words, TYPED)
    words.get_by_role("button", name="Two texts").click()
    words.get_by_label("Second sentence").fill("A film that is\u00a0great")
    words.get_by_label("Second sentence").press("Enter")
    words.get_by_role("button", name="More controls").click()
    words.get_by_role("button", name="log-odds").click()
    words.get_by_label("Every row on a scale of its own").check()
    words.get_by_role("button", name="One epoch back").click()
    words.wait_for_url("**epoch=2**")
    words.wait_for_url("**alone=yes**")
    eventually(words, lambda: [each.key for each in rows(words) if each.current] == ["epoch-2-first", "epoch-2-second"])
    words.get_by_role("button", name="More controls").click()
    words.mouse.move(2, 2)
    before = rows(words)
    assert len(before) == 8
    opened(words, words.url)
    eventually(words, lambda: rows(words) == before)
    expect(words.locator(".end").first).to_contain_text("the row's largest")


def test_three_findings_are_one_click_away(words: Page, server: Served, prefixes: Prefixes, stored: Stored) -> None:
    both = ["This", "movie", "is", "boring"], ["This", "movie", "is", "not", "boring"]
    last = [100 * np.diff(prefixes.probabilities(3, spelled))[-1] for spelled in both]
    finding = words.get_by_role("button", name="moves POS by")
    alone, after = (f"{points:+.1f}".replace("-", "\N{MINUS SIGN}") for points in last)
    expect(finding).to_have_text(
        f"In “This movie is boring”, “boring” moves POS by {alone} points; in “This movie is not boring” by {after}"
    )
    finding.click()
    eventually(words, lambda: [each.spelled for each in rows(words)[-2:]] == [*both])

    labels = {each["example"]: each["label"] for each in stored.mapped}
    said = {each["example"]: each["predicted"] for each in stored.rows("predictions", epoch=3)}
    wrong = sum(said[number] != label for number, label in labels.items())
    words.get_by_role("button", name=f"The {wrong} wrong predictions").click()
    words.wait_for_url("**page=layers**")
    expect(words.locator("header")).to_contain_text(f"{wrong} of {len(labels)} · at:3 and wrong")
    eventually(words, lambda: [len(chart.selected) for chart in charts(words)] == [wrong] * 3)

    opened(words, server.address)
    scores = [
        each["value"]
        for each in sorted(stored.rows("metrics", split="test", metric="accuracy"), key=lambda each: each["epoch"])
    ]
    best = int(np.argmax(np.diff(scores))) + 1
    taught = words.get_by_role("button", name=f"Epoch {best} taught most")
    expect(taught).to_contain_text(
        f"{100 * scores[best - 1]:.0f} % of the test reviews were right before it, {100 * scores[best]:.0f} %"
    )
    taught.click()
    words.wait_for_url("**page=training**")
    expect(words.locator("header")).to_contain_text(f"Epoch: {best}")

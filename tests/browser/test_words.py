"""The page Words as a person uses it; every number is held to explicit prefixes, read one by one, or to the tables."""

import shutil
from collections.abc import Iterator
from urllib.parse import quote

import numpy as np
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.charts import charts
from tests.browser.rows import MIXED, Prefixes, assert_drawn, curve, explain, number, row, rows, shares, shows, word
from tests.browser.serving import Served, eventually, opened
from tests.project import Project
from tests.stored import Stored

EPOCHS = [0, 1, 2, 3]
TYPED = "  This  MOVIE is\u00a0not … boring!!"
WORDS = ["This", "MOVIE", "is", "not", "boring"]
WIDE = "wide"  # the tiny run's networks, reading up to 80 words


@pytest.fixture(scope="module")
def server(browser: Browser, built: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The viewer of the tiny run and of the same networks under a config that reads long texts."""
    folder = tmp_path_factory.mktemp("two") / "project"
    shutil.copytree(built.folder, folder, symlinks=True)
    project = Project(folder)
    shutil.copytree(project.results, project.artifacts / f"run={WIDE}")
    project.edit(f"artifacts/run={WIDE}/config.yaml", "max_length: 12", "max_length: 80")
    project.edit(f"artifacts/run={WIDE}/config.yaml", "name: tiny", f"name: {WIDE}")
    with Served(folder) as served:
        yield served


@pytest.fixture
def words(page: Page, server: Served) -> Page:
    return opened(page, server.address)


@pytest.fixture
def prefixes(stored: Stored) -> Prefixes:
    return Prefixes(stored)


def impacts(prefixes: Prefixes, spelled: list[str]) -> list[np.ndarray]:
    return [np.diff(prefixes.probabilities(epoch, spelled)) for epoch in EPOCHS]


def stored_impacts(stored: Stored, example: int, epoch: int) -> np.ndarray:
    """Of a review's words in their order, as the store has them."""
    found = {each["position"]: each["impact"] for each in stored.rows("impacts", example=example, epoch=epoch)}
    return np.array([found[position] for position in range(1, len(found))])


def verdict(probability: float) -> list[str]:
    """Label and confidence as the paper shows them."""
    return ["POS" if probability >= 0.5 else "NEG", f"confidence {abs(2 * probability - 1):.2f}"]


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


def test_a_long_text_is_written_out_once_and_stands_as_strips_elsewhere(
    words: Page, server: Served, prefixes: Prefixes
) -> None:
    spelled = ["not", "boring", "but", "so", "good", "this", "phone", "is", "great"] * 5
    explicit = {epoch: prefixes.probabilities(epoch, spelled) for epoch in EPOCHS}
    opened(words, f"{server.address}/?run={WIDE}&text={quote(' '.join(spelled))}")
    *strips, written = rows(words)
    assert [each.cells[0] for each in strips] == ["Epoch 0", "Epoch 1", "Epoch 2"]
    assert (written.cells[0], written.spelled, written.strip) == ("Epoch 3", spelled, "")
    crossings = []
    for epoch, strip in enumerate(strips):
        assert strip.said == [f"Epoch {epoch}", *verdict(explicit[epoch][-1])]
        sides = explicit[epoch] >= 0.5
        crossings.append(max((t for t in range(1, 46) if sides[t] != sides[t - 1]), default=0))
        crossed = f"the last crossing of one half is at word {crossings[-1]}, {spelled[crossings[-1] - 1]}"
        assert strip.strip.endswith(crossed if crossings[-1] else "never crosses one half")
    assert any(crossings), "a text that crosses one half is needed here"
    expect(words.get_by_text("last crossing of 0.5")).to_be_visible()
    assert_drawn(words, shares([np.diff(explicit[epoch]) for epoch in EPOCHS])[3:], [written])
    pixels = words.locator(".strip canvas").evaluate_all(STRIP_COLORS)
    wanted = words.evaluate(MIXED, [float(s) for one in shares([np.diff(explicit[e]) for e in EPOCHS]) for s in one])
    for epoch, found in enumerate(pixels):
        for position, color in enumerate(found, 1):
            assert np.abs(np.array(color) - wanted[45 * epoch + position - 1]).max() <= 2, (epoch, position)
        if crossings[epoch]:
            assert marked(words, epoch, crossings[epoch]), "the crossing is not marked"
    point_at_strip(words, 1, 30)
    expect(words.locator(".details .where")).to_contain_text("word 30 of 45 · Epoch 1, ")
    expect(words.locator(".details .shown")).to_have_text(spelled[29])
    eventually(words, lambda: [each.at for each in rows(words)[3].words].index(True) == 29)
    word(words, "epoch-3", 7).hover()
    cursor = words.locator(".strip .cursor.at").first
    eventually(words, lambda: slot_of(words, cursor.bounding_box()) == 7)
    words.locator("[data-head='epoch-1']").click()
    eventually(words, lambda: [each.cells[0] for each in rows(words) if not each.strip] == ["Epoch 1"])
    expect(words.locator("header")).to_contain_text("Epoch: 1")


# The colour of each cell of a strip: at the middle of the cell, just inside its upper edge, where no bar reaches.
STRIP_COLORS = """(all) => all.map((canvas) => {
  const pen = canvas.getContext('2d'), cell = canvas.width / 45
  return Array.from({length: 45}, (_, i) => [...pen.getImageData((i + 0.25) * cell, 4, 1, 1).data.slice(0, 3)])
})"""


def strip_box(page: Page, epoch: int) -> dict[str, float]:
    box = page.locator(f".strip[data-strip='epoch-{epoch}']").bounding_box()
    assert box is not None
    return dict(box)


def point_at_strip(page: Page, epoch: int, position: int) -> None:
    box = strip_box(page, epoch)
    page.mouse.move(box["x"] + (position - 0.5) / 45 * box["width"], box["y"] + 12)


def slot_of(page: Page, box: object) -> int:
    """Over which word of the first strip a box stands; 0 if there is none."""
    if not isinstance(box, dict):
        return 0
    strip = strip_box(page, 0)
    return round((box["x"] + box["width"] / 2 - strip["x"]) / strip["width"] * 45 + 0.5)


def marked(page: Page, epoch: int, position: int) -> bool:
    """Whether the page's text colour stands above the middle of a strip's cell."""
    return bool(
        page.locator(f".strip[data-strip='epoch-{epoch}'] canvas").evaluate(
            """(canvas, position) => {
          const [r, g, b, a] = canvas.getContext('2d').getImageData((position - 0.5) / 45 * canvas.width, 1, 1, 1).data
          return a > 200 && Math.max(r, g, b) < 80
        }""",
            position,
        )
    )


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

"""Many classes, attention and networks without an answer to nothing, as a browser draws them, by explicit prefixes."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from tests.browser.contrast import faint, texts
from tests.browser.rows import MIXED, assert_drawn, curve, explain, number, row, rows, shares, word
from tests.browser.serving import Served, eventually, opened
from tests.prefixes import of_words, probabilities
from tests.project import Project
from tests.stored import Stored

EPOCHS = [0, 1, 2, 3]
CLASSES = ["amazon", "imdb", "yelp"]
WORDS = ["The", "food", "in", "this", "movie", "is", "not", "bad"]
TYPED = "The food in this movie is not bad!"

# The browser mixes the page's own colours, in OKLab, from grey to the full tint of a class.
TINTS = """(wanted) => {
  const pen = new OffscreenCanvas(1, 1).getContext('2d'), root = getComputedStyle(document.documentElement)
  const named = (name) => root.getPropertyValue(name).trim()
  return wanted.map(([share, number]) => {
    pen.fillStyle = share === 0 ? named('--neutral')
      : `color-mix(in oklab, ${named(`--many-tints-${number}`)} ${100 * (0.45 + 0.55 * share)}%, ${named('--neutral')})`
    pen.fillRect(0, 0, 1, 1)
    return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)]
  })
}"""
RGB = "(color) => { const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)); return [r, g, b] }"


@pytest.fixture(scope="module")
def server(browser: Browser, kinds: Project) -> Iterator[Served]:
    with Served(kinds.folder) as served:
        yield served


@pytest.fixture
def sources(of_kinds: Project) -> Stored:
    return Stored("sources")


def said(stored: Stored) -> list[np.ndarray]:
    """(T + 1, 3) probabilities at every checkpoint."""
    return [probabilities(stored, epoch, of_words(stored, WORDS)) for epoch in EPOCHS]


def test_a_word_has_the_colour_and_the_sign_of_the_class_it_pulls_towards(
    page: Page, server: Served, sources: Stored
) -> None:
    explain(opened(page, f"{server.address}/?run=sources"), TYPED)
    found, expected = rows(page), said(sources)
    changes = [np.diff(one, axis=0) for one in expected]
    top = max(one.max() for one in changes)
    wanted = []
    for epoch, drawn, probability, change in zip(EPOCHS, found, expected, changes, strict=True):
        final = probability[-1]
        sure = (final.max() - 1 / 3) / (1 - 1 / 3)
        assert drawn.said == [f"Epoch {epoch}", CLASSES[final.argmax()].upper(), f"confidence {sure:.2f}"]
        pull, toward = change.max(axis=1), change.argmax(axis=1)
        strong = pull > 0.1 * pull.max()
        signs = [word(page, drawn.key, t).locator(".mark").all_text_contents() for t in range(1, len(WORDS) + 1)]
        assert signs == [["ABC"[number]] if drawn_so else [] for number, drawn_so in zip(toward, strong, strict=True)]
        wanted += [[float(size / top) if so else 0, int(to)] for size, to, so in zip(pull, toward, strong, strict=True)]
        # The bar says whether a word is for or against what is predicted in the end.
        predicted = change[:, final.argmax()]
        large = np.abs(predicted) > 0.1 * np.abs(predicted).max()
        assert [each.sign for each in drawn.words] == np.where(large, np.sign(predicted), 0).tolist()
    mixed = page.evaluate(TINTS, wanted)
    colors = [each.color[:3] for drawn in found for each in drawn.words]
    assert np.abs(np.array(colors) - np.array(mixed)).max() <= 2
    expect(page.locator(".legend .class")).to_have_text(["AAMAZON", "BIMDB", "CYELP"])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("palette", ["paper", "safe"])
def test_words_and_signs_of_every_class_can_be_read(page: Page, server: Served, theme: str, palette: str) -> None:
    """Every row on its own scale without a threshold: full tints are among them."""
    look = f"theme={theme}&palette={palette}"
    opened(page, f"{server.address}/?run=sources&view=texts&alone=yes&grey=0&{look}")
    expect(page.locator(".word .mark").first).to_be_visible()
    found = texts(page)
    assert sum(each["text"] in ("A", "B", "C") for each in found) > 20
    assert not faint(found)


def test_pointing_tells_the_class_and_both_impacts(page: Page, server: Served, sources: Stored) -> None:
    explain(opened(page, f"{server.address}/?run=sources"), TYPED)
    probability = said(sources)[3]
    asked = int(probability[-1].argmax())
    details = page.get_by_role("status").filter(has=page.locator(".title"))
    for position in (1, 2, 5):
        word(page, "epoch-3", position).hover()
        before, after = probability[position - 1], probability[position]
        toward = int((after - before).argmax())
        expect(details).to_contain_text(f"pulls towards {CLASSES[toward].upper()}")
        expect(details).to_contain_text(f"probability of {CLASSES[asked].upper()}")
        pulled, way, impact, *_ = details.locator(".value").all_text_contents()
        start, _, rest = pulled.partition(" → ")
        assert float(start) == pytest.approx(before[toward], abs=6e-5)
        assert float(rest.split(",")[0]) == pytest.approx(after[toward], abs=6e-5)
        assert number(rest.split()[1]) == pytest.approx(100 * (after - before)[toward], abs=0.051)
        assert [float(one) for one in way.split(" → ")] == pytest.approx([before[asked], after[asked]], abs=6e-5)
        assert number(impact.split()[0]) == pytest.approx(100 * (after - before)[asked], abs=0.051)


def test_one_class_can_be_chosen(page: Page, server: Served, sources: Stored) -> None:
    explain(opened(page, f"{server.address}/?run=sources"), TYPED)
    page.get_by_role("button", name="More controls").click()
    page.get_by_label("A word's colour says").select_option("impact on IMDB")
    page.wait_for_url("**class=imdb**")
    expected = said(sources)
    eventually(page, lambda: assert_drawn(page, shares([np.diff(one[:, 1]) for one in expected]), rows(page)) is None)
    expect(page.locator(".end").first).to_contain_text("lowers IMDB by up to")
    assert page.locator(".word .mark").count() == 0
    for line, probability in zip(curve(page).lines, expected, strict=True):
        assert line["y"] == pytest.approx(probability[:, 1], abs=1e-6)


def test_attention_is_a_strip_under_the_words(page: Page, server: Served, sources: Stored) -> None:
    explain(opened(page, f"{server.address}/?run=sources"), TYPED)
    tokens = of_words(sources, WORDS)
    with torch.inference_mode():
        weights = [
            sources.network(epoch).attention_weights(tokens, torch.tensor([len(WORDS)]))[0].numpy()  # type: ignore[operator]
            for epoch in EPOCHS
        ]
    top = max(one.max() for one in weights)
    ramp = [page.evaluate("(i) => getComputedStyle(document.documentElement).getPropertyValue(`--sequence-${i}`).trim()", i) for i in range(33)]  # fmt: skip  # noqa: E501
    for epoch, weight in zip(EPOCHS, weights, strict=True):
        for t, one in enumerate(weight, 1):
            drawn = word(page, f"epoch-{epoch}", t).evaluate("(word) => word.style.getPropertyValue('--weight')")
            assert abs(ramp.index(drawn) - 32 * one / top) <= 0.51
    box = word(page, "epoch-3", 2).evaluate("(word) => getComputedStyle(word, '::before').height")
    assert box == "4px"
    expect(page.locator(".words .legend")).to_contain_text(f"attention 0{top:.2f}")
    word(page, "epoch-3", 4).hover()
    expect(page.locator(".details")).to_contain_text(f"attention{weights[3][3]:.4f}")


def test_maps_and_confusion_of_many_classes(page: Page, server: Served, of_kinds: Project) -> None:
    stored = Stored("speakers")
    opened(page, f"{server.address}/?run=speakers&page=layers&selection=wrong")
    expect(page.locator(".item")).to_contain_text([f"SPEAKER {number}" for number in range(1, 10)])
    predicted = {each["example"]: each["predicted"] for each in stored.rows("predictions", epoch=3)}
    counts = np.zeros((9, 9), int)
    for each in stored.mapped:
        said, label = predicted[each["example"]], each["label"]
        if said != label:
            counts[int(label[-1]) - 1, int(said[-1]) - 1] += 1
    table = page.locator("table.narrow").filter(has_text="predicted123456789")
    expect(table).to_be_visible()
    cells = table.locator("td").all_text_contents()[-81:] if counts.any() else []
    drawn = [0 if cell == "·" else int(cell) for cell in cells]
    assert drawn == counts.ravel().tolist()
    page.get_by_label("Select by a condition").select_option("Predicted SPEAKER 2")
    wanted = sum(predicted[each["example"]] == "speaker 2" for each in stored.mapped)
    expect(page.get_by_text(f"{wanted or 'none'} of 54")).to_be_visible()


def test_a_network_with_no_answer_to_nothing(page: Page, server: Served, of_kinds: Project) -> None:
    stored = Stored("undefined")
    explain(opened(page, f"{server.address}/?run=undefined"), TYPED)
    expected = [probabilities(stored, epoch, of_words(stored, WORDS))[:, 1] for epoch in EPOCHS]
    moved = [np.concatenate([[0], np.diff(one[1:])]) for one in expected]
    found = rows(page)
    mixed = iter(page.evaluate(MIXED, [float(share) for one in shares(moved) for share in one]))
    for drawn, share in zip(found, shares(moved), strict=True):
        assert [each.sign for each in drawn.words] == np.sign(share).tolist()
        for each in drawn.words:
            assert np.abs(np.array(each.color[:3]) - next(mixed)).max() <= 2
    word(page, "epoch-3", 1).hover()
    expect(page.locator(".details")).to_contain_text("none: the network has no answer before it")
    expect(page.locator(".words .legend")).to_contain_text("the first word has no impact")
    drawn = curve(page).lines[-1]
    assert drawn["x"][1] == 1
    assert drawn["y"][1:] == pytest.approx(expected[-1][1:], abs=1e-6)
    explain(page, "This movie")
    assert row(page, "epoch-3").spelled == ["This", "movie"]

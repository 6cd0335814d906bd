"""How all pages look, in both themes and palettes: contrast as a reader meets it, room, names, landmarks, keyboard."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.contrast import LEAST, contrast, faint, texts
from tests.browser.serving import IDLE, PATIENCE, Served, opened

PAGES = {  # title of a page: a heading or a label that only it has
    "Words": "Sentence",
    "Layers": "Condition",
    "Training": "A vote of the nearest in the layer",  # the last of what is drawn
    "Runs": "All runs",
    "Claims": "The paper's claims, checked",
    "SQL": "One SELECT",
}
# Roles of what a person works with, as the browser tells them to a screen reader.
CONTROLS = {"button", "checkbox", "combobox", "link", "listbox", "slider", "spinbutton", "textbox"}


def test_the_formula_itself() -> None:
    def layers(*backgrounds: str) -> list[dict[str, object]]:
        return [{"background": each, "opacity": 1} for each in backgrounds]

    assert contrast({"color": "rgb(0, 0, 0)", "layers": layers("rgba(0, 0, 0, 0)")}) == pytest.approx(21)
    assert contrast({"color": "rgb(119, 119, 119)", "layers": layers("rgb(255, 255, 255)")}) == pytest.approx(
        4.48, abs=0.01
    )
    half = layers("rgb(255, 255, 255)", "rgba(0, 0, 0, 0.5)")
    assert contrast({"color": "rgb(127.5, 127.5, 127.5)", "layers": half}) == pytest.approx(1)


@pytest.fixture(params=[(theme, palette) for theme in ("light", "dark") for palette in ("paper", "safe")], ids="-".join)
def look(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(zip(("theme", "palette"), request.param, strict=True))


def link(server: Served, **query: str) -> str:
    return f"{server.address}/?{urlencode(query)}"


def visit(page: Page, title: str) -> None:
    """Go to a page by the header, and wait until it is drawn."""
    page.get_by_role("banner").get_by_role("button", name=title, exact=True).click()
    own = page.get_by_label(PAGES[title], exact=True).or_(page.get_by_role("heading", name=PAGES[title]))
    expect(own.first).to_be_visible(timeout=PATIENCE * 1000)
    page.wait_for_function(IDLE)


def test_all_text_can_be_read(page: Page, server: Served, look: dict[str, str]) -> None:
    """With words strong and weak, raising and lowering, grey, unknown and not read, and details of one of them."""
    text = "This film is great qwzxk but not good: so boring and bad, I would not watch it again"
    opened(page, link(server, text=text, selection="length>0", grey="0.3", **look))
    for title in PAGES:
        visit(page, title)
        if title == "Words":
            page.get_by_role("button", name="More controls").click()
            page.locator(".word").nth(2).hover()
            expect(page.locator(".details .shown")).to_be_visible()
            expect(page.get_by_label("Every row on a scale of its own")).to_be_visible()
        if title == "Layers":  # the most moving words, behind their marks
            expect(page.locator(".raises, .lowers").first).to_be_visible(timeout=PATIENCE * 1000)
        found = texts(page)
        assert len(found) > 10, title
        assert title != "Words" or sum(each["word"] for each in found) == 4 * 12
        assert not faint(found), f"{title}, {look}: {faint(found)}"


def test_the_strongest_tints_can_be_read(page: Page, server: Served, look: dict[str, str]) -> None:
    """Every row on its own scale without a threshold: the full tint of either sign is among them."""
    opened(page, link(server, view="texts", alone="yes", grey="0", **look))
    expect(page.locator(".word").first).to_be_visible()
    found = [each for each in texts(page) if each["word"]]
    signs = page.locator(".word").evaluate_all(
        "(all) => all.map((each) => parseFloat(each.style.getPropertyValue('--bar')))"
    )
    assert max(signs) == 6, "no full tint"
    assert len({each["layers"][-1]["background"] for each in found}) > 20
    assert min(contrast(each) for each in found) >= LEAST


def test_no_sign_is_told_by_colour_alone(page: Page, server: Served) -> None:
    """A bar above or below repeats the sign of each coloured word, the label tells it too, and grey ones have none."""
    opened(page, link(server))
    expect(page.locator(".word").first).to_be_visible()
    neutral = page.evaluate("() => getComputedStyle(document.documentElement).getPropertyValue('--neutral').trim()")
    red, green, blue = (int(neutral[i : i + 2], 16) for i in (1, 3, 5))
    told = page.locator(".word").evaluate_all(
        """(all) => all.map((each) => [getComputedStyle(each).backgroundColor, getComputedStyle(each).boxShadow,
                                       each.ariaLabel])"""
    )
    assert len(told) == 20
    for background, shadow, label in told:
        if background == f"rgb({red}, {green}, {blue})":
            assert shadow == "none"
        else:
            rises = shadow.split("rgb")[-1].split(")")[1].split()[1].startswith("-")
            assert ("raises" if rises else "lowers") in label
    assert len({shadow for _, shadow, _ in told}) > 2


@pytest.mark.parametrize("size", [(1280, 800), (480, 800)], ids=str)
def test_pages_fit_the_window_and_everything_has_a_name(page: Page, server: Served, size: tuple[int, int]) -> None:
    opened(page, link(server, selection="wrong"))
    for title in PAGES:
        visit(page, title)
        if title == "Words":
            page.get_by_role("button", name="More controls").click()
            page.get_by_role("button", name="Pick a review").click()
            expect(page.get_by_label("wrong ones only")).to_be_visible()
        wide, window = page.locator("html").evaluate("(page) => [page.scrollWidth, page.clientWidth]")
        assert wide <= window, f"{title} scrolls sideways: {wide} in {window}"
        names = named(page)
        assert len(names) > 10, title
        assert not [role for role, name in names if not any(map(str.isalnum, name))], f"{title}: {names}"
        assert page.title() == "Unrolled"
        expect(page.locator("html[lang=en]")).to_have_count(1)
        expect(page.get_by_role("main")).to_have_count(1)
        expect(page.get_by_role("banner")).to_have_count(1)


def named(page: Page) -> list[tuple[str, str]]:
    """Role and name of every control and of every chart that takes the keyboard, as Chromium tells a screen reader."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    found = []
    for node in nodes:
        focusable = any(each["name"] == "focusable" and each["value"]["value"] for each in node.get("properties", []))
        role = node.get("role", {}).get("value", "")
        if not node["ignored"] and (role in CONTROLS or (role == "image" and focusable)):
            found.append((role, node.get("name", {}).get("value", "")))
    return found


FOCUSED = """() => {
  let found = document.activeElement
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement
  return [found?.ariaLabel || found?.labels?.[0]?.textContent || found?.textContent || '',
          found ? getComputedStyle(found).outlineStyle : 'none']
}"""


@pytest.mark.parametrize(
    ("name", "reached"),
    [
        ("words", ["Words", "SQL", "Colours", "Run", "Epoch", "Sentence", "Explain", "Draw at random", "Two texts"]),
        ("layers", ["Layers", "Colour of the points", "True size", "Lasso", "Condition", "Select"]),
        ("sql", ["Example questions", "One SELECT", "Ask"]),
    ],
)
def test_tab_reaches_the_controls_in_their_order_and_shows_where_it_is(
    page: Page, server: Served, name: str, reached: list[str]
) -> None:
    opened(page, link(server, page=name))
    expect(page.get_by_label(reached[-2]).or_(page.get_by_text(reached[-1], exact=True)).first).to_be_visible()
    stops: list[str] = []
    for _ in range(45):
        page.keyboard.press("Tab")
        where, outline = page.evaluate(FOCUSED)
        stops.append(where)
        if where in reached:
            assert outline != "none", f"nothing shows that {where} is in hand"
        if where == reached[-1]:
            break
    assert [stop for stop in stops if stop in reached] == reached

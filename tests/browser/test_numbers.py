"""A sequence of numbers in a browser: drawn over its steps, uploaded, edited; numbers by explicit prefixes."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.rows import curve, number
from tests.browser.serving import Served, eventually, opened
from tests.prefixes import of_steps, probabilities
from tests.project import Project
from tests.stored import Stored
from viewer.plots.colors import colors

COLORS = len(colors("paper", "light").categories)
# How many of the canvas' pixels have a line's own colour.
PAINTED = """(canvas, color) => {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16))
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  let found = 0
  for (let i = 0; i < data.length; i += 4) {
    found += Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 12 && data[i + 3] > 200
  }
  return found
}"""


@pytest.fixture(scope="module")
def server(browser: Browser, kinds: Project) -> Iterator[Served]:
    with Served(kinds.folder) as served:
        yield served


@pytest.fixture
def stored(of_kinds: Project) -> Stored:
    return Stored("speakers")


@pytest.fixture
def numbers(page: Page, server: Served) -> Page:
    return opened(page, f"{server.address}/?run=speakers")


def in_hand(stored: Stored) -> np.ndarray:
    """(T, 12) the first sequence."""
    return np.array(min(stored.mapped, key=lambda row: row["example"])["steps"])


def steps(page: Page) -> int:
    """How many steps the page says the sequence in hand has."""
    text = page.get_by_text(re.compile(r"\d+ steps? of 12 numbers")).first.text_content() or ""
    return int(text.split()[0])


def details(page: Page) -> dict[str, str]:
    """What is told of the step pointed at."""
    facts = page.locator(".details .fact")
    return {
        fact.locator(".what").text_content() or "": fact.locator(".value").text_content() or "" for fact in facts.all()
    }


def point(page: Page, step: int, of: int, key: str = "epoch-3") -> None:
    strip = page.locator(f".strip[data-strip='{key}']")
    box = strip.bounding_box()
    assert box is not None
    strip.hover(position={"x": (step - 0.5) / of * box["width"], "y": 10})


def test_channels_stand_above_strips_of_impacts_step_by_step(numbers: Page, stored: Stored) -> None:
    sequence = in_hand(stored)
    expect(numbers.locator(".strip")).to_have_count(4)  # a checkpoint each
    boxes = [numbers.locator(one).first.bounding_box() for one in (".chart", ".strip")]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["x"] == pytest.approx(boxes[1]["x"], abs=0.5)
    assert boxes[0]["width"] == pytest.approx(boxes[1]["width"], abs=0.5)
    expect(numbers.locator(".channel")).to_have_text([str(channel) for channel in range(1, 13)])
    look = "(i) => getComputedStyle(document.documentElement).getPropertyValue(`--categories-${i}`).trim()"
    canvas = numbers.locator(".chart canvas")
    for number_of_color in range(COLORS):  # the four further channels have the first four again, dashed
        assert canvas.evaluate(PAINTED, numbers.evaluate(look, number_of_color)) > 30, number_of_color
    ticks = [number(tick) for tick in numbers.locator(".tick").all_text_contents()]
    assert ticks[0] <= sequence.min()
    assert sequence.max() <= ticks[-1]
    assert {"value", "step"} <= set(numbers.locator(".axis-title").all_text_contents())


def test_pointing_is_linked_and_tells_the_step(numbers: Page, stored: Stored) -> None:
    sequence = in_hand(stored)
    probability = probabilities(stored, 3, of_steps(stored, sequence))
    asked = int(probability[-1].argmax())
    for step in (1, 4, len(sequence)):
        point(numbers, step, len(sequence))
        expect(numbers.locator(".details .shown")).to_have_text(f"Step {step}")
        told = details(numbers)
        before, after = probability[step - 1], probability[step]
        toward = int((after - before).argmax())
        pulled = told[f"pulls towards SPEAKER {toward + 1}"].split(",")
        assert [float(one) for one in pulled[0].split(" → ")] == pytest.approx(
            [before[toward], after[toward]], abs=6e-5
        )
        way = told[f"probability of SPEAKER {asked + 1}"]
        assert [float(one) for one in way.split(" → ")] == pytest.approx([before[asked], after[asked]], abs=6e-5)
        values = [number(one) for one in told["values"].split(", ")]
        assert values == pytest.approx(sequence[step - 1].tolist(), rel=1e-3)
        expect(numbers.locator(".cursor.at")).to_have_count(5)  # all strips and the chart
        eventually(numbers, lambda at=step: curve(numbers).at == at)
    chart = numbers.locator(".chart")
    chart.hover(position={"x": 40, "y": 60})
    expect(numbers.locator(".details")).to_contain_text(re.compile(r"channel \d+"))


def test_the_arrow_keys_go_along_a_strip(numbers: Page) -> None:
    strip = numbers.locator(".strip[data-strip='epoch-3']")
    strip.focus()
    for key, step in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", steps(numbers)), ("Home", 1)):
        numbers.keyboard.press(key)
        expect(numbers.locator(".details .shown")).to_have_text(f"Step {step}")
    numbers.keyboard.press("Enter")
    before = steps(numbers)
    numbers.get_by_role("button", name="Leave out", exact=True).press("Enter")
    eventually(numbers, lambda: steps(numbers) == before - 1)
    expect(numbers.locator(".strip")).to_have_count(4)


def test_a_file_is_uploaded_and_everything_follows(numbers: Page, stored: Stored, tmp_path: Path) -> None:
    sequence = np.random.default_rng(3).normal(size=(6, 12)).round(3)
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(";".join(map(str, step)) for step in sequence))
    numbers.locator("input[type=file]").set_input_files(path)
    eventually(numbers, lambda: steps(numbers) == 6)
    expect(numbers.locator(".strip")).to_have_count(4)
    for epoch in range(4):
        final = probabilities(stored, epoch, of_steps(stored, sequence))[-1]
        sure = (final.max() - 1 / 9) / (1 - 1 / 9)
        head = numbers.locator(f".head[data-head='epoch-{epoch}']")
        expect(head).to_contain_text(f"SPEAKER {final.argmax() + 1}")
        expect(head).to_contain_text(f"confidence {sure:.2f}")
    expect(numbers.get_by_text("your sequence")).to_be_visible()  # on the maps beside it
    path.write_text("1,2,3\n")
    numbers.locator("input[type=file]").set_input_files(path)
    said = "mine.csv: row 1: 3 cells; the run reads 12 numbers a step"
    expect(numbers.get_by_role("alert")).to_have_text(said)
    assert steps(numbers) == 6


def test_a_cell_is_edited(numbers: Page, stored: Stored) -> None:
    sequence = in_hand(stored)
    numbers.get_by_role("button", name="Edit the numbers …").click()
    cell = numbers.locator(".tabulator-row").nth(1).locator(".tabulator-cell[tabulator-field='channel 3']")
    expect(cell).to_have_text(re.compile(r"\d"))
    assert float(cell.text_content() or "") == pytest.approx(float(sequence[1, 2]), rel=1e-6)
    cell.click()
    cell.locator("input").fill("2.5")
    cell.locator("input").press("Enter")
    expect(numbers.locator(".strip")).to_have_count(4)
    point(numbers, 2, len(sequence))
    eventually(numbers, lambda: details(numbers)["values"].split(", ")[2] == "2.500")
    sequence[1, 2] = 2.5
    final = probabilities(stored, 3, of_steps(stored, sequence))[-1]
    expect(numbers.locator(".head[data-head='epoch-3']")).to_contain_text(f"SPEAKER {final.argmax() + 1}")
    before = steps(numbers)
    numbers.get_by_role("button", name="Leave out the last step").click()
    eventually(numbers, lambda: steps(numbers) == before - 1)


@pytest.mark.parametrize("size", [(480, 900)])
def test_a_narrow_page_has_the_chart_and_the_strips_in_line(numbers: Page) -> None:
    boxes = [numbers.locator(one).first.bounding_box() for one in (".chart", ".strip")]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["x"] == pytest.approx(boxes[1]["x"], abs=0.5)
    assert boxes[0]["x"] + boxes[0]["width"] <= 480
    assert numbers.evaluate("document.documentElement.scrollWidth") <= 480

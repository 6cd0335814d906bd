"""What is drawn and told of the review that is pointed at, held to the store's tables and to plain distances."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.charts import OnScreen, charts, column, rings
from tests.browser.serving import eventually
from tests.stored import Stored

APART = 4.0  # pixels to any other point: the mouse, which stands on whole pixels, finds no other


def alone(chart: OnScreen) -> list[int]:
    """The rows in sight of which no other point is near, from left to right."""
    places = np.array([chart.pixel(x, y) for x, y in zip(chart.x, chart.y, strict=True)])
    away = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(away, np.inf)
    inside = chart.inside(chart.low[0] + 0.1, chart.low[1] + 0.1, chart.high[0] - 0.1, chart.high[1] - 0.1)
    return sorted((row for row in inside if away[row].min() > APART), key=lambda row: chart.x[row])


class Pointed:
    """Who is near whom at one epoch of a run, on the map of one layer (the chart `number`) and in the layer itself."""

    def __init__(self, page: Page, stored: Stored, number: int, epoch: int) -> None:
        self.page, self.stored, self.number, self.epoch = page, stored, number, epoch
        ordered = sorted(stored.rows("layers"), key=lambda row: row["ordinal"])
        self.layer = str(ordered[number]["layer"])
        self.examples: list[int] = column(page, "reviews", "example")
        self.texts = {each["example"]: each for each in stored.mapped}
        self.near: dict[int, list[dict[str, float]]] = {}
        for one in stored.rows("neighbors", epoch=epoch, layer=self.layer):
            self.near.setdefault(one["example"], []).append(one)
        places = {each["example"]: each for each in stored.rows("points", epoch=epoch, layer=self.layer)}
        self.places = np.array([[places[one]["x"], places[one]["y"]] for one in self.examples])

    def listed(self, row: int) -> list[dict[str, float]]:
        """The rows of the table `neighbors`, nearest first."""
        return sorted(self.near[self.examples[row]], key=lambda one: one["rank"])

    def neighbours(self, row: int) -> list[int]:
        return [self.examples.index(int(one["neighbor"])) for one in self.listed(row)]

    def away(self, row: int) -> np.ndarray:
        """(n,) distances on the map, infinite to itself."""
        away = np.linalg.norm(self.places - self.places[row], axis=1)
        away[row] = np.inf
        return away

    def only_on_the_map(self, row: int) -> list[int]:
        """The nearest on the map, as many as are listed, but those that are listed."""
        listed = self.neighbours(row)
        return sorted(set(np.argsort(self.away(row))[: len(listed)].tolist()) - set(listed))

    def telling(self, rows: list[int]) -> int:
        """Of these rows the one with the most that only look near; who they are hangs on no rounding."""

        def count(row: int) -> int:
            away, k = np.sort(self.away(row)), len(self.listed(row))
            return len(self.only_on_the_map(row)) if away[k] > 1.001 * away[k - 1] else -1

        found = max(rows, key=count)
        assert count(found) > 0, "whoever is near on this map is near in the layer"
        return found

    def assert_told(self, row: int) -> None:
        """The details name the review and read out its neighbours, nearest first."""
        details = self.page.locator(".review")
        expect(details).to_contain_text(f"Review {self.texts[self.examples[row]]['id']},")
        lines = details.locator("li")
        expect(lines).to_have_count(len(self.listed(row)))
        for line, near in zip(lines.all(), self.listed(row), strict=True):
            expect(line).to_contain_text(f"{near['distance']:.2f}")
            expect(line).to_contain_text(" ".join(self.texts[int(near["neighbor"])]["text"].split())[:30])

    def assert_drawn(self, row: int) -> None:
        """Rings around the neighbours in all charts; in this one lines to them, and dashed rings around the others."""
        neighbours, others = self.neighbours(row), self.only_on_the_map(row)
        for number, chart in enumerate(charts(self.page)):
            here = number == self.number
            for axis, places in (("x", chart.x), ("y", chart.y)):
                where = [places[other] for other in neighbours]
                away = [places[other] for other in others]

                def ringed(kind: str, key: str = f"{axis}_l{number}") -> list[float]:
                    return rings(self.page, kind, key)

                def end(name: str, key: str = f"_l{number}") -> list[float]:
                    return column(self.page, "lines", name + key)

                assert ringed("ring") == pytest.approx(where)
                assert ringed("here") == pytest.approx([places[row]])
                nowhere = [np.nan] * len(neighbours)
                assert end(f"{axis}0") == pytest.approx(
                    [places[row]] * len(neighbours) if here else nowhere, nan_ok=True
                )
                assert end(f"{axis}1") == pytest.approx(where if here else nowhere, nan_ok=True)
                dashed = ringed("lookalike")
                if here:
                    assert sorted(dashed) == pytest.approx(sorted(away))
                else:
                    assert len(dashed) == len(others)
                    assert np.isnan(dashed).all()

    def assert_nothing_drawn(self) -> None:
        eventually(self.page, lambda: rings(self.page, "ring", "x_l0") == [])
        assert rings(self.page, "lookalike", "x_l1") == rings(self.page, "here", "y_l2") == []
        assert column(self.page, "lines", "x0_l1") == []
        expect(self.page.locator(".review")).to_have_count(0)

"""How the bench measures: two ways of doing the same thing in turn, in one process, compared as a ratio."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Result:
    """One line of the table: what was measured, the value, the bound it is held to, and how it came about."""

    claim: str
    value: float
    bound: float
    unit: str
    detail: str
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(work: Callable[[], object], against: Callable[[], object], pairs: int) -> tuple[float, float, float]:
    """Medians over `pairs` turns, after one unmeasured turn of each: the ratio of the times, and both times."""
    work(), against()
    times = [(seconds(work), seconds(against)) for _ in range(pairs)]
    ratio = median(one / other for one, other in times)
    return ratio, median(one for one, _ in times), median(other for _, other in times)

"""An answer as cells and as a chart: nothing of it is lost without a word."""

import numpy as np
import pandas as pd
import pytest

from viewer.plots.answers import chart, labels, left_out, shown
from viewer.plots.colors import colors

LOOK = colors("paper", "light")
SWEPT = [f"sentences,model.hidden_{size}" for size in (16, 32, 64, 128)]


def bars(frame: pd.DataFrame, x: str, y: str) -> dict[str, float]:
    drawn = chart(frame, "bars", x, y, LOOK)
    return dict(zip(drawn.dimension_values("x"), drawn.dimension_values("y"), strict=True))


@pytest.mark.parametrize("kind", ["bars", "line", "points"])
def test_one_column_is_drawn_over_itself(kind: str) -> None:
    frame = pd.DataFrame({"n": [3, 1, 2]})
    drawn = chart(frame, kind, "n", "n", LOOK)
    assert sorted(drawn.dimension_values("y")) == [1, 2, 3]
    assert left_out(frame, kind, "n", "n") == ""


def test_every_run_of_a_sweep_has_its_bar() -> None:
    frame = pd.DataFrame({"run": SWEPT, "accuracy": [0.5, 0.6, 0.7, 0.8]})
    drawn = bars(frame, "run", "accuracy")
    assert list(drawn.values()) == [0.5, 0.6, 0.7, 0.8]
    assert [name[-3:] for name in drawn] == ["_16", "_32", "_64", "128"]
    assert left_out(frame, "bars", "run", "accuracy") == ""


def test_bars_that_are_not_drawn_are_counted() -> None:
    frame = pd.DataFrame({"run": ["a", "a", "b", None], "n": [1.0, 2.0, 3.0, 4.0]})
    assert bars(frame, "run", "n") == {"a": 1.0, "b": 3.0}
    assert left_out(frame, "bars", "run", "n").startswith("2 bars for 3 rows:")
    many = pd.DataFrame({"run": [str(number) for number in range(50)], "n": range(50)})
    assert len(bars(many, "run", "n")) == 40
    assert left_out(many, "bars", "run", "n").startswith("40 bars for 50 rows:")


def test_different_values_have_different_labels() -> None:
    alike = ["a" * 30 + middle + "b" * 30 for middle in "xyz"]
    assert len({*labels([*alike, *alike])}) == 3


def test_lists_can_be_named_below_bars() -> None:
    frame = pd.DataFrame({"pair": [[1, 2], [1, 3], [1, 2]], "n": [1.0, 2.0, 3.0]})
    assert list(bars(frame, "pair", "n").values()) == [1.0, 2.0]


def test_numbers_have_the_digits_that_mean_something() -> None:
    doubles = [123456789.5, 1700000000.123, 0.1 + 0.2, 1e-9, 12345678.123456789]
    frame = pd.DataFrame({"double": doubles, "single": np.array([0.1, 0.3, 1 / 3, 1e-9, 16777216], np.float32)})
    found = shown(frame)
    assert found["double"].tolist() == [123456789.5, 1700000000.123, 0.3, 1e-9, 12345678.123457]
    assert found["single"].tolist() == [0.1, 0.3, 0.33333334, 1e-9, 16777216]


def test_whole_numbers_beyond_those_a_browser_has_are_text() -> None:
    exact, beyond = 2**53, 2**53 + 1
    frame = pd.DataFrame({"n": pd.array([exact, beyond, None, -beyond, 7], "Int64")})
    assert shown(frame)["n"].tolist() == [exact, str(beyond), None, str(-beyond), 7]


def test_what_is_missing_stays_missing() -> None:
    reals = {f"x{kind}": pd.array([0.1, None], kind) for kind in ("Float32", "Float64")}
    frame = pd.DataFrame({"text": ["a", None], "n": pd.array([1, None], "Int64"), "yes": [True, None], **reals})
    assert shown(frame).to_numpy().tolist() == [["a", 1, True, 0.1, 0.1], [None] * 5]


def test_lists_and_structs_are_written_as_json() -> None:
    frame = pd.DataFrame({"l": [[1, 2, None], None], "s": [{"é": [1.5]}, {"a": "<b>"}]})
    assert shown(frame).to_numpy().tolist() == [["[1, 2, null]", '{"é": [1.5]}'], [None, '{"a": "<b>"}']]

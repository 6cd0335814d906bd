"""Controls as texts and back: what was written is read again, and whatever is read is a value the state takes."""

import math
from typing import Any

import param
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from viewer.controls import CONTROLS, SHOWN, control_text, control_value, quoted, within
from viewer.data.source import Source
from viewer.state import State

STATE = State(Source())
NOT_CONTROLS = {"name", "run", "epoch", "text", "example", "second", "selection", "asked", "pinned", "notice"}


def test_every_control_of_the_state_has_a_key() -> None:
    assert set(CONTROLS.values()) == set(STATE.param) - NOT_CONTROLS


@pytest.mark.parametrize("key", CONTROLS)
def test_the_default_comes_back_and_is_what_nothing_means(key: str) -> None:
    parameter = STATE.param[CONTROLS[key]]
    amiss: list[str] = []
    assert control_value(parameter, key, control_text(parameter.default), amiss) == parameter.default
    assert control_value(parameter, key, None, amiss) == parameter.default
    assert amiss == []


@pytest.mark.parametrize(
    ("value", "text"), [(True, "yes"), (False, "no"), ([0, 10], "0,10"), ([], ""), (0.1, "0.1"), ("a,b", "a,b")]
)
def test_as_text(value: Any, text: str) -> None:
    assert control_text(value) == text


@given(st.sampled_from(list(CONTROLS)), st.text(max_size=50))
@example("rows", "1,,2")
@example("rows", "-1")
@example("rows", "9" * 10)
@example("rows", "\u0663")
@example("grey", "1e999")
@example("grey", "-0")
@example("grey", "\u0660.\u0665")
@example("size", "YES")
@example("page", "")
def test_any_text_is_a_value_that_the_state_takes(key: str, text: str) -> None:
    parameter = STATE.param[CONTROLS[key]]
    amiss: list[str] = []
    value = control_value(parameter, key, text, amiss)
    setattr(State(STATE.source), CONTROLS[key], value)
    assert len(amiss) <= 1
    assert all(line.startswith(f"{key}=") and "\n" not in line for line in amiss)


def test_a_list_is_not_shared_between_sessions() -> None:
    first, second = (control_value(STATE.param["checkpoints"], "rows", None, []) for _ in range(2))
    first.append(1)
    assert second == STATE.param["checkpoints"].default == []


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_out_of_range_becomes_the_nearest_and_that_is_said(value: float) -> None:
    amiss: list[str] = []
    found = within(param.Number(default=0, bounds=(-2, 5)), "key", value, amiss)
    assert found == min(max(value, -2), 5)
    assert bool(amiss) == (not -2 <= value <= 5)
    assert within(param.Number(default=0), "key", value, []) == value
    assert within(param.Number(default=0, bounds=(0, None)), "key", abs(value), []) == abs(value)
    assert not math.isinf(found)


@given(st.text())
def test_a_quoted_value_is_one_short_line(value: str) -> None:
    text = quoted(value)
    assert len(text) <= SHOWN + 2
    assert len(text.splitlines()) == 1
    words = " ".join(value.split())
    assert text.strip('"') == words.strip('"') or text.endswith('…"')

"""The controls of the state as short texts in an address, and back, by the kind of their parameter."""

import math
import re
from typing import Any

import param

from pipeline import store
from pipeline.errors import InputError
from viewer.data import long_texts

CONTROLS = {  # key in the address: parameter of the state
    "page": "page",
    "view": "view",
    "texts": "texts",
    "measure": "measure",
    "grey": "threshold",
    "class": "about",
    "alone": "each_row",
    "rows": "checkpoints",
    "without": "left_out",
    "grid": "grid",
    "palette": "palette",
    "theme": "theme",
    "color": "color_by",
    "size": "true_size",
    "badly": "badly_placed",
    "trails": "trails",
    "other": "other_run",
    "sql": "question",
}
LONGEST_TEXT = 2_000  # characters of a control or of a typed text that travel
KEPT = "saved:"  # begins the name of what lies in a file
SHOWN = 40  # characters of a wrong value that are repeated to the person
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")
NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{0,20})?(?:e[+-]?[0-9]{1,3})?")


def control_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)


def control_carried(run: store.Run, value: Any) -> str:
    """A value as it travels: its text, or where that is too long the name of the file that it lies in, if it could be
    written."""
    text = control_text(value)
    if len(text) <= LONGEST_TEXT:
        return text
    try:
        return KEPT + long_texts.keep(run, text)
    except OSError:
        return KEPT


def control_brought(run: store.Run, key: str, text: str | None, amiss: list[str]) -> str | None:
    """The text that travelled, out of its file if it lies in one; None where there is none."""
    if text is None or not text.startswith(KEPT):
        return text
    if text == KEPT:
        amiss.append(f"{key} was too long for a link and could not be saved where the link was made")
        return None
    try:
        return long_texts.load(run, text.removeprefix(KEPT))
    except InputError as mistake:
        amiss.append(f"{key} of the link: {mistake}")
        return None


def control_value(parameter: param.Parameter, key: str, text: str | None, amiss: list[str]) -> Any:
    """The value that `text` stands for; where it cannot be, the nearest possible number or the default."""
    default = list(parameter.default) if isinstance(parameter, param.List) else parameter.default
    if text is None:
        return default
    wrong = f"{key}={quoted(text)} of the link is not possible; taken as {control_text(default) or 'nothing'}"
    if isinstance(parameter, param.Selector):
        if text in parameter.objects:
            return text
    elif isinstance(parameter, param.Boolean):
        if text in ("yes", "no"):
            return text == "yes"
    elif isinstance(parameter, param.List):
        parts = text.split(",") if text else []
        if all(WHOLE_NUMBER.fullmatch(part) for part in parts):
            return [int(part) for part in parts]
    elif isinstance(parameter, param.Number):
        if NUMBER.fullmatch(text):
            return within(parameter, key, float(text), amiss)
    else:
        return text
    amiss.append(wrong)
    return default


def within(parameter: param.Number, key: str, value: float, amiss: list[str]) -> float:
    """The value, or the nearest within the parameter's bounds."""
    least, most = parameter.bounds or (None, None)
    nearest = min(max(value, -math.inf if least is None else least), math.inf if most is None else most)
    if nearest != value:
        amiss.append(f"{key}={value:g} of the link is out of range; taken as {nearest:g}")
    return float(nearest)


def quoted(value: str) -> str:
    """A value as a line repeats it."""
    value = " ".join(value.split())
    return f'"{value}"' if len(value) <= SHOWN else f'"{value[: SHOWN - 1]}…"'

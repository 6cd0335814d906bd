"""The state in the address: what differs from the defaults, as short texts, and back.

An address may hold anything. What is in it and cannot be shown is told in one plain line each, and the nearest
sensible thing is shown instead.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pipeline.errors import InputError
from viewer import sentences
from viewer.controls import (
    CONTROLS,
    KEPT,
    WHOLE_NUMBER,
    control_brought,
    control_carried,
    control_value,
    quoted,
)
from viewer.data import conditions, maps, selections
from viewer.data.conditions import Condition
from viewer.data.facts import Facts, facts
from viewer.data.selections import NOTHING, Selection
from viewer.plots import points
from viewer.state import State

FIRST_RUN = "paper"
LONGEST_SELECTION = 1_500  # characters; a longer one is saved, and the link names it
MOST_VALUES = 100
IDS, LOST = "ids:", "not-saved"


def written(query: Mapping[str, str]) -> str:
    """A query as it stands in an address, `?` first; nothing for an empty one."""
    return f"?{urlencode(query, errors='replace')}" if query else ""


def read(search: str) -> dict[str, str]:
    """The query in an address, as text and nothing else; of a key given twice the first. Never raises."""
    try:
        pairs = parse_qsl(search.removeprefix("?"), keep_blank_values=True, max_num_fields=MOST_VALUES)
    except ValueError:  # more fields than anybody's link has
        return {}
    return dict(reversed(pairs))


def query(state: State) -> dict[str, str]:
    """What differs from the defaults: run unless "paper", epoch unless the run's last, the text, and the controls.

    A stored example travels as its number, as does the one that was clicked on a map. A selection travels as its
    condition, or as its numbers; where that is over 1,500 characters, or it has a name, it lies in a file and the link
    holds `saved:<name>` (`not-saved` where no file could be written). So do a text and a control that are too long,
    such as a SELECT.
    """
    found: dict[str, str] = {}
    if state.run != FIRST_RUN:
        found["run"] = state.run
    if state.epoch != last_epoch(state):
        found["epoch"] = str(state.epoch)
    found |= sentences.carried(state)
    if state.pinned is not None:
        found["pinned"] = str(state.pinned)
    chosen = selection_text(state)
    if chosen:
        found["selection"] = chosen
    for key, name in CONTROLS.items():
        value = getattr(state, name)
        if value != state.param[name].default:
            found[key] = control_carried(state.source.run(state.run), value)
    return found


def restore(state: State, query: Mapping[str, str]) -> list[str]:
    """Make the state what the query says, and the defaults where it says nothing; one line for each thing amiss.

    All parameters change at once. Without any run that can be shown nothing changes and the only line says why.
    """
    given = {key: clean(value) for key, value in query.items()}
    amiss: list[str] = []
    known = run_shown(state, given.get("run"), amiss)
    if known is None:
        return amiss
    changes: dict[str, Any] = {"run": known.run, "epoch": epoch_shown(known, given.get("epoch"), amiss)}
    for key, name in CONTROLS.items():
        text = control_brought(state.source.run(known.run), key, given.get(key), amiss)
        changes[name] = control_value(state.param[name], key, text, amiss)
    changes["color_by"] = color_shown(state, known, changes["color_by"], amiss)
    changes["about"] = class_shown(known, changes["about"], amiss)
    changes["other_run"] = other_run(state, changes["other_run"], amiss)
    for key in ("rows", "grid"):
        changes[CONTROLS[key]] = epochs_chosen(known, key, changes[CONTROLS[key]], amiss)
    changes |= sentences.shown(state, known, given, amiss)
    changes["pinned"] = pinned_shown(state, known, given.get("pinned"), amiss)
    changes |= selection_shown(state, known, changes["epoch"], given.get("selection"), amiss)
    state.keep(known)
    state.param.update(**changes)
    return amiss


def clean(value: str) -> str:
    """Text that can be stored and compared: without halves of characters."""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")


def last_epoch(state: State) -> int | None:
    try:
        return state.facts.last
    except InputError:  # no run to show: its epoch travels as it is
        return None


def run_shown(state: State, asked: str | None, amiss: list[str]) -> Facts | None:
    """The facts of the run asked for, else of "paper", else of the first that can be shown."""
    runs = state.source.runs()
    first = [name for name in (asked, FIRST_RUN) if name is not None]
    reasons = []
    for name in dict.fromkeys([*first, *runs]):
        if name in runs:
            try:
                found = facts(state.source, name)
            except InputError as mistake:
                reasons.append(str(mistake))
                continue
            amiss.extend(f"{reason}; showing run {found.run} instead" for reason in reasons[:1])
            return found
        if name == asked:
            reasons.append(f"run {quoted(name)} of the link is not in this store")
    nothing = f"{state.source.artifacts} holds no finished run yet; build one with: make repro"
    amiss.append(reasons[0] if reasons and runs else nothing)
    return None


def epoch_shown(known: Facts, asked: str | None, amiss: list[str]) -> int:
    """The epoch asked for, or the nearest there is; the last if none is asked for."""
    if asked is None:
        return known.last
    if not WHOLE_NUMBER.fullmatch(asked):
        amiss.append(f"epoch {quoted(asked)} of the link is not a number; showing the last, {known.last}")
        return known.last
    wanted = int(asked)
    nearest = min(known.epochs, key=lambda epoch: abs(epoch - wanted))
    if nearest != wanted:
        amiss.append(f"epoch {wanted} of the link is not in run {known.run}; showing epoch {nearest}")
    return nearest


def pinned_shown(state: State, known: Facts, asked: str | None, amiss: list[str]) -> int | None:
    """The number of the review that was clicked on a map, if this run maps it."""
    if asked is None:
        return None
    try:
        if WHOLE_NUMBER.fullmatch(asked) and int(asked) in selections.selectable(state.source, known.run):
            return int(asked)
    except InputError:  # no maps, or a damaged file: the page that needs them says so
        return None
    amiss.append(f"review {quoted(asked)}, which the link keeps, is not on the maps of run {known.run}")
    return None


def color_shown(state: State, known: Facts, asked: str, amiss: list[str]) -> str:
    """What is to colour the points, if that is one of the choices of this run."""
    if asked in points.FIRST_CHOICES:
        return asked
    try:
        choices = points.choices(maps.mapped(state.source, known).frame)
    except InputError:  # no maps, or a damaged file: the page that needs them says so
        choices = points.FIRST_CHOICES
    if asked in choices:
        return asked
    default = str(state.param["color_by"].default)
    amiss.append(f"color={quoted(asked)} of the link is not possible; taken as {default}")
    return default


def class_shown(known: Facts, asked: str, amiss: list[str]) -> str:
    """The class in question, if the run has it among more than two."""
    if asked and known.about(asked).positive != asked:
        amiss.append(f"class={quoted(asked)} of the link is not one to choose in run {known.run}")
        return ""
    return asked


def other_run(state: State, asked: str, amiss: list[str]) -> str:
    if asked and asked not in state.source.runs():
        amiss.append(f"run {quoted(asked)}, to compare with, is not in this store")
        return ""
    return asked


def epochs_chosen(known: Facts, key: str, asked: list[int], amiss: list[str]) -> list[int]:
    """The epochs chosen for the rows or the grid, in order, as far as the run has them."""
    missing = sorted(set(asked) - set(known.epochs))
    if missing:
        amiss.append(f"{key} of the link: run {known.run} has no epoch {', '.join(map(str, missing[:5]))}")
    return sorted(set(asked) & set(known.epochs))


def selection_text(state: State) -> str:
    """The selection as a link holds it, or the condition being looked for; nothing where nothing is selected."""
    if state.asked is not None and len(state.asked.text()) <= LONGEST_SELECTION:
        return str(state.asked.text())
    chosen: Selection = state.selection
    at_home = bool(chosen.run) and chosen.run == state.run
    if not chosen.examples and not (at_home and chosen.condition):
        return ""
    if at_home and chosen.name:
        return KEPT + chosen.name
    text = chosen.condition if at_home and chosen.condition else IDS + selections.encode(chosen)
    if len(text) <= LONGEST_SELECTION:
        return text
    if not at_home:
        chosen = Selection(chosen.examples)
    try:
        return KEPT + selections.keep_for_link(state.source.run(state.run), chosen)
    except OSError:
        return LOST


def selection_shown(
    state: State, known: Facts, epoch: int, asked: str | None, amiss: list[str]
) -> dict[str, Selection | Condition | None]:
    """The selection that a link stands for, as far as its reviews are on the run's maps.

    A condition with SQL may take seconds, so that it is left to be looked for when the page is there.
    """
    found: dict[str, Selection | Condition | None] = {"selection": NOTHING, "asked": None}
    if not asked:
        return found
    if asked == LOST:
        amiss.append("the selection was too long for a link and could not be saved where the link was made")
        return found
    try:
        if asked.startswith(KEPT):
            kept = selections.load(state.source.run(known.run), asked.removeprefix(KEPT))
            return found | {"selection": on_the_maps(state, known, kept, amiss)}
        if asked.startswith(IDS):
            given = Selection(selections.decode(asked.removeprefix(IDS)))
            return found | {"selection": on_the_maps(state, known, given, amiss)}
        condition = conditions.parse(asked).pinned(epoch)
        if condition.values("sql"):
            return found | {"asked": condition}
        return found | {"selection": conditions.selected(state.source, known, condition, epoch)}
    except InputError as mistake:
        amiss.append(f"the selection of the link: {mistake}")
        return found


def on_the_maps(state: State, known: Facts, chosen: Selection, amiss: list[str]) -> Selection:
    """The selection without examples that this run does not map."""
    there = chosen.among(selections.selectable(state.source, known.run))
    count = len(chosen.examples)
    missing = count - len(there.examples)
    if missing:
        amiss.append(f"{missing:,} of the {count:,} selected reviews are not on the maps of run {known.run}")
    return there

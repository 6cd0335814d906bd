"""The sentence in hand and the second one as texts in an address, and back; or sequences of numbers, a step a line."""

from collections.abc import Mapping
from typing import Any

from pipeline.errors import InputError
from viewer.controls import LONGEST_TEXT, WHOLE_NUMBER, quoted
from viewer.data import examples, long_texts
from viewer.data.facts import Facts
from viewer.data.steps import described, is_sequence, parsed, written
from viewer.state import FIRST_TEXT, State, first_in_hand

KEPT, CUT = "_kept", "_of"  # after a text's key: the name of the file it lies in, or its whole length


def carried(state: State) -> dict[str, str]:
    """What travels of the two: a stored example's number, a text as it is, or the name of the file of a long one."""
    found: dict[str, str] = {}
    if state.example is not None:
        found["example"] = str(state.example)
    elif state.text != FIRST_TEXT:
        found |= text_carried(state, "text", state.text)
    if state.second:
        found |= text_carried(state, "second", state.second)
    return found


def text_carried(state: State, key: str, text: str) -> dict[str, str]:
    """A text of up to 2,000 characters; of a longer one the name of its file, or its beginning if none can be written.

    Of a sequence of numbers the beginning is of whole steps.
    """
    if len(text) <= LONGEST_TEXT:
        return {key: text}
    try:
        return {key + KEPT: long_texts.keep(state.source.run(state.run), text)}
    except OSError:
        shown = text[:LONGEST_TEXT]
        return {key: shown.rpartition("\n")[0] if reads_numbers(state) else shown, key + CUT: str(len(text))}


def reads_numbers(state: State) -> bool:
    try:
        return state.facts.channels > 0
    except InputError:  # no run to show
        return False


def shown(state: State, known: Facts, given: Mapping[str, str], amiss: list[str]) -> dict[str, Any]:
    """The sentence in hand, the stored example it is, and the second one, as a query says; a line for what is amiss."""
    found: dict[str, Any] = {"example": None}
    for key, default in (("text", FIRST_TEXT), ("second", "")):
        text = text_brought(state, known, key, given, amiss)
        found[key] = default if text is None else text
        if known.channels and not is_sequence(found[key], known.channels):
            if text is not None:
                amiss.append(f"the {key} of the link is no sequence of {known.channels} numbers a step")
            found |= first_in_hand(state.source, known) if key == "text" else {key: ""}
        elif known.channels:
            found[key] = written(parsed(found[key], known.channels))  # one way to write each
    asked = given.get("example")
    if asked is None:
        return found
    text = stored_text(state, known, asked)
    if text is not None:
        return found | {"text": text, "example": int(asked)}
    instead = described(found["text"].count("\n") + 1, known.channels) if known.channels else quoted(found["text"])
    amiss.append(f"review {quoted(asked)} of the link is not in run {known.run}; showing {instead}")
    return found


def text_brought(state: State, known: Facts, key: str, given: Mapping[str, str], amiss: list[str]) -> str | None:
    """The text that travelled under `key`, out of its file if it lies in one; None where there is none."""
    name = given.get(key + KEPT)
    if name is not None:
        try:
            return long_texts.load(state.source.run(known.run), name)
        except InputError as mistake:
            amiss.append(f"the {key} of the link: {mistake}")
            return None
    text, whole = given.get(key), given.get(key + CUT, "")
    if text is not None and WHOLE_NUMBER.fullmatch(whole) and int(whole) > len(text):
        beginning = f"the first {len(text):,} of its {int(whole):,} characters"
        amiss.append(
            f"the {'second ' * (key == 'second')}text was too long for a link and could not be saved where the link "
            f"was made; it holds {beginning}"
        )
    return text


def stored_text(state: State, known: Facts, asked: str) -> str | None:
    """The text of the test example with this number, if there is one and it can be read."""
    if not WHOLE_NUMBER.fullmatch(asked):
        return None
    try:
        return examples.original(state.source, known, int(asked))[0]
    except InputError:  # there is none, or a damaged file: the page that needs it says so
        return None

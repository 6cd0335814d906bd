"""What a choice in the menu of a word does to the state: the changed text comes in hand, or beside the whole one. And
how a stored example is opened on Words."""

from viewer.components.word_rows import Edit
from viewer.data.reading import Reading
from viewer.plots.pieces import replaced, without
from viewer.state import State


def edited(reading: Reading, edit: Edit) -> str:
    """The text as it is after an edit: with another word in a place, or without it."""
    if edit.action == "replace":
        return replaced(reading, edit.position, edit.by)
    return without(reading, edit.position)


def take_edit(state: State, reading: Reading, edit: Edit) -> None:
    """Put the edited text in hand; to compare, the whole text and the shorter one beside it, on Words."""
    changed = edited(reading, edit)
    if edit.action == "compare":
        compare(state, reading, changed)
        state.page = "words"
    else:
        state.take_text(changed)


def open_in_words(state: State, text: str, example: int) -> None:
    """Put a stored example in hand, alone and at every checkpoint, on Words."""
    state.param.update(text=text, example=example, view="checkpoints", page="words")


def compare(state: State, reading: Reading, second: str) -> None:
    """Put a text in hand and another beside it; one that is in hand already stays the stored review that it is."""
    example = state.example if reading.text == state.text else reading.example
    state.param.update(text=reading.text, example=example, second=second, view="compare")

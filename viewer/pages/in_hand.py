"""The state as readings: the text in hand, two texts, a page of many; from the store where it explains them, else read
now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.errors import InputError
from viewer.data import examples, texts
from viewer.data.left_out import LeftOut
from viewer.data.reading import Reading
from viewer.live import Live
from viewer.pages.picker import PAGE, Picker
from viewer.state import State


class InHand:
    """Readings for one session's state; every method may raise InputError with what is wrong in the store."""

    def __init__(self, state: State, live: Live) -> None:
        self.state, self.live = state, live

    def epochs(self, stored: bool) -> list[int]:
        """The checkpoints with a row: those chosen, else all, of a stored text all that are explained; the one in hand
        always."""
        facts = self.state.facts
        chosen = self.state.checkpoints or (facts.explained if stored else facts.epochs)
        return sorted({*chosen, self.state.epoch} & {*facts.epochs})

    def one(self) -> Reading:
        """The text in hand."""
        state, facts = self.state, self.state.facts
        epochs = self.epochs(stored=state.example is not None)
        if state.example is None:
            return self.live.read(state.run, state.text, epochs)
        if {*epochs} <= {*facts.explained} and examples.explained_among(state.source, facts, [state.example]):
            return examples.stored(state.source, facts, state.example, epochs)
        return self._anew(state.example, epochs)

    def left_out(self, reading: Reading) -> LeftOut | None:
        """The text in hand without each of its words at the epoch in hand, where that is asked for."""
        if not self.state.left_out or not reading.words:
            return None
        found = self.live.left_out(self.state.run, reading.text, self.state.epoch)
        if len(found.logits) != len(reading.words):
            raise InputError(f"run {self.state.run!r} stores other words of this text than it reads; build it again")
        return found

    def two(self) -> tuple[Reading, Reading]:
        """The text in hand and the second one."""
        state, epochs = self.state, self.epochs(stored=False)
        return self.live.read(state.run, state.text, epochs), self.live.read(state.run, state.second, epochs)

    def selected(self, picker: Picker) -> list[Reading]:
        """The picker's page of the selection."""
        selected = self.state.selection.examples
        picker.offset = min(picker.offset, max(0, (len(selected) - 1) // PAGE * PAGE))
        chosen = selected[picker.offset : picker.offset + PAGE]
        picker.tell_page(len(chosen), len(selected))
        return self._many(chosen)

    def found(self, picker: Picker) -> list[Reading]:
        """The page of what the picker's filters find."""
        state, frame = self.state, picker.find()
        if "text" not in frame:
            return self._many([int(example) for example in frame["example"]])
        return [
            replace(
                self.live.read(state.run, text, [state.epoch]), label=label if label in state.facts.classes else None
            )
            for text, label in zip(frame["text"], frame["label"], strict=True)
        ]

    def text_of(self, example: int) -> str:
        """The whole text of a stored review."""
        return examples.original(self.state.source, self.state.facts, example)[0]

    def counts(self, readings: Sequence[Reading]) -> Mapping[str, tuple[int, dict[str, int]]]:
        """How often each of their words was seen in training, and in which class."""
        spelled = {reading.spelled(t) for reading in readings for t in range(1, len(reading.words) + 1)}
        return texts.frequency(self.state.source, self.state.facts, spelled)

    def _many(self, chosen: Sequence[int]) -> list[Reading]:
        """Stored texts at the epoch in hand, read now where the store does not explain them."""
        state, facts = self.state, self.state.facts
        explained = examples.explained_among(state.source, facts, chosen) if state.epoch in facts.explained else set()
        there = [example for example in chosen if example in explained]
        stored = examples.stored_many(state.source, facts, there, state.epoch) if there else []
        known = {reading.example: reading for reading in stored}
        return [known.get(example) or self._anew(example, [state.epoch]) for example in chosen]

    def _anew(self, example: int, epochs: Sequence[int]) -> Reading:
        """A stored text, at checkpoints or of a kind that the store does not explain."""
        text, label = examples.original(self.state.source, self.state.facts, example)
        return replace(self.live.read(self.state.run, text, epochs), label=label, example=example)

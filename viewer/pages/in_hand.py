"""The state as readings: the text in hand, two texts, a page of many; from the store where it explains them, else read
now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.errors import InputError
from viewer.data import examples, texts
from viewer.data.left_out import LeftOut
from viewer.data.reading import Reading, joined
from viewer.live import Live
from viewer.pages.picker import PAGE, Picker
from viewer.state import State

OTHER_WORDS = "run {run!r} stores other words of this text than it reads; build it again"


class InHand:
    """Readings for one session's state; every method may raise InputError with what is wrong in the store."""

    def __init__(self, state: State, live: Live) -> None:
        self.state, self.live = state, live

    @property
    def epochs(self) -> list[int]:
        """The checkpoints with a row: those chosen, else all; the one in hand always."""
        facts = self.state.facts
        return sorted({*(self.state.checkpoints or facts.epochs), self.state.epoch} & {*facts.epochs})

    def one(self) -> Reading:
        """The text in hand; a stored one as it is explained, and read now at the checkpoints where it is not."""
        state, facts, epochs = self.state, self.state.facts, self.epochs
        if state.example is None:
            return self.live.read(state.run, state.text, epochs)
        known = [epoch for epoch in epochs if epoch in facts.explained]
        if not known or not examples.explained_among(state.source, facts, [state.example]):
            return self._anew(state.example, epochs)
        stored = examples.stored(state.source, facts, state.example, known)
        others = [epoch for epoch in epochs if epoch not in facts.explained]
        if not others:
            return stored
        try:
            rest = self._anew(state.example, others)
        except InputError as mistake:  # a checkpoint is missing or damaged: the store does not need it
            if state.epoch in others:
                raise
            return replace(stored, notes=(*stored.notes, f"Some checkpoints are not shown: {mistake}."))
        try:
            return joined(stored, rest)
        except ValueError:
            raise InputError(OTHER_WORDS.format(run=state.run)) from None

    def left_out(self, reading: Reading) -> LeftOut | None:
        """The text in hand without each of its words at the epoch in hand, where that is asked for."""
        if not self.state.left_out or not reading.words:
            return None
        found = self.live.left_out(self.state.run, reading.text, self.state.epoch)
        if len(found.logits) != len(reading.words):
            raise InputError(OTHER_WORDS.format(run=self.state.run))
        return found

    def two(self) -> tuple[Reading, Reading]:
        """The text in hand and the second one."""
        state, epochs = self.state, self.epochs
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

"""What a run is: its classes, layers, checkpoints and sizes. Read once for all sessions, anew when a file changed."""

import re
from collections.abc import Hashable
from dataclasses import dataclass, replace

from pipeline import config
from pipeline.config import Config
from pipeline.errors import InputError
from viewer.data.source import Source
from viewer.kept import Kept

TITLES = {
    "embedding": "Word vectors",
    "lstm": "LSTM state",
    "lstm2": "Second LSTM's state",
    "lstm3": "Third LSTM's state",
    "gru": "GRU state",
    "rnn": "RNN state",
    "forward_lstm": "LSTM state, forwards",
    "backward_lstm": "LSTM state, backwards",
    "conv": "Convolution",
    "pooling": "Pooled",
    "norm": "Last block, normalised",
    "dense": "Hidden layer",
    "output": "Output",
}
STEP_VECTORS = "Step vectors"  # the embedding of numbers
TABLES = ("classes", "layers", "metrics", "examples", "mapped", "channels")  # that tell the facts
RUNS = 16  # whose facts are kept
NUMBERED = re.compile(r"(?P<name>[a-z_]+)\.(?P<number>[0-9]+)")


@dataclass(frozen=True)
class Layer:
    """A mapped layer: its module path, what a page calls it, the length of its vectors."""

    name: str
    title: str
    width: int


@dataclass(frozen=True)
class Facts:
    """One run.

    classes: all labels in order; positive: the class whose probability and impacts are told where one must be (the
    last, unless another is chosen); epochs: all checkpoints; explained: those with stored impacts; layers: in the order
    of display; channels: numbers a step, 0 where the run reads words.
    """

    run: str
    config: Config
    classes: tuple[str, ...]
    positive: str
    layers: tuple[Layer, ...]
    epochs: tuple[int, ...]
    explained: tuple[int, ...]
    tested: int
    mapped: int
    channels: int = 0

    @property
    def numbering(self) -> tuple[object, ...]:
        """What the numbers of examples count: in runs of which it is equal, a number means the same example."""
        corpus = self.config.corpus
        return corpus.source, corpus.arguments, corpus.id, corpus.text, corpus.steps

    @property
    def outputs(self) -> tuple[str, ...]:
        """The classes that the network has an output for: of two the last, else all."""
        return self.classes if len(self.classes) > 2 else self.classes[-1:]

    @property
    def many(self) -> bool:
        """Whether there are more than two classes."""
        return len(self.classes) > 2

    @property
    def element(self) -> str:
        """What the elements of its sequences are called."""
        return "step" if self.channels else "word"

    @property
    def noun(self) -> str:
        """What a page calls one of its examples."""
        return "sequence" if self.channels else "review"

    @property
    def typed(self) -> str:
        """What a page calls what somebody put in hand."""
        return "sequence" if self.channels else "sentence"

    def about(self, name: str) -> "Facts":
        """The same facts with another class in question, if there are more than two and it is one of them."""
        return replace(self, positive=name) if self.many and name in self.classes else self

    @property
    def last(self) -> int:
        return self.epochs[-1]

    @property
    def negative(self) -> str:
        return next(name for name in self.classes if name != self.positive)


_facts: Kept[Hashable, Facts] = Kept(RUNS)


def facts(source: Source, run: str) -> Facts:
    """The facts of `run`; InputError saying what is missing where it is not in the store or not finished."""
    if run not in source.runs():
        raise InputError(
            f"run {run!r} is not in {source.artifacts}; there are {', '.join(source.runs()) or 'none yet'}"
        )
    return source.once(_facts, run, TABLES, None, lambda: _read(source, run))


def _read(source: Source, run: str) -> Facts:
    settings = config.read(source.run(run).config)
    classes = source.frame("SELECT class, is_output FROM classes WHERE run = ? ORDER BY ordinal", run)
    if classes.empty:
        raise InputError(f"run {run!r} has no table classes yet; build it first: dvc repro, or python -m pipeline")
    layers = source.frame("SELECT layer, width FROM layers WHERE run = ? ORDER BY ordinal", run)
    epochs = source.frame("SELECT DISTINCT epoch FROM metrics WHERE run = ? ORDER BY epoch", run)["epoch"]
    if epochs.empty:
        raise InputError(f"run {run!r} is not trained yet; build it first: dvc repro, or python -m pipeline")
    counts = source.frame(
        "SELECT (SELECT count(*) FROM examples WHERE run = ?) AS tested, "
        "(SELECT count(*) FROM mapped WHERE run = ?) AS mapped, "
        "(SELECT count(*) FROM channels WHERE run = ?) AS channels",
        run,
        run,
        run,
    )
    channels = int(counts["channels"][0])
    return Facts(
        run=run,
        config=settings,
        classes=tuple(classes["class"]),
        positive=str(classes["class"][classes["is_output"]].iloc[-1]),
        layers=tuple(
            Layer(name, title(name, channels), int(width))
            for name, width in zip(layers["layer"], layers["width"], strict=True)
        ),
        epochs=tuple(int(epoch) for epoch in epochs),
        explained=tuple(sorted(epoch for epoch in set(settings.impacts.epochs))),
        tested=int(counts["tested"][0]),
        mapped=int(counts["mapped"][0]),
        channels=channels,
    )


def title(layer: str, channels: int = 0) -> str:
    """What a page calls a layer: its name in plain words, or its module path made readable."""
    if layer == "embedding" and channels:
        return STEP_VECTORS
    if layer in TITLES:
        return TITLES[layer]
    numbered = NUMBERED.fullmatch(layer)
    if numbered:  # blocks.0: the first of several alike
        name = TITLES.get(numbered["name"], plain(numbered["name"].removesuffix("s")))
        return f"{name} {int(numbered['number']) + 1}"
    return plain(layer)


def plain(path: str) -> str:
    """A module path as words: encoder.self_attn is Encoder, self attn."""
    words = ", ".join(part.replace("_", " ").strip() for part in path.split(".")).strip()
    return words[:1].upper() + words[1:] or path

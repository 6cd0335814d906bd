"""What a run is: its classes, layers, checkpoints and sizes. Asked once a page, small enough to ask again."""

from dataclasses import dataclass

from pipeline import config
from pipeline.config import Config
from pipeline.errors import InputError
from viewer.data.source import Source

TITLES = {"embedding": "Word vectors", "lstm": "LSTM state", "dense": "Hidden layer"}


@dataclass(frozen=True)
class Layer:
    """A mapped layer: its module path, what a page calls it, the length of its vectors."""

    name: str
    title: str
    width: int


@dataclass(frozen=True)
class Facts:
    """One run.

    classes: all labels in order; positive: the class whose probability and impacts are shown (of two the last);
    epochs: all checkpoints; explained: those with stored impacts; layers: in the order of display.
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

    @property
    def last(self) -> int:
        return self.epochs[-1]

    @property
    def negative(self) -> str:
        return next(name for name in self.classes if name != self.positive)


def facts(source: Source, run: str) -> Facts:
    """The facts of `run`; InputError saying what is missing where it is not in the store or not finished."""
    if run not in source.runs():
        raise InputError(
            f"run {run!r} is not in {source.artifacts}; there are {', '.join(source.runs()) or 'none yet'}"
        )
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
        "(SELECT count(*) FROM mapped WHERE run = ?) AS mapped",
        run,
        run,
    )
    return Facts(
        run=run,
        config=settings,
        classes=tuple(classes["class"]),
        positive=str(classes["class"][classes["is_output"]].iloc[-1]),
        layers=tuple(
            Layer(name, TITLES.get(name, name), int(width))
            for name, width in zip(layers["layer"], layers["width"], strict=True)
        ),
        epochs=tuple(int(epoch) for epoch in epochs),
        explained=tuple(sorted(epoch for epoch in set(settings.impacts.epochs))),
        tested=int(counts["tested"][0]),
        mapped=int(counts["mapped"][0]),
    )

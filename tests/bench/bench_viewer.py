"""The viewer's server side: a typed sentence through every checkpoint, its impacts and its place on every map."""

import sys
from statistics import median

import torch

from pipeline.data.words import spans
from pipeline.store import Run
from tests.bench.measure import Result, seconds
from viewer.data.source import Source
from viewer.live import Live

RUN = "paper"
WORDS = 50
SENTENCES = 30


def measure() -> list[Result]:
    if not Run(RUN).has("maps"):
        print(f"the run {RUN} is not built: one claim is not measured; make repro builds it", file=sys.stderr)
        return []
    threads = torch.get_num_threads()
    try:
        return [typed()]
    finally:
        torch.set_num_threads(threads)  # Live took one; other benches run in this process


def typed() -> Result:
    source = Source()
    live = Live(source)
    live.warm(RUN).join()
    first, *others = sentences(source)  # all different: nothing comes from what is kept

    def ask(sentence: str) -> None:
        live.read(RUN, sentence)
        live.positions(RUN, sentence)

    ask(first)
    times = [seconds(lambda sentence=sentence: ask(sentence)) for sentence in others]  # type: ignore[misc]
    maps = len(live.positions(RUN, first))
    detail = f"{len(live.read(RUN, first).epochs)} checkpoints, {maps} maps, warm, median of {len(times)}"
    return Result(f"a typed sentence of {WORDS} words", 1000 * median(times), 50, "ms", detail)


def sentences(source: Source) -> list[str]:
    """The first words of reviews, one more than are measured."""
    texts = source.frame(
        "SELECT text FROM examples WHERE run = ? AND length >= ? ORDER BY example LIMIT ?", RUN, WORDS, SENTENCES + 1
    )["text"]
    return [text[: spans(text)[WORDS - 1][1]] for text in texts]

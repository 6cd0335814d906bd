"""Runs beside one another as HTML tables and rows of words: frames and readings in, no I/O."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from viewer.data.comparison import Disagreements
from viewer.data.reading import Reading
from viewer.plots.channels import channels_json
from viewer.plots.pieces import pieces
from viewer.plots.sideways import sideways
from viewer.plots.words import Counts, Line, Style, content, plain, said, text_json

FIRST_RUN = "paper"  # what `python -m pipeline` makes unless told otherwise
ROW = "run-"  # begins the key of a row of words; the run's name follows


def listing_table(runs: pd.DataFrame, in_hand: str, other: str) -> str:
    """An HTML table of `viewer.data.comparison.listing`; the run in hand and the one compared with it are marked."""
    marks = {other: ", compared with it", in_hand: ", the run in hand"}
    heads = (
        "Run", "Test accuracy", "Validation", "Training", "Test loss, nats", "Epochs", "Network", "Corpus", "State",
    )  # fmt: skip
    body = []
    for row in runs.to_dict("records"):
        accuracies = [known(100 * row[split], 1, " %") for split in ("test", "validation", "train")]
        state = f"⚠ {row['problem']}" if row["problem"] else f"complete{marks.get(row['run'], '')}"
        cells = [*accuracies, known(row["loss"], 3), row["epochs"] or "", row["network"], row["corpus"]]
        name = f"<th scope='row'>{escape(str(row['run']))}</th>"
        body.append(
            f"<tr>{name}{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}"
            f"<td class='wrap'>{escape(state)}</td></tr>"
        )
    return sideways(table(heads, body), "All runs", "across scrolls")


def known(value: float, digits: int, unit: str = "") -> str:
    return "not known" if np.isnan(value) else f"{value:.{digits}f}{unit}"


def none_alike(run: str, corpus: str) -> str:
    """What to say where no other run reads the `corpus` of the run in hand, and how to make one."""
    corpus = escape(PurePath(corpus).stem)
    said = f"No other run can be compared with {escape(run)}: none reads its corpus, {corpus}, with the same classes."
    change = "name=other model.hidden=32"
    if run == FIRST_RUN:
        how = f"Make one, for instance with a smaller network: <code>python -m pipeline {change}</code>"
    else:
        how = f"Make one by the command that made {escape(run)}, under another name and with a change, for instance "
        how += f"<code>{change}</code>"
    return f"<p class='empty'>{said} {how}</p>"


def differences_table(differences: pd.DataFrame) -> str:
    """An HTML table of `viewer.data.comparison.differences`: a row a key, a column a run."""
    body = [
        f"<tr><th scope='row'><code>{escape(str(key))}</code></th>"
        + "".join(f"<td>{escape(str(value)) or 'none'}</td>" for value in values)
        + "</tr>"
        for key, values in zip(differences.index, differences.to_numpy().tolist(), strict=True)
    ]
    return sideways(table(("Key", *differences.columns), body), "What differs, a column a run", "across scrolls")


def table(heads: Sequence[str], body: Sequence[str]) -> str:
    columns = "".join(f"<th scope='col'>{escape(str(head))}</th>" for head in heads)
    return f"<table><thead><tr>{columns}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def epoch_words(epoch: int, asked: int) -> str:
    """The epoch at which a run is shown, and that it is its last where it lacks the one asked for."""
    return f"epoch {epoch}" if epoch == asked else f"epoch {epoch} (last)"


def run_rows(readings: dict[str, Reading], asked: int, style: Style, counts: Mapping[str, Counts]) -> dict[str, Any]:
    """One text through several runs, each at the one epoch of its reading: `run | epoch | NEG | confidence | words`.

    asked: the epoch in hand; counts: by run, how often its words were seen in that run's training. The answer is the
    content of the component that draws rows of words.
    """
    lines = [
        Line(
            f"{ROW}{run}",
            number,
            reading,
            epoch,
            (plain(run), plain(epoch_words(epoch, asked)), *said(reading, epoch, style.colors)),
            strip=reading.steps is not None,
        )
        for number, (run, reading) in enumerate(readings.items())
        for epoch in reading.epochs[-1:]
    ]
    texts = [text_json(reading, pieces(reading)) for reading in readings.values()]
    drawn = content(texts, lines, style, [counts[run] for run in readings], list(readings.values()))
    return drawn | {"channels": channels_json([*readings.values()][:1], style.colors)}


def disagreement_words(
    found: Disagreements, one: str, other: str, epochs: tuple[int, int], noun: str = "review"
) -> str:
    """One sentence on how far two runs agree, each at its epoch, as HTML. noun: what an example is called."""
    one, other = escape(one), escape(other)
    at = (
        f"At epoch {epochs[0]}"
        if epochs[0] == epochs[1]
        else f"At epochs {epochs[0]} ({one}) and {epochs[1]} ({other})"
    )
    if not found.compared:
        return f"<p>{at} both runs have no predictions of the same {noun}s.</p>"
    if not found.count:
        return (
            f"<p>{at} both runs predict the same for all {found.compared:,} test {noun}s that they have in common.</p>"
        )
    return (
        f"<p>{at} they disagree on {found.count:,} of {found.compared:,} test {noun}s "
        f"({100 * found.count / found.compared:.1f} %): {one} is right on {found.one_right:,} of them, "
        f"{other} on {found.other_right:,}. Click a row to open that {noun} in Words.</p>"
    )

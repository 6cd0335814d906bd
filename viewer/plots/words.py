"""Readings to the rows of coloured words that the browser draws, as plain JSON: `WordRows.content`.

How it looks follows the paper: green raises, red lowers, grey up to 0.1 of the sequence's own largest impact; opacity
grows with the impact, on one scale for all rows shown together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pipeline.data.words import normal
from viewer.data.reading import Reading, confidence
from viewer.numbers import signed
from viewer.plots.colors import Colors
from viewer.plots.pieces import Aligned, Piece, aligned, pieces, with_missing

LONG = 40  # words; a longer text is written out at one checkpoint only
LEGEND_STEPS = 5
Floats = npt.NDArray[np.float64]
Counts = Mapping[str, tuple[int, Mapping[str, int]]]
Json = dict[str, Any]


@dataclass(frozen=True)
class Style:
    """How rows are coloured. threshold: words up to this share of their sequence's largest impact are grey; each_row:
    every row on a scale of its own."""

    colors: Colors
    measure: Literal["probability", "log-odds"] = "probability"
    threshold: float = 0.1
    each_row: bool = False


@dataclass(frozen=True)
class Line:
    """A row to be drawn: text number `text` at one checkpoint. cells: what stands in front of the words."""

    key: str
    text: int
    reading: Reading
    epoch: int
    cells: tuple[Json, ...]
    strip: bool = False
    current: bool = False


def impacts(reading: Reading, epoch: int, measure: str) -> Floats:
    """(T,) what each word changes at a checkpoint, in probability or in log-odds."""
    table = reading.impact if measure == "probability" else reading.logit_impact()
    return table[reading.epochs.index(epoch), 1:]


def largest(impact: Floats) -> float:
    """The largest |impact|, 0 for no words."""
    return float(np.abs(impact).max(initial=0.0))


def shares(impact: Floats, threshold: float, scale: float) -> Floats:
    """(T,) signed share of `scale` per word, from -1 to 1; exactly 0 for the words that are grey: those up to
    `threshold` of the sequence's own largest |impact|."""
    if scale <= 0:
        return np.zeros(len(impact))
    strong = np.abs(impact) > threshold * largest(impact)
    shown: Floats = np.where(strong, impact / scale, 0.0).clip(-1, 1)
    return shown


def last_crossing(probability: Floats) -> int | None:
    """The last position whose word brings the probability (T + 1,) to the other side of 0.5, where 0.5 is positive."""
    positive = probability >= 0.5
    turns = np.flatnonzero(positive[1:] != positive[:-1])
    return int(turns[-1]) + 1 if len(turns) else None


def checkpoint_rows(reading: Reading, epochs: Sequence[int], current: int, style: Style, counts: Counts) -> Json:
    """One text, a row per checkpoint. Over 40 words it is written out at epoch `current`, the others are strips."""
    long = len(reading.words) > LONG
    lines = [
        Line(
            key=f"epoch-{epoch}",
            text=0,
            reading=reading,
            epoch=epoch,
            cells=(plain(f"Epoch {epoch}"), *said(reading, epoch, style.colors)),
            strip=long and epoch != current,
            current=epoch == current,
        )
        for epoch in epochs
    ]
    lines.sort(key=lambda line: not line.strip)  # what is written out comes last: the strips stay in place
    return content([text_json(reading, pieces(reading))], lines, style, counts, [reading])


def text_rows(readings: Sequence[Reading], epoch: int, style: Style, counts: Counts) -> Json:
    """Many texts at one checkpoint, a row each, with the true label where it is known."""
    lines, texts = [], []
    for number, reading in enumerate(readings):
        cells = said(reading, epoch, style.colors)
        if reading.label is not None:
            wrong = reading.label != reading.predicted(epoch)
            verdict = {"text": "wrong" if wrong else "right", "color": style.colors.wrong if wrong else ""}
            cells = (plain(f"true {reading.label.upper()}"), plain("read as"), cells[0], verdict, cells[1])
        key = f"example-{reading.example}" if reading.example is not None else f"text-{number}"
        lines.append(Line(key, number, reading, epoch, cells))
        texts.append(text_json(reading, pieces(reading, most_unread=20)))
    return content(texts, lines, style, counts, readings) | {"linked": False, "compact": True}


def compared_rows(
    first: Reading, second: Reading, epochs: Sequence[int], current: int, style: Style, counts: Counts
) -> Json:
    """Two texts, a pair of rows per checkpoint, words that belong together in one slot; the second row says by how
    much its probability differs from the first's."""
    slots = aligned(first, second)
    long = max(len(first.words), len(second.words)) > LONG
    lines = []
    for epoch in epochs:
        difference = points(second.final(epoch) - first.final(epoch))
        for number, reading in enumerate((first, second)):
            head = (plain(f"Epoch {epoch}"), plain("first")) if number == 0 else (plain(""), plain("second"))
            lines.append(
                Line(
                    key=f"epoch-{epoch}-{'second' if number else 'first'}",
                    text=number,
                    reading=reading,
                    epoch=epoch,
                    cells=(*head, *said(reading, epoch, style.colors), plain(difference if number else "")),
                    strip=long and epoch != current,
                    current=epoch == current,
                )
            )
    lines.sort(key=lambda line: not line.strip)
    texts = compared_texts(first, second, slots)
    return content(texts, lines, style, counts, (first, second)) | {"slots": slots.slots}


def compared_texts(first: Reading, second: Reading, slots: Aligned) -> list[Json]:
    """Both texts with their slots, with room for words of the other, and as wide as its words where they differ."""
    sides = ((first, slots.first, second, slots.second), (second, slots.second, first, slots.first))
    found = []
    for own, own_slots, other, other_slots in sides:
        spelled = {slot: other.spelled(t) for t, slot in enumerate(other_slots, 1)}
        parts, left_out = pieces(own)
        roomy = with_missing(parts, own_slots, other_slots, list(spelled.values()))
        ghosts = [
            spelled[slot] if spelled.get(slot, own.spelled(t)) != own.spelled(t) else ""
            for t, slot in enumerate(own_slots, 1)
        ]
        found.append(text_json(own, (roomy, left_out)) | {"slots": list(own_slots), "ghosts": ghosts})
    return found


def text_json(reading: Reading, cut: tuple[Sequence[Piece], int]) -> Json:
    """A text as the browser gets it, without what a checkpoint says of it."""
    parts, left_out = cut
    return {
        "pieces": [[piece.kind, piece.text] for piece in parts],
        "left_out": left_out,
        "unread": len(reading.unread),
        "known": [word.known for word in reading.words],
        "slots": list(range(1, len(reading.words) + 1)),
        "ghosts": [],
    }


def content(
    texts: list[Json], lines: Sequence[Line], style: Style, counts: Counts, readings: Sequence[Reading]
) -> Json:
    """Everything that one drawing of rows needs."""
    top = max((largest(impacts(line.reading, line.epoch, style.measure)) for line in lines), default=0.0)
    frequencies: dict[str, int] = {}
    for text, reading in zip(texts, readings, strict=True):
        text["seen"] = [
            frequencies.setdefault(seen(reading.spelled(t), word.known, counts), len(frequencies))
            for t, word in enumerate(reading.words, 1)
        ]
    return {
        "rows": [row_json(line, style, top) for line in lines],
        "texts": texts,
        "frequencies": list(frequencies),
        "positive": readings[0].positive.upper() if readings else "",
        "slots": max((len(reading.words) for reading in readings), default=0),
        "linked": True,
        "compact": False,
        "legend": legend(readings, style, top, any(line.strip for line in lines)) if readings else {},
        "colors": {
            "text": style.colors.text,
            "neutral": style.colors.neutral,
            "raises": style.colors.raises,
            "lowers": style.colors.lowers,
        },
    }


def row_json(line: Line, style: Style, top: float) -> Json:
    """One row: a colour, a signed bar and the numbers of every word."""
    impact = impacts(line.reading, line.epoch, style.measure)
    share = shares(impact, style.threshold, largest(impact) if style.each_row else top)
    place = line.reading.epochs.index(line.epoch)
    return {
        "key": line.key,
        "text": line.text,
        "epoch": line.epoch,
        "cells": list(line.cells),
        "name": ", ".join(cell["text"] for cell in line.cells if cell["text"]),
        "strip": line.strip,
        "current": line.current,
        "colors": [style.colors.neutral if s == 0 else style.colors.tint(abs(s), int(np.sign(s))) for s in share],
        "bars": np.round(share, 3).tolist(),
        "probability": np.round(line.reading.probability[place], 6).tolist(),
        "logit": np.round(line.reading.logit[place], 4).tolist(),
        "crossing": last_crossing(line.reading.probability[place]),
    }


def legend(readings: Sequence[Reading], style: Style, top: float, strips: bool) -> Json:
    """What colours, bars and marks mean; the colours from strongest lowering to strongest raising."""
    steps = np.linspace(0, 1, LEGEND_STEPS)
    if style.each_row:
        ends = ["the row's largest", "the row's largest"]
    else:
        ends = [size(-top, style.measure), size(top, style.measure)]
    marks = [f"grey: at most {round(100 * style.threshold, 1):g} % of the row's largest"]
    if any(not word.known for reading in readings for word in reading.words):
        marks.append("dotted: not in the vocabulary")
    if any(reading.unread for reading in readings):
        marks.append("pale: not read")
    if strips:
        marks.append("▾ last crossing of 0.5")
    return {
        "positive": readings[0].positive.upper(),
        "lowering": [style.colors.tint(share, -1) for share in steps[::-1]],
        "neutral": style.colors.neutral,
        "raising": [style.colors.tint(share, 1) for share in steps],
        "ends": ends,
        "marks": marks,
    }


def said(reading: Reading, epoch: int, shades: Colors) -> tuple[Json, ...]:
    """The cells with the predicted class and the confidence."""
    predicted = reading.predicted(epoch)
    color = shades.raises if predicted == reading.positive else shades.lowers
    sure = confidence(reading.final(epoch))
    return {"text": predicted.upper(), "color": color}, plain(f"confidence {sure:.2f}")


def plain(text: str) -> Json:
    return {"text": text, "color": ""}


def size(value: float, measure: str) -> str:
    """A change with its unit: percentage points, or log-odds (nats)."""
    return points(value) if measure == "probability" else f"{signed(value, 2)} log-odds"


def points(value: float) -> str:
    return f"{signed(100 * value, 1)} points"


def seen(word: str, known: bool, counts: Counts) -> str:
    """How often the network met a word in training, as a sentence."""
    if not known:
        return "not in the vocabulary: the network reads it as an unknown word"
    total, by_class = counts.get(normal(word), (0, {}))
    if not total:
        return "in the vocabulary"
    parts = ", ".join(f"{count:,} in {name.upper()}" for name, count in by_class.items())
    return f"seen {total:,} times in training: {parts}"

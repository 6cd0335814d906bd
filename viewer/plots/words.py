"""Readings to the rows of coloured words, or of steps, that the browser draws, as plain JSON: `WordRows.content`.

How it looks follows the paper: green raises, red lowers, grey up to 0.1 of the sequence's own largest impact; opacity
grows with the impact, on one scale for all rows shown together. With more than two classes a word has the colour and
the sign of the class it pulls towards most.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipeline.data.words import normal
from viewer.data.left_out import LeftOut
from viewer.data.reading import Reading
from viewer.numbers import numbers
from viewer.plots.channels import channels_json
from viewer.plots.colors import Colors
from viewer.plots.left_out import disagreements, left_out_json, told
from viewer.plots.legends import legend, points
from viewer.plots.marks import marks
from viewer.plots.moves import Moves, largest, last_turn, moves, of_changes, shares
from viewer.plots.pieces import Aligned, Piece, aligned, pieces, with_missing
from viewer.plots.style import Style

__all__ = ["Line", "Style", "checkpoint_rows", "compared_rows", "content", "text_rows"]

LONG = 40  # words; a longer text is written out at one checkpoint only
Counts = Mapping[str, tuple[int, Mapping[str, int]]]
Json = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A row to be drawn: text number `text` at one checkpoint. cells: what stands in front of the words; left_out: what
    its words change if they are left out of the whole, instead of as they are read; disputes: see the file of the name.
    """

    key: str
    text: int
    reading: Reading
    epoch: int
    cells: tuple[Json, ...]
    strip: bool = False
    current: bool = False
    left_out: LeftOut | None = None
    disputes: tuple[str, ...] = ()


def drawn_as_strip(reading: Reading, epoch: int, current: int) -> bool:
    """Steps have no spelling; a long text is written out at the epoch in hand."""
    return reading.steps is not None or (len(reading.words) > LONG and epoch != current)


def checkpoint_rows(
    reading: Reading,
    epochs: Sequence[int],
    current: int,
    style: Style,
    counts: Counts,
    left_out: LeftOut | None = None,
) -> Json:
    """One text, a row per checkpoint. Over 40 words it is written out at epoch `current`, the others are strips; steps
    are strips under the chart of their channels. left_out: a row of leave-one-out under that of epoch `current`, of a
    long text a strip above it, as the end of the text may be far below; and signs in both where they disagree."""
    signs: tuple[str, ...] = ()
    if left_out is not None:
        signs = disagreements(reading, left_out, current, style)
    lines = [
        Line(
            key=f"epoch-{epoch}",
            text=0,
            reading=reading,
            epoch=epoch,
            cells=(plain(f"Epoch {epoch}"), *said(reading, epoch, style.colors)),
            strip=drawn_as_strip(reading, epoch, current),
            current=epoch == current,
            disputes=signs if epoch == current else (),
        )
        for epoch in epochs
    ]
    lines.sort(key=lambda line: not line.strip)  # what is written out comes last: the strips stay in place
    if left_out is not None:
        place = next(number for number, line in enumerate(lines) if line.current)
        beside = left_out_line(lines[place], left_out)
        lines.insert(place if beside.strip and not lines[place].strip else place + 1, beside)
    drawn = content([text_json(reading, pieces(reading))], lines, style, [counts], [reading])
    return drawn | {"channels": channels_json([reading], style.colors)}


def left_out_line(line: Line, left_out: LeftOut) -> Line:
    """The row of leave-one-out beside a row: of a long text a strip."""
    disagree = sum(1 for sign in line.disputes if sign)
    cells = (plain(""), plain("left out"), plain("1 disagrees" if disagree == 1 else f"{disagree} disagree"))
    strip = line.strip or len(line.reading.words) > LONG
    return replace(line, key=f"{line.key}-without", cells=cells, current=False, strip=strip, left_out=left_out)


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
        lines.append(Line(key, number, reading, epoch, cells, strip=reading.steps is not None))
        texts.append(text_json(reading, pieces(reading, most_unread=20)))
    return content(texts, lines, style, [counts] * len(texts), readings) | {"linked": False, "compact": True}


def compared_rows(
    first: Reading, second: Reading, epochs: Sequence[int], current: int, style: Style, counts: Counts
) -> Json:
    """Two texts, a pair of rows per checkpoint, words that belong together in one slot; the second row says by how
    much its probability differs from the first's."""
    slots = aligned(first, second)
    strips = {epoch: any(drawn_as_strip(reading, epoch, current) for reading in (first, second)) for epoch in epochs}
    lines = []
    for epoch in epochs:
        asked = first.asked(style.about, epoch)
        difference = points(second.final(epoch, asked) - first.final(epoch, asked))
        if first.many:
            difference += f" of {marks(first.classes)[first.classes.index(asked)]}"
        for number, reading in enumerate((first, second)):
            head = (plain(f"Epoch {epoch}"), plain("first")) if number == 0 else (plain(""), plain("second"))
            lines.append(
                Line(
                    key=f"epoch-{epoch}-{'second' if number else 'first'}",
                    text=number,
                    reading=reading,
                    epoch=epoch,
                    cells=(*head, *said(reading, epoch, style.colors), plain(difference if number else "")),
                    strip=strips[epoch],
                    current=epoch == current,
                )
            )
    lines.sort(key=lambda line: not line.strip)
    texts = compared_texts(first, second, slots)
    drawn = content(texts, lines, style, [counts] * 2, (first, second))
    return drawn | {"slots": slots.slots, "channels": channels_json([first, second], style.colors)}


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
    texts: list[Json], lines: Sequence[Line], style: Style, counts: Sequence[Counts], readings: Sequence[Reading]
) -> Json:
    """Everything that one drawing of rows needs. counts, readings: one for each of the texts."""
    moved = [line_moves(line, style) for line in lines]
    tops = max((one.strongest for one in moved), default=0.0), max((largest(one.change) for one in moved), default=0.0)
    weight = max((float(one.attention.max()) for one in readings if one.attention is not None), default=0.0)
    frequencies: dict[str, int] = {}
    for text, reading, of_words in zip(texts, readings, counts, strict=True):
        text["seen"] = [
            frequencies.setdefault(seen(reading.spelled(t), word.known, of_words), len(frequencies))
            for t, word in enumerate(reading.words, 1)
            if reading.steps is None
        ]
    key: Json = {}
    if readings:
        key = legend(readings, style, tops, weight, any(line.strip for line in lines), moved)
        key["marks"] += next((told(line.reading.element, line.disputes) for line in lines if line.left_out), [])
    return {
        "rows": [row_json(line, one, style, tops, weight) for line, one in zip(lines, moved, strict=True)],
        "texts": texts,
        "frequencies": list(frequencies),
        "slots": max((len(reading.words) for reading in readings), default=0),
        "linked": True,
        "compact": False,
        "channels": None,
        "element": readings[0].element if readings else "word",
        "legend": key,
        "colors": {
            "text": style.colors.text,
            "neutral": style.colors.neutral,
            "raises": style.colors.raises,
            "lowers": style.colors.lowers,
            "bar": style.colors.muted,
        },
    }


def line_moves(line: Line, style: Style) -> Moves:
    if line.left_out is None:
        return moves(line.reading, line.epoch, style.measure, style.about)
    return of_changes(line.reading, line.epoch, line.left_out.changes(style.measure), style.about)


def row_json(line: Line, moved: Moves, style: Style, tops: tuple[float, float], weight: float) -> Json:
    """One row: a colour, a signed bar and the numbers of every word."""
    reading, place = line.reading, line.reading.place(line.epoch)
    asked = reading.classes.index(moved.asked)
    share = shares(moved.change, style.threshold, largest(moved.change) if style.each_row else tops[1])
    found: Json = {
        "key": line.key,
        "text": line.text,
        "epoch": line.epoch,
        "cells": list(line.cells),
        "name": ", ".join(cell["text"] for cell in line.cells if cell["text"]),
        "strip": line.strip,
        "current": line.current,
        "asked": moved.asked.upper(),
        "many": reading.many,
        "colors": [style.colors.neutral if s == 0 else style.colors.tint(abs(s), int(np.sign(s))) for s in share],
        "bars": np.round(share, 3).tolist(),
        "probability": numbers(reading.probabilities[place, :, asked], 6),
        "logit": numbers(reading.logits[place, :, asked], 4),
        "crossing": last_turn(reading.predictions(line.epoch)),
        "disputes": list(line.disputes),
    }
    if line.left_out is not None:
        found |= left_out_json(line.left_out, asked)
    if moved.pull is not None and moved.toward is not None:
        found |= pulled_json(line, moved, style, moved.strongest if style.each_row else tops[0])
    if reading.attention is not None and line.left_out is None:
        found["weights"] = numbers(reading.attention[place], 4)
        found["weight_colors"] = [style.colors.at(one / weight if weight else 0.0) for one in reading.attention[place]]
    return found


def pulled_json(line: Line, moved: Moves, style: Style, top: float) -> Json:
    """Colour and sign of the class that every word pulls towards, and what is said of that class: probability before
    and after, log-odds before and after."""
    assert moved.pull is not None
    assert moved.toward is not None
    reading, place = line.reading, line.reading.place(line.epoch)
    strength = shares(moved.pull, style.threshold, top)
    signs, count = marks(reading.classes), len(reading.classes)
    word = np.arange(len(strength))
    if line.left_out is None:
        pairs = [(table[place, :-1], table[place, 1:]) for table in (reading.probabilities, reading.logits)]
    else:
        pairs = line.left_out.pairs
    before, after = ([numbers(pair[step][word, moved.toward], 6) for pair in pairs] for step in (0, 1))
    return {
        "colors": [
            style.colors.class_tint(s, int(number), count) if s > 0 else style.colors.neutral
            for s, number in zip(strength, moved.toward, strict=True)
        ],
        "marks": [signs[number] if s > 0 else "" for s, number in zip(strength, moved.toward, strict=True)],
        "toward": [reading.classes[number].upper() for number in moved.toward],
        "pulled": [list(told) for told in zip(before[0], after[0], before[1], after[1], strict=True)],
    }


def said(reading: Reading, epoch: int, shades: Colors) -> tuple[Json, ...]:
    """The cells with the predicted class and the confidence."""
    number = int(reading.predictions(epoch)[-1])
    if number < 0:
        return plain("no answer"), plain("")
    color = shades.classes(len(reading.classes))[number]
    return {"text": reading.classes[number].upper(), "color": color}, plain(
        f"confidence {reading.confidence(epoch):.2f}"
    )


def plain(text: str) -> Json:
    return {"text": text, "color": ""}


def seen(word: str, known: bool, counts: Counts) -> str:
    """How often the network met a word in training, as a sentence."""
    if not known:
        return "not in the vocabulary: the network reads it as an unknown word"
    total, by_class = counts.get(normal(word), (0, {}))
    if not total:
        return "in the vocabulary"
    parts = ", ".join(f"{count:,} in {name.upper()}" for name, count in by_class.items())
    return f"seen {total:,} times in training: {parts}"

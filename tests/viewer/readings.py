"""Readings made by hand: any text, and what a network says of it at any number of checkpoints."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from pipeline.data.words import spans
from viewer.data.reading import Reading, Word, both
from viewer.data.steps import lines, written

# Texts of everything that was ever typed.
SOUP = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(["<br />", "<BR>", "<b>", "not", "boring", "😀", "هذا", "l'eau", "\n", "  ", "<script>"]),
    ),
    max_size=12,
).map("".join)


def many(
    text: str,
    probabilities: Sequence[Sequence[Sequence[float]]],
    classes: Sequence[str],
    epochs: Sequence[int] = (0,),
    **more: object,
) -> Reading:
    """A text in more than two classes. probabilities: per epoch and per 0, 1, ... words, one for each class."""
    said = np.array(probabilities, dtype=float)
    impacts = np.full_like(said, np.nan)
    impacts[:, 1:] = np.diff(said, axis=1)
    with np.errstate(divide="ignore"):
        odds = np.log(said) - np.log(1 - said)
    words = tuple(Word(start, stop, True) for start, stop in spans(text))
    return Reading(text, words, (), tuple(epochs), said, odds, impacts, tuple(classes), classes[-1], **more)  # type: ignore[arg-type]


def of_steps(steps: Sequence[Sequence[float]], probabilities: Sequence[Sequence[Sequence[float]]]) -> Reading:
    """A sequence of numbers in classes a, b, ..."""
    text = written(steps)
    classes = "abcdefghi"[: len(probabilities[0][0])]
    words = tuple(Word(start, stop, True) for start, stop in lines(text))
    found = many("", probabilities, list(classes), range(len(probabilities)))
    return replace(found, text=text, words=words, steps=np.array(steps, dtype=float))


def reading(
    text: str,
    probabilities: Sequence[Sequence[float]] | None = None,
    epochs: Sequence[int] = (0,),
    cut: int | None = None,
    unknown: Sequence[int] = (),
    **more: object,
) -> Reading:
    """probabilities: after 0, 1, ... words, a row per epoch (0.5 everywhere unless given); cut: words that are read;
    unknown: positions of unknown words."""
    found = spans(text)
    words = tuple(Word(start, stop, t not in unknown) for t, (start, stop) in enumerate(found[:cut], 1))
    given = [[0.5] * (len(words) + 1)] * len(epochs) if probabilities is None else probabilities
    probability = np.array(given, dtype=float)
    impact = np.full_like(probability, np.nan)
    impact[:, 1:] = np.diff(probability, axis=1)
    probabilities, logits, impacts = both(
        *(one[..., None] for one in (probability, np.log(probability / (1 - probability)), impact))
    )
    return Reading(
        text=text,
        words=words,
        unread=tuple(found[len(words) :]),
        epochs=tuple(epochs),
        probabilities=probabilities,
        logits=logits,
        impacts=impacts,
        classes=("neg", "pos"),
        positive="pos",
        **more,  # type: ignore[arg-type]
    )

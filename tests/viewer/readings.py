"""Readings made by hand: any text, and what a network says of it at any number of checkpoints."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from pipeline.data.words import spans
from viewer.data.reading import Reading, Word, both

# Texts of everything that was ever typed.
SOUP = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(["<br />", "<BR>", "<b>", "not", "boring", "😀", "هذا", "l'eau", "\n", "  ", "<script>"]),
    ),
    max_size=12,
).map("".join)


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

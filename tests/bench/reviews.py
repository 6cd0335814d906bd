"""Real reviews and networks of the paper's shape for the bench: time does not depend on what the weights are."""

from functools import cache
from itertools import islice

import numpy as np
import torch

from pipeline.data import corpora
from pipeline.data.sequences import Sequences, find_words
from pipeline.data.words import most_frequent
from pipeline.models import networks
from pipeline.models.networks import LSTMClassifier
from pipeline.stages.compose import composed

CONFIG = composed("paper")


@cache
def reviews(count: int, split: str) -> Sequences:
    """The first `count` reviews of every class of a split, encoded as the run `paper` reads them."""
    corpus = corpora.load(CONFIG.corpus).table
    chosen = []
    for label in CONFIG.corpus.classes:
        here = (corpus["split"].to_numpy() == split) & (corpus["label"].to_numpy() == label)
        chosen += list(islice(np.flatnonzero(here), count))
    table = corpus.take(sorted(chosen))
    texts = table["text"].to_pylist()
    words = find_words(texts, CONFIG.corpus.max_length)
    spelled = [words.of(row, text) for row, text in enumerate(texts)]
    vocabulary = most_frequent(spelled, CONFIG.corpus.vocabulary)
    labels = np.array([CONFIG.corpus.classes.index(label) for label in table["label"].to_pylist()], dtype=np.int64)
    elements = np.concatenate([vocabulary.encode(spelling) for spelling in spelled])
    return Sequences(table["example"].to_numpy().astype(np.int64), labels, elements, words.offsets)


def network(seed: int = 0) -> LSTMClassifier:
    """The paper's network, untrained."""
    torch.manual_seed(seed)
    built = networks.build(CONFIG.model.network, CONFIG.model.arguments, CONFIG.corpus.vocabulary + 2, outputs=1)
    assert isinstance(built, LSTMClassifier)
    return built.eval()

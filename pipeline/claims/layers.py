"""What the claims call the layers of the paper's network."""

EMBEDDING, LSTM, DENSE = "embedding", "lstm", "dense"  # module paths in pipeline.models.networks.LSTMClassifier
TITLES = {EMBEDDING: "word vectors", LSTM: "LSTM state", DENSE: "hidden layer"}
AGAIN = "build the maps of the run again: python -m pipeline.stages.maps NAME"


def title(layer: str) -> str:
    return TITLES.get(layer, layer)


def capitalized(layer: str) -> str:
    """The title at the start of a sentence."""
    return f"{title(layer)[:1].upper()}{title(layer)[1:]}"

"""What the claims call the layers of the paper's network."""

EMBEDDING, LSTM, DENSE = "embedding", "lstm", "dense"  # module paths in pipeline.models.networks.LSTMClassifier
TITLES = {EMBEDDING: "word vectors", LSTM: "LSTM state", DENSE: "hidden layer"}


def title(layer: str) -> str:
    return TITLES.get(layer, layer)

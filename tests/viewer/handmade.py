"""Runs whose tables are written by hand, in a moment: for what the built run does not have."""

from pathlib import Path

import torch
from torch import nn

from pipeline import config, store
from pipeline.config import Config
from pipeline.data.words import FIRST_WORD, UNKNOWN, UNKNOWN_WORD, Vocabulary, spans
from pipeline.models import checkpoints
from pipeline.store import Run
from viewer.data.source import Source

WORDS = ("good", "bad", "not", "film")


class Counting(nn.Module):
    """Not causal in form, offers no single pass: output k is weight k of every word it has read, summed."""

    def __init__(self, tokens: int, outputs: int) -> None:
        super().__init__()
        self.weights = nn.Embedding(tokens, outputs)

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        read = torch.arange(inputs.shape[1])[None] < lengths[:, None]
        return (self.weights(inputs) * read[..., None]).sum(dim=1)


class Hand:
    """A run named `hand` in `artifacts` with two epochs, 0 and 1; further tables are written by the tests."""

    def __init__(self, artifacts: Path, classes: list[str], **changes: object) -> None:
        self.run, self.classes, self.vocabulary = Run("hand", artifacts), classes, Vocabulary(WORDS)
        self.config = self.configured(changes)
        store.write_text(self.run.config, config.text(self.config))
        outputs = [len(classes) > 2 or name == classes[-1] for name in classes]
        self.run.write("classes", {"class": classes, "ordinal": range(len(classes)), "is_output": outputs})
        self.run.write("layers", {"layer": ["weights"], "ordinal": [0], "width": [sum(outputs)], "pooling": ["mean"]})
        scores = {"epoch": [0, 1], "split": ["test"] * 2, "metric": ["accuracy"] * 2, "value": [0.5, 0.9]}
        self.run.write("metrics", scores)
        self.run.write(
            "vocabulary",
            {
                "word": [UNKNOWN_WORD, *WORDS],
                "token": range(UNKNOWN, FIRST_WORD + len(WORDS)),
                "count": [0, 9, 7, 5, 3],
                "counts": [[(name, count) for name, count in zip(classes, (n, 0, 0), strict=False)] for n in range(5)],
            },
        )
        self.networks = [self.network(epoch) for epoch in (0, 1)]

    @property
    def source(self) -> Source:
        return Source(self.run.artifacts)

    def configured(self, changes: dict[str, object]) -> Config:
        values = {
            "name": "hand",
            "seed": 1,
            "corpus": {
                "file": "hand.parquet", "id": None, "text": "text", "label": "label", "split": None,
                "classes": self.classes, "test": 0.5, "validation": 0.1, "seed": 0, "vocabulary": 4, "max_length": 6,
            },
            "model": {"network": "tests.viewer.handmade.Counting"},
            "trainer": {
                "epochs": 1, "batch_size": 2, "learning_rate": 0.1, "schedule": "constant", "gradient_norm": 1.0,
            },
            "impacts": {"epochs": [0, 1], "examples": "all", "batch_size": 2, "checked": 1},
            "maps": {"layers": {"weights": "mean"}, "examples": 8, "graph_neighbors": 3, "listed_neighbors": 3},
        }  # fmt: skip
        return config.checked(values | changes)

    def network(self, epoch: int) -> nn.Module:
        """A network with random weights, saved as the checkpoint of `epoch`."""
        description = checkpoints.describe(self.config, self.run)
        torch.manual_seed(epoch)
        network = description.build()
        checkpoints.save(self.run.checkpoint(epoch), network, description, epoch)
        return network

    def examples(self, texts: list[str], labels: list[str]) -> None:
        """Tables examples, elements and mapped (every second example)."""
        found = [spans(text)[: self.config.corpus.max_length] for text in texts]
        count = len(texts)
        self.run.write(
            "examples",
            {
                "example": range(count), "id": [f"hand/{row}" for row in range(count)], "split": ["test"] * count,
                "label": labels, "text": texts, "attributes": [[]] * count, "steps": [None] * count,
                "length": [len(some) for some in found], "original_length": [len(spans(text)) for text in texts],
                "seen": [False] * count,
            },
        )  # fmt: skip
        rows = [
            (row, place, texts[row][start:stop], start, stop)
            for row, some in enumerate(found)
            for place, (start, stop) in enumerate(some, 1)
        ]
        example, position, element, start, stop = (list(column) for column in zip(*rows, strict=True))
        tokens = self.vocabulary.encode(element)
        self.run.write(
            "elements",
            {
                "example": example, "position": position, "element": element, "start": start, "stop": stop,
                "known": tokens != UNKNOWN, "token": tokens,
            },
        )  # fmt: skip
        self.run.write("mapped", {"example": range(0, count, 2)})

    def predictions(self, said: dict[int, list[dict[str, float]]]) -> None:
        """Table predictions from {epoch: for each example, {class: probability}} of the classes with an output."""
        rows = []
        for epoch, probabilities in said.items():
            for example, by_class in enumerate(probabilities):
                everything = (
                    by_class if len(by_class) > 1 else {self.classes[0]: 1 - sum(by_class.values()), **by_class}
                )
                predicted = max(everything, key=lambda name: everything[name])
                rows += [(epoch, example, name, value, predicted) for name, value in by_class.items()]
        names = ("epoch", "example", "class", "probability", "predicted")
        self.run.write("predictions", dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))

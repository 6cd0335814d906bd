"""The tables of a run as plain Python rows, read by pyarrow alone: what DuckDB and our own readers are held to."""

from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import nn

from pipeline import config
from pipeline.config import Config
from pipeline.models import networks
from pipeline.store import Run


class Stored:
    """One run in the working directory."""

    def __init__(self, name: str) -> None:
        self.run = Run(name)

    @property
    def config(self) -> Config:
        return config.read(self.run.config)

    def table(self, name: str) -> pa.Table:
        return pq.read_table(self.run.path(name), partitioning=None)

    def rows(self, name: str, **equal: Any) -> list[dict[str, Any]]:
        """The rows of a table in which the named columns have the given values."""
        return [row for row in self.table(name).to_pylist() if all(row[key] == equal[key] for key in equal)]

    @cached_property
    def mapped(self) -> list[dict[str, Any]]:
        """The rows of the mapped examples."""
        numbers = set(self.table("mapped")["example"].to_pylist())
        return [row for row in self.rows("examples") if row["example"] in numbers]

    def judged(self, epoch: int) -> dict[int, dict[str, Any]]:
        """{example: its row with what is said of it at the epoch}, of a run with two classes."""
        said = {row["example"]: row for row in self.rows("predictions", epoch=epoch)}
        found = {}
        for row in self.rows("examples"):
            answer = said[row["example"]]
            confidence = abs(2 * answer["probability"] - 1)
            found[row["example"]] = row | {"predicted": answer["predicted"], "confidence": confidence}
        return found

    def network(self, epoch: int) -> nn.Module:
        """The network of a checkpoint, loaded without our own reader."""
        content = torch.load(self.run.checkpoint(epoch), weights_only=True)
        description = content["description"]
        given = {name: description[name] for name in ("tokens", "channels", "outputs") if name in description}
        network = networks.find(description["network"])(**given, **description["arguments"])
        network.load_state_dict(content["weights"])
        return network.eval()

    @cached_property
    def tokens_of(self) -> dict[int, torch.Tensor]:
        """{example: (1, length) ids of its words}."""
        found: dict[int, list[int]] = {}
        for row in self.rows("elements"):
            found.setdefault(row["example"], []).append(row["token"])
        return {example: torch.tensor([tokens]) for example, tokens in found.items()}

    def tokens(self, example: int) -> torch.Tensor:
        return self.tokens_of[example]

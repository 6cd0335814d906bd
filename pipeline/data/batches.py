"""Batches of similar lengths, the same for the same seed and epoch, and the Lightning DataModule that serves them."""

from collections.abc import Iterator

import numpy as np
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from pipeline.data.sequences import Ints, Sequences

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]
POOL = 50  # batches whose examples are sorted together: similar lengths, yet another mixture every epoch
EVALUATION_BATCH = 64
EVALUATED = ("train", "validation", "test")


def by_length(lengths: Ints, size: int) -> list[Ints]:
    """All rows in batches of `size`, shortest first."""
    order = np.argsort(lengths, kind="stable")
    return [order[start : start + size] for start in range(0, len(order), size)]


class SimilarLengths(Sampler[list[int]]):
    """Every row once an epoch, in shuffled batches whose sequences are of similar length.

    The order depends on the seed and the epoch alone, so that a resumed training meets the same batches.
    Lightning calls `set_epoch`.
    """

    def __init__(self, lengths: Ints, size: int, seed: int) -> None:
        self.lengths, self.size, self.seed, self.epoch = lengths, size, seed, 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.size)

    def __iter__(self) -> Iterator[list[int]]:
        random = np.random.default_rng([self.seed, self.epoch])
        order = random.permutation(len(self.lengths))
        batches = []
        for start in range(0, len(order), self.size * POOL):
            pool = order[start : start + self.size * POOL]
            batches += [pool[batch].tolist() for batch in by_length(self.lengths[pool], self.size)]
        return iter([batches[number] for number in random.permutation(len(batches))])


class Padded(Dataset[Batch]):
    """Lists of rows to padded batches: rows, inputs, lengths, labels."""

    def __init__(self, sequences: Sequences) -> None:
        self.sequences = sequences

    def __getitem__(self, rows: list[int]) -> Batch:
        inputs, lengths = self.sequences.padded(rows)
        return torch.tensor(rows), inputs, lengths, torch.from_numpy(self.sequences.labels[rows])


class Batches(pl.LightningDataModule):
    """Shuffled training batches, and the three splits in order of length for evaluation."""

    def __init__(self, splits: dict[str, Sequences], batch_size: int, seed: int) -> None:
        super().__init__()
        self.splits, self.batch_size, self.seed = splits, batch_size, seed

    def train_dataloader(self) -> DataLoader[Batch]:
        train = self.splits["train"]
        sampler = SimilarLengths(train.lengths, self.batch_size, self.seed)
        return DataLoader(Padded(train), sampler=sampler, batch_size=None)

    def val_dataloader(self) -> list[DataLoader[Batch]]:
        """One loader a split, in the order of EVALUATED."""
        return [evaluation_loader(self.splits[name]) for name in EVALUATED]


def evaluation_loader(sequences: Sequences) -> DataLoader[Batch]:
    batches = [rows.tolist() for rows in by_length(sequences.lengths, EVALUATION_BATCH)]
    return DataLoader(Padded(sequences), sampler=batches, batch_size=None)

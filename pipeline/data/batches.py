"""Batches of similar lengths, the same for the same seed and epoch, and the Lightning DataModule that serves them."""

from collections.abc import Iterator

import numpy as np
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from pipeline.data.sequences import Ints, Sequences

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]
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
    """Lists of rows to padded batches: rows, inputs, lengths, labels, weight.

    Of several processes each reads its own share of every list: together they learn from the batches that one would
    read alone. weight: a number; the mean over the processes of a mean over the share times this is the mean over the
    list. It is 0 for a process that no row is left for: it reads the first once more, to keep step with the others.
    """

    def __init__(self, sequences: Sequences, process: int = 0, processes: int = 1) -> None:
        self.sequences, self.process, self.processes = sequences, process, processes

    def __getitem__(self, rows: list[int]) -> Batch:
        share = rows[self.process :: self.processes]
        weight = torch.tensor(len(share) * self.processes / len(rows))
        read = share or rows[:1]
        inputs, lengths = self.sequences.padded(read)
        return torch.tensor(read), inputs, lengths, torch.from_numpy(self.sequences.labels[read]), weight


class Batches(pl.LightningDataModule):
    """Shuffled training batches, and the three splits in order of length for evaluation."""

    def __init__(self, splits: dict[str, Sequences], batch_size: int, seed: int) -> None:
        super().__init__()
        self.splits, self.batch_size, self.seed = splits, batch_size, seed

    def train_dataloader(self) -> DataLoader[Batch]:
        train = self.splits["train"]
        sampler = SimilarLengths(train.lengths, self.batch_size, self.seed)
        return DataLoader(self.padded(train), sampler=sampler, batch_size=None)

    def val_dataloader(self) -> list[DataLoader[Batch]]:
        """One loader a split, in the order of EVALUATED."""
        return [self.evaluation_loader(self.splits[name]) for name in EVALUATED]

    def evaluation_loader(self, sequences: Sequences) -> DataLoader[Batch]:
        batches = [rows.tolist() for rows in by_length(sequences.lengths, EVALUATION_BATCH)]
        return DataLoader(self.padded(sequences), sampler=batches, batch_size=None)

    def padded(self, sequences: Sequences) -> Padded:
        """What this process reads of the sequences: all, unless a trainer has started several."""
        if self.trainer is None:
            return Padded(sequences)
        return Padded(sequences, self.trainer.global_rank, self.trainer.world_size)

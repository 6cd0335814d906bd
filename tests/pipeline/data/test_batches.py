"""What is in the batches, and that they depend on seed and epoch alone."""

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.data.batches import EVALUATED, Batches, Padded, SimilarLengths, by_length
from pipeline.data.sequences import Sequences


def sequences(lengths, seed=0):
    lengths = np.array(lengths, dtype=np.int64)
    random = np.random.default_rng(seed)
    return Sequences(
        examples=np.arange(len(lengths), dtype=np.int64),
        labels=random.integers(0, 2, len(lengths)),
        elements=random.integers(1, 50, lengths.sum()).astype(np.int32),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    )


def epoch(lengths, size, seed=0, number=0):
    sampler = SimilarLengths(np.array(lengths), size, seed)
    sampler.set_epoch(number)
    return list(sampler)


MANY = np.random.default_rng(0).integers(1, 400, 1000)


def test_by_length_goes_from_the_shortest_to_the_longest_and_keeps_the_order_of_ties():
    assert [rows.tolist() for rows in by_length(np.array([5, 1, 3, 1, 5]), 2)] == [[1, 3], [2, 0], [4]]
    assert by_length(np.array([], dtype=np.int64), 2) == []


@given(st.lists(st.integers(0, 30), max_size=300), st.integers(1, 7), st.integers(0, 5))
def test_every_row_is_in_exactly_one_batch_of_an_epoch(lengths, size, number):
    batches = epoch(lengths, size, number=number)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    assert max(map(len, batches), default=0) <= size


@given(st.integers(1, 300), st.integers(1, 7))
def test_the_length_of_the_sampler_is_its_number_of_batches(count, size):
    lengths = np.arange(count) % 11
    assert len(SimilarLengths(lengths, size, 0)) == len(epoch(lengths, size)) == -(-count // size)


def test_the_same_seed_and_epoch_give_the_same_batches_and_others_give_others():
    first = epoch(MANY, 16, seed=1, number=4)
    assert first == epoch(MANY, 16, seed=1, number=4)
    for other in (epoch(MANY, 16, seed=1, number=5), epoch(MANY, 16, seed=2, number=4)):
        assert {frozenset(batch) for batch in first} != {frozenset(batch) for batch in other}


def test_batches_of_an_epoch_do_not_depend_on_the_epochs_before_it():
    sampler = SimilarLengths(MANY, 16, 3)
    for number in range(3):
        sampler.set_epoch(number)
        batches = list(sampler)
    assert batches == epoch(MANY, 16, seed=3, number=2)


def test_lengths_within_a_batch_are_far_more_alike_than_in_random_batches():
    spread = np.mean([np.ptp(MANY[batch]) for batch in epoch(MANY, 16)])
    order = np.random.default_rng(0).permutation(1000)
    by_chance = np.mean([np.ptp(MANY[order[start : start + 16]]) for start in range(0, 1000, 16)])
    assert spread < by_chance / 10


def test_batches_come_in_no_order_of_length():
    means = [MANY[batch].mean() for batch in epoch(MANY, 16)]
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.4


@pytest.fixture
def data():
    splits = {name: sequences([3, 1, 4, 1, 5, 9, 2, 6], seed) for seed, name in enumerate(EVALUATED)}
    return Batches(splits, batch_size=3, seed=0)


def test_training_batches_hold_the_padded_sequences_and_labels_of_their_rows(data):
    train = data.splits["train"]
    seen = []
    for rows, inputs, lengths, labels, weight in data.train_dataloader():
        assert weight == 1
        seen += rows.tolist()
        for row, line, length, label in zip(rows, inputs, lengths, labels, strict=True):
            start = train.offsets[row]
            assert line[:length].tolist() == train.elements[start : start + length].tolist()
            assert length == train.lengths[row]
            assert line[length:].sum() == 0
            assert label == train.labels[row]
    assert sorted(seen) == list(range(8))


def test_evaluation_has_one_loader_a_split_with_all_rows_from_short_to_long(data):
    for name, loader in zip(EVALUATED, data.val_dataloader(), strict=True):
        ((rows, inputs, lengths, labels, _),) = list(loader)
        assert rows.tolist() == [1, 3, 6, 0, 2, 4, 7, 5]
        assert lengths.tolist() == [1, 1, 2, 3, 4, 5, 6, 9]
        assert inputs[-1].tolist() == data.splits[name].elements[data.splits[name].offsets[5] :][:9].tolist()
        assert labels.tolist() == data.splits[name].labels[rows].tolist()


@given(st.integers(1, 9), st.integers(1, 5))
def test_processes_share_every_batch_and_their_weighted_means_are_its_mean(size, processes):
    everything = sequences([3, 1, 4, 1, 5, 9, 2, 6, 5])
    batch, losses = list(range(9))[9 - size :], np.array([2.0, 3, 5, 7, 11, 13, 17, 19, 23])
    read, means = [], []
    for process in range(processes):
        rows, inputs, lengths, _, weight = Padded(everything, process, processes)[batch]
        assert len(rows) == len(inputs) == len(lengths) > 0  # all keep step
        read += rows.tolist() if weight else []
        means.append(weight.item() * losses[rows].mean())
    assert sorted(read) == batch
    assert np.mean(means) == pytest.approx(losses[batch].mean(), rel=1e-6)


class Listener(pl.LightningModule):
    """Notes the rows of every batch it is given."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.batches = {}

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def training_step(self, batch, number):
        self.batches.setdefault(self.current_epoch, []).append(batch[0].tolist())
        return self.weight.sum()


@pytest.mark.filterwarnings("ignore:.*does not have many workers")
@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")  # of Lightning with this torch
def test_a_lightning_trainer_tells_the_sampler_its_epoch(data):
    off = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "enable_model_summary": False}
    trainer = pl.Trainer(max_epochs=3, accelerator="cpu", devices=1, use_distributed_sampler=False, **off)
    listener = Listener()
    trainer.fit(listener, data.train_dataloader())
    lengths = data.splits["train"].lengths
    assert listener.batches == {number: epoch(lengths, 3, number=number) for number in range(3)}

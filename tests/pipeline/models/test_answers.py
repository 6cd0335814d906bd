"""What a network is refused for once the corpus is read, before it is trained."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.data.batches import Batches
from pipeline.data.sequences import Sequences
from pipeline.errors import InputError
from pipeline.models import answers, networks
from pipeline.models.checkpoints import Description
from pipeline.models.classifier import Classifier
from pipeline.models.resume import FinishedEpochs, Recorder

LENGTHS = np.array([4, 1, 9, 2])


class Sums(nn.Module):
    """The sum of the vectors read."""

    def __init__(self, outputs, most=100):
        super().__init__()
        self.embedding, self.most = nn.Embedding(5, outputs, padding_idx=0), most

    def forward(self, inputs, lengths):
        if inputs.shape[1] > self.most:
            raise RuntimeError("no places\nleft")
        return self.embedding(inputs).sum(dim=1)


def examples():
    elements = np.random.default_rng(0).integers(1, 5, LENGTHS.sum()).astype(np.int32)
    return Sequences(np.arange(4), np.zeros(4, np.int64), elements, np.concatenate([[0], np.cumsum(LENGTHS)]))


def check(network, classes, outputs):
    answers.check(network, examples(), list("abcd")[:classes], outputs)


def test_a_network_with_an_answer_for_each_class_passes():
    check(Sums(1), 2, 1)
    check(Sums(4), 4, 4)


@pytest.mark.parametrize(("made", "classes", "outputs"), [(2, 2, 1), (3, 4, 4)])
def test_as_many_logits_as_classes_are_wanted(made, classes, outputs):
    said = rf"must answer \(batch, {outputs}\) logits for {classes} classes, not shape \(3, {made}\)"
    with pytest.raises(InputError, match=f"^config: model.network {said}"):
        check(Sums(made), classes, outputs)


def test_the_longest_example_is_tried():
    check(Sums(1, most=9), 2, 1)
    said = r"fails on sequences of 1, 4, 9 elements: RuntimeError: no places left \(.*test_answers.py, line"
    with pytest.raises(InputError, match=f"^config: model.network {said}"):
        check(Sums(1, most=8), 2, 1)


def test_a_misfit_noticed_within_torch_is_told_by_the_person_s_line(theirs):
    lines = [
        "from torch import nn",
        "class Net(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        "        self.embedding, self.output = nn.Embedding(5, 3), nn.Linear(4, 1)",
        "    def forward(self, inputs, lengths):",
        "        read = self.embedding(inputs)",
        "        return self.output(",
        "            read.sum(dim=1))",
    ]
    file = theirs("\n".join(lines))
    network = networks.build("their_module.Net", {}, 5, 1)
    said = "^config: model.network fails on sequences of 1, 4, 9 elements: RuntimeError: mat1 and mat2 .*"
    with pytest.raises(InputError, match=said + re.escape(f" ({file}, line 8)") + "$"):
        check(network, 2, 1)


def test_answers_that_are_no_numbers_are_told():
    network = Sums(1)
    torch.nn.init.constant_(network.embedding.weight, torch.inf)
    with pytest.raises(InputError, match="answers sequences of 1, 4, 9 elements with NaN or infinity"):
        check(network, 2, 1)


def test_an_epoch_that_ends_without_finite_answers_is_told_and_not_recorded(tmp_path: Path):
    splits = {name: examples() for name in ("train", "validation", "test")}
    epochs = FinishedEpochs(tmp_path, "key")
    recorder = Recorder(epochs, Description("", {}, 5, 1), Batches(splits, 2, seed=0), last=3)
    module = Classifier(Sums(1), learning_rate=1.0, schedule="constant", seed=0)
    module.evaluated = {name: torch.zeros(4, 1) for name in splits} | {
        "test": torch.tensor([[0.0], [0], [torch.nan], [0]])
    }
    with pytest.raises(
        InputError, match=r"^epoch 2: the network answers test examples with NaN or infinity; lower trainer"
    ):
        recorder.record(module, 2)
    assert not any(tmp_path.rglob("*.*"))

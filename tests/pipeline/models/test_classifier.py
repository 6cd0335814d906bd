"""What is said of a person's network that fails only while it learns; how it learns is tested in test_train.py."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from pipeline.data.batches import Batch
from pipeline.errors import InputError
from pipeline.models import networks
from pipeline.models.classifier import Classifier

HEAD = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight, self.norm = nn.Parameter(torch.ones(1)), nn.BatchNorm1d(1)
    def forward(self, inputs, lengths):
        logits = self.weight * inputs.double().mean(dim=1, keepdim=True).float()
"""
FAILING = "9"  # the line behind that head
BATCH: Batch = (
    torch.tensor([0]), torch.tensor([[1, 2]]), torch.tensor([2]), torch.tensor([1]), torch.tensor(1.0),
)  # fmt: skip


def learning(network: nn.Module) -> Classifier:
    return Classifier(network, learning_rate=0.1, schedule="constant", seed=0).train()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("return self.norm(logits)", "ValueError: Expected more than 1 value per channel when training, got input"),
        ("raise KeyError('mood')", "KeyError: 'mood'"),
        ("raise SystemExit('enough')", "SystemExit: enough"),
    ],
)
def test_a_failure_while_it_learns_is_told_by_their_line(theirs: Callable[[str], Path], line: str, said: str) -> None:
    file = theirs(f"{HEAD}        {line}\n")
    module = learning(networks.build("their_module.Net", {}, 5, 1))
    start, end = f"config: model.network fails on a training batch of 1: {said}", f" ({file}, line {FAILING})"
    with pytest.raises(InputError, match=f"^{re.escape(start)}.*{re.escape(end)}$"):
        module.training_step(BATCH, 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("return (logits, logits) if self.training else logits", "not tuple"),
        ("return logits[:, 0]", r"not shape \(1,\)"),
    ],
)
def test_an_answer_that_is_another_while_it_learns_is_refused(
    theirs: Callable[[str], Path], line: str, said: str
) -> None:
    theirs(f"{HEAD}        {line}\n")
    module = learning(networks.build("their_module.Net", {}, 5, 1))
    said = rf"must answer \(batch, outputs\) logits, {said} as for a training batch of 1$"
    with pytest.raises(InputError, match=said):
        module.training_step(BATCH, 0)


def test_a_failure_on_the_way_back_is_theirs_too(theirs: Callable[[str], Path]) -> None:
    theirs(f"{HEAD}        return logits\n")
    module = learning(networks.build("their_module.Net", {}, 5, 1))
    said = "^config: model.network fails on the gradient of a training batch: RuntimeError: element 0 of tensors"
    with pytest.raises(InputError, match=said):
        module.backward(torch.zeros(1))


def test_a_failure_while_it_is_evaluated_is_theirs_too(theirs: Callable[[str], Path]) -> None:
    file = theirs(f"{HEAD}        return inputs.no_such\n")
    module = learning(networks.build("their_module.Net", {}, 5, 1))
    module.on_validation_epoch_start()
    said = re.escape(f"has no attribute 'no_such' ({file}, line {FAILING})")
    with pytest.raises(InputError, match=f"^config: model.network fails on 1 validation examples: .*{said}$"):
        module.validation_step(BATCH, 0, 1)


class Ours(nn.Module):
    """As if it stood in the project."""

    __module__ = "pipeline.models.recurrent"

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        raise KeyError("ours")


def test_a_bug_of_ours_keeps_its_traceback() -> None:
    module = learning(Ours())
    with pytest.raises(KeyError, match="ours"):
        module.training_step(BATCH, 0)

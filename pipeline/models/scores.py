"""Logits to loss, probabilities and accuracy, for one sigmoid output or several softmax outputs."""

import torch
from torch.nn import functional


def outputs_for(classes: int) -> int:
    """Number of outputs of a network: one for two classes, otherwise one a class."""
    return 1 if classes == 2 else classes


def loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy in nats of (batch, outputs) logits against (batch,) numbers of classes."""
    if logits.shape[1] == 1:
        return functional.binary_cross_entropy_with_logits(logits[:, 0], labels.to(logits.dtype))
    return functional.cross_entropy(logits, labels)


def probabilities(logits: torch.Tensor) -> torch.Tensor:
    """(batch, outputs) probabilities in float64: of the second class with one output, else of every class."""
    return torch.sigmoid(logits.double()) if logits.shape[1] == 1 else torch.softmax(logits.double(), dim=1)


def predicted(logits: torch.Tensor) -> torch.Tensor:
    """(batch,) numbers of the classes predicted; with one output the second class from probability 0.5 on."""
    if logits.shape[1] == 1:
        return (logits[:, 0] >= 0).long()
    return logits.argmax(dim=1)


def accuracy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Share of the examples predicted correctly."""
    return (predicted(logits) == labels).double().mean()

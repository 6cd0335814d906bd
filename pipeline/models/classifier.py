"""The LightningModule that trains any network on any corpus, and keeps what it predicted at the last evaluation."""

from typing import Any

import pytorch_lightning as pl
import torch
from torch import nn

from pipeline.data.batches import EVALUATED, Batch
from pipeline.models import answers, scores


class Classifier(pl.LightningModule):
    """Cross-entropy; Adam at a learning rate that is constant or falls linearly.

    `evaluated[split]` holds the logits of the last evaluation, in the order of the rows; where several processes train,
    each evaluates its share and then has them all.
    """

    def __init__(self, network: nn.Module, learning_rate: float, schedule: str, seed: int) -> None:
        super().__init__()
        self.network, self.learning_rate, self.schedule, self.seed = network, learning_rate, schedule, seed
        self.evaluated: dict[str, torch.Tensor] = {}
        self.seen: dict[str, list[tuple[torch.Tensor, torch.Tensor]]] = {}

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=self.learning_rate)

    def on_train_epoch_start(self) -> None:
        # Dropout of an epoch depends on the seed, the epoch and the process alone, so a resumed training repeats it.
        torch.manual_seed(self.seed * 10_007 + self.current_epoch + 1 + 1_000_003 * self.global_rank)
        # Set anew every epoch rather than by a scheduler, which would have a state of its own to resume.
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = self.learning_rate * self.share_of_rate()

    def share_of_rate(self) -> float:
        """1 in the first epoch; with the linear schedule 1 / epochs in the last."""
        if self.schedule == "constant":
            return 1.0
        assert self.trainer.max_epochs is not None
        return 1 - float(self.current_epoch / self.trainer.max_epochs)

    def training_step(self, batch: Batch, number: int) -> torch.Tensor:
        _, inputs, lengths, labels, weight = batch
        logits = answers.shaped(self.network, inputs, lengths, None, f"a training batch of {len(labels)}")
        loss = scores.loss(logits, labels)
        self.log("loss", loss, prog_bar=True, batch_size=len(labels))
        return loss * weight  # the gradients of several processes are averaged

    def backward(self, loss: torch.Tensor, *args: Any, **more: Any) -> None:
        def asked() -> None:
            loss.backward(*args, **more)  # type: ignore[no-untyped-call]

        answers.asked(self.network, asked, "the gradient of a training batch")

    def on_validation_epoch_start(self) -> None:
        self.seen = {name: [] for name in EVALUATED}

    def validation_step(self, batch: Batch, number: int, dataloader_idx: int = 0) -> None:
        rows, inputs, lengths, _, weight = batch
        split = EVALUATED[dataloader_idx]
        with torch.autocast(self.device.type, enabled=False):  # as precisely as it is explained, however it is trained
            logits = answers.shaped(self.network, inputs, lengths, None, f"{len(rows)} {split} examples")
        self.seen[split].append((rows, logits if weight else torch.zeros_like(logits)))

    def on_validation_epoch_end(self) -> None:
        for split, batches in self.seen.items():
            rows = torch.cat([rows for rows, _ in batches])
            logits = torch.cat([logits for _, logits in batches])
            whole = logits.new_zeros(len(self.trainer.datamodule.splits[split]), logits.shape[1])
            whole.index_copy_(0, rows, logits)
            self.evaluated[split] = self.trainer.strategy.reduce(whole, reduce_op="sum").cpu()
        self.seen = {}

"""The progress bar of a training: on a terminal only, and in the epochs that the store counts."""

import os
import sys
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import TQDMProgressBar
from pytorch_lightning.callbacks.progress.tqdm_progress import Tqdm


class EpochBar(TQDMProgressBar):
    """One bar an epoch, counted from 1, as epoch 0 is the untrained network; none for the evaluations between."""

    def __init__(self) -> None:
        shown = sys.stderr.isatty() and not os.environ.get("TQDM_DISABLE")
        super().__init__(refresh_rate=10 if shown else 0)

    def on_train_epoch_start(self, trainer: pl.Trainer, *more: Any) -> None:
        super().on_train_epoch_start(trainer, *more)
        self.train_progress_bar.set_description(f"epoch {trainer.current_epoch + 1} of {trainer.max_epochs}")

    def init_validation_tqdm(self) -> Tqdm:
        return Tqdm(disable=True)

"""Finished epochs of a training, kept until the next training with other inputs: a killed one goes on from them.

They lie outside of what DVC deletes before a stage starts, under a key made of everything the weights depend on.
"""

import hashlib
import logging
import shutil
from pathlib import Path

import pytorch_lightning as pl
import torch
from pytorch_lightning.trainer.states import TrainerFn

from pipeline.data.batches import EVALUATED, Batches
from pipeline.errors import InputError
from pipeline.models import checkpoints, scores
from pipeline.models.checkpoints import Description
from pipeline.models.classifier import Classifier
from pipeline.store import replacing, write_bytes

log = logging.getLogger(__name__)
ADVICE = "lower trainer.learning_rate, or mend the network or the weights it was given"
CODE = ("data/batches.py", "data/channels.py", "data/sequences.py", "data/stored.py", "models/*.py", "stages/train.py")


def key(*parts: str | bytes) -> str:
    """A hash of all inputs of a training, of the code that trains and of the library versions."""
    total = hashlib.sha256()
    package = Path(__file__).parents[1]
    sources = [file.read_bytes() for pattern in CODE for file in sorted(package.glob(pattern))]
    for part in (*parts, torch.__version__, pl.__version__, *sources):
        content = part.encode() if isinstance(part, str) else part
        total.update(len(content).to_bytes(8, "little") + content)
    return total.hexdigest()[:20]


class FinishedEpochs:
    """The folder of one training: a checkpoint and an evaluation per finished epoch, and the trainer's last state."""

    def __init__(self, folder: Path, key: str) -> None:
        for other in folder.glob("*/"):
            if other.name != key:
                shutil.rmtree(other)
        self.folder = folder / key
        for file in sorted(self.folder.glob("*")):
            # After a power cut a file may hold less than was written.
            if file.suffix in (".ckpt", ".evaluation") and checkpoints.damage(file.read_bytes()):
                log.warning("warning: %s is damaged; training starts anew", file)
                shutil.rmtree(self.folder)
                break

    def checkpoint(self, epoch: int) -> Path:
        return self.folder / f"epoch={epoch:03d}.ckpt"

    def evaluation(self, epoch: int) -> Path:
        return self.folder / f"epoch={epoch:03d}.evaluation"

    @property
    def untrained(self) -> bool:
        """Whether the untrained network is recorded."""
        return self.checkpoint(0).exists()

    @property
    def state(self) -> Path | None:
        """The trainer's state after the last finished epoch, if one is finished."""
        return max(self.folder.glob("state-*.ckpt"), default=None)

    @property
    def count(self) -> int:
        """Number of epochs finished."""
        return int(self.state.stem.removeprefix("state-")) if self.state else 0

    def keep_state(self, trainer: pl.Trainer, epoch: int) -> None:
        path, previous = self.folder / f"state-{epoch:03d}.ckpt", self.state
        if not trainer.is_global_zero:
            trainer.save_checkpoint(path)  # writes nothing here, but waits for the process that does
            return
        with replacing(path) as partial:
            trainer.save_checkpoint(partial)
        if previous and previous != self.state:
            previous.unlink()

    def read_evaluation(self, epoch: int) -> tuple[dict[str, dict[str, float]], torch.Tensor]:
        """{split: {metric: value}} and the (n, outputs) logits of the test examples."""
        content = torch.load(self.evaluation(epoch), weights_only=True)
        return content["metrics"], content["logits"]


class Recorder(pl.Callback):
    """Records every evaluated epoch; of several processes the first alone does.

    It acts when validation ends: saved later in the epoch, the trainer's state resumes to other weights.
    The state is written last, so an epoch counts as finished only with all its files.
    """

    def __init__(self, epochs: FinishedEpochs, description: Description, data: Batches, last: int) -> None:
        self.epochs, self.description, self.data, self.last = epochs, description, data, last
        self.brought = 0  # the epoch that an evaluation outside of a training is of

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        assert isinstance(pl_module, Classifier)
        fitting = trainer.state.fn == TrainerFn.FITTING
        epoch = trainer.current_epoch + 1 if fitting else self.brought
        if trainer.is_global_zero:
            self.record(pl_module, epoch)
        if fitting:
            self.epochs.keep_state(trainer, epoch)

    def record(self, module: Classifier, epoch: int) -> None:
        for split, logits in module.evaluated.items():
            if not logits.isfinite().all():
                raise InputError(f"epoch {epoch}: the network answers {split} examples with NaN or infinity; {ADVICE}")
        metrics = self.metrics(module)
        with replacing(self.epochs.evaluation(epoch)) as partial:
            torch.save({"metrics": metrics, "logits": module.evaluated["test"]}, partial)
        write_bytes(self.epochs.checkpoint(epoch), checkpoints.packed(module.network, self.description, epoch))
        accuracy = "  ".join(f"{split} {values['accuracy']:.4f}" for split, values in metrics.items())
        log.info("epoch %d of %d: accuracy  %s", epoch, self.last, accuracy)

    def metrics(self, module: Classifier) -> dict[str, dict[str, float]]:
        result = {}
        for split in EVALUATED:
            logits = module.evaluated[split].double()
            labels = torch.from_numpy(self.data.splits[split].labels)
            loss, accuracy = scores.loss(logits, labels), scores.accuracy(logits, labels)
            result[split] = {"loss": float(loss), "accuracy": float(accuracy)}
        return result

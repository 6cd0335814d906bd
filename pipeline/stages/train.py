"""Stage 3: train the network, or take brought weights; write checkpoints, metrics and test predictions of every epoch.

Reads training, examples, elements, vocabulary and classes; writes checkpoints/, metrics, predictions, scores.json and
a CSV a metric. Killed and started again, it goes on from the last finished epoch.
"""

import hashlib
import json
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.exceptions import MisconfigurationException
from torch.multiprocessing.spawn import ProcessRaisedException

from pipeline import inputs
from pipeline.config import Config, Trainer
from pipeline.data import stored
from pipeline.data.batches import EVALUATED, Batches
from pipeline.data.sequences import Sequences
from pipeline.errors import InputError
from pipeline.models import answers, brought, scores
from pipeline.models.checkpoints import Description, describe
from pipeline.models.classifier import Classifier
from pipeline.models.devices import AsHere, be_quiet, end_processes, strategy
from pipeline.models.progress import EpochBar
from pipeline.models.resume import FinishedEpochs, Recorder, key
from pipeline.stages import command
from pipeline.store import Run, write_bytes, write_text

log = logging.getLogger(__name__)
METRICS = ("accuracy", "loss")


def write(run: Run, config: Config) -> None:
    test = stored.test(run)
    data = Batches({**stored.training(run), "test": test}, config.trainer.batch_size, config.seed)
    epochs = FinishedEpochs(run.resume, training_key(run, config))
    description = describe(config, run)
    if not epochs.untrained:
        tried(description, data, stored.classes(run), config)
    train(data, epochs, description, config)
    publish(run, epochs, test, config)


def training_key(run: Run, config: Config) -> str:
    """Changes with whatever the weights depend on."""
    sections = config.model_dump_json(include={"seed", "model", "trainer"})
    files = [Path(path) for path in config.model.checkpoints or []]
    files += [own] if (own := inputs.module_file(config.model.network)) else []
    files += [run.path(name) for name in ("classes", "vocabulary", "channels", "training", "examples", "elements")]
    return key(sections, *(hashlib.sha256(file.read_bytes()).digest() for file in files))


def tried(description: Description, data: Batches, classes: list[str], config: Config) -> None:
    """Refuse a network that has not an answer for each class to real examples, or nothing to learn with."""
    network = description.build()
    for split in EVALUATED:  # the longest text may be one to test on
        answers.check(network, data.splits[split], classes, description.outputs)
    if not config.model.checkpoints and not any(weight.requires_grad for weight in network.parameters()):
        raise InputError("config: model.network has no weights to train; bring trained ones by model.checkpoints")


def train(data: Batches, epochs: FinishedEpochs, description: Description, config: Config) -> None:
    """Evaluate the untrained network, then train; or evaluate the brought weights. Skip what is recorded."""
    if epochs.count:
        log.info("going on after epoch %d of %d", epochs.count, config.trainer.epochs)
    torch.manual_seed(config.seed)
    network = description.build()
    module = Classifier(network, config.trainer.learning_rate, config.trainer.schedule, config.seed)
    recorder = Recorder(epochs, description, data, config.epochs[-1])
    trainer = trainer_for(config.trainer, [recorder], max_epochs=config.trainer.epochs)
    alone = trainer if config.trainer.devices == 1 else trainer_for(one_device(config.trainer), [recorder])
    with warnings.catch_warnings():
        # The batches are cut from arrays in memory: worker processes would only copy them.
        warnings.filterwarnings("ignore", ".*does not have many workers.*")
        # Lightning 2.6 meets torch 2.13.
        warnings.filterwarnings("ignore", ".*isinstance\\(treespec, LeafSpec\\).*")
        if config.model.checkpoints:
            evaluate_brought([Path(path) for path in config.model.checkpoints], alone, module, recorder)
            return
        if not epochs.untrained:
            alone.validate(module, data, verbose=False)
        if epochs.count < config.trainer.epochs:
            fit(trainer, module, data, epochs)


def evaluate_brought(paths: list[Path], trainer: pl.Trainer, module: Classifier, recorder: Recorder) -> None:
    """Record the weights in each file as an epoch, 0 the first. All are read once before: a bad one costs no time."""
    for path in paths:
        brought.load(module.network, path)
    for recorder.brought, path in enumerate(paths):
        brought.load(module.network, path)
        trainer.validate(module, recorder.data, verbose=False)


def fit(trainer: pl.Trainer, module: Classifier, data: Batches, epochs: FinishedEpochs) -> None:
    try:
        trainer.fit(module, data, ckpt_path=epochs.state, weights_only=True)
    except SystemExit:  # what Lightning makes of Ctrl-C
        end_processes(trainer)
        raise KeyboardInterrupt from None
    except ProcessRaisedException as failure:  # of one of several processes: it holds the text of a traceback
        if said := refused(str(failure)):
            raise InputError(said) from None
        raise


def refused(text: str) -> str:
    """What an InputError says that ends the text of a traceback; empty where another error does."""
    kind, _, said = text.rstrip().rpartition("\n")[2].partition(": ")
    return said if kind == f"{InputError.__module__}.{InputError.__qualname__}" else ""


def trainer_for(settings: Trainer, callbacks: list[pl.Callback], **more: Any) -> pl.Trainer:
    """A Lightning trainer that writes nothing itself: what is kept, the callbacks keep."""
    be_quiet()
    try:
        return pl.Trainer(
            accelerator=settings.accelerator,
            devices=settings.devices,
            strategy=strategy(settings),
            precision=settings.precision,
            deterministic=True,
            gradient_clip_val=settings.gradient_norm,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
            logger=False,
            enable_checkpointing=False,
            enable_model_summary=False,
            callbacks=[AsHere(), *callbacks, EpochBar()],
            **more,
        )
    except MisconfigurationException as error:
        raise InputError(f"config: trainer.accelerator={settings.accelerator!r}: {error}") from None


def one_device(settings: Trainer) -> Trainer:
    """The same on one device: what is evaluated once is not worth starting processes for."""
    return settings.model_copy(update={"devices": 1, "strategy": "auto"})


def publish(run: Run, epochs: FinishedEpochs, test: Sequences, config: Config) -> None:
    """Write the recorded epochs under their published names."""
    numbers = config.epochs
    evaluations = [epochs.read_evaluation(epoch) for epoch in numbers]
    for epoch in numbers:
        write_bytes(run.checkpoint(epoch), epochs.checkpoint(epoch).read_bytes())
    write_metrics(run, [metrics for metrics, _ in evaluations])
    write_predictions(run, [logits for _, logits in evaluations], test, stored.classes(run))


def write_metrics(run: Run, metrics: list[dict[str, dict[str, float]]]) -> None:
    rows = [
        (epoch, split, metric, metrics[epoch][split][metric])
        for epoch in range(len(metrics))
        for split in sorted(EVALUATED)
        for metric in METRICS
    ]
    run.write("metrics", dict(zip(("epoch", "split", "metric", "value"), zip(*rows, strict=True), strict=True)))
    last = {split: {metric: round(metrics[-1][split][metric], 6) for metric in METRICS} for split in EVALUATED}
    write_text(run.scores, json.dumps(last, indent=2) + "\n")
    for metric in METRICS:
        lines = ["epoch," + ",".join(EVALUATED)]
        for epoch, values in enumerate(metrics):
            lines.append(",".join([str(epoch), *(f"{values[split][metric]:.6f}" for split in EVALUATED)]))
        write_text(run.curve(metric), "\n".join(lines) + "\n")


def write_predictions(run: Run, logits: list[torch.Tensor], test: Sequences, classes: list[str]) -> None:
    outputs = logits[0].shape[1]
    # With one output the table has the positive class alone, the last.
    names = stored.strings(classes[-outputs:], np.tile(np.arange(outputs), len(test)))
    with run.writer("predictions") as write:
        for epoch, values in enumerate(logits):
            predicted = np.repeat(scores.predicted(values).numpy(), outputs)
            write(
                {
                    "epoch": np.full(len(predicted), epoch),
                    "example": np.repeat(test.examples, outputs),
                    "class": names,
                    "probability": scores.probabilities(values).flatten().numpy(),
                    "predicted": stored.strings(classes, predicted),
                }
            )


if __name__ == "__main__":
    command.main(write, __doc__)

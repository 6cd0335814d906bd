"""Training through Lightning, against a bare torch loop of the same network and batches."""

import warnings

import pytorch_lightning as pl
import torch
from torch import nn

from pipeline.data.batches import Batches
from pipeline.models import scores
from pipeline.models.classifier import Classifier
from pipeline.stages.train import trainer_for
from tests.bench.measure import Result, interleaved
from tests.bench.reviews import CONFIG, network, reviews

STEPS = 100
PAIRS = 5


def measure() -> list[Result]:
    train = reviews(CONFIG.trainer.batch_size * STEPS // 2, "train")
    data = Batches(dict.fromkeys(("train", "validation", "test"), train), CONFIG.trainer.batch_size, CONFIG.seed)

    def lightning() -> None:
        module = Classifier(network().train(), CONFIG.trainer.learning_rate, CONFIG.trainer.schedule, CONFIG.seed)
        trainer: pl.Trainer = trainer_for(CONFIG.trainer, [], max_epochs=1, limit_val_batches=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trainer.fit(module, data)

    def bare() -> None:
        built = network().train()
        optimizer = torch.optim.Adam(built.parameters(), lr=CONFIG.trainer.learning_rate)
        for _, inputs, lengths, labels, _ in data.train_dataloader():
            optimizer.zero_grad()
            scores.loss(built(inputs, lengths), labels).backward()
            nn.utils.clip_grad_norm_(built.parameters(), CONFIG.trainer.gradient_norm)
            optimizer.step()

    ratio, one, other = interleaved(lightning, bare, PAIRS)
    detail = f"{STEPS} steps of {CONFIG.trainer.batch_size} reviews: {one:.2f} s against {other:.2f} s"
    return [Result("training through Lightning / bare torch", ratio, 1.1, "x", detail)]

"""The processes that Lightning starts to train on several devices: what they are told before they begin."""

import logging
import os
import signal
import sys
import warnings
from typing import Any, NoReturn

import pytorch_lightning as pl
import torch

from pipeline.config import Trainer

PATIENCE = 10  # seconds until a process that was asked to end is ended


def strategy(settings: Trainer) -> str:
    """Lightning's name of how processes share a training."""
    several = settings.strategy == "auto" and settings.devices > 1
    return "ddp_spawn" if several else settings.strategy


class AsHere(pl.Callback):
    """Messages and warnings in every process as in the one that starts them.

    A process starts with nothing set; a copy of the trainer, with this in it, is the first thing that it unpacks.
    """

    def __getstate__(self) -> dict[str, Any]:
        root = logging.getLogger()
        formats = [handler.formatter._fmt for handler in root.handlers if handler.formatter]
        return {"level": root.level, "format": (formats or [None])[0], "warnings": list(warnings.filters)}

    def __setstate__(self, here: dict[str, Any]) -> None:
        logging.basicConfig(level=here["level"], format=here["format"], stream=sys.stderr)
        warnings.resetwarnings()
        warnings.filters.extend(here["warnings"])  # type: ignore[attr-defined]
        be_quiet()
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as it is behind nohup: then it is ignored here too
            signal.signal(signal.SIGINT, stop_once)


def stop_once(_number: int, _frame: object) -> NoReturn:
    """Ctrl-C reaches this process from the terminal and again from the one that started it: it stops at the first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def end_processes(trainer: pl.Trainer) -> None:
    """End those that a stopped training has started: only a Ctrl-C typed at a terminal reaches them too."""
    processes = getattr(trainer.strategy.launcher, "procs", [])
    for process in processes:
        if process.is_alive():
            os.kill(process.pid, signal.SIGINT)
    for process in processes:
        process.join(PATIENCE)
        process.kill()  # what they write appears whole or not at all
        process.join()


def be_quiet() -> None:
    """Settings of a process that trains, wherever it was started."""
    for library in ("pytorch_lightning", "lightning_fabric"):  # they tell of accelerators and of their makers
        logging.getLogger(library).setLevel(logging.ERROR)
    # Deterministic algorithms also fill every fresh tensor, against bugs that read it unset: a tenth of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]

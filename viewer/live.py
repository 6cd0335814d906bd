"""Typed sentences for all sessions of a server: what networks say after each word, and where the sentence lies.

Runs are loaded when they are first asked for, and anew when a file of theirs changed. No Panel. Safe for any number
of threads.
"""

import threading
import weakref
from collections.abc import Hashable, Sequence

import torch

from pipeline.errors import InputError
from viewer.data import training
from viewer.data.facts import facts
from viewer.data.left_out import LeftOut
from viewer.data.reading import Reading
from viewer.data.source import Source, stamped
from viewer.kept import Kept
from viewer.loaded import LoadedRun, Place
from viewer.placing import Position

__all__ = ["Live", "Place", "Position"]

TABLES = ("classes", "layers", "metrics", "vocabulary", "maps", "mapped", "vectors", "points", "neighbors")
RUNS = 4  # kept in memory; one of the paper's size takes some 150 MB


class Live:
    """Reads and places sentences for all sessions of a server.

    One torch thread for the whole process: these networks are so small that a second one gains nothing, and twenty
    sessions with two threads each were measured at 18 times the time of twenty with one, on two cores.
    """

    def __init__(self, source: Source) -> None:
        torch.set_num_threads(1)
        self.source = source
        self._runs: Kept[tuple[str, Hashable], LoadedRun] = Kept(RUNS)
        self._warming: dict[str, tuple[Hashable, threading.Thread]] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        weakref.finalize(self, finish, self._stopping, self._threads)

    def read(self, run: str, text: str, epochs: Sequence[int] | None = None) -> Reading:
        """Any text, as the networks of `epochs` (all checkpoints unless some are given) read it, word by word.

        A text without words has the empty prefix alone. Raises InputError where the run, an epoch or a checkpoint is
        missing or damaged.
        """
        return self._loaded(run).read(text, epochs)

    def positions(self, run: str, text: str, epochs: Sequence[int] | None = None) -> dict[Place, Position]:
        """{(epoch, layer): where a text lies}, for `epochs` (all unless some are given) and every layer that has a map.

        Empty for a text without words, which has no place, and for a run without maps. Raises InputError as `read`.
        """
        return dict(self._loaded(run).positions(text, epochs))

    def placed(self, run: str, text: str, epoch: int) -> bool:
        """Whether `positions` would answer for this one epoch at once."""
        return self._loaded(run).placed(text, epoch)

    def left_out(self, run: str, text: str, epoch: int) -> LeftOut:
        """The same text without each of its words, as one network reads it. Raises InputError as `read`."""
        return self._loaded(run).left_out(text, epoch)

    def warm(self, run: str) -> threading.Thread:
        """Load all networks and maps of a run in the background, the last epoch first; once for each build of a run.

        What is wrong with a file is not told here but to whoever asks for it.
        """
        stamp = stamped_run(self.source, run)
        with self._lock:
            known = self._warming.get(run)
            if known is None or known[0] != stamp:
                thread = threading.Thread(target=self._warm, args=(run,), name=f"warm {run}", daemon=True)
                known = self._warming[run] = stamp, thread
                thread.start()
                self._threads[:] = [*(one for one in self._threads if one.is_alive()), thread]
        return known[1]

    def forget(self) -> None:
        """Drop everything that was kept."""
        self._runs.keep(lambda key: False)
        with self._lock:
            self._warming.clear()

    def _loaded(self, run: str) -> LoadedRun:
        stamp = stamped_run(self.source, run)
        loaded = self._runs.get((run, stamp), lambda: LoadedRun(self.source, run))
        self._runs.keep(lambda key: key[0] != run or key[1] == stamp)  # what a file held before it changed
        return loaded

    def _warm(self, run: str) -> None:
        try:
            for _ in self._loaded(run).load_all():
                if self._stopping.is_set():
                    return
            found = facts(self.source, run)
            training.alignment(self.source, found)  # seconds, for which the page Training would wait
            training.word_impacts(self.source, found)
        except InputError:
            return


def stamped_run(source: Source, run: str) -> Hashable:
    """What changes when a file of the run that is read does."""
    here = source.run(run)
    return stamped([here.config, *(here.path(table) for table in TABLES), *sorted(here.checkpoints.glob("*.ckpt"))])


def finish(stopping: threading.Event, threads: list[threading.Thread]) -> None:
    """Let threads end after what they are at: one that torch holds while the interpreter goes down would abort it."""
    stopping.set()
    for thread in threads:
        if thread is not threading.current_thread():
            thread.join()

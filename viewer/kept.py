"""Results kept in memory: each made once, even if several threads ask at once; the least recently asked go first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Entry(Generic[V]):
    """A result, once there is one, and the lock under which it is made."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.made: tuple[V] | None = None


class Kept(Generic[K, V]):
    """At most `limit` results by their keys; all of them without a limit."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._entries: OrderedDict[K, Entry[V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: K) -> bool:
        """Whether there is a result under `key`, finished."""
        with self._lock:
            entry = self._entries.get(key)
        return entry is not None and entry.made is not None

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The result under `key`, made now if there is none; what `make` raises is raised, and tried anew next time."""
        with self._lock:
            entry = self._entries.setdefault(key, Entry())
            self._entries.move_to_end(key)
            while self._limit is not None and len(self._entries) > self._limit:
                self._entries.popitem(last=False)
        with entry.lock:
            if entry.made is None:
                entry.made = (make(),)
            return entry.made[0]

    def keep(self, wanted: Callable[[K], bool]) -> None:
        """Drop all results but those whose keys are `wanted`."""
        with self._lock:
            for key in [key for key in self._entries if not wanted(key)]:
                del self._entries[key]

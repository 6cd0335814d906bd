"""Which example goes where, decided by a hash of its id: the same in every run, whatever the order of the rows."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]


def shuffled(ids: Sequence[str], seed: int) -> Rows:
    """Row numbers in an order that depends on the ids and `seed` alone."""
    salt = seed.to_bytes(8, "little", signed=True)
    keys = [blake2b(identity.encode(), digest_size=16, salt=salt).digest() for identity in ids]
    return np.array(sorted(range(len(ids)), key=lambda row: (keys[row], ids[row])), dtype=np.int64)


def balanced(ids: Sequence[str], labels: Sequence[str], per_class: dict[str, int], seed: int) -> Rows:
    """The first rows of each class in shuffled order, `per_class[label]` of them or all there are; sorted."""
    wanted = dict(per_class)
    chosen = []
    for row in shuffled(ids, seed):
        if wanted.get(labels[row], 0) > 0:
            wanted[labels[row]] -= 1
            chosen.append(row)
    return np.array(sorted(chosen), dtype=np.int64)


def stratified(ids: Sequence[str], labels: Sequence[str], share: float, seed: int) -> Rows:
    """About `share` of the rows of every class (at least one of each, never all of two or more); sorted."""
    counts = {label: labels.count(label) for label in sorted(set(labels))}
    wanted = {label: max(1, min(count - 1, round(share * count))) for label, count in counts.items()}
    return balanced(ids, labels, wanted, seed)

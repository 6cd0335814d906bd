"""How the jobs of a sweep share a machine: side by side with all threads each, they are many times slower."""

import os
from collections.abc import Mapping
from typing import Any

import joblib

# What libraries that are loaded later look up: OpenMP, two kinds of linear algebra, UMAP's Numba.
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def threads(launcher: Mapping[str, Any], jobs: int) -> int | None:
    """How many threads each of so many jobs may use, by the config of their launcher; None: as many as there are.

    jobs: 0 if that is not known.
    """
    if "n_jobs" in launcher:  # joblib
        cores, wanted = available(), int(launcher["n_jobs"] or 1)
        beside = wanted if wanted > 0 else max(1, cores + 1 + wanted)
        return max(1, cores // min(beside, jobs or beside))
    if "ray" in launcher:  # which may give a part of a core, and by itself gives one
        return max(1, int((launcher["ray"].get("remote") or {}).get("num_cpus") or 1))
    given = launcher.get("cpus_per_task")  # submitit
    return None if given is None else int(given)


def available() -> int:
    """The cores this process may use, by its affinity and by the quota of its container."""
    return int(joblib.cpu_count())


def limit_threads(count: int) -> None:
    """Use at most `count` threads in torch and in the linear algebra below NumPy and SciPy, loaded already or later."""
    os.environ.update(dict.fromkeys(VARIABLES, str(count)))
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(count)
    threadpool_limits(count)

"""How many threads each job of a sweep gets, and whether it keeps to them."""

import json
import subprocess
import sys
from collections.abc import Mapping

import pytest

from pipeline import cores
from tests.project import Project


@pytest.mark.parametrize(
    ("launcher", "jobs", "expected"),
    [
        ({}, 4, None),
        ({"n_jobs": 4}, 9, 2),
        ({"n_jobs": 3}, 9, 2),
        ({"n_jobs": 16}, 20, 1),
        ({"n_jobs": 16}, 2, 4),  # no more jobs than two
        ({"n_jobs": 16}, 0, 1),  # who knows how many
        ({"n_jobs": None}, 4, 8),  # joblib: one
        ({"n_jobs": -1}, 8, 1),  # all cores
        ({"n_jobs": -1}, 2, 4),
        ({"n_jobs": -1}, 1, 8),
        ({"n_jobs": -2}, 8, 1),  # all but one
        ({"n_jobs": -7}, 8, 4),  # two of eight
        ({"n_jobs": -20}, 8, 8),  # joblib makes it one job
        ({"cpus_per_task": 6}, 4, 6),
        ({"cpus_per_task": None}, 4, None),
        ({"ray": {"init": {}, "remote": {"num_cpus": 2}}}, 4, 2),
        ({"ray": {"init": {}, "remote": {"num_cpus": 0.5}}}, 4, 1),
        ({"ray": {"init": {}, "remote": {}}}, 4, 1),  # Ray: one
        ({"ray": {"init": {"address": "auto"}}}, 4, 1),
    ],
)
def test_jobs_side_by_side_share_the_cores(
    monkeypatch: pytest.MonkeyPatch, launcher: dict[str, object], jobs: int, expected: int | None
) -> None:
    monkeypatch.setattr(cores, "available", lambda: 8)
    assert cores.threads(launcher, jobs) == expected


LIMITED = """
import json, os
import torch  # its pools are there before the limit, those of SciPy and scikit-learn come after it
from pipeline import cores
cores.limit_threads({count})
import scipy.linalg, sklearn.neighbors
from threadpoolctl import threadpool_info
print(json.dumps([torch.get_num_threads(), *(pool["num_threads"] for pool in threadpool_info())]))
"""


@pytest.mark.parametrize("count", [1, 2])
def test_torch_and_the_linear_algebra_keep_to_the_limit(project: Project, count: int) -> None:
    settings = project.settings(dict.fromkeys(cores.VARIABLES))
    command = [sys.executable, "-c", LIMITED.format(count=count)]
    result = subprocess.run(command, **settings, check=True)  # type: ignore[call-overload]
    torch_has, *pools = json.loads(result.stdout)
    assert torch_has == count
    assert len(pools) >= 3  # torch's, NumPy's and SciPy's
    assert all(pool == min(count, cores.available()) for pool in pools)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["hydra/launcher=joblib", "model.hidden=4"], cores.available()),  # one job
        (["hydra/launcher=joblib", "hydra.launcher.n_jobs=2", "model.hidden=4,6"], max(1, cores.available() // 2)),
        (["hydra/launcher=slurm_local", "hydra.launcher.cpus_per_task=3", "model.hidden=4,6"], 3),
    ],
    ids=["joblib, one job", "joblib, two", "submitit"],
)
def test_a_job_is_given_its_share(project: Project, words: list[str], expected: int) -> None:
    assert threads_of_jobs(project, *words) == [expected] * (words[-1].count(",") + 1)


def threads_of_jobs(project: Project, *words: str, environment: Mapping[str, str | None] | None = None) -> list[int]:
    """The threads torch uses in each job of a sweep; the jobs do nothing else."""
    project.edit(
        "pipeline/jobs.py",
        "    same = same_config(run, wanted)\n",
        "    import torch\n    raise InputError(f'threads: {torch.get_num_threads()}')\n",
    )
    settings = dict.fromkeys(cores.VARIABLES) | dict(environment or {})
    result = project.command("pipeline", "-m", "run=tiny", *words, environment=settings)
    assert result.returncode == 2, result.stderr
    told = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    return [int(line.rpartition("threads: ")[2]) for line in told]

"""Sweeps by the launchers for many machines, on this one: submitit alone and with a Slurm made of scripts, and Ray.

Where a launcher is not installed its tests skip; with UNROLLED_LAUNCHERS=required that is a failure.
"""

import importlib.util
import os
from pathlib import Path

import pytest
import yaml

from tests.pipeline.slurm import Slurm
from tests.pipeline.test_cores import threads_of_jobs
from tests.project import Project

SMALL = ["run=tiny", "trainer.epochs=1", "impacts.epochs=[0,1]", "maps.examples=20", "faithfulness.examples=0"]
# Ray gives up where a busy machine takes half a minute to start it; and it tells its makers of its use.
RAY: dict[str, str | None] = {
    "RAY_agent_register_timeout_ms": "300000",
    "RAY_raylet_start_wait_time_s": "300",
    "RAY_USAGE_STATS_ENABLED": "0",
}
SWEPT = "tiny,trainer.epochs_1,impacts.epochs_0_1,maps.examples_20,faithfulness.examples_0,"


@pytest.fixture
def submitit() -> None:
    needed("submitit", "slurm")


@pytest.fixture
def ray() -> None:
    needed("ray", "ray")


def needed(package: str, extra: str) -> None:
    if importlib.util.find_spec(package) is None:
        absent = f"{package} is not there; pip install -c constraints.txt -e '.[{extra}]'"
        (pytest.fail if os.environ.get("UNROLLED_LAUNCHERS") == "required" else pytest.skip)(absent)


@pytest.fixture
def slurm(submitit: None, tmp_path_factory: pytest.TempPathFactory) -> Slurm:
    return Slurm(tmp_path_factory.mktemp("cluster") / "slurm")


def swept(project: Project, *words: str, environment: dict[str, str | None] | None = None) -> str:
    """A sweep of which one job fails and another is built; what it says."""
    result = project.command("pipeline", "-m", *SMALL, *words, "model.hidden=4,0", environment=environment)
    assert result.returncode == 2, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert "model.hidden=0: config: model.hidden=0 is not allowed" in result.stderr
    assert "1 of 2 jobs are done" in result.stderr
    runs = [path.name for path in project.artifacts.glob("run=tiny,*")]
    assert runs == [f"run={SWEPT}model.hidden_4"]
    assert (project.artifacts / runs[0] / "maps.parquet").exists()
    return result.stderr


def composed(project: Project, *words: str) -> dict[str, object]:
    """The settings of a launcher as Hydra composes them."""
    result = project.command("pipeline", "--cfg", "hydra", "--resolve", "--package", "hydra.launcher", *words)
    assert result.returncode == 0, result.stderr
    return yaml.safe_load(result.stdout)  # type: ignore[no-any-return]


def test_jobs_by_submitit_on_this_machine(submitit: None, project: Project) -> None:
    swept(project, "hydra/launcher=slurm_local")


def test_a_slurm_cluster_is_asked_for_what_the_config_says(slurm: Slurm, project: Project) -> None:
    words = ["hydra/launcher=slurm", "hydra.launcher.partition=short", "hydra.launcher.account=us"]
    swept(project, *words, environment=slurm.environment(path_of(project)))
    asked = slurm.directives()
    assert Path(asked.pop("output")).parts[:2] == Path(asked.pop("error")).parts[:2]
    assert asked == {
        "account": "us",
        "array": "0-1%2",
        "cpus-per-task": "2",
        "job-name": "unrolled",
        "mem": "8GB",
        "nodes": "1",
        "ntasks-per-node": "1",
        "open-mode": "append",
        "partition": "short",
        "signal": "USR2@120",
        "time": "240",
        "wckey": "submitit",
    }


def test_what_slurm_refuses_is_told_after_the_jobs_that_wait(slurm: Slurm, project: Project) -> None:
    slurm.refuse("sbatch: error: invalid partition specified: shrot")
    words = ["-m", *SMALL, "hydra/launcher=slurm", "hydra.launcher.partition=shrot", "model.hidden=4,6"]
    result = project.command("pipeline", *words, environment=slurm.environment(path_of(project)))
    assert result.returncode == 2
    *jobs, launcher, count = result.stderr.splitlines()[-4:]
    assert [line[-27:] for line in jobs] == ["model.hidden=4: not started", "model.hidden=6: not started"]
    assert launcher.startswith("error: FailedJobError: sbatch: error: invalid partition specified: shrot")
    assert count == "0 of 2 jobs are done; the same command goes on"
    assert "Traceback" not in result.stderr


def test_the_settings_tried_here_are_those_of_a_cluster(submitit: None, project: Project) -> None:
    here = composed(project, "hydra/launcher=slurm_local")
    there = composed(project, "hydra/launcher=slurm", "hydra.launcher.partition=x")
    assert (there["partition"], there["account"], there["max_num_timeout"]) == ("x", None, 5)
    assert {name for name in here if here[name] != there[name]} == {"_target_", "cpus_per_task", "submitit_folder"}


def test_jobs_by_ray_on_this_machine(ray: None, project: Project) -> None:
    swept(project, "hydra/launcher=ray_local", environment=RAY)


def test_a_job_of_ray_has_as_many_threads_as_it_is_given_cores(ray: None, project: Project) -> None:
    words = ["hydra/launcher=ray_local", "hydra.launcher.ray.remote.num_cpus=2", "seed=1,2"]
    assert threads_of_jobs(project, *words, environment=RAY) == [2, 2]


def test_a_ray_cluster_is_asked_for_what_the_config_says(ray: None, project: Project) -> None:
    there = composed(project, "hydra/launcher=ray_cluster", "hydra.launcher.ray.init.address=ray://head:10001")
    assert there["ray"] == {
        "init": {"address": "ray://head:10001", "log_to_driver": True},
        "remote": {"num_cpus": 2, "max_retries": 0},
    }


def path_of(project: Project) -> str:
    """The PATH of the commands that run in a copy."""
    environment = project.settings()["env"]
    assert isinstance(environment, dict)
    return str(environment["PATH"])

"""All stages for one composed config, in one process, without DVC: the door for single runs and sweeps.

python -m pipeline run=sentences model.hidden=32
python -m pipeline -m run=sentences model.hidden=16,32,64
"""

import os
import sys
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from pipeline import cores, sweeps
from pipeline.errors import InputError, told_in_one_line
from pipeline.jobs import alone_with, build, refuse_kept, run_name
from pipeline.stages import command, compose
from pipeline.store import Run

# A single run's mistake: Hydra would print a traceback's first line of its own.
mistakes: list[InputError] = []


def construct(values: DictConfig, beside: bool = False) -> None:
    """Build the run of a composed config, under its name or one made of the overrides. beside: other jobs write too."""
    settings = HydraConfig.get()
    plain = OmegaConf.to_container(values, resolve=True)
    assert isinstance(plain, dict)
    if plain["name"] is None:
        plain["name"] = run_name(settings.runtime.choices["run"], list(settings.overrides.task))
    wanted = compose.checked({str(key): value for key, value in plain.items()})
    refuse_kept(wanted.name)
    command.log_plainly(f"{wanted.name}: " if beside else "")
    run = Run(wanted.name)
    with alone_with(run):
        build(run, wanted)


def one_of_many(values: DictConfig) -> None:
    """A job of a sweep, perhaps beside others, in a process or on a machine where nothing is set up yet."""
    settings = HydraConfig.get()
    os.chdir(settings.runtime.cwd)  # a launcher may start it elsewhere
    overrides = " ".join(settings.overrides.task)
    beside = not settings.launcher["_target_"].endswith("BasicLauncher")
    if beside:
        os.environ["TQDM_DISABLE"] = "1"  # bars of several jobs overwrite each other
    with sweeps.noted(Path(settings.sweep.dir), settings.job.num, overrides):
        count = cores.threads(settings.launcher, sweeps.size(settings))
        if count is not None:
            cores.limit_threads(count)
        construct(values, beside)


@hydra.main(config_path=str(compose.CONF), config_name="config", version_base="1.3")
def job(values: DictConfig) -> None:
    """One run, or one of a sweep: a person's mistake in it leaves the others alone."""
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        return one_of_many(values)
    try:
        construct(values)
    except InputError as mistake:
        mistakes.append(mistake)
    return None


def said_by_hydra(error: Exception) -> bool:
    """Whether Hydra raised it: of `model=3` it says what is wrong with it in a plain ValueError."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith("hydra.")


def main() -> None:
    # Hydra then raises what is wrong with a config instead of printing it over several lines.
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")
    failure: Exception | None = None
    with told_in_one_line():
        try:
            job()
        except (HydraException, OmegaConfBaseException) as error:
            raise compose.refused(error) from None
        except ValueError as error:
            if not said_by_hydra(error):
                raise
            raise InputError(f"config: a group of settings is chosen by its name, as in model=lstm: {error}") from None
        except Exception as error:  # a launcher's own, once jobs have been given to it
            if sweeps.folder is None or not sweeps.cut_off(sweeps.folder):
                raise
            failure = error
        if mistakes:
            raise mistakes[-1]
    if sweeps.folder is not None:
        sys.exit(sweeps.told(sweeps.folder, failure))


if __name__ == "__main__":
    main()

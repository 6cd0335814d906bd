"""A cluster of one machine: the commands of Slurm that submitit runs, as scripts that obey at once."""

import logging
from pathlib import Path
from types import SimpleNamespace

SCRIPTS = {
    # Keeps the script and runs it for each job of the array, one after the other, after it has given their number.
    "sbatch": """#!/bin/sh
if [ -e "$CLUSTER/refusal" ]; then cat "$CLUSTER/refusal" >&2; exit 1; fi
cp "$1" "$CLUSTER/submitted.sh"
(
    for task in $(seq 0 $(sed -n 's/^#SBATCH --array=0-\\([0-9]*\\)%.*/\\1/p' "$1")); do
        SLURM_JOB_ID=7$task SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID=$task sh "$1"
    done
    touch "$CLUSTER/ended"
) > "$CLUSTER/log" 2>&1 &
echo Submitted batch job 7
""",
    # The command behind its options, on this machine.
    "srun": """#!/bin/sh
while :; do
    case $1 in
        --output|--error) shift 2 ;;
        -*) shift ;;
        *) exec "$@" ;;
    esac
done
""",
    "sacct": """#!/bin/sh
echo 'JobID|State|NodeList'
state=RUNNING
if [ -e "$CLUSTER/ended" ]; then state=COMPLETED; fi
for task in $(seq 0 9); do echo "7_$task|$state|here"; done
""",
}


def start_again() -> None:
    """End a job as submitit does on the signal that its time is up, once it waits in the queue again."""
    from submitit.core.job_environment import SignalHandler

    SignalHandler._exit(SimpleNamespace(_logger=logging.getLogger(__name__)))  # type: ignore[arg-type]


class Slurm:
    """Its folder, and what a command's environment must have for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name, script in SCRIPTS.items():
            (folder / name).write_text(script)
            (folder / name).chmod(0o755)

    def refuse(self, reason: str) -> None:
        """Take no jobs from now on."""
        (self.folder / "refusal").write_text(reason)

    def environment(self, path: str) -> dict[str, str | None]:
        return {"PATH": f"{self.folder}:{path}", "CLUSTER": str(self.folder)}

    def directives(self) -> dict[str, str]:
        """The options in the script that was submitted."""
        lines = (self.folder / "submitted.sh").read_text().splitlines()
        options = [line.removeprefix("#SBATCH --") for line in lines if line.startswith("#SBATCH --")]
        return {name: value for name, _, value in (option.partition("=") for option in options)}

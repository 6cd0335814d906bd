"""A copy of the project with one tiny run, driven through the real command line."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUN = "tiny"
TINY = """# @package _global_
# The paper's network on a few hundred short sentences: seconds.
defaults:
  - override /corpus: sentences
corpus: {vocabulary: 500, max_length: 12}
model: {embedding: 8, hidden: 8, dense: 8}
trainer: {epochs: 3, learning_rate: 0.01}
impacts: {epochs: [0, 3], checked: 4}
maps: {examples: 60, listed_neighbors: 5}
faithfulness: {examples: 20, hybrids: 10, steps: 5}
"""
# The words after `python -m pipeline` that build runs of other kinds, in seconds.
SMALL = [
    "trainer.epochs=3", "impacts.epochs=[0,3]", "maps.examples=54", "maps.listed_neighbors=5",
    "faithfulness.examples=20", "faithfulness.hybrids=10", "faithfulness.steps=5",
]  # fmt: skip
KINDS = (
    [
        "run=tiny", "name=sources", "corpus.label=source", "corpus.classes=null", "model=attention",
        "model.attention=8",
    ],
    ["run=tiny", "name=undefined", "model=transformer", "model.heads=2"],
    ["run=vowels", "name=speakers", "model.embedding=8", "model.hidden=8", "model.dense=8", *SMALL],
)  # fmt: skip
# One that maps more examples than travel to the browser at once.
CROWD = ["run=tiny", "name=crowd", "corpus.test=0.75", "maps.examples=2100", "trainer.epochs=1", "impacts.epochs=[0,1]",
         "maps.landmarks=100"]  # fmt: skip


def heed_interrupts() -> None:
    """A shell makes what it starts with & deaf to Ctrl-C, and so all that this starts: tests do not depend on it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Project:
    """The folder of a copy, and how commands run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def results(self) -> Path:
        return self.artifacts / f"run={RUN}"

    def command(
        self, *words: str, environment: Mapping[str, str | None] | None = None, **more: object
    ) -> subprocess.CompletedProcess[str]:
        """`python -m <words>` in the copy; its output as text. environment: what differs in it; None: not set."""
        command = [sys.executable, "-m", *words]
        return subprocess.run(command, **self.settings(environment), **more)  # type: ignore[call-overload,no-any-return]

    def start(self, *words: str, **more: object) -> "subprocess.Popen[str]":
        """The same, without waiting for its end."""
        command = [sys.executable, "-m", *words]
        return subprocess.Popen(command, **self.settings(), **more)  # type: ignore[call-overload,no-any-return]

    def settings(self, changes: Mapping[str, str | None] | None = None) -> dict[str, object]:
        binaries = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # `python` in dvc.yaml is ours
        usual = os.environ | {"PATH": binaries, "PYTHONPATH": "", "OMP_NUM_THREADS": "1"} | dict(changes or {})
        environment = {name: value for name, value in usual.items() if value is not None}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return {"cwd": self.folder, "env": environment, "preexec_fn": heed_interrupts, **pipes}

    def stage(self, name: str, run: str = RUN) -> subprocess.CompletedProcess[str]:
        return self.command(f"pipeline.stages.{name}", run)

    def repro(self, *targets: str) -> list[str]:
        """`dvc repro`: the names of the stages that ran, in order."""
        result = self.command("dvc", "repro", *targets)
        assert result.returncode == 0, result.stdout + result.stderr
        started = [line.split("'")[1] for line in result.stdout.splitlines() if line.startswith("Running stage")]
        return [name.partition("@")[0] for name in started]

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} does not hold {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")


def copied(folder: Path) -> Project:
    """The files that git tracks or would track, without the large corpus, as a repository of its own."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in listed.stdout.split("\0"):
        if name and not name.endswith("imdb.parquet") and name != "dvc.lock" and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    (folder / "params.yaml").write_text(f"runs:\n  - {RUN}\n")
    (folder / "conf" / "run" / f"{RUN}.yaml").write_text(TINY)
    return Project(folder)

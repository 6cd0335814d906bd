"""`dvc repro` rebuilds what changed and nothing else, to the same bytes; each stage names every module it imports."""

import ast
import shutil
from pathlib import Path

import pytest
import yaml

from tests.project import ROOT, RUN, Project

STAGES = ("compose", "examples", "train", "impacts", "maps", "faithfulness")


def imported(file: Path) -> set[Path]:
    """The modules of ours that a module imports, relative to the project."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    paths = {Path(*name.split(".")).with_suffix(".py") for name in found if name.startswith("pipeline")}
    return {path for path in paths if (ROOT / path).exists()}


def closure(file: Path) -> set[Path]:
    """A module and all modules of ours it reaches."""
    reached, waiting = set(), {file}
    while waiting:
        current = waiting.pop()
        reached.add(current)
        waiting |= imported(ROOT / current) - reached
    return reached


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_exactly_the_modules_it_imports(stage: str) -> None:
    pipeline = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
    named = {Path(dep) for dep in pipeline["stages"][stage]["do"]["deps"] if dep.endswith(".py")}
    assert named == closure(Path("pipeline/stages") / f"{stage}.py")


def test_imports_run_one_way() -> None:
    reached = {file.stem: closure(Path("pipeline/explain") / file.name) for file in ROOT.glob("pipeline/explain/*.py")}
    for name, modules in reached.items():
        assert all(module.parts[1] == "explain" for module in modules), f"explain/{name}.py imports from outside"
    store = closure(Path("pipeline/store.py"))
    assert {module.name for module in store} == {"store.py", "schema.py", "columns.py", "config.py", "errors.py"}


def test_nothing_to_do_runs_nothing(workshop: Project) -> None:
    assert workshop.repro() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "stages"),
    [
        ("conf/maps/default.yaml", "graph_neighbors: 10", "graph_neighbors: 7", ["compose", "maps"]),
        ("conf/run/tiny.yaml", "epochs: [0, 3]", "epochs: [0, 2]", ["compose", "impacts", "faithfulness"]),
        ("conf/run/tiny.yaml", "learning_rate: 0.01", "learning_rate: 0.02", ["compose", *STAGES[2:]]),
        # Which examples are mapped concerns the impacts too, as they may be asked for those alone.
        ("conf/run/tiny.yaml", "examples: 60", "examples: 50", ["compose", "examples", *STAGES[3:]]),
        ("conf/run/tiny.yaml", "max_length: 12", "max_length: 11", list(STAGES)),
        ("pipeline/explain/isomap.py", "DENSE = 1_000", "DENSE = 1_001", ["maps"]),
        ("pipeline/explain/prefix.py", "TOLERANCE = 1e-5", "TOLERANCE = 2e-5", ["compose", "impacts", "faithfulness"]),
        ("pipeline/data/corpora.py", "no rows;", "no rows at all;", ["examples"]),
    ],
    ids=["neighbours", "epochs explained", "learning rate", "mapped", "words read", "isomap", "prefix", "corpora"],
)
def test_a_change_runs_the_stages_it_concerns(
    workshop: Project, file: str, old: str, new: str, stages: list[str]
) -> None:
    workshop.edit(file, old, new)
    assert workshop.repro() == stages
    assert workshop.repro() == []


def test_make_repro_leaves_faithfulness_to_dvc_repro(workshop: Project) -> None:
    makefile = (workshop.folder / "Makefile").read_text(encoding="utf-8")
    assert "\tdvc repro impacts maps\n" in makefile
    workshop.edit("conf/run/tiny.yaml", "hybrids: 10", "hybrids: 9")
    assert workshop.repro("impacts", "maps") == ["compose"]
    assert workshop.repro() == ["faithfulness"]


def test_a_change_taken_back_is_restored_without_training(workshop: Project) -> None:
    before = hashes(workshop)
    workshop.edit("conf/run/tiny.yaml", "learning_rate: 0.01", "learning_rate: 0.02")
    workshop.repro()
    assert hashes(workshop) != before
    workshop.edit("conf/run/tiny.yaml", "learning_rate: 0.02", "learning_rate: 0.01")
    assert "train" not in workshop.repro()
    assert hashes(workshop) == before


def test_built_twice_from_nothing_every_output_has_the_same_bytes(workshop: Project) -> None:
    before, contents = hashes(workshop), files(workshop)
    shutil.rmtree(workshop.results)
    shutil.rmtree(workshop.artifacts / "resume")
    shutil.rmtree(workshop.folder / ".dvc" / "cache")
    (workshop.folder / "dvc.lock").unlink()
    assert workshop.repro() == list(STAGES)
    assert hashes(workshop) == before
    assert files(workshop) == contents


def test_outputs_name_no_folder_of_this_machine(built: Project) -> None:
    for name, content in files(built).items():
        assert str(built.folder).encode() not in content, name


def test_metrics_plots_and_dag_have_something_to_show(workshop: Project) -> None:
    shown = workshop.command("dvc", "metrics", "show", "--json").stdout
    assert '"accuracy"' in shown
    assert "train@tiny" in workshop.command("dvc", "dag").stdout
    plots = workshop.command("dvc", "plots", "show", "--json").stdout
    assert f"artifacts/run={RUN}/accuracy.csv" in plots


def hashes(project: Project) -> dict[str, str]:
    """{output: hash} as DVC recorded them."""
    lock = yaml.safe_load((project.folder / "dvc.lock").read_text())
    return {out["path"]: out["md5"] for stage in lock["stages"].values() for out in stage["outs"]}


def files(project: Project) -> dict[str, bytes]:
    found = sorted(path for path in project.results.rglob("*") if path.is_file())
    return {str(path.relative_to(project.folder)): path.read_bytes() for path in found}

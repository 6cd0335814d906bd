"""python -m pipeline.runs: list the runs of the store, let DVC keep one, remove some.

python -m pipeline.runs
python -m pipeline.runs promote sentences,model.hidden_32 kept
python -m pipeline.runs remove 'sentences,*'
"""

import argparse
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from pipeline import config, inputs, jobs, store
from pipeline.config import Config
from pipeline.errors import InputError, told_in_one_line
from pipeline.store import Run

NAMED = Path("conf/run")
WATCHED = store.ARTIFACTS / "corpora"  # the stage `examples` in dvc.yaml depends on all of it
DVC_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]*")  # a stage's name in dvc.lock, and a file's name in conf/run
HEAD = """# @package _global_
# Promoted from the run {source}.
# Run:      make repro
{expected}"""
SECTIONS = ("corpus", "model", "trainer", "impacts", "maps", "faithfulness")


def listing() -> str:
    """A line a run: its name, how it stands, the accuracy on the test split at the last epoch, its size on disk."""
    kept = jobs.kept_runs()
    rows = [("run", "state", "test accuracy", "size")]
    for name in store.runs():
        run = Run(name)
        state = "complete" if jobs.complete(run) else "unfinished"
        accuracy = test_accuracy(run)
        rows.append(
            (
                name,
                f"{state}, kept by DVC" if name in kept else state,
                "" if accuracy is None else f"{100 * accuracy:.1f} %",
                f"{size(run.folder) / 1e6:.1f} MB",
            )
        )
    if len(rows) == 1:
        return "no runs yet; make repro builds those of params.yaml"
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join((row[0].ljust(widths[0]), row[1].ljust(widths[1]), *map(str.rjust, row[2:], widths[2:])))
        for row in rows
    ]
    return "\n".join(line.rstrip() for line in lines)


def test_accuracy(run: Run) -> float | None:
    """Share of the test split read right at the last epoch; None where the run is not trained."""
    if not run.scores.exists():
        return None
    return float(yaml.safe_load(run.scores.read_text(encoding="utf-8"))["test"]["accuracy"])


def size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def found(name: str) -> Run:
    """The run of this name; InputError where the store has none."""
    if name not in store.runs():
        raise InputError(f"run {name!r} is not in {store.ARTIFACTS}; there are: {', '.join(store.runs()) or 'none'}")
    return Run(name)


def promote(name: str, new: str) -> list[str]:
    """Make a run a named one that `dvc repro` keeps; what was done, a line each.

    Writes conf/run/<new>.yaml with every value of the run's config, adds the name to params.yaml, and leaves the
    finished epochs where DVC's training finds them: `dvc repro` then trains nothing anew, unless the code has changed.
    """
    run = found(name)
    wanted = config.read(run.config)
    if not DVC_NAME.fullmatch(new):
        raise InputError(f"{new!r} cannot name a run that DVC keeps; use letters, digits, - and _")
    if new in jobs.kept_runs():
        raise InputError(f"run {new!r} is kept by DVC already (params.yaml); choose another name")
    path = NAMED / f"{new}.yaml"
    if path.exists():
        raise InputError(f"{path} exists already; choose another name, or add {new!r} to params.yaml to keep that one")
    if new != name and Run(new).folder.exists():
        raise InputError(f"{Run(new).folder} exists already; choose another name, or remove that run")
    params = with_new(new)
    with jobs.alone_with(run):
        if run.resume.exists() and new != name:  # first, as most can fail here and nothing refers to it yet
            shutil.copytree(run.resume, Run(new).resume, dirs_exist_ok=True)
        store.write_text(path, named(wanted, test_accuracy(run)))
        try:
            store.write_text(jobs.PARAMS, params)
        except OSError:
            path.unlink()
            raise
    done = [
        f"{path}: the config of run {name}",
        f"{jobs.PARAMS}: {new} added to the runs that dvc repro keeps",
        "make repro builds it, from the epochs that are trained already",
    ]
    if files := unwatched(wanted):
        done.append(
            f"DVC does not watch {', '.join(files)}: after a change there, or in what a module of yours imports, "
            f"run dvc repro --force --downstream compose@{new}"
        )
    return (
        done if new == name else [*done, f"{name} stays; to remove it: python -m pipeline.runs remove {quoted(name)}"]
    )


def unwatched(wanted: Config) -> list[str]:
    """The files of yours that a run is made of and that no stage in dvc.yaml depends on."""
    files = inputs.hashes(wanted)
    if wanted.corpus.file and WATCHED.absolute() in Path(wanted.corpus.file).absolute().parents:
        files.pop(Path(wanted.corpus.file).as_posix(), None)
    return sorted(files)


def named(wanted: Config, accuracy: float | None) -> str:
    """A file for conf/run that composes to this config, whatever the defaults of its groups become."""
    expected = "" if accuracy is None else f"# Expected: test accuracy {accuracy:.2f}\n"
    values = wanted.model_dump()
    content = {"seed": values["seed"]} | {section: values[section] for section in SECTIONS}
    # No choice of any group: a key that only a default has would be one too many.
    defaults = [{f"override /{section}": None} for section in SECTIONS]
    text = yaml.safe_dump({"defaults": defaults} | content, sort_keys=False, allow_unicode=True)
    return HEAD.format(source=wanted.name, expected=expected) + text


def with_run(params: str, name: str) -> str:
    """The text of params.yaml with one more run; its comments stay, and the style of its list."""
    runs = behind_runs(params)
    start, end = runs.start_mark.index, runs.end_mark.index
    if not isinstance(runs, yaml.SequenceNode):  # nothing behind the key
        return f"{params[:start].rstrip()} [{name}]{params[end:]}"
    if not runs.value:
        return f"{params[: end - 1]}{name}{params[end - 1 :]}"
    last = runs.value[-1].end_mark.index
    if runs.flow_style:
        return f"{params[:last]}, {name}{params[last:]}"
    rest = params.find("\n", last)
    line = rest if rest >= 0 else len(params)  # a comment may follow the last name
    return f"{params[:line]}\n{' ' * runs.start_mark.column}- {name}{params[line:]}"


def behind_runs(params: str) -> yaml.Node:
    """What stands behind the key `runs` in params.yaml, with its place in the text."""
    whole = yaml.compose(params, Loader=yaml.SafeLoader)
    pairs = whole.value if isinstance(whole, yaml.MappingNode) else []
    found: yaml.Node | None = next((value for key, value in pairs if key.value == "runs"), None)
    if found is None:
        raise InputError(jobs.NO_LIST)
    return found


def with_new(new: str) -> str:
    """What params.yaml will hold; InputError, before anything is written, where the name would not be read back."""
    before = jobs.PARAMS.read_text(encoding="utf-8") if jobs.PARAMS.exists() else ""
    text = with_run(before, new)
    if yaml.safe_load(text)["runs"] != [*jobs.listed(before), new]:
        raise InputError(f"{jobs.PARAMS}: {new!r} cannot be added to its runs; choose another name or add it by hand")
    return text


def remove(patterns: Sequence[str], yes: bool) -> list[str]:
    """Remove the runs whose names match; what was done, a line each. Asks first, unless `yes`."""
    runs = matching(patterns)
    total = sum(size(run.folder) for run in runs)
    names = ", ".join(run.name for run in runs)
    if not yes:
        if not sys.stdin.isatty():
            raise InputError(f"this would remove {names}; say --yes to do so")
        if input(f"remove {names} ({total / 1e6:.1f} MB)? [y/N] ").strip().lower() not in ("y", "yes"):
            return ["nothing was removed"]
    for run in runs:
        with jobs.alone_with(run):
            for folder in (run.folder, run.resume, run.selections):
                shutil.rmtree(folder, ignore_errors=True)
        run.lock.unlink(missing_ok=True)
    return [f"removed {names} ({total / 1e6:.1f} MB)"]


def matching(patterns: Sequence[str]) -> list[Run]:
    """The runs that patterns such as `sentences,*` name; InputError where one names none, or one that DVC keeps."""
    names: dict[str, None] = {}
    for pattern in patterns:
        hits = [name for name in store.runs() if fnmatchcase(name, pattern)] or [found(pattern).name]
        names |= dict.fromkeys(hits)
    kept = [name for name in names if name in jobs.kept_runs()]
    if kept:
        raise InputError(f"run {kept[0]!r} is one that dvc repro keeps; take it out of params.yaml first")
    return [Run(name) for name in names]


def quoted(name: str) -> str:
    """A name as a shell and `remove` take it."""
    return shlex.quote(name)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.runs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("list", help="all runs: state, test accuracy, size (also without a command)")
    one = commands.add_parser("promote", help="make a run a named one that dvc repro keeps")
    one.add_argument("run", help="a run of the store")
    one.add_argument("name", nargs="?", help="its name from now on (default: the same)")
    some = commands.add_parser("remove", help="remove runs, their finished epochs and saved selections")
    some.add_argument("runs", nargs="+", metavar="RUN", help="a name, or a pattern such as 'sentences,*'")
    some.add_argument("--yes", action="store_true", help="do not ask")
    given = parser.parse_args()
    with told_in_one_line():
        if given.command == "promote":
            lines = promote(given.run, given.name or given.run)
        elif given.command == "remove":
            lines = remove(given.runs, given.yes)
        else:
            lines = [listing()]
        print("\n".join(lines))


if __name__ == "__main__":
    main()

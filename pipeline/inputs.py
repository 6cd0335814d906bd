"""The files outside of the project that a run is made of, and hashes of what they hold.

A file of the same name may hold something else tomorrow: the config does not tell.
"""

import hashlib
from pathlib import Path

from pipeline.config import Config

OURS = Path(__file__).parent


def hashes(config: Config) -> dict[str, str]:
    """{file, as the config or its import path names it: SHA-256 of its content}; files that are missing are left out.

    The corpus, brought weights, and the modules of a network and a function of the user's that lie in the working
    folder.
    """
    named = [Path(name) for name in (config.corpus.file, *(config.model.checkpoints or [])) if name]
    named += [path for name in (config.model.network, config.corpus.function) if name and (path := module_file(name))]
    return {path.as_posix(): digest(path) for path in named if path.is_file()}


def module_file(import_path: str) -> Path | None:
    """The file in the working folder that an import path such as my_module.MyNetwork leads to; None if it is ours."""
    module = import_path.rpartition(".")[0]
    here = Path.cwd()
    for file in (here / f"{module.replace('.', '/')}.py", here / module.replace(".", "/") / "__init__.py"):
        if file.is_file() and OURS not in file.resolve().parents:
            return file.relative_to(here)
    return None


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def changed(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """The files that are not what they were."""
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))

"""A page of docs/ as the steps that a reader takes: files to write, commands to type, what they must say."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.project import Project

BLOCK = re.compile(r"^```(?P<kind>\w*)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"(?P<end>[Aa]t the end of|In) `(?P<path>[^`\s]+)`:$")
HEADING = re.compile(r"^## (.*)$", re.MULTILINE)
SERVES = "python -m viewer"  # a command that goes on until Ctrl-C


@dataclass(frozen=True)
class Step:
    """One block. kind: `sh` to type, `text` that the commands before it say, anything else a file's content."""

    section: str
    kind: str
    content: str
    path: str = ""
    appended: bool = False


def steps(page: Path) -> list[Step]:
    """The blocks of a page in order. A file's block follows a line that ends with its path."""
    text = page.read_text(encoding="utf-8")
    found = []
    for block in BLOCK.finditer(text):
        before = text[: block.start()]
        section = ["", *HEADING.findall(before)][-1]
        # A path at the end of a paragraph; it may have wrapped.
        paragraph = " ".join(before.rstrip().rpartition("\n\n")[2].split())
        named = FILE.search(paragraph)
        kind, content = block["kind"], block["content"]
        if kind in ("sh", "text"):
            found.append(Step(section, kind, content))
        else:
            assert named, f"{page}: whose content is this?\n{content}"
            found.append(Step(section, kind, content, named["path"], named["end"].lower().startswith("at")))
    return found


def links(page: Path) -> list[str]:
    """The queries of the addresses of the viewer that a page names, `?` first."""
    return re.findall(r"<http://127\.0\.0\.1:5006/(\?[^>]+)>", page.read_text(encoding="utf-8"))


def take(project: Project, step: Step, said: str) -> str:
    """Take one step in a copy of the project; what the last commands said. Fails where they do not end well."""
    if step.kind == "sh":
        return said if step.content.strip() == SERVES else typed(project, step.content)
    if step.kind == "text":
        for line in step.content.splitlines():
            assert line in said.splitlines(), f"the page shows {line!r}; the command said:\n{said}"
        return said
    path = project.folder / step.path
    before = path.read_text(encoding="utf-8") if step.appended else ""
    assert step.appended or not path.exists(), f"{step.path} is there already"
    path.write_text(before + step.content, encoding="utf-8")
    return said


def typed(project: Project, commands: str) -> str:
    """Both outputs of commands typed into a shell, each of which must end well."""
    settings = project.settings() | {"stderr": subprocess.STDOUT}
    result = subprocess.run(["bash", "-euc", commands], check=False, **settings)  # type: ignore[call-overload]
    assert result.returncode == 0, f"{commands}\n{result.stdout}"
    return str(result.stdout)

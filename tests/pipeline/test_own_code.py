"""What is said of a person's code that cannot be imported or that fails; and that a bug of ours is never told so."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import own_code
from pipeline.errors import InputError
from tests.pipeline.slurm import start_again

Write = Callable[[str], Path]


def imported() -> object:
    return own_code.imported("their_module.Net", "model.network")


def test_what_stands_at_an_import_path_is_found(theirs: Write) -> None:
    theirs("class Net:\n    width = 3\n")
    assert imported().width == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Nett = 1\n", ": their_module has no Net"),
        ("import no_such_package\n", " cannot be imported: No module named 'no_such_package'"),
        (
            "import math\n\nx = math.tau2\n",
            " cannot be imported: AttributeError: module 'math' has no .* (FILE, line 3)",
        ),
        ("\nNet = nn.Module\n", " cannot be imported: NameError: name 'nn' is not defined (FILE, line 2)"),
        ("x = 1\nclass Net(:\n    pass\n", " cannot be imported: SyntaxError: invalid syntax (FILE, line 2)"),
        (
            "import sys\n\nsys.exit('usage: x\\n  TABLE')\n",
            " cannot be imported: SystemExit: usage: x TABLE (FILE, line 3)",
        ),
        ("raise SystemExit\n", " cannot be imported: SystemExit (FILE, line 1)"),
        # Noticed within Python's own json, and written here.
        ("import json\n\n\nx = json.loads('')\n", " cannot be imported: JSONDecodeError: .* (FILE, line 4)"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told_by_its_own_line(theirs: Write, content: str, said: str) -> None:
    place = str(theirs(content))
    with pytest.raises(InputError) as refusal:
        imported()
    start, _, end = f"config: model.network='their_module.Net'{said.replace('FILE', place)}".partition(".* ")
    assert str(refusal.value).startswith(start)
    assert str(refusal.value).endswith(end)


def test_a_mistake_within_torch_is_told_by_the_line_that_called_it(theirs: Write) -> None:
    lines = [
        "import torch",
        "",
        "def answer():",
        "    layer = torch.nn.Linear(3, 2)",
        "    return layer(torch.ones(4))",
    ]
    file = theirs("\n".join(lines))
    answer = own_code.imported("their_module.answer", "corpus.function")
    with (
        pytest.raises(InputError, match=r"^it fails: RuntimeError: ") as refusal,
        own_code.failing("their_module", "it fails"),
    ):
        answer()
    assert str(refusal.value).endswith(f" ({file}, line 5)")
    assert "\n" not in str(refusal.value)


def test_a_refusal_is_not_told_twice() -> None:
    with pytest.raises(InputError, match=r"^as it is$"), own_code.failing("their_module", "it fails"):
        raise InputError("as it is")


@pytest.mark.parametrize("module", ["pipeline.models.recurrent", "pipeline"])
def test_a_bug_of_ours_keeps_its_traceback(module: str) -> None:
    with pytest.raises(KeyError), own_code.failing(module, "it fails"):
        raise KeyError("ours")


def test_ctrl_c_in_a_person_s_code_is_no_mistake_of_theirs() -> None:
    with pytest.raises(KeyboardInterrupt), own_code.failing("their_module", "it fails"):
        raise KeyboardInterrupt


def test_what_a_launcher_raises_in_a_person_s_code_to_end_the_job_passes() -> None:
    """submitit does so from a signal, wherever the job is at that moment."""
    with pytest.raises(SystemExit), own_code.failing("their_module", "it fails"):
        start_again()


@pytest.mark.parametrize("folder", ["ray", "submitit"])
@pytest.mark.parametrize("mistake", ["raise KeyError('theirs')", "raise SystemExit"])
def test_a_folder_called_like_a_launcher_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, mistake: str
) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "module_below.py").write_text(f"def fail():\n    {mistake}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path / folder)
    monkeypatch.delitem(sys.modules, "module_below", raising=False)
    fail = own_code.imported("module_below.fail", "corpus.function")
    with pytest.raises(InputError, match=r"it fails: .*, line 2\)$"), own_code.failing("module_below", "it fails"):
        fail()


def test_a_module_whose_name_only_begins_like_ours_is_a_person_s() -> None:
    with pytest.raises(InputError, match="it fails: KeyError"), own_code.failing("pipeline_of_mine.nets", "it fails"):
        raise KeyError("theirs")


def test_what_no_line_led_to_has_no_place() -> None:
    assert own_code.told(ValueError("so\n it is")) == "ValueError: so it is"

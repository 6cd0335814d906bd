"""Every network that conf/model/ configures, and the classes of docs/bring-your-own.md, on another device than the CPU.

Torch's `meta` is one that every machine has: tensors there have shapes and no values.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import yaml
from torch import nn

from pipeline.models import networks
from pipeline.stages import compose
from tests.docs.walk import steps
from tests.project import ROOT

NAMES = sorted(file.stem for file in (Path(compose.CONF) / "model").glob("*.yaml"))
SHOWN = ("StrongestState", "InOnePass")  # what the page has its reader write
TOKENS, CHANNELS, OUTPUTS = 30, 3, 2
LENGTHS = torch.tensor([7, 1, 12, 5])
MAX = int(LENGTHS.max())
SHAPES = {  # {what a network may offer: what it answers}
    "forward": (len(LENGTHS), OUTPUTS),
    "prefix_logits": (len(LENGTHS), MAX + 1, OUTPUTS),
    "attention_weights": (len(LENGTHS), MAX),
    "leave_one_out_logits": (len(LENGTHS), MAX, OUTPUTS),
}
NEEDS_VALUES = "leave_one_out_logits"  # it asks which sequences have ended, and `meta` cannot say


def offered(network: nn.Module) -> list[str]:
    return [name for name in SHAPES if hasattr(network, name)]


def named(name: str, channels: int | None) -> nn.Module:
    """A network of conf/model, on the CPU."""
    arguments: dict[str, Any] = yaml.safe_load((Path(compose.CONF) / "model" / f"{name}.yaml").read_text())["model"]
    path = arguments.pop("network")
    return networks.build(path, arguments, None if channels else TOKENS, OUTPUTS, channels).eval()


def shown(name: str) -> nn.Module:
    """A network of the page."""
    written: dict[str, Any] = {}
    for step in steps(ROOT / "docs" / "bring-your-own.md"):
        if step.path == "my_model.py":
            exec(step.content, written)
    network: nn.Module = written[name](TOKENS, OUTPUTS, 8).eval()
    return network


def batch(channels: int | None) -> torch.Tensor:
    torch.manual_seed(1)
    shape = (len(LENGTHS), MAX)
    return torch.randn(*shape, channels) if channels else torch.randint(1, TOKENS, shape)


@pytest.fixture(
    params=[*((name, channels) for name in NAMES for channels in (None, CHANNELS)), *((name, None) for name in SHOWN)],
    ids=lambda kind: f"{kind[0]}-{'numbers' if kind[1] else 'words'}",
)
def case(request: pytest.FixtureRequest) -> SimpleNamespace:
    """A network and what it reads."""
    name, channels = request.param
    return SimpleNamespace(network=shown(name) if name in SHOWN else named(name, channels), inputs=batch(channels))


@torch.no_grad()
def test_a_network_answers_where_it_is(case: SimpleNamespace) -> None:
    network = case.network.to("meta")
    for name in offered(network):
        if name == NEEDS_VALUES:
            continue
        answer = getattr(network, name)(case.inputs.to("meta"), LENGTHS.to("meta"))
        assert (answer.device.type, answer.shape) == ("meta", SHAPES[name]), name


@torch.no_grad()
def test_what_a_network_makes_on_its_way_stands_where_its_inputs_do(case: SimpleNamespace) -> None:
    for name in offered(case.network):
        method = getattr(case.network, name)
        expected = method(case.inputs, LENGTHS)
        with torch.device("meta"):  # where a tensor is made whose place is not said
            answer = method(case.inputs, LENGTHS)
        assert answer.device.type == "cpu", name
        assert answer.shape == SHAPES[name], name
        torch.testing.assert_close(answer, expected, rtol=0, atol=0, equal_nan=True)

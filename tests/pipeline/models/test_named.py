"""Every network that conf/model/ configures, against its own prefixes one by one; a new file there is tested too."""

from functools import cache
from pathlib import Path

import pytest
import torch
import yaml
from torch.nn import functional

from pipeline.explain import prefix
from pipeline.explain.layers import vectors
from pipeline.models import networks
from pipeline.stages import compose

FILES = sorted((Path(compose.CONF) / "model").glob("*.yaml"))
NAMES = [file.stem for file in FILES]
TOKENS, CHANNELS = 30, 3
LENGTHS = torch.tensor([7, 1, 12, 5])


@cache
def config(name):
    return yaml.safe_load((Path(compose.CONF) / "model" / f"{name}.yaml").read_text())


def network(name, outputs=1, channels=None, seed=0):
    """The network as it is configured, untrained, with weights large enough for every element to matter."""
    torch.manual_seed(seed)
    arguments = {key: value for key, value in config(name)["model"].items() if key != "network"}
    built = networks.build(
        config(name)["model"]["network"], arguments, None if channels else TOKENS, outputs, channels
    ).eval()
    for weight in built.output.parameters():
        weight.data *= 10
    return built


def batch(channels=None, seed=1):
    """Padded sequences with something other than zeros beyond the lengths."""
    torch.manual_seed(seed)
    shape = (len(LENGTHS), int(LENGTHS.max()))
    return torch.randn(*shape, channels) if channels else torch.randint(1, TOKENS, shape)


def one_by_one(built, sequence):
    """{length: (outputs,) logits} of every prefix of one sequence, each alone and without padding."""
    first = 0 if prefix.defined_on_empty(built) else 1
    found = {}
    for length in range(first, len(sequence) + 1):
        read = sequence[None, :length] if length else torch.zeros_like(sequence[None, :1])
        found[length] = built(read, torch.tensor([length]))[0]
    return found


def test_the_named_networks_are_all_here():
    assert {"rnn", "gru", "lstm", "lstm2", "lstm3", "bilstm", "attention", "no_hidden", "conv", "transformer"} < set(
        NAMES
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("outputs", "channels"), [(1, None), (4, None), (3, CHANNELS)])
@torch.no_grad()
def test_every_prefix_is_what_the_network_says_of_it_alone(name, outputs, channels):
    built, inputs = network(name, outputs, channels), batch(channels)
    ways = [
        prefix.prefix_logits(built, inputs, LENGTHS),
        prefix.explicit_prefix_logits(built, inputs, LENGTHS, batch_size=5),
    ]
    for row, length in enumerate(LENGTHS.tolist()):
        expected = one_by_one(built, inputs[row, :length])
        for logits in ways:
            assert logits.shape == (len(LENGTHS), 13, outputs)
            for position, alone in expected.items():
                torch.testing.assert_close(logits[row, position], alone, rtol=1e-5, atol=1e-5)
            if 0 not in expected:
                assert logits[row, 0].isnan().all()
        together = torch.stack(list(expected.values()))
        if len(together) > 1:
            assert (together[1:] - together[:-1]).abs().min() > 1e-5  # every element matters


@pytest.mark.parametrize("name", NAMES)
@torch.no_grad()
def test_the_checks_of_a_run_pass(name):
    for channels in (None, CHANNELS):
        built, inputs = network(name, channels=channels), batch(channels)
        assert prefix.check_independent(built, inputs, LENGTHS) < 2e-6
        assert prefix.check_prefixes(built, inputs, LENGTHS) < 2e-6


@pytest.mark.parametrize("name", NAMES)
@torch.no_grad()
def test_what_lies_beyond_a_length_is_not_read(name):
    built, inputs = network(name), batch()
    other = torch.where(torch.arange(12)[None] < LENGTHS[:, None], inputs, batch(seed=2))
    assert not torch.equal(inputs, other)
    torch.testing.assert_close(built(inputs, LENGTHS), built(other, LENGTHS), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@torch.no_grad()
def test_the_mapped_layers_answer_one_vector_a_sequence_whatever_the_padding(name):
    built, inputs, layers = network(name), batch(), config(name)["maps"]["layers"]
    networks.check_layers(built, layers)
    together = vectors(built, layers, inputs, LENGTHS)
    assert list(together) == list(layers)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = vectors(built, layers, inputs[row : row + 1, :length], LENGTHS[row : row + 1])
        for layer, vector in together.items():
            assert vector.shape[0] == len(LENGTHS)
            torch.testing.assert_close(vector[row], alone[layer][0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("channels", [None, CHANNELS])
def test_every_weight_is_trained_and_a_step_lowers_the_loss(name, channels):
    built, inputs = network(name, 4, channels), batch(channels)
    labels = torch.tensor([0, 1, 2, 3])
    before = functional.cross_entropy(built(inputs, LENGTHS), labels)
    before.backward()
    for path, weight in built.named_parameters():
        assert weight.grad is not None, f"{path} is not used"
        assert weight.grad.abs().sum() > 0, f"{path} does not matter"
        weight.data -= 1e-4 * weight.grad
    assert functional.cross_entropy(built(inputs, LENGTHS), labels) < before


@pytest.mark.parametrize("name", NAMES)
def test_each_file_says_on_top_what_it_is(name):
    lines = (Path(compose.CONF) / "model" / f"{name}.yaml").read_text().splitlines()
    assert lines[0] == "# @package _global_"
    assert lines[1].startswith("# ")


@pytest.mark.parametrize("name", NAMES)
def test_each_file_composes_and_is_accepted_before_training(name):
    compose.check(compose.composed("paper", [f"model={name}"]))

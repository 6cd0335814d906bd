"""The network against its equations in NumPy, and what `build` refuses."""

import numpy as np
import pytest
import torch
from scipy.special import expit

from pipeline.errors import InputError
from pipeline.models.networks import LSTMClassifier, build, check_layers

PATH = "pipeline.models.networks.LSTMClassifier"
ARGUMENTS = {"embedding": 3, "hidden": 4, "dense": 5, "dropout": 0.5}
INPUTS = torch.tensor([[3, 1, 4, 2], [6, 7, 5, 5], [8, 8, 8, 8]])
LENGTHS = torch.tensor([4, 2, 0])


def network(outputs=1):
    torch.manual_seed(0)
    return build(PATH, ARGUMENTS, tokens=9, outputs=outputs).eval()


def by_hand(weights, elements):
    """Logits after 0, 1, ... elements, ids or vectors, from the LSTM's equations in float64."""
    w = {name: value.double().numpy() for name, value in weights.items()}
    state = memory = np.zeros(4)
    states = [state]
    for element in elements:
        if isinstance(element, int):
            entered = w["embedding.weight"][element]
        else:
            entered = w["embedding.weight"] @ element + w["embedding.bias"]
        gates = w["lstm.weight_ih_l0"] @ entered + w["lstm.bias_ih_l0"]
        gates = gates + w["lstm.weight_hh_l0"] @ state + w["lstm.bias_hh_l0"]
        entry, forget, cell, out = np.split(gates, 4)
        memory = expit(forget) * memory + expit(entry) * np.tanh(cell)
        state = expit(out) * np.tanh(memory)
        states.append(state)
    dense = np.maximum(0, np.array(states) @ w["dense.0.weight"].T + w["dense.0.bias"])
    return dense @ w["output.weight"].T + w["output.bias"]


@pytest.mark.parametrize("outputs", [1, 3])
@torch.no_grad()
def test_logits_are_those_of_the_equations(outputs):
    model = network(outputs)
    last, every = model(INPUTS, LENGTHS), model.prefix_logits(INPUTS, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        expected = by_hand(model.state_dict(), INPUTS[row, :length].tolist())
        np.testing.assert_allclose(every[row, : length + 1], expected, atol=1e-6)
        np.testing.assert_allclose(last[row], expected[-1], atol=1e-6)


@torch.no_grad()
def test_logits_of_numbers_are_those_of_the_equations():
    torch.manual_seed(0)
    model = build(PATH, ARGUMENTS, tokens=None, outputs=3, channels=2).eval()
    inputs = torch.randn(3, 4, 2)
    last, every = model(inputs, LENGTHS), model.prefix_logits(inputs, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        expected = by_hand(model.state_dict(), inputs[row, :length].double().numpy())
        np.testing.assert_allclose(every[row, : length + 1], expected, atol=1e-6)
        np.testing.assert_allclose(last[row], expected[-1], atol=1e-6)


class WordsAlone(torch.nn.Module):
    def __init__(self, tokens, outputs):
        super().__init__()


def test_a_network_that_reads_words_alone_is_refused_for_numbers_by_name():
    path = f"{__name__}.WordsAlone"
    assert isinstance(build(path, {}, tokens=3, outputs=1), WordsAlone)
    with pytest.raises(InputError, match="WordsAlone' does not read numbers: its constructor has no argument channels"):
        build(path, {}, tokens=None, outputs=1, channels=2)


@torch.no_grad()
def test_what_lies_beyond_a_length_is_not_read():
    model = network()
    other = INPUTS.clone()
    other[1, 2:], other[2] = 1, 4
    assert torch.equal(model(INPUTS, LENGTHS), model(other, LENGTHS))


@torch.no_grad()
def test_dropout_acts_in_training_only():
    model = network()
    assert torch.equal(model(INPUTS, LENGTHS), model(INPUTS, LENGTHS))
    model.train()
    assert not torch.equal(model(INPUTS, LENGTHS), model(INPUTS, LENGTHS))


def test_the_padding_is_a_vector_of_zeros_that_is_not_trained():
    model = network()
    model(torch.tensor([[1, 0]]), torch.tensor([2])).sum().backward()
    assert model.embedding.weight[0].tolist() == [0, 0, 0]
    assert model.embedding.weight.grad[0].tolist() == [0, 0, 0]
    assert model.embedding.weight.grad[1].abs().sum() > 0


def test_the_number_of_weights_is_that_of_the_layers():
    embedding, lstm, dense, output = 9 * 3, 4 * (4 * 3 + 4 * 4 + 4 + 4), 5 * 4 + 5, 2 * 5 + 2
    assert sum(p.numel() for p in network(2).parameters()) == embedding + lstm + dense + output


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"depth": 2}, "model.depth is not a known key; allowed: network, embedding, hidden, dense, dropout, layers$"),
        ({"tokens": 5}, "model.tokens is not a known key"),
        ({"hidden": 0}, "model.hidden=0 is not allowed: input should be greater than 0"),
        ({"hidden": -4}, "model.hidden=-4 is not allowed"),
        ({"hidden": "64"}, "model.hidden='64' is not allowed: input should be a valid integer"),
        ({"hidden": 2.5}, "model.hidden=2.5 is not allowed"),
        ({"hidden": True}, "model.hidden=True is not allowed"),
        ({"hidden": None}, "model.hidden=None is not allowed"),
        ({"dropout": 1.0}, "model.dropout=1.0 is not allowed: input should be less than 1"),
        ({"dropout": -0.1}, "model.dropout=-0.1 is not allowed: input should be greater than or equal to 0"),
    ],
)
def test_an_argument_that_is_unknown_or_impossible_is_refused_by_name(change, told):
    with pytest.raises(InputError, match=f"^config: {told}"):
        build(PATH, {**ARGUMENTS, **change}, tokens=9, outputs=1)


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_a_missing_argument_is_refused_by_name(name):
    rest = {key: value for key, value in ARGUMENTS.items() if key != name}
    with pytest.raises(InputError, match=f"^config: model.{name} is missing$"):
        build(PATH, rest, tokens=9, outputs=1)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("pipeline.models.nowhere.Net", "network='pipeline.models.nowhere.Net' cannot be imported: No module"),
        ("no_such_package.Net", "cannot be imported"),
        ("pipeline.models.networks.Net", "pipeline.models.networks has no Net"),
        ("pipeline.models.networks.build", "is not a torch.nn.Module class"),
        ("pipeline.errors.InputError", "is not a torch.nn.Module class"),
        ("torch.nn.Linear", "is not a known key"),
    ],
)
def test_what_is_no_network_is_refused_by_its_path(path, told):
    with pytest.raises(InputError, match=rf"config: model.*({told})"):
        build(path, ARGUMENTS, tokens=9, outputs=1)


class Plain(torch.nn.Module):
    """A network without any check of its own."""

    def __init__(self, tokens, outputs, width, skip=False):
        super().__init__()
        self.table = torch.nn.Embedding(tokens, width)
        self.output = torch.nn.Linear(width, outputs)


def test_another_network_is_built_with_the_corpus_sizes_and_its_own_arguments(monkeypatch):
    monkeypatch.setattr("pipeline.models.networks.Plain", Plain, raising=False)
    model = build("pipeline.models.networks.Plain", {"width": 6}, tokens=11, outputs=3)
    assert model.table.weight.shape == (11, 6)
    assert model.output.weight.shape == (3, 6)
    with pytest.raises(InputError, match="allowed: network, width, skip"):
        build("pipeline.models.networks.Plain", {"size": 6}, tokens=11, outputs=3)
    with pytest.raises(InputError, match=r"pipeline.models.networks.Plain cannot be made: TypeError: .*'width'$"):
        build("pipeline.models.networks.Plain", {}, tokens=11, outputs=3)


def test_a_constructor_that_fails_is_told_by_its_line(theirs):
    file = theirs(
        "import torch\n\nclass Net(torch.nn.Module):\n    def __init__(self, outputs):\n        self.x = outputs.x\n"
    )
    with pytest.raises(InputError) as refusal:
        build("their_module.Net", {}, tokens=9, outputs=1)
    said = "config: model: their_module.Net cannot be made: AttributeError: 'int' object has no attribute 'x'"
    assert str(refusal.value) == f"{said} ({file}, line 5)"


def test_a_module_that_fails_as_it_is_imported_is_told_by_its_line(theirs):
    file = theirs("import torch\n\n\nNet = torch.nn.Modul\n")
    with pytest.raises(InputError) as refusal:
        build("their_module.Net", {}, tokens=9, outputs=1)
    start = "config: model.network='their_module.Net' cannot be imported: AttributeError: module 'torch.nn' has no "
    assert str(refusal.value).startswith(start)
    assert str(refusal.value).endswith(f" ({file}, line 4)")


@pytest.mark.parametrize("kind", [AttributeError, TypeError, ValueError])
def test_a_bug_in_the_constructor_of_a_network_of_ours_keeps_its_traceback(monkeypatch, kind):
    def broken(self, tokens, outputs, embedding, hidden, dense, dropout):
        raise kind("ours")

    monkeypatch.setattr(LSTMClassifier, "__init__", broken)
    with pytest.raises(kind, match=r"^ours$"):
        build(PATH, ARGUMENTS, tokens=9, outputs=1)


def test_widths_that_do_not_go_together_are_told_by_their_keys():
    arguments = {"embedding": 10, "heads": 4, "hidden": 5, "layers": 1, "dense": None, "dropout": 0.5}
    with pytest.raises(InputError, match=r"^config: model.embedding=10 must be an even multiple of model.heads=4$"):
        build("pipeline.models.networks.CausalTransformer", arguments, tokens=9, outputs=1)


@pytest.mark.parametrize("hidden", [10**15, 10**30])  # more bytes than addresses; more than an integer of torch
def test_a_network_too_large_for_the_machine_is_told(hidden):
    with pytest.raises(InputError, match=r"^config: model: a LSTMClassifier this large does not fit into memory$"):
        build(PATH, ARGUMENTS | {"hidden": hidden}, tokens=9, outputs=1)


class AnyName(torch.nn.Module):
    def __init__(self, **given):
        super().__init__()
        self.given = given


def test_what_follows_from_the_corpus_is_not_a_key_even_of_a_network_that_takes_any():
    path = f"{__name__}.AnyName"
    assert build(path, {"width": 3}, 9, 1).given == {"tokens": 9, "channels": None, "outputs": 1, "width": 3}
    with pytest.raises(InputError, match=r"config: model.tokens is not a known key"):
        build(path, {"tokens": 5}, tokens=9, outputs=1)


@pytest.mark.parametrize("layer", ["lstms", "", "dense.7", "forward"])
def test_a_layer_that_does_not_exist_is_refused_with_those_that_do(layer):
    names = "embedding, lstm, dropout, dense, dense.0, dense.1, output"
    with pytest.raises(InputError, match=f"config: maps.layers.{layer} is not a layer of this network; it has {names}"):
        check_layers(network(), {"lstm": "last", layer: "mean"})


def test_layers_of_the_network_are_accepted_at_any_depth():
    assert check_layers(network(), {"embedding": "mean", "dense.0": "none"}) is None


def test_the_class_takes_what_the_config_may_say():
    assert LSTMClassifier(tokens=9, outputs=1, **{**ARGUMENTS, "dropout": 0}).dropout.p == 0

"""Vectors of layers against the submodules run by hand."""

import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from pipeline.explain.layers import listening, pooled, vectors
from pipeline.models.networks import LSTMClassifier

LAYERS = {"embedding": "mean", "lstm": "last", "dense": "none"}
INPUTS = torch.tensor([[3, 4, 5, 2], [6, 7, 0, 0], [8, 8, 8, 8]])
LENGTHS = torch.tensor([4, 2, 0])


@pytest.fixture
def network():
    torch.manual_seed(0)
    return LSTMClassifier(tokens=9, outputs=1, embedding=3, hidden=4, dense=5, dropout=0.5).eval()


def hooks(network):
    return sum(len(module._forward_hooks) for module in network.modules())


@torch.no_grad()
def test_vectors_are_those_of_the_layers_run_by_hand_on_each_sequence_alone(network):
    found = vectors(network, LAYERS, INPUTS, LENGTHS)
    table = network.embedding.weight.numpy()
    assert {name: tuple(vector.shape) for name, vector in found.items()} == {
        "embedding": (3, 3),
        "lstm": (3, 4),
        "dense": (3, 5),
    }
    for row, length in enumerate(LENGTHS.tolist()):
        ids = INPUTS[row, :length]
        mean = table[ids.numpy()].mean(axis=0) if length else np.zeros(3)
        state = network.lstm(network.embedding(ids)[None])[1][0][0, 0] if length else torch.zeros(4)
        dense = torch.relu(network.dense[0].weight @ state + network.dense[0].bias)
        np.testing.assert_allclose(found["embedding"][row], mean, atol=1e-6)
        np.testing.assert_allclose(found["lstm"][row], state, atol=1e-6)
        np.testing.assert_allclose(found["dense"][row], dense, atol=1e-6)


def test_mean_and_last_pooling_by_hand():
    output = torch.tensor([[[1.0, 10.0], [3.0, 20.0], [8.0, 60.0]], [[5.0, 7.0], [99.0, 99.0], [99.0, 99.0]]])
    lengths = torch.tensor([2, 1])
    assert pooled(output, lengths, "mean").tolist() == [[2.0, 15.0], [5.0, 7.0]]
    assert pooled(output, lengths, "last").tolist() == [[3.0, 20.0], [5.0, 7.0]]


@pytest.mark.parametrize("pooling", ["mean", "last"])
def test_an_empty_sequence_is_pooled_to_zeros(pooling):
    assert pooled(torch.ones(1, 3, 2), torch.tensor([0]), pooling).tolist() == [[0.0, 0.0]]


def test_pooling_none_returns_the_output_as_it_is():
    output = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert pooled(output, torch.tensor([7, 0]), "none").tolist() == output.tolist()


@pytest.mark.parametrize(
    ("shape", "pooling", "needed"),
    [
        ((2, 3, 4), "none", r"\(2, 3, 4\) needs the pooling mean or last"),
        ((2, 4), "mean", r"\(2, 4\) needs the pooling none"),
        ((2, 4), "last", r"\(2, 4\) needs the pooling none"),
        ((2, 3, 4, 5), "mean", r"\(2, 3, 4, 5\) needs"),
    ],
)
def test_a_pooling_that_does_not_fit_the_shape_is_refused_with_the_one_that_does(shape, pooling, needed):
    with pytest.raises(ValueError, match=needed):
        pooled(torch.zeros(shape), torch.tensor([1, 1]), pooling)


def test_an_answer_of_another_number_of_elements_is_refused():
    output, lengths = torch.ones(2, 3, 4), torch.tensor([1, 1])
    assert pooled(output, lengths, "mean", {3, 1}).tolist() == pooled(output, lengths, "mean").tolist()
    for pooling in ("mean", "last"):
        with pytest.raises(ValueError, match=f"5 elements in shape .2, 3, 4. .* pooling {pooling} needs; .*here T = 5"):
            pooled(output, lengths, pooling, {5, 4})


def test_listening_changes_no_answer_and_leaves_no_hook(network):
    before = network(INPUTS, LENGTHS)
    with listening(network, LAYERS) as heard:
        assert hooks(network) == 3
        assert torch.equal(network(INPUTS, LENGTHS), before)
        first = heard["lstm"].clone()
    assert hooks(network) == 0
    network(INPUTS[:, :1], LENGTHS.clamp(max=1))
    assert torch.equal(heard["lstm"], first)


def test_hooks_are_removed_after_an_exception_in_the_network(network):
    with pytest.raises(IndexError):
        vectors(network, LAYERS, torch.tensor([[99]]), torch.tensor([1]))
    assert hooks(network) == 0


def test_hooks_are_removed_after_a_wrong_pooling(network):
    with pytest.raises(ValueError, match="needs the pooling"):
        vectors(network, {"embedding": "none"}, INPUTS, LENGTHS)
    assert hooks(network) == 0


def test_no_hook_stays_where_one_of_the_layers_does_not_exist(network):
    with pytest.raises(AttributeError):
        vectors(network, {"embedding": "mean", "nowhere": "last"}, INPUTS, LENGTHS)
    assert hooks(network) == 0


class InPlace(nn.Module):
    def __init__(self):
        super().__init__()
        self.stack = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU(inplace=True))
        self.stack[0].weight.data = torch.tensor([[1.0, 0.0], [0.0, -1.0]])

    def forward(self, inputs, lengths):
        return self.stack(inputs)


def test_a_layer_is_heard_as_it_answered_even_if_the_next_one_works_in_place():
    found = vectors(InPlace(), {"stack.0": "none", "stack.1": "none"}, torch.tensor([[2.0, 3.0]]), torch.tensor([1]))
    assert found["stack.1"].tolist() == [[2.0, 0.0]]
    assert found["stack.0"].tolist() == [[2.0, -3.0]]


class Packing(nn.Module):
    """An LSTM on packed sequences, and a layer that takes no part."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 3, batch_first=True)
        self.idle = nn.Linear(1, 1)

    def forward(self, inputs, lengths):
        return self.lstm(pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False))[1][0][0]


@torch.no_grad()
def test_packed_answers_are_padded_again():
    torch.manual_seed(0)
    packing, inputs, lengths = Packing(), torch.randn(2, 4, 2), torch.tensor([1, 3])  # both shorter than the padding
    found = vectors(packing, {"lstm": "last"}, inputs, lengths)["lstm"]
    torch.testing.assert_close(found, packing(inputs, lengths), rtol=0, atol=1e-7)


def test_a_layer_that_takes_no_part_is_told():
    with pytest.raises(ValueError, match="idle: this layer has no tensor for an answer, or takes no part"):
        vectors(Packing(), {"idle": "none"}, torch.zeros(1, 2, 2), torch.tensor([2]))


class Turned(nn.Module):
    """A convolution over (batch, T, width), as a layer of elements; the convolution itself has its filters second."""

    def __init__(self, stride):
        super().__init__()
        self.convolution = nn.Conv1d(2, 5, 3, stride, padding=1)

    def forward(self, elements):
        return self.convolution(elements.transpose(1, 2)).transpose(1, 2)


class Windows(nn.Module):
    def __init__(self, stride=1):
        super().__init__()
        torch.manual_seed(0)
        self.windows = Turned(stride)

    def forward(self, inputs, lengths):
        return self.windows(inputs).sum(dim=(1, 2))


@pytest.mark.parametrize("pooling", ["mean", "last"])
@pytest.mark.parametrize(
    ("stride", "layer", "shape"), [(1, "windows.convolution", (3, 5, 4)), (2, "windows", (3, 2, 5))]
)
@torch.no_grad()
def test_a_convolution_with_its_filters_second_or_with_strides_is_refused(pooling, stride, layer, shape):
    inputs = torch.randn(3, 4, 2)
    said = re.escape(f"{layer}: a layer that answers sequences of 4 elements in shape {shape} does not have one vector")
    with pytest.raises(ValueError, match=f"^{said}"):
        vectors(Windows(stride), {layer: pooling}, inputs, torch.tensor([4, 2, 3]))


@torch.no_grad()
def test_a_convolution_over_elements_is_pooled_as_by_hand():
    network, inputs, lengths = Windows(), torch.randn(3, 4, 2), torch.tensor([4, 2, 3])
    found = vectors(network, {"windows": "mean"}, inputs, lengths)["windows"]
    weight, bias = network.windows.convolution.weight, network.windows.convolution.bias
    padded = torch.cat([torch.zeros(3, 1, 2), inputs, torch.zeros(3, 1, 2)], dim=1)
    for row, length in enumerate(lengths.tolist()):
        windows = [(weight * padded[row, place : place + 3].T).sum(dim=(1, 2)) + bias for place in range(length)]
        torch.testing.assert_close(found[row], torch.stack(windows).mean(dim=0), rtol=1e-5, atol=1e-6)

"""The named networks against their equations, worked out in NumPy from their weights."""

import numpy as np
import pytest
import torch
from scipy.special import erf, expit, softmax
from torch import nn

from pipeline.errors import InputError
from pipeline.models.attention import AttentionLSTM, AttentionPooling
from pipeline.models.bidirectional import BidirectionalLSTM, backward_states, turned
from pipeline.models.convolution import CausalConvolution, ConvolutionClassifier
from pipeline.models.recurrent import GRUClassifier, LSTMClassifier, RNNClassifier
from pipeline.models.transformer import Block, CausalTransformer, sinusoids

IDS = [3, 1, 4, 2, 7]
INPUTS, LENGTHS = torch.tensor([IDS]), torch.tensor([len(IDS)])
SIZES = {"tokens": 9, "outputs": 2, "embedding": 4, "dense": 5, "dropout": 0.5}


def made(kind, **more):
    torch.manual_seed(0)
    return kind(**{**SIZES, **more}).eval()


def weights_of(network):
    return {name: value.double().numpy() for name, value in network.state_dict().items()}


def cell(kind, w, name, element, state):
    """The next (hidden, memory) of a recurrent layer."""
    hidden, memory = state
    ours = w[f"{name}.weight_ih_l0"] @ element + w[f"{name}.bias_ih_l0"]
    recurrent = w[f"{name}.weight_hh_l0"] @ hidden + w[f"{name}.bias_hh_l0"]
    if kind == "rnn":
        return np.tanh(ours + recurrent), memory
    if kind == "gru":
        reset, update = (expit(a + b) for a, b in zip(np.split(ours, 3)[:2], np.split(recurrent, 3)[:2], strict=True))
        new = np.tanh(np.split(ours, 3)[2] + reset * np.split(recurrent, 3)[2])
        return (1 - update) * new + update * hidden, memory
    entry, forget, new, out = np.split(ours + recurrent, 4)
    memory = expit(forget) * memory + expit(entry) * np.tanh(new)
    return expit(out) * np.tanh(memory), memory


def run(kind, w, name, elements, hidden=3):
    """States after 1, 2, ... elements."""
    state, found = (np.zeros(hidden), np.zeros(hidden)), []
    for element in elements:
        state = cell(kind, w, name, element, state)
        found.append(state[0])
    return np.array(found)


def head(w, vectors):
    if "dense.0.weight" in w:
        vectors = np.maximum(0, vectors @ w["dense.0.weight"].T + w["dense.0.bias"])
    return vectors @ w["output.weight"].T + w["output.bias"]


@pytest.mark.parametrize(("kind", "name"), [(RNNClassifier, "rnn"), (GRUClassifier, "gru"), (LSTMClassifier, "lstm")])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("dense", [5, None])
@torch.no_grad()
def test_recurrent_layers_one_upon_the_other(kind, name, layers, dense):
    network = made(kind, hidden=3, layers=layers, dense=dense)
    w = weights_of(network)
    states = w["embedding.weight"][IDS]
    for number in range(1, layers + 1):
        states = run(name, w, name if number == 1 else f"{name}{number}", states)
    np.testing.assert_allclose(network(INPUTS, LENGTHS)[0], head(w, states[-1]), atol=1e-6)


@torch.no_grad()
def test_both_directions_end_where_they_have_read_everything():
    network = made(BidirectionalLSTM, hidden=3)
    w = weights_of(network)
    every = network.prefix_logits(INPUTS, LENGTHS)[0]
    np.testing.assert_allclose(every[0], head(w, np.zeros(6)), atol=1e-6)
    for length in range(1, len(IDS) + 1):
        words = w["embedding.weight"][IDS[:length]]
        ends = [run("lstm", w, "forward_lstm", words)[-1], run("lstm", w, "backward_lstm", words[::-1])[-1]]
        expected = head(w, np.concatenate(ends))
        np.testing.assert_allclose(network(INPUTS[:, :length], torch.tensor([length]))[0], expected, atol=1e-6)
        np.testing.assert_allclose(every[length], expected, atol=1e-6)


def test_sequences_are_turned_within_their_lengths():
    elements = torch.arange(8.0).reshape(2, 4, 1)
    found = turned(elements, torch.tensor([3, 0]))[..., 0]
    assert found.tolist() == [[2, 1, 0, 3], [4, 5, 6, 7]]


@torch.no_grad()
def test_the_walk_down_is_the_same_as_reading_each_prefix_backwards():
    torch.manual_seed(1)
    lstm, elements = nn.LSTM(4, 3, batch_first=True), torch.randn(2, 6, 4)
    found = backward_states(lstm, elements)
    for length in range(1, 7):
        expected = lstm(elements[:, :length].flip(1))[0][:, -1]
        torch.testing.assert_close(found[:, length - 1], expected, rtol=0, atol=1e-6)


@torch.no_grad()
def test_attention_is_a_softmax_of_the_scores_of_the_states():
    network = made(AttentionLSTM, hidden=3, attention=2)
    w = weights_of(network)
    states = run("lstm", w, "lstm", w["embedding.weight"][IDS])
    scores = np.tanh(states @ w["pooling.score.0.weight"].T + w["pooling.score.0.bias"]) @ w["pooling.score.2.weight"].T
    np.testing.assert_allclose(network.attention_weights(INPUTS, LENGTHS)[0], softmax(scores[:, 0]), atol=1e-6)
    every = network.prefix_logits(INPUTS, LENGTHS)[0]
    for length in range(1, len(IDS) + 1):
        mean = softmax(scores[:length, 0]) @ states[:length]
        np.testing.assert_allclose(every[length], head(w, mean), atol=1e-6)


@torch.no_grad()
def test_attention_over_prefixes_stays_exact_where_scores_lie_far_apart():
    pooling = AttentionPooling(1, 1)
    for weight, value in zip(pooling.parameters(), (1.0, 0.0, 300.0), strict=True):
        weight.fill_(value)
    states = torch.tensor([[[-2.0], [2.0], [-2.0], [0.5]]])  # scores -289, 289, -289, 139: exp overflows, underflows
    assert pooling.prefixes(states)[0, :, 0].tolist() == pytest.approx([-2, 2, 2, 2])
    assert pooling.prefixes(states.flip(1))[0, :, 0].tolist() == pytest.approx([0.5, 0.5, 2, 2])


def test_weights_of_an_empty_sequence_are_zero_and_of_others_add_up_to_one_within_their_length():
    torch.manual_seed(0)
    weights = AttentionPooling(2, 3).weights(torch.randn(3, 4, 2), torch.tensor([0, 2, 4]))
    assert weights.sum(dim=1).tolist() == pytest.approx([0, 1, 1])
    assert weights[0].tolist() == [0] * 4
    assert weights[1, 2:].tolist() == [0, 0]


def windows(w, name, elements, size):
    """A convolution at every element: its window ends there, and begins with zeros before the first element."""
    padded = np.concatenate([np.zeros((size - 1, elements.shape[1])), elements])
    kernel, bias = w[f"{name}.convolution.weight"], w[f"{name}.convolution.bias"]
    return np.array(
        [np.maximum(0, np.einsum("oiw,wi->o", kernel, padded[t : t + size]) + bias) for t in range(len(elements))]
    )


@torch.no_grad()
def test_convolutions_look_back_and_the_largest_value_counts():
    network = made(ConvolutionClassifier, filters=6, window=3, layers=2)
    w = weights_of(network)
    found = windows(w, "conv2", windows(w, "conv", w["embedding.weight"][IDS], 3), 3)
    np.testing.assert_allclose(network(INPUTS, LENGTHS)[0], head(w, found.max(axis=0)), atol=1e-6)
    every = network.prefix_logits(INPUTS, LENGTHS)[0]
    for length in range(1, len(IDS) + 1):
        np.testing.assert_allclose(every[length], head(w, found[:length].max(axis=0)), atol=1e-6)


def test_a_convolution_by_hand():
    layer = CausalConvolution(1, 1, 2)
    layer.convolution.weight.data[:] = torch.tensor([[[10.0, 1.0]]])  # ten times the one before, and itself
    layer.convolution.bias.data[:] = -5
    assert layer(torch.tensor([[[1.0], [2.0], [3.0]]])).flatten().tolist() == [0, 7, 18]


def normal(vectors, w, name):
    centred = vectors - vectors.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
    return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]


def block(w, name, elements, heads, causal):
    def linear(part, vectors):
        return vectors @ w[f"{name}{part}.weight"].T + w[f"{name}{part}.bias"]

    size = elements.shape[1] // heads
    three = linear("queries_keys_values", normal(elements, w, f"{name}attention_norm"))
    mixed = []
    for number in range(heads):
        q, k, v = (part[:, number * size : (number + 1) * size] for part in np.split(three, 3, axis=1))
        scores = q @ k.T / np.sqrt(size)
        if causal:
            scores = np.where(np.tri(len(scores)) > 0, scores, -np.inf)
        mixed.append(softmax(scores, axis=1) @ v)
    elements = elements + linear("mixed", np.concatenate(mixed, axis=1))
    inner = linear("dense.0", normal(elements, w, f"{name}dense_norm"))
    return elements + linear("dense.2", inner * 0.5 * (1 + erf(inner / np.sqrt(2))))


@pytest.mark.parametrize("causal", [True, False])
@torch.no_grad()
def test_a_block_is_attention_and_two_dense_layers_added_to_what_came_in(causal):
    torch.manual_seed(0)
    layer = Block(width=8, heads=2, hidden=5, dropout=0.5).eval()
    elements = torch.randn(1, 6, 8)
    found = layer(elements, None if causal else torch.ones(1, 6, dtype=torch.bool))
    expected = block(weights_of(layer), "", elements[0].double().numpy(), 2, causal)
    np.testing.assert_allclose(found[0], expected, atol=1e-5)


@torch.no_grad()
def test_the_transformer_is_its_blocks_between_positions_and_a_normalisation():
    network = made(CausalTransformer, embedding=8, heads=2, hidden=5, layers=2)
    w = weights_of(network)
    places = np.array(
        [[trig(t / 10_000 ** (i / 8)) for i in (0, 2, 4, 6) for trig in (np.sin, np.cos)] for t in range(len(IDS))]
    )
    np.testing.assert_allclose(sinusoids(len(IDS), 8, torch.device("cpu")), places, atol=1e-6)
    elements = w["embedding.weight"][IDS] + places
    for number in range(2):
        elements = block(w, f"blocks.{number}.", elements, 2, causal=True)
    expected = head(w, normal(elements, w, "norm"))
    np.testing.assert_allclose(network.prefix_logits(INPUTS, LENGTHS)[0, 1:], expected, atol=1e-5)


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(InputError, match=r"^config: model.embedding=10 must be an even multiple of model.heads=4$"):
        made(CausalTransformer, embedding=10, heads=4, hidden=5, layers=1)

"""What a network is refused for before anything is trained."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from pipeline.errors import InputError
from pipeline.models import networks, trial

LAYERS = {"embedding": "mean"}


class Good(nn.Module):
    """A sum over the words read; subclasses spoil it."""

    def __init__(self, outputs=1):
        super().__init__()
        torch.manual_seed(0)
        self.embedding = nn.Embedding(trial.TOKENS, 4)
        self.output = nn.Linear(4, outputs)
        self.unused = nn.Linear(1, 1)

    def elements(self, inputs, lengths):
        read = torch.arange(inputs.shape[1])[None] < lengths[:, None]
        return self.embedding(inputs) * read[..., None]

    def forward(self, inputs, lengths):
        return self.output(self.elements(inputs, lengths).sum(dim=1))

    def prefix_logits(self, inputs, lengths):
        sums = self.embedding(inputs).cumsum(dim=1)
        return self.output(torch.cat([torch.zeros_like(sums[:, :1]), sums], dim=1))


class ReadsPadding(Good):
    prefix_logits = None

    def forward(self, inputs, lengths):
        return self.output(self.embedding(inputs).mean(dim=1))


class ReadsItsMates(Good):
    def forward(self, inputs, lengths):
        found = super().forward(inputs, lengths)
        return found - found.mean(dim=0)


class SeesTheFuture(Good):
    def prefix_logits(self, inputs, lengths):
        return super().prefix_logits(inputs, lengths).roll(-1, dims=1)


class FalseShare(SeesTheFuture):
    causal = False


class BrokenPrefixes(Good):
    def prefix_logits(self, inputs, lengths):
        raise KeyError("no such thing")


class Mean(Good):
    """Not defined on an empty sequence, and does not say so."""

    prefix_logits = None

    def forward(self, inputs, lengths):
        return self.output(self.elements(inputs, lengths).sum(dim=1) / lengths[:, None])


class Packing(Good):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 4, batch_first=True)

    def forward(self, inputs, lengths):
        packed = pack_padded_sequence(self.embedding(inputs), lengths, batch_first=True, enforce_sorted=False)
        return self.output(self.lstm(packed)[1][0][0])


class SaysSo(Packing):
    defined_on_empty = False
    prefix_logits = None


class Unpadded(SaysSo):
    """Windows of three elements: shorter sequences have none."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv1d(4, 4, 3)

    def forward(self, inputs, lengths):
        self.convolution(self.embedding(inputs).transpose(1, 2))
        return super().forward(inputs, lengths)


class Squeezes(Good):
    """A batch of one loses its first dimension."""

    def forward(self, inputs, lengths):
        return self.output(self.elements(inputs, lengths).sum(dim=1).squeeze())


class SqueezesPrefixes(Good):
    def prefix_logits(self, inputs, lengths):
        return super().prefix_logits(inputs, lengths).squeeze(0)


class WithoutFives(Good):
    """Fails on a length that only a prefix of the trial has, or a sequence without an element."""

    def forward(self, inputs, lengths):
        if (lengths == 5).any():
            raise KeyError("five")
        return super().forward(inputs, lengths)


class WrongShape(Good):
    def forward(self, inputs, lengths):
        return super().forward(inputs, lengths)[:, 0]


class NoFirstPrefix(Good):
    def prefix_logits(self, inputs, lengths):
        return super().prefix_logits(inputs, lengths)[:, 1:]


class LeavesOutEach(Good):
    def leave_one_out_logits(self, inputs, lengths):
        without = self.forward(inputs, lengths)[:, None] - self.output(self.elements(inputs, lengths))
        return without + self.output.bias


class LeavesOutWithoutFives(WithoutFives):
    prefix_logits = None
    leave_one_out_logits = LeavesOutEach.leave_one_out_logits


class LeavesOutTheNext(LeavesOutEach):
    def leave_one_out_logits(self, inputs, lengths):
        return super().leave_one_out_logits(inputs, lengths).roll(-1, dims=1)


class LeavesOutForAll(Good):
    def leave_one_out_logits(self, inputs, lengths):
        return self.forward(inputs, lengths)


class NoPrefixes(Good):
    def prefix_logits(self, inputs, lengths):
        pass


class NothingOnNothing(Good):
    def forward(self, inputs, lengths):
        return super().forward(inputs, lengths) if lengths.any() else None


class NotFinite(Good):
    def forward(self, inputs, lengths):
        return super().forward(inputs, lengths) / 0


class WeightsOfPadding(Good):
    def attention_weights(self, inputs, lengths):
        return torch.full(inputs.shape, 1 / inputs.shape[1])


class WeightsAlongAnotherAxis(Good):
    def attention_weights(self, inputs, lengths):
        return torch.full(inputs.shape, 1 / inputs.shape[1]).T


class Raises(Good):
    def forward(self, inputs, lengths):
        return self.nothing


@pytest.fixture(autouse=True)
def without_prefixes(monkeypatch):
    """Classes above that set `prefix_logits` to None have none at all."""
    for made in (ReadsPadding, Mean, SaysSo, LeavesOutWithoutFives):
        monkeypatch.setattr(made, "prefix_logits", property(lambda self: self.missing))


def test_a_good_network_passes_and_is_left_ready_to_evaluate():
    network = Good()
    assert trial.check(network, LAYERS, 1) is None
    assert not network.training
    assert trial.check(Good(4), LAYERS, None) is None
    assert trial.check(LeavesOutEach(), LAYERS, 1) is None


def test_one_that_packs_passes_if_it_says_that_it_takes_no_empty_sequence():
    assert trial.check(SaysSo(), {"lstm": "last", "embedding": "mean"}, 1) is None


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (
            ReadsPadding,
            "the probability of sequence . differs by .* when it is evaluated alone .*reads beyond the leng",
        ),
        (ReadsItsMates, "when it is evaluated alone .*other sequences of the batch"),
        (SeesTheFuture, "the network claims to be causal but its probability after . elements of sequence . differs"),
        (FalseShare, "the network has prefix_logits of its own but its probability after"),
        (
            BrokenPrefixes,
            r"fails on its prefix_logits of three sequences: KeyError: 'no such thing' \(.*test_trial.py, line \d+\)",
        ),
        (Mean, "answers an empty sequence with NaN or infinity; .*`defined_on_empty = False` in its class"),
        (
            Packing,
            r"fails on an empty sequence: RuntimeError: .* line \d+\); .*`defined_on_empty = False` in its class",
        ),
        (NothingOnNothing, r"must answer \(batch, 1\) logits, not NoneType as for an empty sequence; .*`defined_on_em"),
        (Unpadded, r"fails on one sequence of 1 element: RuntimeError: .*[Kk]ernel .* \(.*test_trial.py, line \d+\)$"),
        (Squeezes, r"must answer \(batch, 1\) logits, not shape \(1,\) as for one sequence of 6 elements$"),
        (WithoutFives, r"fails on prefixes of three sequences: KeyError: 'five' \(.*test_trial.py, line \d+\)$"),
        (
            LeavesOutWithoutFives,
            r"fails on three sequences without an element: KeyError: 'five' \(.*test_trial.py, line",
        ),
        (WrongShape, r"must answer \(batch, 1\) logits, not shape \(3,\) as for three sequences$"),
        (NoPrefixes, r"prefix_logits must answer .* first: for three sequences \(3, 7, 1\), not NoneType$"),
        (NoFirstPrefix, r"prefix_logits must answer .* first: for three sequences \(3, 7, 1\), not \(3, 6, 1\)"),
        (SqueezesPrefixes, r"prefix_logits must .* first: for one sequence of 6 elements \(1, 7, 1\), not \(7, 1\)"),
        (
            LeavesOutTheNext,
            r"the network has leave_one_out_logits of its own \(left out: element .\) but its probability",
        ),
        (LeavesOutForAll, r"leave_one_out_logits must answer .*: for three sequences \(3, 6, 1\), not \(3, 1\)"),
        (NotFinite, "answers three sequences with NaN or infinity"),
        (WeightsOfPadding, "attention_weights of a sequence must be at least 0 and add up to 1"),
        (
            WeightsAlongAnotherAxis,
            r"attention_weights must answer \(batch, T\): for three sequences \(3, 6\), not \(6, 3\)",
        ),
        (Raises, r"fails on three sequences: AttributeError: .*'nothing' \("),
    ],
)
def test_a_network_that_claims_or_answers_wrongly_is_refused_in_one_line(made, told):
    with pytest.raises(InputError, match=f"^config: model.network.*{told}") as refusal:
        trial.check(made(), LAYERS, 1)
    assert "\n" not in str(refusal.value)


def test_the_number_of_logits_must_be_that_of_the_classes():
    with pytest.raises(InputError, match=r"must answer \(batch, 3\) logits, not shape \(3, 4\)"):
        trial.check(Good(4), LAYERS, 3)


@pytest.mark.parametrize(
    ("poolings", "told"),
    [
        ({"embeding": "mean"}, "maps.layers.embeding is not a layer of this network; it has embedding, output, unused"),
        ({"unused": "none"}, "maps.layers.unused: this layer has no tensor for an answer, or takes no part"),
        ({"embedding": "none"}, "maps.layers.embedding: .* needs the pooling mean or last"),
        ({"output": "last"}, "maps.layers.output: .* needs the pooling none"),
    ],
)
def test_a_layer_that_cannot_be_mapped_is_refused_by_name(poolings, told):
    with pytest.raises(InputError, match=f"^config: {told}"):
        trial.check(Good(), poolings, 1)


class TimeFirst(Good):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 4)

    def forward(self, inputs, lengths):
        self.lstm(self.embedding(inputs).transpose(0, 1))
        return super().forward(inputs, lengths)


def test_a_layer_whose_answer_has_not_the_sequences_first_is_refused():
    with pytest.raises(InputError, match=r"maps.layers.lstm: .*in shape \(6, 3, 4\) does not have them first"):
        trial.check(TimeFirst(), {"lstm": "last"}, 1)


def test_a_batch_of_one_without_its_dimension_is_told_with_any_number_of_classes():
    with pytest.raises(InputError, match=r"must answer \(batch, 3\) logits, not shape \(3,\) as for one sequence of 6"):
        trial.check(Squeezes(3), LAYERS, 3)


def convolution(filters):
    arguments = {"embedding": 4, "filters": filters, "window": 3, "dense": None, "dropout": 0.0}
    return networks.build("pipeline.models.networks.ConvolutionClassifier", arguments, trial.TOKENS, 1)


@pytest.mark.parametrize("filters", [5, 6])  # as many filters as the longest sequence of the trial has elements
@pytest.mark.parametrize("pooling", ["mean", "last"])
def test_a_convolution_that_has_its_filters_second_is_refused(filters, pooling):
    network = convolution(filters)
    assert trial.check(network, {"conv": pooling}, 1) is None
    with pytest.raises(
        InputError, match=rf"^config: maps.layers.conv.convolution: .* in shape \(., {filters}, .\) does not have one"
    ):
        trial.check(network, {"conv.convolution": pooling}, 1)


class NumberedPlaces(nn.Module):
    """A layer that answers with as many numbers as there are elements."""

    def forward(self, elements):
        return elements.sum(dim=2)


class AsWideAsLong(Good):
    def __init__(self):
        super().__init__()
        self.places = NumberedPlaces()

    def forward(self, inputs, lengths):
        self.places(self.embedding(inputs))
        return super().forward(inputs, lengths)


def test_a_layer_whose_vectors_are_not_alike_in_width_is_refused():
    said = "config: maps.layers.places: its vectors are 6 wide for three sequences, 1 for one sequence of 1 element;"
    with pytest.raises(InputError, match=f"^{said}"):
        trial.check(AsWideAsLong(), {"places": "none"}, 1)


class Alphabet(Good):
    """Made for a corpus of `SIZE` ids."""

    SIZE = 6

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(self.SIZE, 4)


def test_no_id_is_tried_that_the_corpus_does_not_have():
    assert trial.check(Alphabet(), LAYERS, 1, tokens=Alphabet.SIZE) is None
    with pytest.raises(InputError, match="fails on three sequences: IndexError: index out of range"):
        trial.check(Alphabet(), LAYERS, 1, tokens=trial.TOKENS)


@pytest.mark.parametrize("when", [lambda lengths: True, lambda lengths: not lengths.any()])
def test_a_bug_in_a_network_of_ours_keeps_its_traceback(monkeypatch, when):
    network, forward = convolution(5), networks.ConvolutionClassifier.forward

    def broken(self, inputs, lengths):
        if when(lengths):
            raise KeyError("ours")
        return forward(self, inputs, lengths)

    assert trial.check(network, {"conv": "mean"}, 1) is None
    monkeypatch.setattr(networks.ConvolutionClassifier, "forward", broken)
    with pytest.raises(KeyError, match="ours"):
        trial.check(network, {"conv": "mean"}, 1)

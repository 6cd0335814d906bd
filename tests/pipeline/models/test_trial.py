"""What a network is refused for before anything is trained."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from pipeline.errors import InputError
from pipeline.models import trial

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


class LeavesOutTheNext(LeavesOutEach):
    def leave_one_out_logits(self, inputs, lengths):
        return super().leave_one_out_logits(inputs, lengths).roll(-1, dims=1)


class LeavesOutForAll(Good):
    def leave_one_out_logits(self, inputs, lengths):
        return self.forward(inputs, lengths)


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
    for made in (ReadsPadding, Mean, SaysSo):
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
        (BrokenPrefixes, r"fails on its prefix_logits: KeyError: 'no such thing' \(.*test_trial.py, line \d+\)"),
        (Mean, "answers an empty sequence with no finite number; .*`defined_on_empty = False` in its class"),
        (Packing, r"fails on an empty sequence \(RuntimeError: .*`defined_on_empty = False` in its class"),
        (WrongShape, r"must answer \(batch, 1\) logits, not shape \(3,\)"),
        (NoFirstPrefix, r"prefix_logits must answer .* first: here \(3, 7, 1\), not \(3, 6, 1\)"),
        (
            LeavesOutTheNext,
            r"the network has leave_one_out_logits of its own \(left out: element .\) but its probability",
        ),
        (LeavesOutForAll, r"leave_one_out_logits must answer .*: here \(3, 6, 1\), not \(3, 1\)"),
        (NotFinite, "answers three sequences with NaN or infinity"),
        (WeightsOfPadding, "attention_weights of a sequence must be at least 0 and add up to 1"),
        (WeightsAlongAnotherAxis, r"attention_weights must answer \(batch, T\): here \(3, 6\), not \(6, 3\)"),
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

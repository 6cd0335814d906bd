"""All prefixes of a bidirectional network, which share its forward half, against explicit prefixes."""

import torch

from pipeline.explain.prefix import explicit_prefix_logits, prefix_logits
from pipeline.models import networks
from pipeline.stages.compose import composed
from tests.bench.measure import Result, interleaved

WORDS = 200
PAIRS = 5


def measure() -> list[Result]:
    config = composed("paper", ["model=bilstm"])
    torch.manual_seed(0)
    tokens = config.corpus.vocabulary + 2
    network = networks.build(config.model.network, config.model.arguments, tokens, outputs=1).eval()
    inputs, lengths = torch.randint(2, tokens, (1, WORDS)), torch.tensor([WORDS])

    def shared() -> None:
        with torch.inference_mode():
            prefix_logits(network, inputs, lengths)

    def one_by_one() -> None:
        with torch.inference_mode():
            explicit_prefix_logits(network, inputs, lengths, batch_size=1)

    ratio, one, other = interleaved(one_by_one, shared, PAIRS)
    detail = f"one sequence of {WORDS} words: {one:.3f} s against {other:.4f} s"
    return [Result("bidirectional prefixes one by one / shared", ratio, 5, "x", detail, at_least=True)]

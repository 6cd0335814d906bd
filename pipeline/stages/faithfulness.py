"""Stage 6: how faithful prefix impacts are, beside other methods and a random ranking, at the chosen epochs.

Reads checkpoints, examples, elements, mapped and classes; writes faithfulness (without a row for no examples).
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from tqdm import tqdm

from pipeline.config import Config
from pipeline.data import stored
from pipeline.data.batches import by_length
from pipeline.data.sentences import sentences
from pipeline.data.sequences import Ints, Sequences
from pipeline.data.splits import shuffled
from pipeline.errors import InputError
from pipeline.explain import attribution, bootstrap, hybrids, prefix
from pipeline.explain.faithfulness import SHARES, Reader, measured
from pipeline.explain.hybrids import Hybrid
from pipeline.models import checkpoints, scores
from pipeline.stages import command
from pipeline.store import Run

Floats = npt.NDArray[np.float64]
Values = dict[tuple[str, str, int], Floats]  # (method, measure, share): of every example, or of every document
BATCH = 16  # sequences explained at a time
REFERENCE = "prefix_impact"
CLAIMS = {"prefix_logits": prefix.check_prefixes, "leave_one_out_logits": attribution.check_leave_one_out}


def write(run: Run, config: Config) -> None:
    if not config.faithfulness.examples:
        run.write("faithfulness", nothing())
        return
    expected = checkpoints.describe(config, run)
    sequences = chosen(run, config)
    documents = joined(run, config, sequences)
    random = np.random.default_rng(config.corpus.seed)
    drawn = {count: bootstrap.weights(count, random) for count in sorted({len(sequences), len(documents)} - {0})}
    with run.writer("faithfulness") as write:
        for epoch in sorted(set(config.faithfulness.epochs or config.impacts.epochs)):
            path = run.checkpoint(epoch)
            network = checkpoints.load(path, expected).requires_grad_(False)
            check(network, sequences, config.impacts.checked, str(path))
            values: Values = {}
            with attribution.without_denormals():
                values |= removals(network, sequences, config, epoch)
                values |= hits(network, documents, expected.outputs == 1, config, epoch)
            write({"epoch": np.full(len(values), epoch), **summary(values, drawn)})


def nothing() -> dict[str, list[object]]:
    names = ("epoch", "method", "measure", "share", "value", "low", "high", "examples")
    return {name: [] for name in (*names, "difference", "difference_low", "difference_high")}


def chosen(run: Run, config: Config) -> Sequences:
    """The first of the mapped examples in an order drawn by the corpus' seed, as rows of the examples."""
    everything = stored.test(run)
    mapped = np.flatnonzero(stored.mapped(run, everything))
    identities = run.read("examples", ["id"])["id"].to_pylist()
    drawn = shuffled([identities[row] for row in mapped], config.corpus.seed)[: config.faithfulness.examples]
    return everything.subset(np.sort(mapped[drawn]))


def joined(run: Run, config: Config, sequences: Sequences) -> list[Hybrid]:
    """Hybrid documents, of sentences of the examples or halves of their numbers; the same at every epoch."""
    random = np.random.default_rng([config.corpus.seed, 1])
    pieces: dict[int, list[np.ndarray]] = {}
    for row, parts in enumerate(pieces_of(run, sequences, random)):
        pieces.setdefault(int(sequences.labels[row]), []).extend(parts)
    return hybrids.joined(pieces, config.faithfulness.hybrids, config.corpus.max_length, random)


def pieces_of(run: Run, sequences: Sequences, random: np.random.Generator) -> Iterator[list[np.ndarray]]:
    """What each example is cut into: its sentences, or one half of its numbers."""
    contents = [sequences.elements[slice(*sequences.offsets[row : row + 2])] for row in range(len(sequences))]
    if sequences.elements.ndim > 1:
        yield from ([hybrids.halves(steps, random)] for steps in contents)
        return
    table = run.read("examples", ["example", "text", "length"])
    offsets = np.concatenate([[0], np.cumsum(table["length"].to_numpy())])
    words = run.read("elements", ["start", "stop"])
    starts, stops = words["start"].to_numpy(), words["stop"].to_numpy()
    rows = np.searchsorted(table["example"].to_numpy(), sequences.examples)
    for row, content in zip(rows, contents, strict=True):
        place = slice(offsets[row], offsets[row + 1])
        found = sentences(table["text"][int(row)].as_py(), starts[place], stops[place])
        yield [content[first:end] for first, end in found]


def check(network: nn.Module, sequences: Sequences, count: int, path: str) -> None:
    """Refuse a network that answers no finite number, or whose answers are not what each sequence has for itself.

    Compared on `count` examples of all lengths: the examples in one padded batch with each alone; and what the network
    itself offers for prefixes and for sequences without an element, if it does, with the explicit ones.
    """
    spread = np.linspace(0, len(sequences) - 1, min(count, len(sequences))).round().astype(np.int64)
    sample = sequences.padded(np.argsort(sequences.lengths, kind="stable")[spread])
    with torch.inference_mode():
        if not network(*sample).isfinite().all():
            raise InputError(f"{path}: the network answers no finite number; train the run again")
        try:
            prefix.check_independent(network, *sample)
        except prefix.DependentError as dependence:
            raise InputError(f"{path}: {dependence}") from None
        for claim, compared in CLAIMS.items():
            if not hasattr(network, claim):
                continue
            try:
                compared(network, *sample)
            except prefix.FalsePrefixesError as false_claim:
                raise InputError(f"{path}: {false_claim}; remove {claim} from the network or mend it") from None


def methods_of(network: nn.Module, sequences: Sequences) -> list[str]:
    """The methods that the network allows: without an embedding of ids there are no gradients by its vectors."""
    try:
        attribution.on_vectors(network, *sequences.padded([0]))
    except attribution.NoVectorsError as reason:
        print(f"no gradients: {reason}", flush=True)
        return [method for method in attribution.METHODS if method not in attribution.GRADIENTS]
    return list(attribution.METHODS)


def explained(
    network: nn.Module,
    sequences: Sequences,
    classes: Ints,
    config: Config,
    progress: str,
    methods: Sequence[str] | None = None,
) -> dict[str, list[Floats]]:
    """{method: n arrays (length,)}: how much every element of each sequence speaks for its class."""
    methods = methods or methods_of(network, sequences)
    found: dict[str, list[Floats]] = {method: [np.empty(0)] * len(sequences) for method in methods}
    for batch in tqdm(by_length(sequences.lengths, BATCH), desc=progress, disable=None, unit="batch"):
        inputs, lengths = sequences.padded(batch)
        of_class = torch.from_numpy(classes[batch])
        for method in methods:
            scores = one_method(method, network, inputs, lengths, of_class, sequences.examples[batch], config)
            for row, own, length in zip(batch, scores.numpy(), lengths.tolist(), strict=True):
                found[method][row] = own[:length]
    return found


def one_method(
    method: str,
    network: nn.Module,
    inputs: torch.Tensor,
    lengths: torch.Tensor,
    classes: torch.Tensor,
    examples: Ints,
    config: Config,
) -> torch.Tensor:
    if method == "random":
        return attribution.random_scores(lengths, classes, examples.tolist(), config.corpus.seed)
    if method == "integrated_gradients":
        return attribution.integrated_gradients(network, inputs, lengths, classes, config.faithfulness.steps)
    found: torch.Tensor = getattr(attribution, method)(network, inputs, lengths, classes)
    return found


def removals(network: nn.Module, sequences: Sequences, config: Config, epoch: int) -> Values:
    """Comprehensiveness and sufficiency, plain and normalised, of the class predicted for each example."""
    classes = predictions(network, sequences, config.faithfulness.batch_size)
    found = explained(network, sequences, classes, config, f"faithfulness, epoch {epoch}")
    contents = [sequences.elements[slice(*sequences.offsets[row : row + 2])] for row in range(len(sequences))]
    reader = Reader(network, contents, classes, config.faithfulness.batch_size)
    whole = reader([(row, np.arange(len(content))) for row, content in enumerate(contents)])
    values: Values = {}
    for measure, of_method in measured(reader, whole, found).items():
        for method, of_share in of_method.items():
            values |= {(method, measure, share): column for share, column in zip((0, *SHARES), of_share.T, strict=True)}
    return values


def predictions(network: nn.Module, sequences: Sequences, batch_size: int) -> Ints:
    """(n,) numbers of the classes predicted."""
    classes = np.empty(len(sequences), np.int64)
    for batch in by_length(sequences.lengths, batch_size):
        with torch.inference_mode():
            classes[batch] = scores.predicted(network(*sequences.padded(batch))).numpy()
    return classes


def hits(network: nn.Module, documents: list[Hybrid], two: bool, config: Config, epoch: int) -> Values:
    """Of every hybrid document the share of its two classes that each method finds; two: there are no others."""
    if not documents:
        return {}
    lengths = np.array([len(document.elements) for document in documents])
    sequences = Sequences(
        examples=np.arange(len(documents)),
        labels=np.zeros(len(documents), np.int64),
        elements=np.concatenate([document.elements for document in documents]),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    )
    first, second = (np.array([document.classes[which] for document in documents]) for which in (0, 1))
    progress = f"hybrid documents, epoch {epoch}"
    found = explained(network, sequences, first, config, progress)
    if not two:
        others = explained(network, sequences, second, config, progress)
    else:  # one output: what speaks for a class speaks as much against the other
        others = {method: [-own for own in scored] for method, scored in found.items()}
        others["random"] = explained(network, sequences, second, config, progress, ["random"])["random"]
    return {
        (method, "hybrid_hit", 0): np.array(
            [
                (hybrids.hit(document, one, document.classes[0]) + hybrids.hit(document, other, document.classes[1]))
                / 2
                for document, one, other in zip(documents, found[method], others[method], strict=True)
            ]
        )
        for method in found
    }


def summary(values: Values, drawn: dict[int, Floats]) -> dict[str, object]:
    """The columns of the table for one epoch, in order of its key."""
    keys = sorted(values)
    rows: list[tuple[object, ...]] = []
    for method, measure, share in keys:
        own, reference = values[method, measure, share], values[REFERENCE, measure, share]
        both = np.column_stack([own, own - reference])
        mean, low, high = bootstrap.intervals(both, drawn[len(own)])
        if method == REFERENCE:
            mean[1] = low[1] = high[1] = np.nan
        rows.append((mean[0], low[0], high[0], mean[1], low[1], high[1], int((~np.isnan(own)).sum())))
    names = ("value", "low", "high", "difference", "difference_low", "difference_high", "examples")
    rows = [(*key, *row) for key, row in zip(keys, rows, strict=True)]
    return dict(zip(("method", "measure", "share", *names), map(list, zip(*rows, strict=True)), strict=True))


if __name__ == "__main__":
    command.main(write, __doc__)

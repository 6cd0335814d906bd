"""What the `examples` stage wrote, read back as sequences, a vocabulary or channels, and classes."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.data.channels import Channels, unchanged
from pipeline.data.sequences import Sequences
from pipeline.data.words import FIRST_WORD, Vocabulary
from pipeline.errors import InputError
from pipeline.store import Run


def vocabulary(run: Run) -> Vocabulary:
    """The words of the run's network."""
    words = run.read("vocabulary", ["word"])["word"].to_pylist()
    return Vocabulary(tuple(words[FIRST_WORD - 1 :]))  # row 0 is the unknown word, id 1


def channels(run: Run) -> Channels:
    """How the run's network reads numbers; none for words."""
    if not run.has("channels"):  # runs on words were built before there were others
        return unchanged(0)
    table = run.read("channels", ["center", "scale"])
    return Channels(table["center"].to_numpy(), table["scale"].to_numpy())


def classes(run: Run) -> list[str]:
    """The labels of the run's classes in order; the last is the positive one of two."""
    return list(run.read("classes", ["class"])["class"].to_pylist())


def training(run: Run) -> dict[str, Sequences]:
    """The train and validation examples as the network reads them."""
    scales = channels(run)
    content = "steps" if scales.count else "tokens"
    table = run.read("training", ["example", "split", "label", content])
    result = {}
    for split in ("train", "validation"):
        part = table.filter(pc.equal(table["split"], split)).combine_chunks()
        read = part[content].combine_chunks()
        lengths = pc.list_value_length(read).to_numpy()
        elements = scales.encode(flattened(read)) if scales.count else read.flatten().to_numpy()
        result[split] = flat(part, lengths, elements, classes(run))
    return result


def flattened(steps: pa.ListArray) -> np.ndarray:
    """The numbers of all sequences one after the other."""
    numbers: np.ndarray = steps.flatten().flatten().to_numpy()
    return numbers


def mapped(run: Run, sequences: Sequences) -> np.ndarray:
    """Which of the test examples are on the maps: (n,) booleans."""
    return np.isin(sequences.examples, run.read("mapped")["example"].to_numpy())


def test(run: Run) -> Sequences:
    """The test examples as the network reads them."""
    scales = channels(run)
    examples = run.read("examples", ["example", "label", "length", *(["steps"] if scales.count else [])])
    lengths = examples["length"].to_numpy()
    elements = read_steps(examples, scales) if scales.count else run.read("elements", ["token"])["token"].to_numpy()
    if lengths.sum() != len(elements):
        raise InputError(
            f"{run.path('elements')}: {len(elements)} rows, but the lengths in examples.parquet add up to "
            f"{lengths.sum()}; the files are not from one build: run the examples stage again"
        )
    return flat(examples, lengths, elements, classes(run))


def read_steps(examples: pa.Table, scales: Channels) -> np.ndarray:
    """(sum of lengths, channels) numbers of all examples: the first `length` steps of each, scaled."""
    steps = examples["steps"].combine_chunks()
    originals = pc.list_value_length(steps).to_numpy()
    places = np.arange(originals.sum()) - np.repeat(np.cumsum(originals) - originals, originals)
    read: np.ndarray = scales.encode(flattened(steps))[places < np.repeat(examples["length"].to_numpy(), originals)]
    return read


def flat(table: pa.Table, lengths: np.ndarray, elements: np.ndarray, classes: list[str]) -> Sequences:
    """Sequences of the examples in `table`, whose elements stand one after the other in `elements`."""
    return Sequences(
        examples=table["example"].to_numpy().astype(np.int64),
        labels=pc.index_in(table["label"], pa.array(classes)).to_numpy().astype(np.int64),
        elements=elements.astype(np.int32) if elements.ndim == 1 else elements,
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    )


def strings(values: list[str], numbers: np.ndarray) -> pa.Array:
    """`values[numbers]` as an Arrow array, without a Python string a row."""
    return pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), pa.array(values, pa.string())).cast(
        pa.string()
    )

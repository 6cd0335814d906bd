"""What the `examples` stage wrote, read back as sequences and a vocabulary."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.data.sequences import Sequences
from pipeline.data.words import FIRST_WORD, Vocabulary
from pipeline.errors import InputError
from pipeline.store import Run


def vocabulary(run: Run) -> Vocabulary:
    """The words of the run's network."""
    words = run.read("vocabulary", ["word"])["word"].to_pylist()
    return Vocabulary(tuple(words[FIRST_WORD - 1 :]))  # row 0 is the unknown word, id 1


def classes(run: Run) -> list[str]:
    """The labels of the run's classes in order; the last is the positive one of two."""
    return list(run.read("classes", ["class"])["class"].to_pylist())


def training(run: Run) -> dict[str, Sequences]:
    """The train and validation examples as the network reads them."""
    table = run.read("training", ["example", "split", "label", "tokens"])
    result = {}
    for split in ("train", "validation"):
        part = table.filter(pc.equal(table["split"], split)).combine_chunks()
        tokens = part["tokens"].combine_chunks()
        lengths = pc.list_value_length(tokens).to_numpy()
        result[split] = flat(part, lengths, tokens.flatten().to_numpy(), classes(run))
    return result


def mapped(run: Run, sequences: Sequences) -> np.ndarray:
    """Which of the test examples are on the maps: (n,) booleans."""
    return np.isin(sequences.examples, run.read("mapped")["example"].to_numpy())


def test(run: Run) -> Sequences:
    """The test examples as the network reads them."""
    examples = run.read("examples", ["example", "label", "length"])
    tokens = run.read("elements", ["token"])["token"].to_numpy()
    lengths = examples["length"].to_numpy()
    if lengths.sum() != len(tokens):
        raise InputError(
            f"{run.path('elements')}: {len(tokens)} rows, but the lengths in examples.parquet add up to "
            f"{lengths.sum()}; the files are not from one build: run the examples stage again"
        )
    return flat(examples, lengths, tokens, classes(run))


def flat(table: pa.Table, lengths: np.ndarray, tokens: np.ndarray, classes: list[str]) -> Sequences:
    """Sequences of the examples in `table`, whose elements stand one after the other in `tokens`."""
    return Sequences(
        examples=table["example"].to_numpy().astype(np.int64),
        labels=pc.index_in(table["label"], pa.array(classes)).to_numpy().astype(np.int64),
        elements=tokens.astype(np.int32),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    )


def strings(values: list[str], numbers: np.ndarray) -> pa.Array:
    """`values[numbers]` as an Arrow array, without a Python string a row."""
    return pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), pa.array(values, pa.string())).cast(
        pa.string()
    )

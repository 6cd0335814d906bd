"""What a declaration of the store is made of: types, columns and tables, and the columns that several tables share."""

from dataclasses import dataclass

import pyarrow as pa

INT = pa.int32()
REAL = pa.float64()
TEXT = pa.string()
STEPS = pa.list_(pa.list_(pa.float32()))


@dataclass(frozen=True)
class Column:
    """One column. `derived`: SQL that computes it in the view from stored columns; then it is not in the file.

    `asked`: the other table that this SQL asks, if any.
    """

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""
    range: str = ""
    encoding: str = ""
    derived: str = ""
    asked: str = ""


@dataclass(frozen=True)
class Table:
    """One Parquet file a run. `rows`: what one row stands for; `key`: the columns it is sorted by, unique together."""

    name: str
    rows: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def stored(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if not column.derived)

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(column.name, column.type) for column in self.stored])


EPOCH = Column("epoch", INT, "checkpoint: 0 is the untrained network", "", "0 ...", "DELTA_BINARY_PACKED")
EXAMPLE = Column("example", INT, "row number of the example in its corpus", "", "0 ...", "DELTA_BINARY_PACKED")
LAYER = Column("layer", TEXT, "module path of the layer in the network")
CLASS = Column(
    "class", TEXT, "class of the probability, in the order of classes; with one output the positive one alone"
)
PLACE = Column("ordinal", INT, "place in the order of display", "", "0 ...")

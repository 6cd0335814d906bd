"""What a person calls a row of their table: as their editor or spreadsheet counts."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rows:
    """numbers: (n,) of the rows; counted: how, if that needs saying; lines: (n,) where they start in a text file."""

    numbers: Sequence[int]
    kind: str = "row"
    counted: str = "the first is row 1"
    lines: Sequence[int] | None = None

    def name(self, row: int) -> str:
        """One row; with its line where a cell with line breaks before it makes the two differ."""
        said = [self.counted] if self.counted else []
        if self.lines is not None and self.lines[row] != self.numbers[row]:
            said.append(f"line {self.lines[row]} of the file")
        return f"{self.kind} {self.numbers[row]}" + (f" ({'; '.join(said)})" if said else "")

    def names(self, rows: Sequence[int], most: int = 20) -> str:
        """Several rows, the first `most` by number."""
        numbers = ", ".join(str(self.numbers[row]) for row in rows[:most])
        more = ", ..." if len(rows) > most else ""
        return f"{self.kind} {numbers}{more}" + (f" ({self.counted})" if self.counted else "")

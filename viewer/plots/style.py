"""How rows of words, or of steps, are coloured."""

from dataclasses import dataclass
from typing import Literal

from viewer.data.reading import Reading
from viewer.plots.colors import Colors


@dataclass(frozen=True)
class Style:
    """threshold: words up to this share of their sequence's largest impact are grey; each_row: every row on a scale of
    its own; about: of more than two classes the one whose impacts are coloured, empty: each word by the class it pulls
    towards most."""

    colors: Colors
    measure: Literal["probability", "log-odds"] = "probability"
    threshold: float = 0.1
    each_row: bool = False
    about: str = ""

    def pulling(self, reading: Reading) -> bool:
        """Whether the words of a reading are coloured by the classes they pull towards."""
        return reading.many and self.about not in reading.classes

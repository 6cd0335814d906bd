"""Text to words with their places, and words to numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import regex

# Letters and digits of any script with their marks, joined by inner apostrophes; or one emoji with all it is made of.
LETTERS = r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*"
PICTURE = r"\p{Extended_Pictographic}[\uFE0F\U0001F3FB-\U0001F3FF]*"
EMOJI = rf"{PICTURE}(?:\u200D{PICTURE})*|\p{{Regional_Indicator}}{{2}}"
WORD = regex.compile(rf"{LETTERS}(?:['’]{LETTERS})*|{EMOJI}")
LINE_BREAK = regex.compile(r"<br\s*/?>", regex.IGNORECASE)

PADDING = 0
UNKNOWN = 1
UNKNOWN_WORD = "<unknown>"  # cannot collide: no word holds a bracket
FIRST_WORD = 2


def spans(text: str) -> list[tuple[int, int]]:
    """Where the words of `text` are: (start, stop) in characters; `<br />` counts as white space."""
    if "<" in text:
        text = LINE_BREAK.sub(lambda tag: " " * len(tag.group()), text)
    return [word.span() for word in WORD.finditer(text)]


def normal(word: str) -> str:
    """The form under which a word is counted: lower case, straight apostrophes."""
    return word.lower().replace("’", "'")


@dataclass(frozen=True)
class Vocabulary:
    """The words a network knows. Ids: 0 padding, 1 any unknown word, from 2 on `words` in order."""

    words: tuple[str, ...]

    @cached_property
    def ids(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words, FIRST_WORD)}

    @property
    def size(self) -> int:
        """Number of ids, padding and unknown included."""
        return len(self.words) + FIRST_WORD

    def encode(self, words: Iterable[str]) -> npt.NDArray[np.int32]:
        """The ids of `words`, spelled as in the text."""
        known = self.ids
        return np.fromiter((known.get(normal(word), UNKNOWN) for word in words), dtype=np.int32)


def most_frequent(words: Iterable[Sequence[str]], size: int) -> Vocabulary:
    """The `size` most frequent normal forms; equally frequent ones in alphabetical order."""
    counts: Counter[str] = Counter()
    for text in words:
        counts.update(text)
    forms: Counter[str] = Counter()
    for word, count in counts.items():
        forms[normal(word)] += count
    ranked = sorted(forms.items(), key=lambda item: (-item[1], item[0]))
    return Vocabulary(tuple(word for word, _ in ranked[:size]))

"""Where sentences end, found between the words of a text: a stop, a question, an exclamation, or a line's end."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import regex

from pipeline.data.words import LINE_BREAK

END = regex.compile(rf"[.!?\u2026\u3002\uFF01\uFF1F]|\n|{LINE_BREAK.pattern}", regex.IGNORECASE)


def sentences(text: str, starts: npt.NDArray[np.int32], stops: npt.NDArray[np.int32]) -> list[tuple[int, int]]:
    """(first, end) numbers of words of every sentence; starts, stops: where each word lies in `text`, in characters."""
    ends = [n for n in range(1, len(starts)) if END.search(text, int(stops[n - 1]), int(starts[n]))]
    return [(first, end) for first, end in pairwise([0, *ends, len(starts)]) if end > first]

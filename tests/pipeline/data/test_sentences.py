"""Where sentences end."""

import numpy as np

from pipeline.data.sentences import sentences
from pipeline.data.words import spans


def cut(text):
    places = np.array(spans(text), dtype=np.int32).reshape(-1, 2)
    starts, stops = places.T
    return [[text[a:b] for a, b in places[first:end]] for first, end in sentences(text, starts, stops)]


def test_stops_questions_and_lines_end_sentences():
    assert cut("Good film. Was it? Yes!! It was...") == [["Good", "film"], ["Was", "it"], ["Yes"], ["It", "was"]]
    assert cut("one, two; three") == [["one", "two", "three"]]
    assert cut("one<br /><BR>two\nthree") == [["one"], ["two"], ["three"]]
    assert cut("\u597d\u3002\u4e0d\uff01") == [["\u597d"], ["\u4e0d"]]
    assert cut("...one.") == [["one"]]
    assert cut("") == []

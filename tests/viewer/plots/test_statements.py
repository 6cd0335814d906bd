"""What is said of a selection, held to numbers put in by hand; and nothing of it is markup."""

import math

import pandas as pd

from viewer.data.selected import Summary
from viewer.plots import statements

CONFUSION = pd.DataFrame([[3, 1], [2, 4]], index=["neg", "<b>"], columns=["neg", "<b>"])


def test_counts_accuracy_and_confusion() -> None:
    html = statements.counted(Summary(10, 500, 0.7, 0.456, CONFUSION), 500)
    for said in ("<b>10</b> of 500", "70.0 %", "0.46", "<b>3</b>", "<b>4</b>", "<td>1</td>", "<td>2</td>", "&lt;B&gt;"):
        assert said in html
    assert "<B>" not in html


def test_an_empty_selection_has_no_accuracy() -> None:
    html = statements.counted(Summary(0, 500, math.nan, math.nan, CONFUSION * 0), 500)
    assert "nan" not in html


def test_spread_by_title_and_none_of_one_review() -> None:
    html = statements.spread({"lstm": 0.5, "dense": math.nan}, {"lstm": "LSTM state", "dense": "Hidden layer"})
    assert "LSTM state</th><td>0.50</td><td><i class='bar' style='width: 40px'>" in html
    assert "Hidden layer</th><td>none</td>" in html


def test_moving_words_show_sign_by_arrow_and_number() -> None:
    frame = pd.DataFrame({"word": ["<i>", "bad"], "count": [1234, 20], "impact": [0.123, -0.05]})
    frame = frame.assign(low=[0.1, -0.06], high=[0.2, 0.01])
    html = statements.moving(frame)
    assert "▲</span> &lt;i&gt;" in html
    assert "+12.3" in html
    assert "1,234" in html
    assert "▼</span> bad" in html
    assert "\N{MINUS SIGN}6.0 to +1.0" in html
    assert "-" not in html
    assert "No word" in statements.moving(frame[:0])

"""Tables and rows of words that compare runs."""

import numpy as np
import pandas as pd

from tests.viewer import readings
from viewer.data.comparison import Disagreements
from viewer.data.reading import Reading
from viewer.plots import runs
from viewer.plots.colors import colors
from viewer.plots.words import Style


def listing(**more: object) -> pd.DataFrame:
    row = {"run": "a", "test": 0.8125, "validation": 0.84, "train": 0.9, "loss": 0.4321, "epochs": 3, "network": "LSTM"}
    return pd.DataFrame([{**row, "corpus": "mine", "problem": "", **more}])


def test_a_run_is_listed_with_its_scores_or_with_what_is_wrong() -> None:
    scores = "<td>81.2 %</td><td>84.0 %</td><td>90.0 %</td><td>0.432</td>"
    assert scores in runs.listing_table(listing(), "", "")
    assert "<td class='wrap'>complete</td>" in runs.listing_table(listing(), "b", "")
    assert "<td class='wrap'>complete, the run in hand</td>" in runs.listing_table(listing(), "a", "")
    assert "<td class='wrap'>complete, compared with it</td>" in runs.listing_table(listing(), "b", "a")
    broken = runs.listing_table(listing(test=np.nan, epochs=0, problem="<b>no</b> maps"), "a", "")
    assert "not known" in broken
    assert "\N{WARNING SIGN} &lt;b&gt;no&lt;/b&gt; maps" in broken


def test_values_of_configs_are_text() -> None:
    table = runs.differences_table(pd.DataFrame({"one": ["<i>", ""], "two": ["1", "2"]}, index=["a.b", "c"]))
    assert "<td>&lt;i&gt;</td><td>1</td>" in table
    assert "<td>none</td><td>2</td>" in table


def reading(probability: list[float], epoch: int) -> Reading:
    """A text of one word."""
    return readings.reading("good", [probability], (epoch,))


def test_a_row_of_words_for_each_run_says_its_epoch_and_how_often_its_training_met_a_word() -> None:
    style = Style(colors("paper", "light"))
    seen = {"short": {"good": (7, {"neg": 2, "pos": 5})}, "long": {"good": (1_234, {"neg": 234, "pos": 1_000})}}
    content = runs.run_rows({"short": reading([0.5, 0.9], 3), "long": reading([0.5, 0.3], 40)}, 40, style, seen)
    cells = [[cell["text"] for cell in row["cells"]] for row in content["rows"]]
    assert cells == [
        ["short", "epoch 3 (last)", "POS", "confidence 0.80"],
        ["long", "epoch 40", "NEG", "confidence 0.40"],
    ]
    told = [[content["frequencies"][number] for number in text["seen"]] for text in content["texts"]]
    assert told == [
        ["seen 7 times in training: 2 in NEG, 5 in POS"],
        ["seen 1,234 times in training: 234 in NEG, 1,000 in POS"],
    ]
    assert [row["key"] for row in content["rows"]] == ["run-short", "run-long"]
    # one scale for both: half the impact of the strongest, and the other way
    assert [row["bars"] for row in content["rows"]] == [[1.0], [-0.5]]


def test_what_two_runs_say_is_told_in_a_sentence() -> None:
    nothing = pd.DataFrame()
    some = Disagreements(compared=2000, count=50, one_right=30, other_right=20, frame=nothing)
    said = runs.disagreement_words(some, "a", "b", (3, 3))
    assert said.startswith(
        "<p>At epoch 3 they disagree on 50 of 2,000 test reviews (2.5 %): a is right on 30 of them, b"
    )
    said = runs.disagreement_words(some, "a", "<b>", (3, 10))
    assert said.startswith("<p>At epochs 3 (a) and 10 (&lt;b&gt;) they disagree on 50 of 2,000 test reviews (2.5 %)")
    alike = runs.disagreement_words(Disagreements(2000, 0, 0, 0, nothing), "a", "b", (1, 1))
    assert "At epoch 1 both runs predict the same for all 2,000" in alike
    none = runs.disagreement_words(Disagreements(0, 0, 0, 0, nothing), "a", "b", (1, 1))
    assert "no predictions of the same" in none


def test_without_a_run_on_the_same_corpus_it_is_said_how_to_make_one() -> None:
    first = runs.none_alike("paper", "artifacts/corpora/imdb.parquet")
    assert "none reads its corpus, imdb, with the same classes" in first
    assert "<code>python -m pipeline name=other model.hidden=32</code>" in first
    other = runs.none_alike("<b>", "here/mine.parquet")
    assert "compared with &lt;b&gt;: none reads its corpus, mine," in other
    assert "by the command that made &lt;b&gt;" in other
    assert "python -m pipeline" not in other

"""Names of runs; what building one leaves and refuses is tested through the command line, in test_main.py."""

import re
from pathlib import Path

import pytest
import yaml

from pipeline.config import RUN_NAME
from pipeline.jobs import LONGEST_NAME, run_name, same_config
from pipeline.stages.compose import composed
from pipeline.store import Run


def test_names_say_what_was_changed() -> None:
    assert run_name("paper", []) == "paper"
    assert run_name("paper", ["run=paper", "model.hidden=32"]) == "paper,model.hidden_32"
    assert run_name("paper", ["impacts.epochs=[0,1]", "+maps.layers.x=mean"]) == (
        "paper,impacts.epochs_0_1,maps.layers.x_mean"
    )


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("model=no_hidden", "model_no_hidden"),
        ("trainer.batch_size=32", "trainer.batch_size_32"),
        ("trainer.learning_rate=1e-3", "trainer.learning_rate_1e-3"),
        ("corpus.text=review_text", "corpus.text_review_text"),
        ("model.network=my_nets.Net", "model.network_my_nets.Net"),
        ("+model.heads_each=4", "model.heads_each_4"),
        ("++corpus.arguments.sizes=[1, 2.5]", "corpus.arguments.sizes_1_2.5"),
        ("maps.layers.forward_lstm=mean", "maps.layers.forward_lstm_mean"),
        ("maps.landmarks=null", "maps.landmarks_null"),
        ("corpus.file='films.csv'", "corpus.file_films.csv"),
    ],
)
def test_a_name_that_says_all_has_no_hash(change: str, part: str) -> None:
    assert run_name("paper", [change]) == f"paper,{part}"


@pytest.mark.parametrize(
    "changes",
    [
        ["model.hidden=[1,2]", "model.hidden=1_2", "model.hidden_1=2", "model.hidden=[1_2]", "model.hidden=[[1,2]]"],
        ["model.hidden=1", "model.hidden=[1]", "~model.hidden=1", "model.hidden=1_", "model.hidden=_1"],
        ["model.a_b=c", "model.a=b_c", "~model.a_b_c", "model.a=[b,c]", "model.a={b:c}"],
        ["corpus.file=a_b.csv", "corpus.file=a/b.csv", "corpus.file='a b.csv'", "corpus.file=a__b.csv"],
        ["corpus.id=", "~corpus.id"],
        ["corpus.id=a", "corpus.id='a '", "corpus.id=a_", "corpus.id=_a", "corpus.id='a\"'"],
    ],
    ids=["numbers", "one number", "underscores", "files", "nothing", "edges"],
)
def test_different_changes_have_different_names(changes: list[str]) -> None:
    names = [run_name("paper", [change]) for change in changes]
    assert len(set(names)) == len(changes), names
    assert all(re.match(RUN_NAME, name) for name in names), names


def test_names_are_those_of_folders_whatever_alphabet_a_change_is_in() -> None:
    files = ["bücher.csv", "bæcher.csv", "книги.csv", "本.csv", "📚.csv", "🎬.csv", "b_cher.csv"]
    names = [run_name("paper", ["corpus=table", f"corpus.file='{file}'"]) for file in files]
    assert all(re.match(RUN_NAME, name) for name in names), names
    assert len(set(names)) == len(files)
    assert names[0].startswith("paper,corpus_table,corpus.file_b_cher.csv-")
    assert names[-1] == "paper,corpus_table,corpus.file_b_cher.csv"
    assert names[0] == run_name("paper", ["corpus=table", f"corpus.file='{files[0]}'"])


def test_long_names_are_cut_and_stay_apart() -> None:
    long = [f"model.hidden={number}" for number in range(50)]
    names = {run_name("paper", long), run_name("paper", [*long, "seed=2"])}
    assert len(names) == 2
    assert all(len(name) <= LONGEST_NAME + 9 for name in names)


def test_a_config_from_before_faithfulness_is_the_same_whatever_is_wanted_of_it(tmp_path: Path) -> None:
    wanted, run = composed("sentences", ["faithfulness.examples=7"]), Run("old", tmp_path)
    assert not same_config(run, wanted)
    before = wanted.model_dump()
    del before["faithfulness"]
    run.folder.mkdir()
    run.config.write_text(yaml.safe_dump(before, sort_keys=False))
    assert same_config(run, wanted)
    assert not same_config(run, composed("sentences", ["model.hidden=7"]))
    run.path("faithfulness").touch()
    assert not same_config(run, wanted)
    assert same_config(run, composed("sentences"))
    run.config.write_text("no: config")
    assert not same_config(run, wanted)

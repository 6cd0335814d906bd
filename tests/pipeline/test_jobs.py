"""Names of runs; what building one leaves and refuses is tested through the command line, in test_main.py."""

import re
from pathlib import Path

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

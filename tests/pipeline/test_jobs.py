"""Names of runs; what building one leaves and refuses is tested through the command line, in test_main.py."""

from pathlib import Path

import yaml

from pipeline.jobs import LONGEST_NAME, run_name, same_config
from pipeline.stages.compose import composed
from pipeline.store import Run


def test_names_say_what_was_changed() -> None:
    assert run_name("paper", []) == "paper"
    assert run_name("paper", ["run=paper", "model.hidden=32"]) == "paper,model.hidden_32"
    assert run_name("paper", ["impacts.epochs=[0,1]", "+maps.layers.x=mean"]) == (
        "paper,impacts.epochs_0_1,maps.layers.x_mean"
    )


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

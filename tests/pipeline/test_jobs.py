"""Names of runs; what building one leaves and refuses is tested through the command line, in test_main.py."""

from pipeline.jobs import LONGEST_NAME, run_name


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

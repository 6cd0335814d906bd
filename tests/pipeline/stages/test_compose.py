"""What Hydra says of a config, in one line. What else is refused: tests/pipeline/test_main.py and test_config.py."""

import pytest
from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.errors import ConfigCompositionException

from pipeline.errors import InputError
from pipeline.stages import compose


@pytest.mark.parametrize(("plugin", "extra"), [("submitit_slurm", "slurm"), ("ray", "ray")])
def test_a_launcher_whose_package_is_missing_names_the_extra(plugin: str, extra: str) -> None:
    """As Hydra 1.3 words it."""
    error = ConfigCompositionException(f"In 'hydra/launcher/mine': Could not load 'hydra/launcher/{plugin}'.")
    said = str(compose.refused(error))
    assert said.startswith("config: hydra/launcher")
    assert f"pip install -e '.[{extra}]'" in said


def test_another_file_that_is_missing_is_told_as_hydra_does() -> None:
    message = "In 'hydra/launcher/mine': Could not load 'hydra/launcher/theirs'."
    assert str(compose.refused(ConfigCompositionException(message))) == f"config: {message}"


@pytest.mark.parametrize(("config", "plugin"), [("ray_cluster", "ray"), ("slurm", "submitit_slurm")])
def test_hydra_words_it_so(monkeypatch: pytest.MonkeyPatch, config: str, plugin: str) -> None:
    Plugins.instance()  # those that are installed have entered what they bring
    there = ConfigStore.instance().repo["hydra"]["launcher"]
    monkeypatch.delitem(there, f"{plugin}.yaml", raising=False)
    with pytest.raises(InputError, match=rf"pip install -e '\.\[{compose.LAUNCHERS[plugin]}\]'"):
        compose.composed("paper", [f"hydra/launcher={config}"])


def test_all_epochs_are_those_of_the_training_and_the_untrained_network() -> None:
    wanted = compose.composed("paper", ["trainer.epochs=3", "impacts.epochs=all", "faithfulness.epochs=all"])
    assert wanted.impacts.epochs == wanted.faithfulness.epochs == [0, 1, 2, 3]


@pytest.mark.parametrize("section", ["impacts", "faithfulness"])
@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["trainer.epochs=abc"], "trainer.epochs='abc'"),
        (["trainer.epochs=1.5"], "trainer.epochs=1.5"),
        (["trainer.epochs=null"], "trainer.epochs=None"),
        (["+model.checkpoints=7"], "model.checkpoints=7"),
    ],
)
def test_all_of_a_number_that_is_none_is_refused_by_that_number(section: str, words: list[str], key: str) -> None:
    with pytest.raises(InputError, match=rf"^config: {key} is not allowed: "):
        compose.composed("paper", [*words, f"{section}.epochs=all"])

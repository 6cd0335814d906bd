"""What Hydra says of a config, in one line. What else is refused: tests/pipeline/test_main.py and test_config.py."""

import pytest
from hydra.errors import ConfigCompositionException

from pipeline.stages import compose


@pytest.mark.parametrize(("plugin", "extra"), [("submitit_slurm", "slurm"), ("ray", "ray")])
def test_a_launcher_whose_package_is_missing_names_the_extra(plugin: str, extra: str) -> None:
    """As Hydra 1.3 says it of hydra/launcher=ray_cluster where its plugin is not installed."""
    error = ConfigCompositionException(f"In 'hydra/launcher/mine': Could not load 'hydra/launcher/{plugin}'.")
    said = str(compose.refused(error))
    assert said.startswith("config: hydra/launcher")
    assert f"pip install -e '.[{extra}]'" in said

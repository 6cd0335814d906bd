"""Weights that a person brings: which files, in which order, and what is said of those that do not fit."""

import pytest
import torch
from torch import nn

from pipeline.errors import InputError
from pipeline.models import brought


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))


def test_a_pattern_names_its_files_in_order_of_their_numbers(tmp_path):
    for name in ("step-10.pt", "step-9.pt", "step-100.pt", "other.bin"):
        (tmp_path / name).write_bytes(b"")
    found = brought.listed(str(tmp_path / "*.pt"))
    assert found == [str(tmp_path / f"step-{number}.pt") for number in (9, 10, 100)]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path):
    named = tmp_path / "w[1]" / "a.pt"
    for path in (named, tmp_path / "w1" / "a.pt"):
        path.parent.mkdir()
        path.write_bytes(b"")
    assert brought.listed(str(named)) == [str(named)]
    named.unlink()
    assert brought.listed(str(named)) == [str(tmp_path / "w1" / "a.pt")]


def test_a_list_keeps_its_order(tmp_path):
    paths = [str(tmp_path / name) for name in ("b.pt", "a.pt")]
    for path in paths:
        torch.save({}, path)
    assert brought.listed(paths) == paths


@pytest.mark.parametrize("named", ["nowhere/*.pt", ["nowhere/a.pt"]])
def test_files_that_are_not_there_are_told(named):
    with pytest.raises(InputError, match=r"config: model.checkpoints.*nowhere.*(matches no|no such) file"):
        brought.listed(named)


@pytest.mark.parametrize("wrapped", ["alone", "weights", "state_dict", "model_state_dict", "prefixed"])
def test_weights_are_found_however_they_were_saved(tmp_path, wrapped):
    weights = network(1).state_dict()
    if wrapped == "prefixed":
        weights = {f"module.{name}": value for name, value in weights.items()}
    content = weights if wrapped in ("alone", "prefixed") else {wrapped: weights, "epoch": 3}
    torch.save(content, tmp_path / "a.pt")
    here = network(2)
    brought.load(here, tmp_path / "a.pt")
    assert all(torch.equal(value, network(1).state_dict()[name]) for name, value in here.state_dict().items())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"0.weight": torch.zeros(3, 2)}, "do not fit the network that model.network names: .*Missing key"),
        ({**network().state_dict(), "1.weight": torch.zeros(1, 7)}, "do not fit .*size mismatch for 1.weight"),
        ({**network().state_dict(), "more": torch.zeros(1)}, "do not fit .*Unexpected key"),
        ({**network().state_dict(), "1.weight": 3}, "do not fit"),
        ([1, 2], "not a checkpoint"),
        (nn.Linear(2, 1), "holds more than weights and is not loaded"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line_with_the_file(tmp_path, content, told):
    torch.save(content, tmp_path / "odd.pt")
    with pytest.raises(InputError, match=rf"odd\.pt: .*{told}") as refusal:
        brought.load(network(), tmp_path / "odd.pt")
    assert "\n" not in str(refusal.value)
    assert "train the run again" not in str(refusal.value)


def test_a_file_cut_short_is_told(tmp_path):
    torch.save(network().state_dict(), tmp_path / "a.pt")
    whole = (tmp_path / "a.pt").read_bytes()
    (tmp_path / "a.pt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"a\.pt: not a whole checkpoint"):
        brought.load(network(), tmp_path / "a.pt")

"""Checkpoints written and read, and files that are none."""

import contextlib
import dataclasses
import pickle
import sys
from pathlib import Path

import pytest
import torch

from pipeline.errors import InputError
from pipeline.models import checkpoints
from pipeline.models.checkpoints import Description
from pipeline.models.networks import build

ARGUMENTS = {"embedding": 3, "hidden": 4, "dense": 5, "dropout": 0.5}
MODEL = Description("pipeline.models.networks.LSTMClassifier", ARGUMENTS, tokens=9, outputs=1)
INPUTS, LENGTHS = torch.tensor([[3, 4, 5], [6, 7, 0]]), torch.tensor([3, 2])


def network(seed=0):
    torch.manual_seed(seed)
    return build(MODEL.network, MODEL.arguments, MODEL.tokens, MODEL.outputs).eval()


@pytest.fixture
def path(tmp_path):
    checkpoints.save(tmp_path / "epoch=003.ckpt", network(), MODEL, 3)
    return tmp_path / "epoch=003.ckpt"


def written(content, path, **how):
    torch.save(content, path, **how)
    return path


@torch.no_grad()
def test_a_network_read_back_answers_the_same_without_dropout(path):
    loaded = checkpoints.load(path, MODEL)
    assert torch.equal(loaded(INPUTS, LENGTHS), network()(INPUTS, LENGTHS))
    assert not loaded.training


def test_the_same_weights_give_the_same_bytes_under_any_name(path, tmp_path):
    checkpoints.save(tmp_path / "another-name.ckpt", network(), MODEL, 3)
    checkpoints.save(tmp_path / "read-back.ckpt", checkpoints.load(path, MODEL), MODEL, 3)
    assert (tmp_path / "another-name.ckpt").read_bytes() == path.read_bytes()
    assert (tmp_path / "read-back.ckpt").read_bytes() == path.read_bytes()
    assert checkpoints.packed(network(1), MODEL, 3) != path.read_bytes()
    assert checkpoints.packed(network(), MODEL, 4) != path.read_bytes()


def test_the_file_holds_nothing_but_weights_and_plain_values(path):
    content = torch.load(path, weights_only=True)
    assert content["epoch"] == 3
    assert content["description"] == {
        "network": MODEL.network, "arguments": MODEL.arguments, "tokens": MODEL.tokens, "outputs": MODEL.outputs
    }  # fmt: skip
    assert content["weights"].keys() == network().state_dict().keys()
    assert all(torch.equal(content["weights"][name], value) for name, value in network().state_dict().items())


def test_a_missing_checkpoint_is_told_by_its_path(tmp_path):
    with pytest.raises(InputError, match=r"epoch=009.ckpt: no such checkpoint; train the run first"):
        checkpoints.load(tmp_path / "epoch=009.ckpt", MODEL)


def answer(path):
    """What comes of loading: "loaded", or the kind of error and its message."""
    try:
        checkpoints.load(path, MODEL)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "loaded"


def test_a_truncated_checkpoint_is_told_wherever_it_ends(path):
    whole = path.read_bytes()
    answers = {}
    for size in range(0, len(whole), 37):
        path.write_bytes(whole[:size])
        answers[size] = answer(path)
    told = f"InputError: {path}: not a whole checkpoint"
    assert {size: answer for size, answer in answers.items() if not answer.startswith(told)} == {}


@pytest.mark.parametrize("name", ["embedding.weight", "lstm.weight_hh_l0", "output.bias"])
def test_a_checkpoint_with_one_wrong_bit_among_its_weights_is_told(path, name):
    whole = bytearray(path.read_bytes())
    weight = network().state_dict()[name].numpy().tobytes()
    whole[whole.index(weight) + len(weight) - 1] ^= 1  # in an exponent: the weight becomes another by far
    path.write_bytes(whole)
    assert answer(path).startswith(f"InputError: {path}: not a whole checkpoint")


@pytest.mark.parametrize(
    "content",
    [
        b"\n",
        b"hello world",
        b"PK\x03\x04",
        b"\x00" * 400,
        b".",
        b"0",
        b"h5",
        b"\x80\x02X\x00",
        b"<html>not found</html>",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        pickle.dumps({"weights": {}}, protocol=2),
        pickle.dumps({"weights": {}}, protocol=4),
    ],
    ids=lambda content: repr(content[:16]),
)
def test_garbage_is_told(tmp_path, content):
    (tmp_path / "bad.ckpt").write_bytes(content)
    with pytest.raises(InputError, match=r"bad.ckpt: not a (whole )?checkpoint"):
        checkpoints.load(tmp_path / "bad.ckpt", MODEL)


def test_a_checkpoint_of_another_project_is_told(tmp_path):
    good = {"description": dataclasses.asdict(MODEL), "weights": network().state_dict()}
    strange = {
        "a list": [1, 2],
        "other keys": {"state_dict": good["weights"]},
        "no weights": {"description": good["description"]},
        "a description that is no mapping": {**good, "description": 3},
        "a description with other keys": {**good, "description": {"network": "x"}},
    }
    for name, content in strange.items():
        with pytest.raises(InputError, match=f"{name}.ckpt: not a checkpoint of this project"):
            checkpoints.load(written(content, tmp_path / f"{name}.ckpt"), MODEL)


@pytest.mark.parametrize("arguments", [None, 3, [1]])
def test_a_description_whose_arguments_are_no_mapping_is_told(tmp_path, arguments):
    content = {"description": {**dataclasses.asdict(MODEL), "arguments": arguments}, "weights": {}}
    with pytest.raises(InputError, match=r"odd\.ckpt: "):
        checkpoints.load(written(content, tmp_path / "odd.ckpt"), MODEL)


@pytest.mark.parametrize(
    "weights",
    [{}, {"output.bias": torch.zeros(1)}, {**network().state_dict(), "more": torch.zeros(1)}, [1]],
    ids=["none", "too few", "too many", "a list"],
)
def test_weights_that_do_not_fit_are_told(tmp_path, weights):
    content = {"epoch": 1, "description": dataclasses.asdict(MODEL), "weights": weights}
    with pytest.raises(InputError, match=r"odd\.ckpt: "):
        checkpoints.load(written(content, tmp_path / "odd.ckpt"), MODEL)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"tokens": 10}, "its tokens is 9, the run's is 10"),
        ({"outputs": 3}, "its outputs is 1, the run's is 3"),
        ({"arguments": {**ARGUMENTS, "hidden": 8}}, "its hidden is 4, the run's is 8"),
        ({"arguments": {**ARGUMENTS, "depth": 2}}, "its depth is None, the run's is 2"),
        ({"network": "my.own.Net"}, "its network is pipeline.models.networks.LSTMClassifier, the run's is my.own.Net"),
    ],
)
def test_a_checkpoint_of_another_model_is_told_with_the_difference(path, other, told):
    expected = dataclasses.replace(MODEL, **other)
    with pytest.raises(InputError, match=rf"epoch=003.ckpt: a checkpoint of another model \({told}\)"):
        checkpoints.load(path, expected)


class Evil:
    """Touches a file when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


@pytest.mark.parametrize("place", ["alone", "among the weights", "plain pickle", "old format"])
def test_a_checkpoint_that_would_run_code_is_refused_and_runs_none(tmp_path, place):
    marker, path = tmp_path / "ran", tmp_path / "evil.ckpt"
    content = {"epoch": 1, "description": dataclasses.asdict(MODEL), "weights": {"output.bias": Evil(marker)}}
    if place == "plain pickle":
        path.write_bytes(pickle.dumps(Evil(marker), protocol=2))
    else:
        written(
            Evil(marker) if place == "alone" else content, path, _use_new_zipfile_serialization=place != "old format"
        )
    with pytest.raises(
        InputError, match=r"evil\.ckpt: (holds more than weights and is not loaded|not a whole checkpoint)"
    ):
        checkpoints.load(path, MODEL)
    assert not marker.exists()
    with contextlib.suppress(RuntimeError):
        torch.load(path, weights_only=False)  # the file would have done it
    assert marker.exists()


def test_a_network_named_by_the_file_alone_is_never_imported(tmp_path, monkeypatch):
    (tmp_path / "intruder.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    foreign = dataclasses.replace(MODEL, network="intruder.Net")
    checkpoints.save(tmp_path / "foreign.ckpt", network(), foreign, 1)
    with pytest.raises(InputError, match=r"foreign.ckpt: a checkpoint of another model \(its network is intruder.Net"):
        checkpoints.load(tmp_path / "foreign.ckpt", MODEL)
    assert "intruder" not in sys.modules


def test_a_weight_that_is_a_part_of_a_larger_tensor_gives_the_same_bytes(path):
    model = network()
    large = torch.zeros(1000, 5)
    large[:1] = model.output.weight.data
    model.output.weight.data = large[:1]
    assert checkpoints.packed(model, MODEL, 3) == path.read_bytes()

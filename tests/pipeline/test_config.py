"""What a config may say, and how it is told what it may not."""

import copy
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipeline import config
from pipeline.errors import InputError

VALID = {
    "name": "paper",
    "seed": 1,
    "corpus": {
        "file": "artifacts/corpora/imdb.parquet",
        "function": None,
        "arguments": {},
        "id": "id",
        "text": "text",
        "steps": None,
        "label": "label",
        "split": "split",
        "classes": ["neg", "pos"],
        "test": None,
        "validation": 0.05,
        "seed": 0,
        "vocabulary": 20000,
        "max_length": 400,
        "standardize": True,
    },
    "model": {
        "network": "pipeline.models.networks.LSTMClassifier",
        "embedding": 64,
        "hidden": 64,
        "dense": 64,
        "dropout": 0.5,
    },
    "trainer": {
        "epochs": 10,
        "batch_size": 64,
        "learning_rate": 0.001,
        "schedule": "linear",
        "gradient_norm": 1.0,
    },
    "impacts": {"epochs": [0, 2, 4, 6, 8, 10], "examples": "all", "batch_size": 256, "checked": 8},
    "maps": {
        "layers": {"embedding": "mean", "lstm": "last", "dense": "none"},
        "examples": 500,
        "graph_neighbors": 10,
        "listed_neighbors": 10,
        "method": "isomap",
        "landmarks": None,
    },
    "faithfulness": {"epochs": None, "examples": 500, "hybrids": 200, "steps": 50, "batch_size": 256},
}


def changed(key, value):
    """A valid config with one dotted key set."""
    values = copy.deepcopy(VALID)
    *sections, last = key.split(".")
    section = values
    for name in sections:
        section = section[name]
    section[last] = value
    return values


def leaves(section, prefix=""):
    for key, value in section.items():
        yield from leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else [prefix + key]


def refused(key, value, told):
    with pytest.raises(InputError, match=f"^config: {told}"):
        config.checked(changed(key, value))


def test_a_valid_config_is_taken_as_it_is():
    assert config.checked(copy.deepcopy(VALID)).model_dump() == VALID
    assert config.checked(VALID).model.arguments == {"embedding": 64, "hidden": 64, "dense": 64, "dropout": 0.5}


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        ("color", "name, seed, corpus, model, trainer, impacts, maps, faithfulness"),
        ("corpus.color", ", ".join(VALID["corpus"])),
        ("trainer.epoch", ", ".join([*VALID["trainer"], "accelerator", "devices", "strategy", "precision"])),
        ("impacts.layers", ", ".join(VALID["impacts"])),
        ("maps.neighbors", ", ".join(VALID["maps"])),
        ("faithfulness.shares", ", ".join(VALID["faithfulness"])),
    ],
)
def test_an_unknown_key_is_refused_with_those_that_are_known(key, allowed):
    refused(key, 1, f"{key} is not a known key; allowed: {allowed}$")


OPTIONAL = ("corpus.function", "corpus.arguments", "corpus.steps", "corpus.standardize", "faithfulness")
LATER = ("maps.method", "maps.landmarks")
NEEDED = [key for key in leaves(VALID) if not key.startswith(("maps.layers.", "model.", *OPTIONAL, *LATER))]


@pytest.mark.parametrize("key", NEEDED)
def test_a_missing_key_is_told(key):
    values = changed(key, None)
    *sections, last = key.split(".")
    section = values
    for name in sections:
        section = section[name]
    del section[last]
    with pytest.raises(InputError, match=f"^config: {key} is missing$"):
        config.checked(values)


@pytest.mark.parametrize("section", ["corpus", "model", "trainer", "impacts", "maps"])
def test_a_section_that_is_empty_or_no_section_is_refused(section):
    refused(section, None, f"{section}=None is not allowed: input should be a valid dictionary")
    refused(section, {}, f"{section}\\..* is missing")


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("seed", -1, "input should be greater than or equal to 0"),
        ("seed", 2**31, "input should be less than 2147483648"),
        ("seed", "1", "input should be a valid integer"),
        ("corpus.validation", 0, "input should be greater than 0"),
        ("corpus.validation", 1.0, "input should be less than 1"),
        ("corpus.validation", "half", "input should be a valid number"),
        ("corpus.validation", float("nan"), "input should be"),
        ("corpus.test", 1.5, "input should be less than 1"),
        ("corpus.file", 3, "input should be a valid string"),
        ("corpus.label", None, "input should be a valid string"),
        ("corpus.function", "make", "string should match pattern"),
        ("corpus.standardize", "yes", "input should be a valid boolean"),
        ("corpus.classes", ["pos"], "list should have at least 2 items"),
        ("corpus.vocabulary", 0, "input should be greater than 0"),
        ("corpus.max_length", 1.5, "input should be a valid integer"),
        ("model.network", "LSTMClassifier", "string should match pattern"),
        ("model.network", "os; rm.x", "string should match pattern"),
        ("trainer.epochs", 0, "input should be greater than 0"),
        ("trainer.epochs", True, "input should be a valid integer"),
        ("trainer.learning_rate", 0, "input should be greater than 0"),
        ("trainer.learning_rate", 1.1, "input should be less than or equal to 1"),
        ("trainer.learning_rate", "1e-3", "input should be a valid number"),
        ("trainer.schedule", "cosine", "input should be 'constant' or 'linear'"),
        ("trainer.gradient_norm", 0, "input should be greater than 0"),
        (
            "trainer.strategy",
            "ddp",
            "each process would start the whole command anew, a sweep too; take ddp_spawn",
        ),
        (
            "trainer.strategy",
            "ddp_find_unused_parameters_true",
            "each process would start the whole command anew, a sweep too; take ddp_spawn_find_unused_parameters_true",
        ),
        ("trainer.strategy", "fsdp", "input should be 'auto', 'ddp_spawn', 'ddp_fork', "),
        ("trainer.precision", "16-true", "input should be '32-true', '16-mixed' or 'bf16-mixed'"),
        ("trainer.precision", 32, "input should be '32-true', '16-mixed' or 'bf16-mixed'"),
        ("impacts.epochs", [], "list should have at least 1 item"),
        ("impacts.epochs", 3, "input should be a valid list"),
        ("impacts.examples", "some", "input should be 'auto', 'all', 'mapped' or a number greater than 0"),
        ("impacts.examples", 0, "input should be 'auto', 'all', 'mapped' or a number greater than 0"),
        ("impacts.examples", True, "input should be 'auto'"),
        ("maps.layers", {}, "dictionary should have at least 1 item"),
        ("maps.layers.lstm", "max", "input should be 'mean', 'last' or 'none'"),
        ("maps.examples", 3, "input should be 'all' or a number greater than or equal to 4"),
        ("maps.examples", "mapped", "input should be 'all' or a number greater than or equal to 4"),
        ("maps.method", "mds", "input should be 'isomap', 'pca', 'umap' or 'tsne'"),
        ("maps.landmarks", 2, "input should be greater than or equal to 3"),
        ("maps.graph_neighbors", 1, "input should be greater than or equal to 2"),
        ("maps.listed_neighbors", 0, "input should be greater than 0"),
    ],
)
def test_a_wrong_type_or_an_impossible_value_is_refused_by_name_with_what_is_allowed(key, value, reason):
    with pytest.raises(InputError) as refusal:
        config.checked(changed(key, value))
    assert str(refusal.value).startswith(f"config: {key}={value!r} is not allowed: {reason}")


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("impacts.epochs", [0, 11], "impacts.epochs: 11 is not reached; trainer.epochs is 10$"),
        ("impacts.epochs", [0, -1], "impacts.epochs.1=-1 is not allowed"),
        ("corpus.classes", ["a", "b", "a"], "corpus.classes: every class may be named once"),
        ("corpus.split", None, "corpus.test: give the share of examples to test on, as corpus.split names no column"),
        ("corpus.file", None, "corpus.file: name a file, or a function in corpus.function: one of the two"),
        ("corpus.function", "mine.make", "corpus.file: name a file, or a function in corpus.function: one of the two"),
        ("corpus.text", None, "corpus.text: name the column that holds texts, or corpus.steps that of numbers"),
        ("corpus.steps", "steps", "corpus.text: name the column that holds texts, or corpus.steps that of numbers"),
        ("corpus.arguments", {"n": 1}, "corpus.arguments: only a function takes some; corpus.function names none"),
        ("maps.graph_neighbors", 500, r"maps.graph_neighbors: must be less than maps.examples \(500\)"),
        (
            "trainer.precision",
            "16-mixed",
            "trainer.precision: 16-mixed is for a GPU, named by trainer.accelerator; a CPU",
        ),
        ("name", "none", "name: 'none' is reserved for the empty tables; choose another"),
    ],
)
def test_values_that_contradict_each_other_are_told(key, value, told):
    refused(key, value, told)


def test_a_config_from_before_there_were_sequences_of_numbers_or_faithfulness_reads_as_it_was():
    values = copy.deepcopy(VALID)
    del values["faithfulness"]
    for key in OPTIONAL:
        values["corpus"].pop(key.removeprefix("corpus."), None)
    assert config.checked(values) == config.checked(VALID)


def test_how_devices_are_used_is_kept_only_where_it_is_not_as_usual():
    assert config.checked(changed("trainer.precision", "32-true")) == config.checked(VALID)
    assert config.checked(changed("trainer.precision", "32-true")).model_dump() == VALID
    values = changed("trainer.precision", "bf16-mixed")
    values["trainer"]["accelerator"] = "cuda"
    assert config.checked(values).model_dump() == values


def test_a_config_from_before_there_were_methods_of_drawing_reads_as_isomap():
    values = copy.deepcopy(VALID)
    for key in LATER:
        del values["maps"][key.removeprefix("maps.")]
    assert config.checked(values) == config.checked(VALID)


def test_landmarks_are_isomaps_alone():
    assert config.checked(changed("maps.landmarks", 100)).maps.landmarks == 100
    values = changed("maps.landmarks", 100)
    values["maps"]["method"] = "umap"
    with pytest.raises(InputError, match=r"maps.landmarks: maps.method=umap has none"):
        config.checked(values)


def test_how_many_neighbours_all_examples_have_is_told_when_they_are_counted():
    maps = config.checked(changed("maps.examples", "all")).maps
    maps.check(21)
    with pytest.raises(
        InputError, match=r"maps.listed_neighbors: must be less than half of the 20 examples of the test"
    ):
        maps.check(20)
    with pytest.raises(InputError, match=r"maps.graph_neighbors: must be less than the 10 examples of the test split$"):
        maps.check(10)


def test_classes_that_are_whole_numbers_are_labels_like_others():
    assert config.checked(changed("corpus.classes", [1, "2", 10])).corpus.classes == ["1", "2", "10"]
    refused("corpus.classes", [1.5, 2], "corpus.classes.0=1.5 is not allowed: input should be a valid string")


def test_epochs_of_faithfulness_are_among_the_checkpoints():
    assert config.checked(changed("faithfulness.epochs", [0, 10])).faithfulness.epochs == [0, 10]
    refused("faithfulness.epochs", [0, 11], "faithfulness.epochs: 11 is not reached; trainer.epochs is 10")


@pytest.mark.parametrize("neighbors", [250, 251, 499])
def test_as_many_listed_neighbours_as_trustworthiness_cannot_be_computed_for_are_refused(neighbors):
    # it is defined for fewer than half of the examples
    refused("maps.listed_neighbors", neighbors, "maps.listed_neighbors: ")


@pytest.mark.parametrize("seed", [2**63, -(2**63) - 1])
def test_a_corpus_seed_too_large_to_draw_with_is_refused(seed):
    refused("corpus.seed", seed, "corpus.seed=")


@pytest.mark.parametrize("name", ["", "a/b", "..", ".", "../up", "a b", "a\n", "-x", "ünï", "a=b", "a'b", "a\\b", "*"])
def test_a_name_that_is_no_plain_folder_name_is_refused_with_what_is_allowed(name):
    with pytest.raises(InputError) as refusal:
        config.checked(changed("name", name))
    assert str(refusal.value).startswith(f"config: name={name!r} is not allowed: string should match pattern")


def test_a_name_may_not_be_longer_than_a_file_system_allows():
    assert config.checked(changed("name", "a" * 200)).name == "a" * 200
    refused("name", "a" * 201, "name='a+' is not allowed: string should have at most 200 characters")


@pytest.mark.parametrize("name", ["paper", "v1.2_b", "hidden-32,seed+2", "007", "None"])
def test_plain_names_are_accepted(name):
    assert config.checked(changed("name", name)).name == name


plain = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20)


@given(st.lists(plain, min_size=2, max_size=5, unique=True), st.floats(1e-300, 1), plain)
def test_a_config_is_read_back_from_its_text_as_it_was(tmp_path_factory, classes, rate, file):
    values = changed("corpus.classes", classes)
    values["trainer"]["learning_rate"] = rate
    values["corpus"]["file"] = file
    path = tmp_path_factory.mktemp("config") / "config.yaml"
    path.write_text(config.text(config.checked(values)), encoding="utf-8")
    assert config.read(path).model_dump() == values


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: [1", "not YAML"),
        (b"", "not a config; delete it and compose the run again"),
        (b"- 1\n", "not a config"),
        (b"\xff\xfe\x00", "not"),
    ],
)
def test_a_file_that_holds_no_config_is_told(tmp_path, content, told):
    (tmp_path / "config.yaml").write_bytes(content)
    with pytest.raises(InputError, match=f"config.yaml: .*{told}"):
        config.read(tmp_path / "config.yaml")


def test_a_missing_file_is_told_with_the_command_that_writes_it(tmp_path):
    with pytest.raises(InputError, match=r"config.yaml: no such file; compose the run first: python -m pipeline"):
        config.read(tmp_path / "config.yaml")


def test_the_flat_form_has_every_key_once_sorted_with_values_that_read_back():
    flat = config.checked(VALID).flat()
    assert list(flat) == sorted(leaves(VALID))
    for key, text in flat.items():
        value = VALID
        for name in key.split("."):
            value = value[name]
        assert yaml.safe_load(text) == value
    assert flat["trainer.learning_rate"] == "0.001"
    assert flat["impacts.epochs"] == json.dumps(VALID["impacts"]["epochs"])
    assert flat["corpus.test"] == "null"

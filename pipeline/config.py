"""The schema of a composed config. What is unknown or impossible is refused here, by name."""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pipeline.errors import InputError

Positive = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Share = Annotated[float, Field(gt=0, lt=1)]
Epochs = Annotated[list[Count], Field(min_length=1)]
Label = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]  # stars: [1, 2, 3]
Pooling = Literal["mean", "last", "none"]
# Lightning's names.
Strategy = Literal[
    "auto", "ddp_spawn", "ddp_fork", "ddp_spawn_find_unused_parameters_true", "ddp_fork_find_unused_parameters_true"
]
RUN_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.,+\-]*$"  # a folder name, and a value DuckDB and DVC read back unchanged
IMPORT_PATH = r"^[A-Za-z_][\w.]*\.[A-Za-z_]\w*$"
RESERVED_RUN = "none"  # the folder of empty tables


def impossible(reason: str) -> PydanticCustomError:
    """What a validator raises. (A ValueError would be kept alive by pydantic until after the interpreter's end.)"""
    return PydanticCustomError("impossible", "{reason}", {"reason": reason})


def which_or_how_many(value: object) -> object:
    """Refuse in one sentence what a union would refuse in two."""
    if value in ("auto", "all", "mapped") or (type(value) is int and value > 0):
        return value
    raise PydanticCustomError("choice", "input should be 'auto', 'all', 'mapped' or a number greater than 0")


def how_many(value: object) -> object:
    """The same for the examples on the maps."""
    if value == "all" or (type(value) is int and value >= 4):
        return value
    raise PydanticCustomError("choice", "input should be 'all' or a number greater than or equal to 4")


def so_many(value: object) -> object:
    """Refuse what else Lightning takes for devices: all that a machine has, whose number the results depend on, or a
    list, which tells nothing of the results but on which machine they were made."""
    if value == "auto" or isinstance(value, list):
        raise PydanticCustomError(
            "choice",
            "input should be how many, for results must not depend on the machine; which of its GPUs these are, "
            "CUDA_VISIBLE_DEVICES says",
        )
    return value


def in_this_command(value: object) -> object:
    """Refuse, with the reason, those of Lightning's that start processes by typing the whole command again."""
    if value in ("ddp", "ddp_find_unused_parameters_true"):
        raise PydanticCustomError(
            "choice",
            "each process would start the whole command anew, a sweep too; take {instead}",
            {"instead": str(value).replace("ddp", "ddp_spawn")},
        )
    return value


class Section(BaseModel):
    """One group of the config: its keys are these and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Corpus(Section):
    """Which file is read, or which function called, by which columns, and how much of a sequence a network reads.

    The keys with a default came later: runs composed before them read as they were.
    """

    file: str | None
    function: Annotated[str, Field(pattern=IMPORT_PATH)] | None = None
    arguments: dict[str, Any] = {}
    id: str | None
    text: str | None
    steps: str | None = None
    label: str
    split: str | None
    classes: Annotated[list[Label], Field(min_length=2)] | None
    test: Share | None
    validation: Share
    seed: Seed
    vocabulary: Positive
    max_length: Positive
    standardize: bool = True

    @property
    def source(self) -> str:
        """Where the examples come from, as the config names it."""
        return self.file or f"{self.function}()"

    @model_validator(mode="after")
    def consistent(self) -> "Corpus":
        if self.classes is not None and len(set(self.classes)) < len(self.classes):
            raise impossible("classes: every class may be named once")
        if self.split is None and self.test is None:
            raise impossible("test: give the share of examples to test on, as corpus.split names no column")
        if (self.file is None) == (self.function is None):
            raise impossible("file: name a file, or a function in corpus.function: one of the two")
        if (self.text is None) == (self.steps is None):
            raise impossible("text: name the column that holds texts, or corpus.steps that of numbers: one of the two")
        if self.arguments and self.function is None:
            raise impossible("arguments: only a function takes some; corpus.function names none")
        return self


class Model(BaseModel):
    """A network by its import path, and brought weights, if any: paths of files, one an epoch from 0.

    Every other key is an argument of the network's constructor, checked when it is built.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    network: Annotated[str, Field(pattern=IMPORT_PATH)]
    checkpoints: Annotated[list[str], Field(min_length=1)] | None = None

    @model_serializer(mode="wrap")
    def plain(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without `checkpoints` where none are brought: the config of such a run is what it always was."""
        return {key: value for key, value in whole(self).items() if (key, value) != ("checkpoints", None)}

    @property
    def arguments(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class Trainer(Section):
    """How the network is trained, and by Lightning on what."""

    epochs: Positive
    batch_size: Positive
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    schedule: Literal["constant", "linear"]
    gradient_norm: Annotated[float, Field(gt=0)]
    accelerator: Literal["cpu", "gpu", "cuda", "mps"] = "cpu"
    devices: Annotated[Positive, BeforeValidator(so_many)] = 1
    strategy: Annotated[Strategy, BeforeValidator(in_this_command)] = "auto"
    precision: Literal["32-true", "16-mixed", "bf16-mixed"] = "32-true"

    @model_validator(mode="after")
    def consistent(self) -> "Trainer":
        if self.precision != "32-true" and self.accelerator == "cpu":
            raise impossible(
                f"precision: {self.precision} is for a GPU, named by trainer.accelerator; a CPU computes in 32-true"
            )
        return self

    @model_serializer(mode="wrap")
    def plain(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without the settings for devices where they are the plain ones: the config is what it was before them."""
        usual = {name: field.default for name, field in type(self).model_fields.items() if not field.is_required()}
        return {key: value for key, value in whole(self).items() if key not in usual or value != usual[key]}


class Impacts(Section):
    """Which predictions are explained, word by word."""

    epochs: Epochs
    examples: Annotated[Literal["auto", "all", "mapped"] | int, BeforeValidator(which_or_how_many)]
    batch_size: Positive
    checked: Positive


class Faithfulness(Section):
    """How the impacts are held against other methods. Runs composed before there was this section read as these are.

    epochs: None for those of the impacts; examples: so many of the mapped at most, 0 for none of all this.
    """

    epochs: Epochs | None = None
    examples: Count = 500
    hybrids: Count = 200
    steps: Positive = 50
    batch_size: Positive = 256


class Maps(Section):
    """Which layers are mapped, for which examples, and how.

    The keys with a default came later: runs composed before them read as they were.
    """

    layers: Annotated[dict[str, Pooling], Field(min_length=1)]
    examples: Annotated[Literal["all"] | int, BeforeValidator(how_many)]
    graph_neighbors: Annotated[int, Field(ge=2)]
    listed_neighbors: Positive
    method: Literal["isomap", "pca", "umap", "tsne"] = "isomap"
    landmarks: Annotated[int, Field(ge=3)] | None = None

    @model_validator(mode="after")
    def consistent(self) -> "Maps":
        if self.examples != "all" and (reason := self.too_many_neighbors(self.examples)):
            raise impossible(f"{reason} maps.examples ({self.examples})")
        if self.landmarks and self.method != "isomap":
            raise impossible(f"landmarks: maps.method={self.method} has none; leave them out or take isomap")
        return self

    def too_many_neighbors(self, examples: int) -> str:
        """Which key asks for more neighbours than that many examples have; empty if none does."""
        if self.graph_neighbors >= examples:
            return "graph_neighbors: must be less than"
        if self.listed_neighbors >= examples / 2:  # trustworthiness is not defined beyond
            return "listed_neighbors: must be less than half of"
        return ""

    def check(self, examples: int) -> None:
        """InputError where so many examples turn out to be on the maps, and are too few."""
        if reason := self.too_many_neighbors(examples):
            raise InputError(f"config: maps.{reason} the {examples} examples of the test split")


class Config(Section):
    """One run: everything its artifacts depend on."""

    name: Annotated[str, Field(pattern=RUN_NAME, max_length=200)]
    seed: Seed
    corpus: Corpus
    model: Model
    trainer: Trainer
    impacts: Impacts
    maps: Maps
    faithfulness: Faithfulness = Faithfulness()

    @model_validator(mode="after")
    def consistent(self) -> "Config":
        if self.name == RESERVED_RUN:
            raise impossible(f"name: {RESERVED_RUN!r} is reserved for the empty tables; choose another")
        for section, epochs in (("impacts", self.impacts.epochs), ("faithfulness", self.faithfulness.epochs or [])):
            late = [epoch for epoch in epochs if epoch not in self.epochs]
            if late and self.model.checkpoints:
                raise impossible(
                    f"{section}.epochs: {late[0]} is not there; model.checkpoints are epochs 0 to {self.epochs[-1]} "
                    f"({section}.epochs=all names every one)"
                )
            if late:
                raise impossible(f"{section}.epochs: {late[0]} is not reached; trainer.epochs is {self.trainer.epochs}")
        return self

    @property
    def epochs(self) -> range:
        """The checkpoints: the untrained network and one an epoch, or those that are brought."""
        return range(len(self.model.checkpoints) if self.model.checkpoints else self.trainer.epochs + 1)

    def flat(self) -> dict[str, str]:
        """Dotted keys and their values as JSON-like text, sorted by key."""
        return dict(sorted(flatten(self.model_dump()).items()))


def flatten(section: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in section.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = (
                yaml.safe_dump(value, default_flow_style=True, width=float("inf")).removesuffix("...\n").strip()
            )
    return flat


def checked(values: dict[str, Any]) -> Config:
    """A valid config, or an InputError naming the first key that is wrong and what it may be."""
    try:
        return Config.model_validate(values)
    except ValidationError as refusal:
        raise InputError(explained(refusal.errors()[0])) from None


def explained(error: Any) -> str:
    """One line for one of pydantic's errors: the key, its value, what is allowed."""
    place = [str(part) for part in error["loc"] if part != "[key]"]
    key = ".".join(place)
    if error["type"] == "extra_forbidden":
        return f"config: {key} is not a known key; allowed: {', '.join(allowed_keys(place[:-1]))}"
    if error["type"] == "missing":
        return f"config: {key} is missing"
    if error["type"] == "impossible":
        return f"config: {'.'.join([*place, ''])}{error['msg']}"
    return f"config: {key}={error['input']!r} is not allowed: {error['msg'][0].lower()}{error['msg'][1:]}"


def allowed_keys(section: list[str]) -> list[str]:
    """The keys a section may hold; none if any may."""
    model: Any = Config
    for part in section:
        fields = getattr(model, "model_fields", {})
        model = fields[part].annotation if part in fields else None
    return list(getattr(model, "model_fields", []))


KEYS = [key for top in allowed_keys([]) for key in (top, *(f"{top}.{below}" for below in allowed_keys([top])))]


def read(path: Path) -> Config:
    """The config of a run, from the file its `compose` stage wrote."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        name = path.parent.name.removeprefix("run=")
        raise InputError(
            f"{path}: no such file; compose the run first: python -m pipeline.stages.compose {name}"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = " ".join(str(error).split())  # YAML's own reasons have several lines
        raise InputError(f"{path}: not YAML ({place}); delete it and compose the run again") from None
    if not isinstance(values, dict):
        raise InputError(f"{path}: not a config; delete it and compose the run again")
    return checked(values)


def text(config: Config) -> str:
    """The YAML that `read` reads back."""
    return str(yaml.safe_dump(config.model_dump(), sort_keys=False, allow_unicode=True))

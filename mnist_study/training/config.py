"""What a run is told, as a YAML file: read as plain data, checked to the last key, and frozen."""

import io
import json
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.events import AliasEvent

from mnist_study.data.files import StudyError, did_you_mean, os_problem
from mnist_study.models.specs import Rate, Section, Spec

CONFIGS = Path(__file__).parents[1] / "configs"
LIMIT = 100_000  # bytes of a config file
NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"  # also the first part of a run directory's name

Positive = Annotated[float, Field(gt=0)]
Strength = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class ConfigError(StudyError):
    """A config that cannot be used, in one line: file, key path, what is wrong."""


class Named(Section):
    """A rule by its name, and the numbers that it takes."""

    @property
    def parameters(self):
        return self.model_dump(exclude={"name"})


class SGD(Named):
    name: Literal["sgd"] = "sgd"


class Momentum(Named):
    name: Literal["momentum"] = "momentum"
    momentum: Rate = 0.9
    nesterov: bool = False


class Adam(Named):
    name: Literal["adam"] = "adam"
    beta_1: Rate = 0.9
    beta_2: Rate = 0.999
    epsilon: Positive = 1e-8


class AdamW(Adam):
    name: Literal["adamw"] = "adamw"
    weight_decay: Strength = 0.01


class Constant(Named):
    name: Literal["constant"] = "constant"


class Step(Named):
    name: Literal["step"] = "step"
    factor: Annotated[float, Field(gt=0, le=1)] = 0.1
    at: tuple[Share, ...] = (0.5, 0.75)


class Exponential(Named):
    name: Literal["exponential"] = "exponential"
    end: Annotated[float, Field(gt=0, le=1)] = 0.01


class Cosine(Named):
    name: Literal["cosine"] = "cosine"
    end: Share = 0.0


class OneCycle(Named):
    name: Literal["one_cycle"] = "one_cycle"
    warm_up: Annotated[float, Field(gt=0, lt=1)] = 0.3
    start: Share = 1 / 25
    end: Share = 1 / 250_000


class EarlyStop(Section):
    """After ``patience`` epochs in which the validation loss did not fall by more than ``min_delta``."""

    patience: Annotated[int, Field(ge=1, le=10_000)] = 5
    min_delta: Strength = 0.0


class Augmentation(Section):
    """How far each training digit is changed at most, anew in every epoch (see ``mnist_study.images.augment``)."""

    shift: Annotated[float, Field(ge=0, le=14)] = 0.0
    rotation: Annotated[float, Field(ge=0, le=180)] = 0.0
    scale: Annotated[float, Field(ge=0, lt=1)] = 0.0
    stretch: Annotated[float, Field(ge=0, le=4)] = 0.0
    shear: Share = 0.0
    elastic: Annotated[float, Field(ge=0, le=10)] = 0.0
    stroke: Share = 0.0
    coarse: Share = 0.0
    prepared: bool = False
    share: Share = 1.0


class DataSection(Section):
    """``normalisation``: "standard" subtracts the mean of the training images and divides by their standard deviation,
    "unit" divides by 255. ``train_size`` takes only so many of the training digits, None all; ``drawn`` adds so many
    that a program draws (see ``mnist_study.images.drawn``), the same for every seed."""

    normalisation: Literal["standard", "unit"] = "standard"
    train_size: Annotated[int, Field(ge=1, le=48_000)] | None = None
    drawn: Annotated[int, Field(ge=0, le=100_000)] = 0
    augmentation: Augmentation | None = None


class TrainingSection(Section):
    epochs: Annotated[int, Field(ge=1, le=100_000)]
    batch_size: Annotated[int, Field(ge=1, le=48_000)]
    learning_rate: Positive  # per update, at the schedule's peak
    optimizer: Annotated[SGD | Momentum | Adam | AdamW, Field(discriminator="name")] = Adam()
    schedule: Annotated[Constant | Step | Exponential | Cosine | OneCycle, Field(discriminator="name")] = Constant()
    early_stopping: EarlyStop | None = None
    best: Literal["validation_loss", "validation_accuracy", "last"] = (
        "validation_loss"  # which epoch's weights are kept
    )
    loss: Literal["cross_entropy", "mean_squared_error"] = "cross_entropy"
    label_smoothing: Rate = 0.0
    l1: Strength = 0.0  # times the sum of |w|, weights and no bias
    l2: Strength = 0.0  # times half the sum of w²
    ema: Rate = 0.0  # decay, per update, of the running mean of the weights that is evaluated and kept; 0: none
    measure_every: Annotated[int, Field(ge=1)] = 1  # epochs
    device: Literal["auto", "cpu", "cuda"] = "auto"

    @model_validator(mode="after")
    def _fits(self):
        if self.label_smoothing and self.loss != "cross_entropy":
            raise ValueError("label_smoothing needs loss: cross_entropy")
        return self


class LoggingSection(Section):
    tensorboard: bool = True
    progress: bool = True


class Config(Section):
    """One training, whole: everything but the data and the machine."""

    name: Annotated[str, Field(pattern=NAME)]
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    model: Spec
    data: DataSection = DataSection()
    training: TrainingSection
    logging: LoggingSection = LoggingSection()

    @model_validator(mode="after")
    def _fits(self):
        asked, digits = self.training, (self.data.train_size or 48_000) + self.data.drawn
        if asked.device != "auto" and self.model.engine != "torch":
            raise ValueError(f"training.device chooses for PyTorch; leave it at auto for {self.model.kind}")
        if getattr(self.model, "batch_norm", False) and 1 in (asked.batch_size, digits % asked.batch_size):
            raise ValueError("batch norm needs two digits a batch: change training.batch_size, the last batch has one")
        return self


def config_names():
    """The configs that come with the package."""
    return sorted(path.stem for path in CONFIGS.glob("*.yaml"))


def load_config(source, changes=()):
    """Read a config and check it.

    Parameters
    ----------
    source : a name in ``config_names()``, or the path of a YAML file
    changes : ``"training.epochs=5"``, …: keys to set on top of the file, each value written as in YAML

    Raises
    ------
    ConfigError
        The first mistake, in one line: file, key path, and a near match where there is one.
    """
    names = config_names()
    path = CONFIGS / f"{source}.yaml" if str(source) in names else Path(source)
    try:
        size = path.stat().st_size
        text = path.read_bytes() if size <= LIMIT else b""
    except (OSError, ValueError) as error:
        hint = f"{did_you_mean(source, names).rstrip('?')}; configs by name: {', '.join(names)}"
        raise ConfigError(f"{source}: cannot be read ({os_problem(error)}){hint}") from None
    if size > LIMIT:
        raise ConfigError(f"{path}: has {size:,} bytes, more than any config; is it the right file?")
    return parse_config(text, str(path), changes)


def parse_config(text, where="config", changes=()):
    """``load_config`` of the content itself; ``where`` is what mistakes are said to be in."""
    values = read_yaml(text, where)
    if not isinstance(values, dict):
        kind = "is empty" if values is None else f"holds no keys ({type(values).__name__})"
        raise ConfigError(f"{where}: {kind}; a config has {', '.join(Config.model_fields)}")
    for change in changes:
        _set(values, change, where)
    _spell_out(values.get("training"))
    try:
        content = json.dumps(values, default=lambda odd: f"{type(odd).__name__} {odd}")
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: holds what no config can ({error})") from None
    try:
        return Config.model_validate_json(content)
    except ValidationError as error:
        raise ConfigError(f"{where}: {_explain(_most_telling(error.errors()), values)}") from None


def dump_config(config):
    """The YAML text that ``parse_config`` reads back as an equal config."""
    text = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.sort_base_mapping_type_on_output = False, False
    yaml.dump(config.model_dump(mode="json"), text)
    return text.getvalue()


def read_yaml(text, where):
    """YAML 1.2 to plain values; tags, aliases and duplicate keys are refused, and nothing is ever constructed."""
    try:
        if isinstance(text, bytes):
            text = text.decode()
        for event in YAML(typ="safe", pure=True).parse(text):
            if isinstance(event, AliasEvent):
                raise ConfigError(f"{where}: uses an alias (*{event.anchor}); write the value out")
            if tag := getattr(event, "tag", None):
                raise ConfigError(f"{where}: uses the tag {tag}; only plain values are read")
        return YAML(typ="safe", pure=True).load(text)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{where}: is no text (byte {error.start} is not UTF-8)") from None
    except (YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or str(error) or type(error).__name__
        raise ConfigError(f"{where}: {line}is not valid YAML ({str(problem).strip().splitlines()[0]})") from None


def _set(values, change, where):
    key, equals, text = change.partition("=")
    if not equals or not re.fullmatch(r"\w+(\.\w+)*", key):
        raise ConfigError(f"--set {change}: write it as key=value, such as training.epochs=5")
    *sections, last = key.split(".")
    for section in sections:
        inner = values.setdefault(section, {})
        if inner is None or isinstance(inner, str):  # nothing yet, or a name standing for {name: …}
            inner = values[section] = {"name": inner} if inner else {}
        if not isinstance(inner, dict):
            raise ConfigError(f"{where}: {key}: {section} holds {inner!r} and has no keys")
        values = inner
    values[last] = read_yaml(text, f"--set {key}")


def _spell_out(training):
    """``optimizer: adam`` is short for ``optimizer: {name: adam}``, ``schedule`` likewise."""
    for key in ("optimizer", "schedule"):
        if isinstance(training, dict) and isinstance(training.get(key), str):
            training[key] = {"name": training[key]}


def _most_telling(problems):
    """The first mistake; where a number or a list of numbers may stand, the one that is deeper in the list."""
    path = problems[0]["loc"]
    if not path or not str(path[-1]).endswith("int"):
        return problems[0]
    return max((p for p in problems if p["loc"][: len(path) - 1] == path[:-1]), key=lambda p: len(p["loc"]))


def _explain(problem, values):
    """One validation error of pydantic's as ``training.epoch: unknown key; did you mean 'epochs'?``."""
    path, section = [], values
    for part in problem["loc"]:
        keys = section if isinstance(section, dict) else range(len(section)) if isinstance(section, list) else ()
        if part in keys:
            section = section[part]
        elif problem["type"] != "missing" or part != problem["loc"][-1]:
            continue  # the name of a union's member, which is no key
        path.append(str(part))
    known, wrong = _known_names(problem)
    where, kind = ".".join(path) or "config", problem["type"]
    if kind == "extra_forbidden":
        return f"{where}: unknown key{did_you_mean(wrong, known) or '; known are ' + ', '.join(known)}"
    if kind == "missing":
        return f"{where}: is missing"
    if kind == "union_tag_not_found":
        return f"{where}: is missing its key {problem['ctx']['discriminator']}"
    given = "" if isinstance(problem["input"], dict | list) else f", not {problem['input']!r}"
    if known:
        return f"{where}: must be one of {', '.join(known)}{given}{did_you_mean(wrong, known)}"
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    message = message.replace("a valid array", "a list").replace("an object", "a mapping")
    return f"{where}: {message}{given}"


def _known_names(problem):
    """The names that would have been right where ``problem`` is, and the one that was given instead."""
    if problem["type"] == "union_tag_invalid":
        return re.findall(r"'([^']*)'", problem["ctx"]["expected_tags"]), problem["ctx"]["tag"]
    if problem["type"] == "literal_error":
        return re.findall(r"'([^']*)'", problem["ctx"]["expected"]), problem["input"]
    if problem["type"] == "extra_forbidden":
        return _fields(problem["loc"][:-1]), problem["loc"][-1]
    return [], None


def _fields(path):
    """The keys of the section at ``path``, in which unions are entered by the name of their member."""
    section, members = Config, [Config]
    for part in path:
        if part in section.model_fields:
            annotation = section.model_fields[part].annotation
            members = [annotation, *getattr(annotation, "__args__", ())]
        else:
            members = [member for member in members if _tag(member) == part]
        section = next(m for m in members if isinstance(m, type) and issubclass(m, Section))
    return list(section.model_fields)


def _tag(member):
    fields = getattr(member, "model_fields", {})
    return fields[tag].default if (tag := "kind" if "kind" in fields else "name") in fields else None

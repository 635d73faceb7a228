"""What a run does, as frozen values: every key, its type, its range and its default."""

from collections.abc import Callable
from inspect import signature
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import Field, ValidationInfo, create_model, field_validator, model_validator

from mnist_study.data import MNIST, TASKS, TaskError, find_task
from mnist_study.data.files import StudyError
from mnist_study.models.specs import NetworkSpec, Positive, Rate, Section, Share, Spec, Strength

from .optimizers import OPTIMIZERS
from .schedules import SCHEDULES

NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"  # also the first part of a run directory's name
MOST_DIGITS = 10_000_000  # that a config may speak of; how many there are, the task knows
ONE_LEFT = "batch norm needs two digits a batch: change training.batch_size, the last batch has one"

Count = Annotated[int, Field(ge=1, le=MOST_DIGITS)]


class ConfigError(StudyError):
    """A config that cannot be used, in one line: file, key path, what is wrong."""


class Named(Section):
    """A rule by its name, and the numbers that it takes."""

    name: str

    @property
    def parameters(self) -> dict[str, Any]:
        """dict of all but the name, as the rule itself takes them."""
        return self.model_dump(exclude={"name"})


def _section(name: str, rule: Callable[..., Any]) -> type[Named]:
    """The section that says ``name`` and takes the parameters of ``rule``, with their ranges and defaults."""
    parameters = [each for each in signature(rule).parameters.values() if each.name != "progress"]
    fields: dict[str, Any] = {"name": (Literal[name], name)}
    fields |= {each.name: (each.annotation, each.default) for each in parameters}
    title = name.title().replace("_", "") + "Section"
    return create_model(title, __base__=Named, __module__=__name__, __doc__=rule.__doc__, **fields)


OPTIMIZER_SECTIONS = {name: _section(name, rule) for name, rule in OPTIMIZERS.items()}
SCHEDULE_SECTIONS = {name: _section(name, rule) for name, rule in SCHEDULES.items()}
SECTIONS = (*OPTIMIZER_SECTIONS.values(), *SCHEDULE_SECTIONS.values())
globals().update({section.__name__: section for section in SECTIONS})  # where pickle looks for them
if TYPE_CHECKING:  # what all of them have in common: a union of classes made at run time cannot be followed
    OptimizerSection = Named
    ScheduleSection = Named
else:
    OptimizerSection = Annotated[Union[*OPTIMIZER_SECTIONS.values()], Field(discriminator="name")]
    ScheduleSection = Annotated[Union[*SCHEDULE_SECTIONS.values()], Field(discriminator="name")]


class EarlyStop(Section):
    """After ``patience`` epochs in which the validation loss did not fall by more than ``min_delta``."""

    patience: Annotated[int, Field(ge=1, le=10_000)] = 5
    min_delta: Strength = 0.0


class Teacher(Section):
    """A network that ships, whose probabilities are learned beside the labels (Hinton, Vinyals, Dean, 2015).

    The loss is ``share`` times temperature² times the cross-entropy with the teacher's probabilities, both networks'
    logits divided by ``temperature``, and ``1 - share`` times the loss with the label.
    """

    model: str
    share: Share = 0.9
    temperature: Annotated[float, Field(ge=1, le=20)] = 2.0


class Augmentation(Section):
    """How far each training digit is changed at most, anew in every epoch (see ``mnist_study.images.augment``)."""

    shift: Annotated[float, Field(ge=0, le=min(MNIST.shape) / 2)] = 0.0  # pixels
    rotation: Annotated[float, Field(ge=0, le=180)] = 0.0  # degrees
    scale: Annotated[float, Field(ge=0, lt=1)] = 0.0
    stretch: Annotated[float, Field(ge=0, le=4)] = 0.0
    shear: Share = 0.0
    elastic: Annotated[float, Field(ge=0, le=10)] = 0.0
    stroke: Share = 0.0
    coarse: Share = 0.0
    prepared: bool = False
    dirt: Share = 0.0
    share: Share = 1.0


class DataSection(Section):
    """``normalisation``: "standard" subtracts the mean of the training images and divides by their standard deviation,
    "unit" divides by 255. ``train_size`` takes only so many of the training digits, None all; ``drawn`` adds so many
    that a program draws (see ``mnist_study.images.drawn``), ``lettered`` so many after typefaces that imitate
    handwriting (``mnist_study.images.typefaces``), the same for every seed. ``redraw`` puts the training images
    together anew for every epoch, where the task's are made of others."""

    normalisation: Literal["standard", "unit"] = "standard"
    train_size: Count | None = None
    drawn: Annotated[int, Field(ge=0, le=100_000)] = 0
    lettered: Annotated[int, Field(ge=0, le=100_000)] = 0
    redraw: bool = False
    augmentation: Augmentation | None = None


class TrainingSection(Section):
    """How the weights are learned."""

    epochs: Annotated[int, Field(ge=1, le=100_000)]
    batch_size: Count
    learning_rate: Positive  # per update, at the schedule's peak
    optimizer: OptimizerSection = OPTIMIZER_SECTIONS["adam"](name="adam")
    schedule: ScheduleSection = SCHEDULE_SECTIONS["constant"](name="constant")
    early_stopping: EarlyStop | None = None
    best: Literal["validation_loss", "validation_accuracy", "last"] = "validation_loss"  # whose weights are kept
    loss: Literal["cross_entropy", "mean_squared_error"] = "cross_entropy"
    label_smoothing: Rate = 0.0
    teacher: Teacher | None = None
    l1: Strength = 0.0  # times the sum of |w|, weights and no bias
    l2: Strength = 0.0  # times half the sum of w²
    ema: Rate = 0.0  # decay, per update, of the running mean of the weights that is evaluated and kept; 0: none
    measure_every: Annotated[int, Field(ge=1)] = 1  # epochs
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["float32", "bfloat16"] = "float32"  # of products in PyTorch; weights are float32 with either

    @model_validator(mode="after")
    def _fits(self) -> "TrainingSection":
        if self.label_smoothing and self.loss != "cross_entropy":
            raise ValueError("label_smoothing needs loss: cross_entropy")
        if self.teacher and self.loss != "cross_entropy":
            raise ValueError("teacher needs loss: cross_entropy")
        return self


class LoggingSection(Section):
    """What a run shows of itself while it trains."""

    tensorboard: bool = True
    progress: bool = True


class Config(Section):
    """One training, whole: everything but the data and the machine."""

    name: Annotated[str, Field(pattern=NAME)]
    task: str = MNIST.name
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    model: Spec
    data: DataSection = DataSection()
    training: TrainingSection
    logging: LoggingSection = LoggingSection()

    @field_validator("task")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            return find_task(name).name
        except TaskError as error:
            raise ValueError(str(error)) from None

    @field_validator("model")
    @classmethod
    def _reads(cls, model: NetworkSpec, known: ValidationInfo) -> NetworkSpec:
        if "task" in known.data:
            model.sizes(find_task(known.data["task"]))  # refuses a network that cannot read such images
        return model

    @model_validator(mode="after")
    def _fits(self) -> "Config":
        task = find_task(self.task)
        changes = self.data.augmentation
        if (task.shape, task.classes) != (MNIST.shape, MNIST.classes):
            for more in ("drawn", "lettered"):
                if getattr(self.data, more):
                    raise ValueError(f"data.{more}: a program draws digits of {MNIST.name} only, not of {task.name}")
        if task.part.shape != MNIST.shape and changes and changes.prepared:
            raise ValueError(f"data.augmentation.prepared: makes images as {MNIST.name} has them, not {task.name}")
        if self.data.redraw and (task.redraw is None or self.data.train_size):
            made = ", ".join(name for name, each in TASKS.items() if each.redraw)
            raise ValueError(
                "data.redraw: draws from all training digits; leave data.train_size out"
                if task.redraw
                else f"data.redraw: the images of {task.name} are not made of others', those of {made} are"
            )
        if self.training.device != "auto" and self.model.engine != "torch":
            raise ValueError(f"training.device chooses for PyTorch; leave it at auto for {self.model.kind}")
        if self.training.precision != "float32" and self.model.engine != "torch":
            raise ValueError(f"training.precision: {self.model.kind} computes in float32; leave it out")
        if self.training.teacher and self.model.engine != "torch":
            raise ValueError(f"training.teacher: teaches networks of PyTorch, not {self.model.kind}")
        if _has_batch_norm(self) and self.training.batch_size == 1:
            raise ValueError(ONE_LEFT)
        return self


def over_seeds(config: Config, seeds: int) -> list[Config]:
    """The same config with the seeds 0, 1, …

    Raises
    ------
    ConfigError
        There would be none.
    """
    if seeds < 1:
        raise ConfigError(f"--seeds {seeds}: at least one is needed")
    return [config.model_copy(update={"seed": seed}) for seed in range(seeds)]


def check_batches(config: Config, digits_count: int) -> None:
    """Refuse a config that its digits cannot feed, once it is known how many there are.

    Parameters
    ----------
    config : Config
    digits_count : training digits of the task, before ``data.train_size`` takes some of them or a program draws more

    Raises
    ------
    ConfigError
        The config takes more training digits than there are, or the last batch of an epoch would leave batch norm
        with a single digit.
    """
    data = config.data
    if data.train_size and data.train_size > digits_count:
        raise ConfigError(
            f"{config.name}: data.train_size: should be less than or equal to {digits_count}, "
            f"the number of training digits, not {data.train_size}"
        )
    digits = (data.train_size or digits_count) + data.drawn + data.lettered
    if _has_batch_norm(config) and digits % config.training.batch_size == 1:
        raise ConfigError(f"{config.name}: {ONE_LEFT}")


def _has_batch_norm(config: Config) -> bool:
    return getattr(config.model, "batch_norm", False)

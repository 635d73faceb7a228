"""What the networks of one pad read: one task, whose images a pad can draw."""

from collections.abc import Mapping
from numbers import Integral

from mnist_study.data import MNIST, TWO_DIGIT, StudyError, Task
from mnist_study.images.preparation import image_shape, stages
from mnist_study.models import Classifier, PartByPart, reads_part

MODELS = {  # networks of a pad for so many digits, of the widget and of the page; of two, some read one at a time
    1: ("softmax", "mlp", "cnn_hand"),
    2: ("two_digit_mlp", "two_digit_cnn", "two_digit_shared", "mlp", "cnn_hand"),
}


def on_one_pad(models: Mapping[str, Classifier], digits: int | None = None) -> tuple[Task, dict[str, Classifier]]:
    """What networks on one pad read, and the networks as readers of that.

    Beside a network that reads two digits at once, one that reads a single digit reads one after the other.

    Parameters
    ----------
    models : dict from name to network; one that names no task reads MNIST
    digits : that stand side by side, 1 or 2; None for as many as the networks read

    Returns
    -------
    Task, and dict from name to Classifier of its images

    Raises
    ------
    StudyError
        They read different things, or images of another shape than a drawing becomes, or no pad has so many digits.
    """
    tasks = {name: getattr(model, "task", None) or MNIST for name, model in models.items()}
    first = max(tasks, key=lambda name: tasks[name].parts, default="")
    task = tasks.get(first, MNIST)
    if digits is not None and (not isinstance(digits, Integral) or digits != digits_of(task)):
        first, task = f"a pad for digits={digits!r:.40}", _pad_of(digits)
    readers = {}
    for name, model in models.items():
        alone = tasks[name] != task
        if alone and not reads_part(model, task):
            raise StudyError(f"{name} reads {tasks[name].name}, {first} reads {task.name}; choose networks of one task")
        readers[name] = PartByPart(model, task) if alone else model
    if task.shape != image_shape(digits_of(task)):
        shapes = [" × ".join(map(str, shape)) for shape in (task.shape, image_shape(digits_of(task)))]
        raise StudyError(f"{first} reads images of {shapes[0]} pixels, a drawing has {shapes[1]}; choose another")
    return task, readers


def reads_apart(model: Classifier) -> bool:
    """Whether a network reads each digit of a number by itself: one of single digits, or a trunk for both."""
    return isinstance(model, PartByPart) or getattr(getattr(model, "spec", None), "shared", False)


def _pad_of(digits: int) -> Task:
    """What is drawn on a pad for so many digits."""
    for task in (MNIST, TWO_DIGIT):
        if isinstance(digits, Integral) and digits_of(task) == digits:
            return task
    raise StudyError(f"digits: {digits!r:.40} is neither 1 nor 2; a pad is for one digit or two")


def digits_of(task: Task) -> int:
    """How many digits stand side by side in its images, as a pad draws them."""
    return len(task.places)


def first_stage(task: Task) -> str:
    """The preparation of ``rasterise`` that a pad begins with, the one that goes farthest."""
    return stages(digits_of(task))[-1]


def noun(task: Task) -> str:
    """What one drawing shows: a digit, or a number."""
    return "digit" if digits_of(task) == 1 else "number"

"""What the networks of one pad read: one task, whose images a pad can draw."""

from collections.abc import Mapping

from mnist_study.data import MNIST, StudyError, Task
from mnist_study.images.preparation import image_shape
from mnist_study.models import Classifier, PartByPart, reads_part


def side_by_side(models: Mapping[str, Classifier]) -> tuple[Task, dict[str, Classifier]]:
    """What networks on one pad read, and the networks as readers of that.

    Beside a network that reads two digits at once, one that reads a single digit reads one after the other.

    Parameters
    ----------
    models : dict from name to network; one that names no task reads MNIST

    Returns
    -------
    Task, and dict from name to Classifier of its images

    Raises
    ------
    StudyError
        They read different things, or images of another shape than a drawing becomes.
    """
    tasks = {name: getattr(model, "task", None) or MNIST for name, model in models.items()}
    first = max(tasks, key=lambda name: tasks[name].parts, default="")
    task = tasks.get(first, MNIST)
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


def digits_of(task: Task) -> int:
    """How many digits stand side by side in its images, as a pad draws them."""
    return len(task.places)

"""What the networks of one pad read: one task, whose images a pad can draw."""

from collections.abc import Mapping

from mnist_study.data import MNIST, StudyError, Task
from mnist_study.images import rasterise
from mnist_study.models import Classifier


def shared_task(models: Mapping[str, Classifier]) -> Task:
    """The task of networks that read along on one pad; MNIST for one that names none.

    Parameters
    ----------
    models : dict from name to network

    Returns
    -------
    Task

    Raises
    ------
    StudyError
        They read different things, or images of another shape than a drawing becomes.
    """
    tasks = {name: getattr(model, "task", None) or MNIST for name, model in models.items()}
    first = next(iter(tasks), "")
    task = tasks.get(first, MNIST)
    for name, other in tasks.items():
        if other != task:
            raise StudyError(f"{name} reads {other.name}, {first} reads {task.name}; choose networks of one task")
    drawn = rasterise([]).shape
    if task.shape != drawn:
        shapes = [" × ".join(map(str, shape)) for shape in (task.shape, drawn)]
        raise StudyError(f"{first} reads images of {shapes[0]} pixels, a drawing has {shapes[1]}; choose another")
    return task

"""The one writer of ``weights.js``: the study's networks as the published page carries them, and what else it knows.

What Python and JavaScript share is written once, in Python: constants of the drawing, names of the classes, sentences.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mnist_study.analysis import accuracy
from mnist_study.analysis.diagnosis import MEASURES, QUANTILES, UNUSUAL, Measure, reference
from mnist_study.data import MNIST, StudyError, Task
from mnist_study.data.files import os_problem, write_atomically
from mnist_study.images.preparation import BOX, TIE
from mnist_study.images.strokes import CANVAS, CLOSEST, FARTHEST, PEN, PENS, SPACING
from mnist_study.models import load_model

from .page_network import describe, page_network
from .tasks import digits_of, first_stage, side_by_side
from .words import invitation, preparations

PAGE_MODELS = ("softmax", "mlp", "cnn_hand")
SCRIPT = "weights.js"
FORMAT = 1  # of the script; reader.js refuses any other
THIN_SPACE = "\u202f"  # narrow, and no line is broken at it


def export_page(folder: Path | str, names: Iterable[str] = PAGE_MODELS) -> list[str]:
    """Write ``weights.js`` for the page's pad.

    Parameters
    ----------
    folder : where the script goes; made if it is not there
    names : shipped models with NumPy or PyTorch layers, all of one task

    Returns
    -------
    list of str, a line for each network and one for the file

    Raises
    ------
    StudyError
        There is no such model, it has a layer that the page does not know, the models are of different tasks, or the
        folder cannot be written.
    """
    models = {name: load_model(name) for name in names}
    task, _ = side_by_side(models)
    descriptions = {name: describe(model) for name, model in models.items()}
    test, networks, lines = task.load().test, [], []
    for name, model in models.items():
        pair = model, page_network(descriptions[name])
        before, after = (accuracy(test.labels, network.predict(test.images)) for network in pair)
        errors = {"errors": before.errors, "exported_errors": after.errors}
        networks.append({"name": name, "parameters": model.size} | errors | descriptions[name])
        lines.append(f"{name}: {before} before, {after} with weights of eight bits")
    script = encode(shared(task) | {"tested": len(test), "networks": networks})
    path = Path(folder) / SCRIPT
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, script)
    except (OSError, ValueError) as error:
        raise StudyError(f"{path}: cannot be written ({os_problem(error)}); name another folder") from None
    return [*lines, f"{path}: {len(script) / 1e3:.0f} kB"]


def encode(page: Mapping[str, object]) -> bytes:
    """The bytes of the script: what the page knows as one text, with its length and CRC-32, which reader.js checks."""
    content = json.dumps(page, separators=(",", ":"))  # ASCII: as many letters as bytes
    sealed = {"format": FORMAT, "length": len(content), "crc32": zlib.crc32(content.encode()), "content": content}
    return f"window.MNIST_PAD_DATA = {json.dumps(sealed)};\n".encode()


def decode(script: bytes) -> dict[str, Any]:
    """What ``encode`` made a script of."""
    return json.loads(json.loads(script.decode().partition(" = ")[2].rstrip().removesuffix(";"))["content"])


def shared(task: Task = MNIST) -> dict[str, object]:
    """What the page and the package have in common, but for the networks: constants, names, sentences, reference.

    Returns
    -------
    dict, as JSON can hold it; lengths in pixels of the image, or in units of the pad as in ``images.strokes``
    """
    rows, columns = task.shape
    return {
        "image": {"rows": rows, "columns": columns, "box": BOX, "spacing": SPACING, "tie": TIE},
        "digits": digits_of(task),
        "pad": {"pen": PEN, "pens": PENS, "canvas": CANVAS, "farthest": FARTHEST, "closest": CLOSEST},
        "classes": task.classes,
        "invitation": invitation(task),
        "stage": first_stage(task),
        "stages": preparations(task),
        "measures": MEASURES,
        "unusual": UNUSUAL,
        "reference": {name: values.tolist() for name, values in reference(task).items()},
        "compared": compared(),
    }


def compared() -> list[tuple[float, str]]:
    """Every percentile in words: list of [the highest percentile of which they are true, the words], rising."""
    words = {}
    for place in range(2 * QUANTILES + 1):  # equal values count half
        percentile = place * 50 / QUANTILES
        words[Measure("", 0.0, "", percentile).compared.replace(" %", f"{THIN_SPACE}%")] = percentile
    return [(percentile, text) for text, percentile in words.items()]

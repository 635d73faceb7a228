"""The one writer of the page's scripts: the study's networks as the published page carries them, and all else it knows.

What Python and JavaScript share is written once, in Python: constants of the drawing, names of the classes, sentences.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mnist_study.analysis import Accuracy, accuracy
from mnist_study.analysis.diagnosis import MEASURES, QUANTILES, UNUSUAL, Measure, reference
from mnist_study.data import MNIST, StudyError, Task
from mnist_study.data.files import os_problem, write_atomically
from mnist_study.images.preparation import TIE, box_shape, image_shape
from mnist_study.images.strokes import CANVAS, CLOSEST, FARTHEST, OVERLAP, PEN, PENS, SPACING
from mnist_study.models import Classifier, PartByPart, load_model

from .page_network import describe, describe_refusal, page_network
from .sketch import refusals
from .tasks import MODELS, digits_of, first_stage, on_one_pad, reads_apart
from .words import REFUSED, compared_with, invitation, places, preparations, way_of_reading

SCRIPTS = {1: "weights.js", 2: "two_digits.js"}  # pad.js asks for them by these names
FORMAT = 2  # of the scripts; reader.js refuses any other
THIN_SPACE = "\u202f"  # narrow, and no line is broken at it


def export_page(folder: Path | str, names: Iterable[str] | None = None) -> list[str]:
    """Write the scripts of the page's pad, or the one that some networks belong to.

    Parameters
    ----------
    folder : where the scripts go; made if it is not there
    names : shipped models with NumPy or PyTorch layers, all of one task; by default those of the book's page

    Returns
    -------
    list of str, a line for each network and one for each file

    Raises
    ------
    StudyError
        There is no such model, it has a layer that the page does not know, the models are of different tasks, or the
        folder cannot be written.
    """
    lines = []
    for chosen in MODELS.values() if names is None else (names,):
        models = {name: load_model(name) for name in chosen}
        task, readers = on_one_pad(models)
        page = page_of(task, readers, {name: model.size for name, model in models.items()})
        tested = page["tested"]
        for network in page["networks"]:
            before, after = (Accuracy(network[errors], tested) for errors in ("errors", "exported_errors"))
            lines.append(f"{network['name']}: {before} before, {after} with weights of eight bits")
        script, path = encode(page), Path(folder) / SCRIPTS[digits_of(task)]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, script)
        except (OSError, ValueError) as error:
            raise StudyError(f"{path}: cannot be written ({os_problem(error)}); name another folder") from None
        lines.append(f"{path}: {len(script) / 1e3:.0f} kB")
    return lines


def page_of(task: Task, readers: Mapping[str, Classifier], sizes: Mapping[str, int]) -> dict[str, Any]:
    """All that one script holds: what ``shared`` says, and each network with its errors before and with eight bits.

    A network that another script carries is not written twice: ``from`` names that script.
    """
    descriptions = {name: describe(reader) for name, reader in readers.items()}
    test, networks = task.load().test, []
    for name, reader in readers.items():
        pair = reader, page_network(descriptions[name])
        before, after = (accuracy(test.labels, network.predict(test.images)).errors for network in pair)
        carried = isinstance(reader, PartByPart) and name in MODELS[1]
        network = {"from": SCRIPTS[1], "parts": task.parts} if carried else descriptions[name]
        says = {"name": name, "parameters": sizes[name], "errors": before, "exported_errors": after}
        if digits_of(task) == 1 and name in (known := refusals({name: reader})):
            says["refusal"] = describe_refusal(known[name])
        networks.append(says | {"reading": way_of_reading(task, reads_apart(reader))} | network)
    return shared(task) | {"tested": len(test), "networks": networks}


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
    digits = digits_of(task)
    return {
        "image": {"shape": task.shape, "box": box_shape(digits)},
        "digit": {"shape": image_shape(), "box": box_shape()},
        "digits": digits,
        "strokes": {"spacing": SPACING, "tie": TIE, "overlap": OVERLAP, "farthest": FARTHEST, "closest": CLOSEST},
        "pad": {"pen": PEN, "pens": PENS, "canvas": CANVAS},
        "classes": task.classes,
        "places": places(task),
        "invitation": invitation(task),
        "stage": first_stage(task),
        "stages": preparations(task),
        "measures": MEASURES,
        "unusual": UNUSUAL,
        "reference": {name: values.tolist() for name, values in reference(task).items()},
        "compared": compared(),
        "refused": REFUSED,
        "compared_with": compared_with(task),
    }


def compared() -> list[tuple[float, str]]:
    """Every percentile in words: list of [the highest percentile of which they are true, the words], rising."""
    words = {}
    for place in range(2 * QUANTILES + 1):  # equal values count half
        percentile = place * 50 / QUANTILES
        words[Measure("", 0.0, "", percentile).compared.replace(" %", f"{THIN_SPACE}%")] = percentile
    return [(percentile, text) for text, percentile in words.items()]

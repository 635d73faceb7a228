"""Networks as files. Nothing that is read here is ever executed: no pickle, and every array is checked.

A model is a safetensors file: the weights, and in its metadata what they belong to (spec, normalisation) and where they
come from. The NumPy network also has a plain bundle, ``.npz`` with ``W1 b1 W2 b2 … mean std``.
"""

import io
import json
import pickletools
import re
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from pydantic import TypeAdapter, ValidationError

from mnist_study.data import MNIST, TASKS, task_of
from mnist_study.data.files import (
    StudyError,
    did_you_mean,
    open_zip,
    os_problem,
    pack_npz,
    read_bounded,
    unpack_npz,
    write_atomically,
)

from .classifier import BaseNetwork, check_normalisation
from .records import ModelRecord, record_from
from .specs import NumPyMLP, StoredSpec, build

SHIPPED = Path(str(files("mnist_study"))) / "weights"
LIMIT = 1 << 29  # bytes of a file, packed and unpacked: more than the largest network has as float64
HEADER, PICKLE = 1 << 20, 1 << 18  # bytes of what describes the weights, in a safetensors and in a PyTorch file
TORCH_PARTS = re.compile(r"data\.pkl|byteorder|version|data/\d+")
TORCH_NAMES = re.compile(
    r"collections OrderedDict|torch\._utils _rebuild_tensor_v2|torch (Float|Double|Half|Long)Storage"
)
BUNDLED = re.compile("Flatten (Dense ReLU (Dropout )?)*Dense")  # layers that the shapes of their weights tell
HUB = "hf://"
HUB_FILE = "model.safetensors"
SPEC: TypeAdapter[Any] = TypeAdapter(StoredSpec)


class ModelError(StudyError):
    """A model that is not there or cannot be trusted, in one line."""


def model_names(task: str | None = None, alone: bool = False) -> list[str]:
    """The trained models that ship with the package, weakest first (by their accuracy on the validation digits).

    ``task`` is the name of what they are to read; else those of MNIST come first, and behind them those of each other
    task. ``alone`` leaves out those that are made of others.
    """
    records = {record.name.removesuffix(".json"): json.loads(record.read_text()) for record in _records()}
    reads = {name: record["config"].get("task", MNIST.name) for name, record in records.items()}
    return sorted(
        (
            name
            for name in records
            if task in (None, reads[name]) and not (alone and "members" in records[name]["config"])
        ),
        key=lambda name: (reads[name] != MNIST.name, reads[name], records[name]["metrics"]["validation_accuracy"]),
    )


def model_record(name: str) -> ModelRecord:
    """How a shipped model came to be.

    Returns
    -------
    ModelRecord

    Raises
    ------
    ModelError
        No such model ships with the package.
    """
    if name not in (names := model_names()):
        raise ModelError(f"no model {name!r} ships with the package{did_you_mean(name, names)}; {_offer(names)}")
    return record_from(ModelRecord, json.loads((SHIPPED / f"{name}.json").read_text()))


def load_model(name: Path | str) -> BaseNetwork:
    """A trained network, ready to read: ``.logits(images)``, ``.predict_proba(images)``, ``.predict(images)``.

    Parameters
    ----------
    name : one of ``model_names()``; or the path of a ``.safetensors``, ``.npz`` or ``.pt`` file; or ``hf://owner/name``
        for the file ``model.safetensors`` of a repository on the Hugging Face Hub (needs ``huggingface_hub``)

    Raises
    ------
    ModelError
        There is no such model, or the file is not one.
    """
    name = str(name)
    if name in (names := model_names()):
        return read_model(SHIPPED / f"{name}.safetensors")
    if name.startswith(HUB):
        return read_model(_fetch(name))
    if Path(name).suffix not in READERS:
        raise ModelError(f"no model {name!r}{did_you_mean(name, names)}; {_offer(names)}")
    return read_model(name)


def read_model(path: Path | str) -> BaseNetwork:
    """The network in a ``.safetensors``, ``.npz`` or ``.pt`` file; refuses whatever is not exactly that.

    Of at most half a gigabyte, packed or not. What a refusal says is in words of ours: text of a stranger's file, or of
    a library that advises to trust it, is not passed on.
    """
    path = Path(path)
    try:
        return _network(*_read(path))
    except FileNotFoundError as error:
        raise ModelError(f"{path}: cannot be read ({os_problem(error)}); check the path") from None
    except ValidationError as error:
        raise ModelError(f"{path}: is no model of this study (its spec: {_spec_problem(error)})") from None
    except KeyError as error:
        raise ModelError(f"{path}: is no model of this study ({error} is missing)") from None
    except ValueError as error:
        raise ModelError(f"{path}: is no model of this study ({error})") from None


def _network(weights, about):
    mean, std = _number(about, "mean"), _number(about, "std")
    check_normalisation(mean, std)
    network = build(SPEC.validate_json(about["spec"]), 0, mean, std, _task(about))
    network.set_weights(weights)
    return network


def _read(path):
    content = read_bounded(path, LIMIT, ModelError)
    try:
        return READERS[path.suffix](content)
    except StudyError as error:
        message = str(error)
    except Exception:  # a hostile file makes the libraries' readers raise almost anything
        message = f"not a whole {path.suffix} file of weights"
    raise ModelError(f"{path}: is no model of this study ({message}); nothing in it was executed")


def _number(about, name):
    try:
        return float(np.asarray(about[name]).item())
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise ValueError(f"its {name} is no number") from None


def _task(about):
    """What the network reads; files from before there were tasks do not say, and are MNIST's."""
    if "task" not in about:
        return MNIST
    try:
        return task_of(json.loads(about["task"]))
    except (TypeError, ValueError, KeyError, RecursionError):
        raise ValueError("its task is no name, shape and classes") from None


def _spec_problem(error):
    """The first thing that is wrong with a spec: where, as far as the names are ours, and what."""
    problem = error.errors()[0]
    if problem["type"] == "value_error":
        return problem["ctx"]["error"]
    where = problem["loc"][:-1] if problem["type"] == "extra_forbidden" else problem["loc"]
    return " ".join([".".join(map(str, where)), problem["type"].replace("_", " ")]).strip()


def save_model(network: BaseNetwork, path: Path | str, **about: Any) -> None:
    """Write ``network`` to a ``.safetensors`` file, with ``about`` (of anything that JSON can hold) in its metadata.

    Only a network that was made by ``build`` knows its spec and can be saved so; one that was put together by hand goes
    into a bundle (``save_bundle``).

    Raises
    ------
    ModelError
        The network has no spec, the name does not end in ``.safetensors``, or the file cannot be written.
    """
    if network.spec is None or network.task is None:
        raise ModelError(
            f"{path}: a network put together by hand has no spec; use save_bundle, or build it from a spec"
        )
    _write(path, model_bytes(network, **about), ".safetensors")


def model_bytes(network: BaseNetwork, weights: Mapping[str, np.ndarray] | None = None, **about: Any) -> bytes:
    """What ``save_model`` writes, of a network that has a spec and a task.

    ``weights`` are written in place of the network's own: a running mean of them, say.
    """
    assert network.spec
    assert network.task
    texts = {key: json.dumps(value) for key, value in about.items()}
    texts |= {
        "task": json.dumps(network.task.describe()),
        "spec": network.spec.model_dump_json(),
        "mean": repr(network.mean),
        "std": repr(network.std),
    }
    return safetensors.numpy.save(dict(weights or network.get_weights()), texts)


def save_bundle(network: BaseNetwork, path: Path | str) -> None:
    """Write a ReLU network of NumPy or JAX as ``.npz``: ``W1 b1 W2 b2 … mean std``.

    What the shapes of a fully connected one do not say of a convolutional one is in two more arrays of text, ``spec``
    and ``task``.

    Raises
    ------
    ModelError
        A bundle cannot hold the network, the name does not end in ``.npz``, or the file cannot be written.
    """
    try:
        content = bundle_bytes(network)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None
    _write(path, content, ".npz")


def bundle_bytes(network: BaseNetwork) -> bytes:
    """What ``save_bundle`` writes.

    Raises
    ------
    ModelError
        A bundle cannot hold the network, or could not be read back.
    """
    activation = getattr(network, "activation", "relu")
    if activation != "relu":
        raise ModelError(f"a bundle does not say that the network has {activation}; use save_model")
    arrays: dict[str, Any] = {"mean": network.mean, "std": network.std, **network.get_weights()}
    if "W1" not in arrays:
        raise ModelError("a bundle holds networks of NumPy or JAX; use save_model")
    kinds = " ".join(type(layer).__name__ for layer in getattr(network, "layers", ()))
    if kinds and not BUNDLED.fullmatch(kinds):
        if network.spec is None or network.task is None:
            raise ModelError(f"a bundle without a spec would not be read back as {kinds}; build the network from one")
        arrays |= {"spec": network.spec.model_dump_json(), "task": json.dumps(network.task.describe())}
    content = pack_npz(arrays)
    try:
        _network(*_read_bundle(content))
    except (StudyError, ValueError) as error:
        raise ModelError(f"a bundle of the network could not be read back ({error})") from None
    return content


def _write(path: Path | str, content: bytes, suffix: str) -> None:
    if Path(path).suffix != suffix:  # by which ``load_model`` knows how to read it
        raise ModelError(f"{path}: should end in {suffix}")
    try:
        write_atomically(path, content)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be written ({os_problem(error)}); name another file or folder") from None


def parse_safetensors(content: bytes) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """``(tensors, metadata)`` of the bytes of a safetensors file: dicts from name to array and to text."""
    tensors = safetensors.numpy.load(content)  # checks the header, too
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return tensors, header["__metadata__"]


def read_about(path: Path | str) -> dict[str, Any]:
    """What ``save_model`` was given about the model in a ``.safetensors`` file."""
    _, about = parse_safetensors(read_bounded(path, LIMIT, ModelError))
    return {key: json.loads(value) for key, value in about.items()}


def _read_safetensors(content):
    size = int.from_bytes(content[:8], "little")
    if size > HEADER:
        raise StudyError(f"its header claims {size:,} bytes, more than {HEADER:,}")
    return parse_safetensors(content)


def _read_bundle(content):
    """The spec of a bundle is what it says or else its shapes, and its task one that has such images and classes."""
    weights = unpack_npz(content, LIMIT)
    about = {"mean": weights.pop("mean"), "std": weights.pop("std")}
    if "spec" in weights:
        return weights, about | {name: str(weights.pop(name)) for name in ("spec", "task")}
    pixels = weights["W1"].shape[0]
    *hidden, classes = [weights[f"W{number}"].shape[1] for number in range(1, len(weights) // 2 + 1)]
    task = next((task for task in TASKS.values() if (task.pixels, len(task.classes)) == (pixels, classes)), None)
    if task is None:
        raise StudyError(f"no task has images of {pixels} pixels and {classes} classes; there are {', '.join(TASKS)}")
    spec = NumPyMLP(hidden=tuple(hidden)).model_dump_json()
    return weights, about | {"spec": spec, "task": json.dumps(task.describe())}


def _read_torch(content):
    """``torch.save({"weights": state_dict, "spec": json, "mean": …, "std": …})``, read with weights only."""
    import torch

    bundle = torch.load(_checked_copy(content), map_location="cpu", weights_only=True)
    return {str(name): values.numpy() for name, values in bundle["weights"].items()}, bundle


def _checked_copy(content):
    """The parts of a PyTorch file that make up tensors, in an archive of our own, so that no other reading is possible.

    PyTorch writes bytes as they are, and a short pickle that says how they become tensors; weights_only lets a pickle
    make more than tensors, such as a ``bytearray`` of any size.
    """
    archive = open_zip(content, LIMIT)
    parts = {entry.filename.partition("/")[2]: entry for entry in archive.infolist()}
    pickle = parts["data.pkl"]
    if pickle.file_size > PICKLE or not all(map(TORCH_NAMES.fullmatch, _imports(archive.read(pickle)))):
        raise StudyError("it holds more than weights")
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as checked:
        for name in filter(TORCH_PARTS.fullmatch, parts):
            if parts[name].compress_type != zipfile.ZIP_STORED:
                raise StudyError("a part of it is compressed, which PyTorch does not do")
            checked.writestr(f"archive/{name}", archive.read(parts[name]))
    copy.seek(0)
    return copy


def _imports(pickle):
    """What a pickle that PyTorch's unpickler would take imports; nothing is executed."""
    return [name for opcode, name, _ in pickletools.genops(pickle) if opcode.name == "GLOBAL"]


READERS = {".safetensors": _read_safetensors, ".npz": _read_bundle, ".pt": _read_torch}


def _fetch(name):
    try:
        from huggingface_hub import hf_hub_download
    except ImportError:
        raise ModelError(f"{name}: needs huggingface_hub; install it with: pip install 'mnist-study[hub]'") from None
    try:
        return hf_hub_download(name.removeprefix(HUB), HUB_FILE)
    except Exception as error:  # the library's own errors, its HTTP client's, and the system's
        raise ModelError(f"{name}: cannot be fetched ({str(error).splitlines()[0]})") from None


def _records():
    return [record for record in SHIPPED.iterdir() if record.name.endswith(".json")] if SHIPPED.is_dir() else []


def _offer(names):
    return f"there are {', '.join(names)}, and files ending in {', '.join(READERS)}"

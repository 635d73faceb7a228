"""Networks as files. Nothing that is read here is ever executed: no pickle, and every array is checked.

A model is a safetensors file: the weights, and in its metadata what they belong to (spec, normalisation) and where they
come from. The NumPy network also has a plain bundle, ``.npz`` with ``W1 b1 W2 b2 … mean std``.
"""

import io
import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import safetensors.numpy
from pydantic import TypeAdapter, ValidationError

from mnist_study.data.files import StudyError, did_you_mean, os_problem, unpack_npz, write_atomically

from .records import ModelRecord, record_from
from .shapes import CLASSES
from .specs import NumPyMLP, Spec, build

SHIPPED = files("mnist_study") / "weights"
LIMIT = 1 << 30  # bytes of a file that is worth opening
HUB = "hf://"
HUB_FILE = "model.safetensors"
SPEC = TypeAdapter(Spec)


class ModelError(StudyError):
    """A model that is not there or cannot be trusted, in one line."""


def model_names():
    """The trained models that ship with the package, weakest first (by their accuracy on the validation digits)."""
    records = {record.name.removesuffix(".json"): json.loads(record.read_text()) for record in _records()}
    return sorted(records, key=lambda name: records[name]["metrics"]["validation_accuracy"])


def model_record(name):
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


def load_model(name):
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


def read_model(path):
    """The network in a ``.safetensors``, ``.npz`` or ``.pt`` file; refuses whatever is not exactly that."""
    path = Path(path)
    try:
        if path.stat().st_size > LIMIT:
            raise ModelError(f"{path}: is larger than {LIMIT:,} bytes, no model of this study is")
        weights, about = _read(path)
        mean, std = float(about["mean"]), float(about["std"])
        if not (np.isfinite([mean, std]).all() and std > 0):
            raise ValueError(f"mean {mean} and std {std} normalise nothing")
        network = build(SPEC.validate_json(about["spec"]), 0, mean, std)
        network.set_weights(weights)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({os_problem(error)}); check the path and its permissions") from None
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise ModelError(f"{path}: is no model of this study (its spec: {where} {problem['msg']})") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        told = f"{error} is missing" if isinstance(error, KeyError) else error
        raise ModelError(f"{path}: is no model of this study ({told})") from None
    return network


def _read(path):
    content = path.read_bytes()
    try:
        return READERS[path.suffix](content)
    except Exception as error:  # a hostile file makes the libraries' readers raise almost anything
        told = str(error).split("\n")[0] or type(error).__name__
        raise ModelError(f"{path}: is no model of this study ({told}); nothing in it was executed") from None


def save_model(network, path, weights=None, **about):
    """Write ``network`` to a ``.safetensors`` file, with ``about`` (of anything that JSON can hold) in its metadata.

    ``weights`` are written in place of the network's own: a running mean of them, say.

    Only a network that was made by ``build`` knows its spec and can be saved so; one that was put together by hand goes
    into a bundle (``save_bundle``).
    """
    if network.spec is None:
        raise ModelError(
            f"{path}: a network put together by hand has no spec; use save_bundle, or build it from a spec"
        )
    about = {key: json.dumps(value) for key, value in about.items()}
    about |= {"spec": network.spec.model_dump_json(), "mean": repr(network.mean), "std": repr(network.std)}
    write_atomically(path, safetensors.numpy.save(weights or network.get_weights(), about))


def save_bundle(network, path):
    """Write a fully connected ReLU network of NumPy or JAX as ``.npz``: ``W1 b1 W2 b2 … mean std``."""
    if getattr(network, "activation", "relu") != "relu":
        raise ModelError(f"{path}: a bundle does not say that the network has {network.activation}; use save_model")
    content = io.BytesIO()
    np.savez(content, mean=network.mean, std=network.std, **network.get_weights())
    write_atomically(path, content.getvalue())


def parse_safetensors(content):
    """``(tensors, metadata)`` of the bytes of a safetensors file: dicts from name to array and to text."""
    tensors = safetensors.numpy.load(content)  # checks the header, too
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return tensors, header["__metadata__"]


def read_about(path):
    """What ``save_model`` was told about the model in a ``.safetensors`` file."""
    _, about = parse_safetensors(Path(path).read_bytes())
    return {key: json.loads(value) for key, value in about.items()}


def _read_bundle(content):
    """The spec of a bundle is what its shapes say."""
    weights = unpack_npz(content, LIMIT)
    about = {"mean": weights.pop("mean"), "std": weights.pop("std")}
    widths = [weights[f"W{number}"].shape[1] for number in range(1, len(weights) // 2 + 1)]
    if widths[-1:] != [CLASSES]:
        raise ValueError(f"its last layer gives {widths[-1:]} logits, not {CLASSES}")
    return weights, about | {"spec": NumPyMLP(hidden=tuple(widths[:-1])).model_dump_json()}


def _read_torch(content):
    """``torch.save({"weights": state_dict, "spec": json, "mean": …, "std": …})``, read with weights only."""
    import torch

    bundle = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return {name: values.numpy() for name, values in bundle["weights"].items()}, bundle


READERS = {".safetensors": parse_safetensors, ".npz": _read_bundle, ".pt": _read_torch}


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

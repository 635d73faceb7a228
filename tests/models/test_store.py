"""Models as files: what is written is read back, what is not a model is refused, and nothing is ever executed."""

import io
import json
import os
import pickle
import re
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import safetensors.numpy
import torch

import mnist_study as ms
from mnist_study.data import find_task
from mnist_study.models import Dense, Flatten, ModelError, Network, build, model_record, save_bundle, save_model, store
from mnist_study.models.classifier import check_normalisation
from mnist_study.models.layers import BatchNorm, Dropout, ReLU
from mnist_study.models.specs import JAXMLP, ConvNetSpec, FullyConnectedSpec, NumPyMLP

SPECS = [
    NumPyMLP(hidden=(16,)),
    NumPyMLP(hidden=()),
    JAXMLP(hidden=(16,), activation="tanh"),
    FullyConnectedSpec(hidden=(16,), batch_norm=True),
    ConvNetSpec(channels=(4, 4), hidden=(16,)),
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_a_saved_model_is_read_back_equal(tmp_path, mnist, spec):
    network = build(spec, 3, 33.3, 78.6)
    save_model(network, tmp_path / "model.safetensors", metrics={"errors": 3})
    read = ms.load_model(tmp_path / "model.safetensors")
    assert read.spec == spec
    images = mnist.validation.images[:100]
    assert np.array_equal(read.logits(images), network.logits(images))
    about = store.read_about(tmp_path / "model.safetensors")
    assert about["metrics"] == {"errors": 3}


def test_a_bundle_is_plain_arrays_and_is_read_back_equal(tmp_path, mnist):
    images = mnist.validation.images[:100]
    for spec in (NumPyMLP(hidden=(16,)), JAXMLP(hidden=(16,))):
        network = build(spec, 3, 33.3, 78.6)
        save_bundle(network, tmp_path / "bundle.npz")
        with np.load(tmp_path / "bundle.npz", allow_pickle=False) as bundle:
            assert set(bundle.files) == {"W1", "b1", "W2", "b2", "mean", "std"}
        read = ms.load_model(tmp_path / "bundle.npz")
        np.testing.assert_allclose(read.logits(images), network.logits(images), atol=1e-6)
    with pytest.raises(ModelError, match="a bundle does not say that the network has tanh; use save_model"):
        save_bundle(build(JAXMLP(activation="tanh")), tmp_path / "bundle.npz")


@pytest.mark.parametrize("name", ["two_digit_mlp", "two_digit_cnn"])
def test_a_bundle_of_two_digits_is_read_back_as_a_network_of_two_digits(tmp_path, name):
    network, images = ms.load_model(name), find_task("two_digit").load().validation.images[:50]
    save_bundle(network, tmp_path / "bundle.npz")
    with np.load(tmp_path / "bundle.npz", allow_pickle=False) as bundle:
        assert {"W1", "b1", "W2", "b2", "mean", "std"} <= set(bundle.files)
    read = ms.load_model(tmp_path / "bundle.npz")
    assert read.task.name == "two_digit"
    assert np.array_equal(read.logits(images), network.logits(images))


def test_a_network_put_together_by_hand_goes_into_a_bundle_only(tmp_path):
    network = Network([Dense(784, 10, "small")], np.random.default_rng(0))
    with pytest.raises(ModelError, match="has no spec; use save_bundle"):
        save_model(network, tmp_path / "model.safetensors")


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([Flatten(), Dense(784, 16), Dense(16, 10)], "would not be read back as Flatten Dense Dense; build"),
        ([Flatten(), Dense(784, 16), BatchNorm(16), ReLU(), Dense(16, 10)], "as Flatten Dense BatchNorm ReLU Dense;"),
        ([Flatten(), Dense(784, 16), ReLU(), ReLU(), Dropout(0.5), Dense(16, 10), ReLU()], "build the network from"),
        ([Flatten(), Dense(50, 16), ReLU(), Dense(16, 10)], "no task has images of 50 pixels and 10 classes"),
    ],
)
def test_a_bundle_that_would_be_read_back_as_another_network_or_not_at_all_is_not_written(tmp_path, layers, words):
    with pytest.raises(ModelError, match=f"bundle.npz: a bundle .*{words}") as error:
        save_bundle(Network(layers, np.random.default_rng(0)), tmp_path / "bundle.npz")
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_network_put_together_by_hand_of_the_layers_that_its_shapes_tell_is_read_back_equal(tmp_path, mnist):
    layers = [Flatten(), Dense(784, 16), ReLU(), Dropout(0.5), Dense(16, 8), ReLU(), Dense(8, 10)]
    network = Network(layers, np.random.default_rng(0), 33.3, 78.6)
    save_bundle(network, tmp_path / "bundle.npz")
    images = mnist.validation.images[:100]
    assert np.array_equal(ms.load_model(tmp_path / "bundle.npz").logits(images), network.logits(images))


def test_a_torch_file_is_read_with_weights_only(tmp_path, mnist):
    network = build(SPECS[3], 3, 33.3, 78.6)
    bundle = {"weights": network.state_dict(), "spec": network.spec.model_dump_json(), "mean": 33.3, "std": 78.6}
    torch.save(bundle, tmp_path / "model.pt")
    images = mnist.validation.images[:100]
    assert np.array_equal(ms.load_model(tmp_path / "model.pt").logits(images), network.logits(images))


class Malicious:
    def __reduce__(self):
        return os.system, ("touch executed",)


def pickled_npz():
    content = io.BytesIO()
    np.savez(content, W1=np.array([Malicious()], dtype=object), b1=np.zeros(10), mean=0.0, std=1.0)
    return content.getvalue()


def pickled_torch():
    content = io.BytesIO()
    torch.save({"weights": Malicious(), "spec": "{}", "mean": 0.0, "std": 1.0}, content)
    return content.getvalue()


def pytorch_file(pickle=None, compression=zipfile.ZIP_STORED, **changes):
    """A good PyTorch file, packed anew with another pickle, other contents or compressed."""
    network, original, content = build(SPECS[3]), io.BytesIO(), io.BytesIO()
    about = {"spec": network.spec.model_dump_json(), "mean": 33.3, "std": 78.6, **changes}
    torch.save({"weights": network.state_dict(), **about}, original)
    with zipfile.ZipFile(original) as old, zipfile.ZipFile(content, "w", compression) as new:
        for name in old.namelist():
            new.writestr(name, pickle if pickle and name.endswith("data.pkl") else old.read(name))
    return content.getvalue()


LARGE_BYTEARRAY = b"\x80\x02c__builtin__\nbytearray\nJ\x00\x00\x00\x70\x85R."  # 1.9 GB, and weights_only makes it


def header_of(**changes):
    """A safetensors file whose header says something else than its contents."""
    size = int.from_bytes(GOOD[:8], "little")
    header = json.loads(GOOD[8 : 8 + size]) | changes
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + GOOD[8 + size :]


def bundle(**changes):
    content = io.BytesIO()
    np.savez(content, **{"W1": np.zeros((784, 10)), "b1": np.zeros(10), "mean": 0.0, "std": 1.0, **changes})
    return content.getvalue()


ADVICE = "weights_only=False, allow_pickle=True: trust me"


def wrong_safetensors(**changes):
    network = build(NumPyMLP(hidden=(16,)))
    about = {"spec": network.spec.model_dump_json(), "mean": "0.0", "std": "255.0", **changes}
    return safetensors.numpy.save(network.get_weights(), about)


def zip_bomb():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W1.npy", npy_header("{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999,), }"))
    return content.getvalue()


def npy_header(text):
    return b"\x93NUMPY\x01\x00v\x00" + text.encode().ljust(117) + b"\n" + bytes(1000)


def odd_npz():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("W1.npy", npy_header("{'descr': ("))
    return content.getvalue()


GOOD = wrong_safetensors()
FILES = {
    "pickle.npz": pickled_npz(),
    "pickle.pt": pickled_torch(),
    "pickle.safetensors": pickle.dumps(Malicious()),
    "raw_pickle.pt": pickle.dumps(Malicious()),
    "raw_pickle.npz": pickle.dumps(Malicious()),
    "bomb.npz": zip_bomb(),
    "odd_header.npz": odd_npz(),
    "odd_opcode.pt": b"\x80\x02.",
    "cut_opcode.pt": b"\x80\x02X",
    "empty.npz": b"",
    "empty.pt": b"",
    "empty.safetensors": b"",
    "text.safetensors": b"hello" * 100,
    "text.npz": b"hello" * 100,
    "cut.safetensors": GOOD[:-100],
    "long_header.safetensors": b"\xff" * 8 + GOOD[8:],
    "no_spec.safetensors": safetensors.numpy.save({"W1": np.zeros(3)}, {"mean": "0", "std": "1"}),
    "no_metadata.safetensors": safetensors.numpy.save({"W1": np.zeros(3)}),
    "odd_spec.safetensors": wrong_safetensors(spec='{"kind": "os.system"}'),
    "huge_spec.safetensors": wrong_safetensors(spec='{"kind": "numpy_mlp", "hidden": [999999999]}'),
    "fat_spec.safetensors": wrong_safetensors(
        spec='{"kind": "conv_net", "channels": [256], "kernels": [1], "pool": 1, "hidden": [4096]}'
    ),
    "other_spec.safetensors": wrong_safetensors(spec='{"kind": "numpy_mlp", "hidden": [17]}'),
    "nan.safetensors": wrong_safetensors(mean="nan"),
    "zero.safetensors": wrong_safetensors(std="0"),
    "word.safetensors": wrong_safetensors(std="wide"),
    "huge_mean.safetensors": wrong_safetensors(mean="1e308"),
    "large_mean.safetensors": wrong_safetensors(mean="1e30"),
    "tiny_std.safetensors": wrong_safetensors(std="5e-324"),
    "subnormal_std.safetensors": wrong_safetensors(std="1e-39"),
    "steep.safetensors": wrong_safetensors(mean="0", std="1e-37"),
    "endless_std.safetensors": wrong_safetensors(std="1e300"),
    "overflow.npz": bundle(W1=np.full((784, 10), 1e300)),
    "long_mean.npz": bundle(mean=np.zeros(3)),
    "text_mean.npz": bundle(mean=np.array(ADVICE)),
    "fields.npz": bundle(W1=np.zeros((784, 10), [(ADVICE, "f4")])),
    "text.pt": b"hello" * 100,
    "compressed.pt": pytorch_file(compression=zipfile.ZIP_DEFLATED),
    "large_bytearray.pt": pytorch_file(LARGE_BYTEARRAY),
    "long_pickle.pt": pytorch_file(b"\x80\x02" + b"]0" * 10**6 + b"}."),
    "number_spec.pt": pytorch_file(spec=3),
    "number_mean.pt": pytorch_file(mean=10**400),
    "list_mean.pt": pytorch_file(mean=[1.0, [2.0]]),
    "fewer_bytes.safetensors": header_of(W1={"dtype": "F32", "shape": [784, 16], "data_offsets": [0, 1 << 40]}),
    "other_shape.safetensors": header_of(W1={"dtype": "F32", "shape": [1 << 40, 16], "data_offsets": [0, 50176]}),
    "overlapping.safetensors": header_of(W2={"dtype": "F32", "shape": [16, 10], "data_offsets": [0, 640]}),
    "large_header.safetensors": header_of(padding={"dtype": "U8", "shape": [1] * (1 << 20), "data_offsets": [0, 1]}),
    "advice_spec.safetensors": wrong_safetensors(spec=json.dumps({"kind": ADVICE})),
    "advice_field.safetensors": wrong_safetensors(spec=json.dumps({"kind": "numpy_mlp", ADVICE: 1})),
    "advice_value.safetensors": wrong_safetensors(spec=json.dumps({"kind": "jax_mlp", "activation": ADVICE})),
    "advice_mean.safetensors": wrong_safetensors(mean=ADVICE),
    "advice_type.safetensors": header_of(W1={"dtype": ADVICE, "shape": [1], "data_offsets": [0, 4]}),
    "advice_array.npz": bundle(**{ADVICE: np.zeros(1)}),
    "advice_global.pt": pytorch_file(f"\x80\x02c{ADVICE}\nx\n.".encode()),
    "list.pt": (lambda content: (torch.save([1, 2], content), content.getvalue())[1])(io.BytesIO()),
    "legacy.pt": (
        lambda content: (torch.save({}, content, _use_new_zipfile_serialization=False), content.getvalue())[1]
    )(io.BytesIO()),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_model_does_nothing_and_is_refused_in_one_line(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(FILES[name])
    with pytest.raises(ModelError, match="is no model of this study") as refused:
        ms.load_model(tmp_path / name)
    message = str(refused.value)
    assert "\n" not in message
    assert len(message) < len(f"{tmp_path / name}") + 200
    assert not re.search("weights_only|allow_pickle|trust", message)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("overflow.npz", "W1 holds NaN or infinity, or more than float32 can hold"),
        ("huge_mean.safetensors", "mean 1e\\+308 and std 255.0 normalise no grey values"),
        ("tiny_std.safetensors", "mean 0.0 and std 5e-324 normalise no grey values"),
        ("pickle.pt", "it holds more than weights"),
        ("large_bytearray.pt", "it holds more than weights"),
        ("long_pickle.pt", "it holds more than weights"),
        ("compressed.pt", "a part of it is compressed, which PyTorch does not do"),
        ("legacy.pt", "it is not a zip file"),
        ("long_header.safetensors", "its header claims 18,446,744,073,709,551,615 bytes, more than 1,048,576"),
        ("large_header.safetensors", "its header claims 3,"),
        ("advice_spec.safetensors", "its spec: union tag invalid"),
        ("advice_field.safetensors", "its spec: numpy_mlp extra forbidden"),
        ("advice_value.safetensors", "its spec: jax_mlp.activation literal error"),
        ("fat_spec.safetensors", "hidden layers of .* weights are more than"),
        ("advice_mean.safetensors", "its mean is no number"),
        ("no_spec.safetensors", "'spec' is missing"),
        ("fields.npz", "W1 holds void32, not float32"),
        ("advice_array.npz", "1 of 3 arrays belong to no layer"),
    ],
)
def test_a_refusal_says_what_is_wrong_in_words_of_ours(tmp_path, name, problem):
    (tmp_path / name).write_bytes(FILES[name])
    with pytest.raises(ModelError, match=problem):
        ms.load_model(tmp_path / name)


def test_what_pytorch_reads_is_what_was_checked_even_where_a_second_archive_hides(tmp_path, mnist):
    """zipfile reads the archive at the end of a file, PyTorch may read another: it gets a copy of the one checked."""
    (tmp_path / "model.pt").write_bytes(pytorch_file(LARGE_BYTEARRAY) + pytorch_file())
    expected = build(SPECS[3], 0, 33.3, 78.6).logits(mnist.validation.images[:10])
    assert np.array_equal(ms.load_model(tmp_path / "model.pt").logits(mnist.validation.images[:10]), expected)


@pytest.mark.parametrize("suffix", store.READERS)
def test_devices_pipes_and_folders_are_refused_by_every_reader(tmp_path, suffix):
    link, pipe, folder = (tmp_path / f"{name}{suffix}" for name in ("link", "pipe", "folder"))
    link.symlink_to("/dev/zero")
    os.mkfifo(pipe)
    folder.mkdir()
    for path, problem in ((link, "is a device or a pipe"), (pipe, "is a device or a pipe"), (folder, "Is a directory")):
        with pytest.raises(ModelError, match=problem):
            ms.load_model(path)


def test_the_normalisations_of_every_model_that_ships_and_of_none_at_all_are_usable():
    for mean, std in ((0, 1), (0, 255), (33.3, 78.6), (255, 1e-3), (-10, 1e4)):
        check_normalisation(mean, std)
    for mean, std in ((0, 0), (0, -1), (0, np.nan), (np.nan, 1), (np.inf, 1), (0, np.inf), (0, 1e-38), (1e10, 1)):
        with pytest.raises(ValueError, match="normalise no grey values"):
            check_normalisation(mean, std)


def test_a_small_file_that_unpacks_to_a_large_one_is_not_unpacked(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "bomb.npz", W1=np.zeros(10**6))
    with zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}.")
        archive.writestr("archive/data/0", bytes(8 * 10**6))
    monkeypatch.setattr(store, "LIMIT", 100_000)
    for path in tmp_path.iterdir():
        assert path.stat().st_size < store.LIMIT
        with pytest.raises(ModelError, match="it unpacks to more than 100,000 bytes"):
            ms.load_model(path)


def test_the_pickles_of_this_test_would_do_harm_if_they_were_unpickled(tmp_path):
    code = f"import pickle; pickle.loads({pickle.dumps(Malicious())!r})"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert (tmp_path / "executed").exists()


def test_a_model_that_is_not_there_is_refused_with_a_near_match(tmp_path):
    with pytest.raises(ModelError, match="no model 'cnn_fats'; did you mean 'cnn_fast'.; there are softmax, "):
        ms.load_model("cnn_fats")
    with pytest.raises(ModelError, match="cannot be read .No such file or directory"):
        ms.load_model(tmp_path / "none.safetensors")
    with pytest.raises(ModelError, match="no model 'fx' ships with the package"):
        model_record("fx")


# Those that ship


def test_the_names_are_those_of_the_study_by_task_weakest_first():
    from mnist_study.training import config_names

    names = ms.model_names()
    trained = ms.model_names(alone=True)
    assert set(names) - set(trained) == {name for name in names if "members" in model_record(name).config}
    assert set(names) == {path.stem for path in store.SHIPPED.glob("*.safetensors")}
    assert set(trained) <= set(config_names())
    assert {"softmax", "mlp", "fc", "cnn"} <= set(names)
    assert names == [*ms.model_names("mnist"), *ms.model_names("two_digit")]
    for task in ("mnist", "two_digit"):
        records = [model_record(name) for name in ms.model_names(task)]
        assert {record.config.get("task", "mnist") for record in records} <= {task}
        reads = [record.metrics["validation_accuracy"] for record in records]
        assert reads == sorted(reads)
    assert ms.model_names("none") == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ms.model_names())
def test_a_shipped_model_reads_as_many_test_digits_as_its_record_says(name):
    model, record = ms.load_model(name), model_record(name)
    test = model.task.load().test
    assert model.logits(test.images[:5]).dtype == np.float32
    errors = int(np.count_nonzero(model.predict(test.images) != test.labels))
    assert abs(errors - record.metrics["test_errors"]) <= 1  # another processor may round a tie the other way
    assert model.size == record.metrics["parameters"]


@pytest.mark.parametrize("name", ms.model_names())
def test_a_record_says_how_the_model_came_to_be_and_belongs_to_the_config_of_today(name):
    from mnist_study.data import FILES as DATA
    from mnist_study.training import Config, load_config

    record = model_record(name)
    seeds = [entry["seed"] for entry in record.seeds]
    assert seeds == list(range(len(seeds)))
    if members := record.config.get("members"):
        assert record.command.startswith(f"mnist-study ship-together {name} ")
        assert set(members) <= set(record.command.split())
        assert record.metrics["parameters"] == sum(model_record(each).metrics["parameters"] for each in members)
    else:
        assert record.command == f"mnist-study ship {name} --seeds {len(seeds)}"
        trained = Config.model_validate_json(json.dumps(record.config, default=dict))
        assert trained == load_config(name).model_copy(update={"seed": record.seed})
    best = max(record.seeds, key=lambda entry: (entry["validation_accuracy"], -entry["validation_loss"]))
    assert (best["seed"], best["test_errors"]) == (record.seed, record.metrics["test_errors"])
    assert {"python", "numpy", "torch"} < set(record.versions)
    assert record.data == {file: sha for file, (_, sha) in DATA.items() if file.startswith("train")}
    assert (store.SHIPPED / f"{name}.safetensors").stat().st_size < 12_000_000


# The Hugging Face Hub, as a local server


class Hub(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body):
        owner = self.path.split("/")[1]
        content = {"good": GOOD, "bad": pickle.dumps(Malicious())}.get(owner)
        if content is None or "/resolve/" not in self.path:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        self.send_response(200)
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("ETag", f'"{owner}"')
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)
        return None

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(tmp_path):
    """Environment of a process whose Hub is a local server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield os.environ | {
        "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
        "HF_HOME": str(tmp_path / "hub"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    server.shutdown()
    server.server_close()


FETCH = """
import sys
import mnist_study as ms
try:
    print(ms.load_model(sys.argv[1]).spec)
except ms.StudyError as error:
    print("refused:", error)
"""


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("hf://good/model", r"kind='numpy_mlp' hidden=\(16,\) dropout=0.0"),
        ("hf://bad/model", "refused: .*is no model of this study"),
        ("hf://nobody/model", "refused: hf://nobody/model: cannot be fetched"),
        ("hf://not a name", "refused: hf://not a name: cannot be fetched"),
    ],
)
def test_a_model_comes_from_the_hub_with_the_same_suspicion(hub, tmp_path, name, answer):
    done = subprocess.run([sys.executable, "-c", FETCH, name], env=hub, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.search(answer, done.stdout), done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert not (tmp_path / "executed").exists()


def test_a_file_of_another_suffix_or_in_no_folder_is_refused_in_one_line(tmp_path):
    network = build(NumPyMLP(hidden=(4,)))
    for save, wanted, wrong in (
        (save_model, ".safetensors", "x.pt"),
        (save_model, ".safetensors", "x"),
        (save_bundle, ".npz", "y.safetensors"),
    ):
        with pytest.raises(ModelError, match=f"{wrong}: should end in {wanted}"):
            save(network, tmp_path / wrong)
        with pytest.raises(ModelError, match=f"/x{wanted}: cannot be written"):
            save(network, tmp_path / "none" / f"x{wanted}")
    assert list(tmp_path.iterdir()) == []

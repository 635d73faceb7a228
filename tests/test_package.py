import ast
import subprocess
import sys

import pytest

import mnist_study as ms

ROOMS = [
    "data",
    "images",
    "models",
    "analysis",
    "plots",
    "training",
    "drawing",
    "exercises",
    "cli",
    "__main__",
]  # arrows point left
BESIDE = {"__init__", "book"}  # resolves names lazily; serves the notebooks and imports no room
READERS = {"exercises"}  # whose solutions are code of a notebook, where ``mnist_study`` is imported as a whole


def test_importing_the_package_loads_neither_numpy_nor_torch_nor_jax():
    code = "import sys, mnist_study; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "mnist_study" in loaded
    assert not {"numpy", "torch", "jax", "sklearn", "matplotlib"} & set(loaded)


def test_every_public_name_resolves_and_no_other_does():
    for name in ms.__all__:
        assert getattr(ms, name).__name__ == name
        assert name in dir(ms)
    with pytest.raises(AttributeError, match="load_mnits"):
        _ = ms.load_mnits


def test_rooms_import_only_rooms_to_their_left(root):
    package = root / "mnist_study"
    for path in package.rglob("*.py"):
        room = path.relative_to(package).parts[0].removesuffix(".py")
        imported = _imported_rooms(path, package)
        if room in BESIDE:
            assert not imported, f"{path} imports {imported}"
        else:
            wrong = imported - set(ROOMS[: ROOMS.index(room)]) - ({"everything"} if room in READERS else set())
            assert not wrong, f"{path} imports {wrong}, to the right of {room}"


def _imported_rooms(path, package):
    """The rooms, other than its own, that a file imports from, whichever way it says so."""
    here = ["mnist_study", *path.relative_to(package).parent.parts]
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names += [f"{module}.{alias.name}" for alias in node.names]
    homes = {f"mnist_study.{name}": getattr(ms, name).__module__ for name in ms.__all__}  # the lazy face
    parts = [homes.get(name, name).split(".") for name in names]
    rooms = {part[1] if len(part) > 1 else "everything" for part in parts if part[0] == "mnist_study"}
    return (rooms & {*ROOMS, *BESIDE, "everything"}) - set(here)


def test_the_check_on_imports_sees_every_form(tmp_path):
    package = tmp_path / "mnist_study"
    (package / "data").mkdir(parents=True)
    file = package / "data" / "file.py"
    for line in (
        "import mnist_study.training.loop",
        "from mnist_study import training",
        "from mnist_study.training import fit",
        "from ..training import fit",
        "from .. import training",
        "from mnist_study import MLPClassifier",
        "def later():\n    from mnist_study.training import fit",
    ):
        file.write_text(line)
        assert _imported_rooms(file, package) == {"training"}, line
    file.write_text("import mnist_study as ms")
    assert _imported_rooms(file, package) == {"everything"}
    file.write_text("from mnist_study import __version__\nimport numpy\nfrom .idx import read_idx")
    assert _imported_rooms(file, package) == set()

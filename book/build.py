"""Execute the chapters that need it, as tests, and build the book from them.

``python book/build.py`` builds the whole book into ``_build/html``; ``python book/build.py 07`` one chapter by its
number, alone. A chapter is executed by nbval, which compares its kept outputs on the way, so that what the book shows
has been tested, once. It is executed again when its code has changed, or anything that its results depend on. The pages
are written again when any file that they are made of has changed.
"""

import argparse
import ast
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "_build"
CACHE = BUILD / ".jupyter_cache"  # where Jupyter Book looks
MADE_OF = ("_config.yml", "_toc.yml", "requirements.txt", "benchmarks", "book", "data", "mnist_study", "notebooks")
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip(),
    "TQDM_DISABLE": "1",
}


def chapters():
    """The notebooks that ``_toc.yml`` names, in reading order: list of Path."""
    toc = YAML(typ="safe", pure=True).load(ROOT / "_toc.yml")
    files = [entry["file"] for part in toc["parts"] for entry in part["chapters"]]
    return [path for name in files if (path := ROOT / f"{name}.ipynb").exists()]


def processes():
    """How many chapters run side by side, each on one thread: one for each core, four at most (memory)."""
    return min(os.cpu_count() or 1, 4)


def digest(notebook):
    """Of all that a chapter's results depend on: its code, the package's, weights, records, data, versions.

    Docstrings and comments count only in the files whose code the chapter shows: by ``source``, or as solutions.
    """
    cells = [cell.source for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"]
    shown = set().union(*map(_shown, cells))
    found = hashlib.sha256("\0".join(cells).encode())
    package = [path for path in (ROOT / "mnist_study").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    for path in sorted([*package, *(ROOT / "data").iterdir(), ROOT / "requirements.txt"]):
        content = path.read_bytes()
        if path.suffix == ".py":
            tree = ast.parse(content)
            if not shown & _defined(tree) and path.parent.name != "exercises":
                content = _without_docstrings(tree).encode()
        found.update(f"\0{path.relative_to(ROOT)}\0".encode() + hashlib.sha256(content).digest())
    return found.hexdigest()


def _shown(cell):
    """The names that a cell gives to ``source``."""
    calls = [node for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.Call)]
    calls = [call for call in calls if getattr(call.func, "id", None) == "source"]
    return {node.id for call in calls for node in ast.walk(call) if isinstance(node, ast.Name)} - {"source"}


def _defined(tree):
    """The names that a module defines at its top."""
    names = {getattr(node, "name", None) for node in tree.body}
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    return names | {target.id for target in targets if isinstance(target, ast.Name)}


def _without_docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
            node.body = node.body[1:]
    return ast.dump(tree)


def record_of(notebook, cache):
    """What ``cache`` says of the chapter with this code; None where it does not hold it."""
    try:
        return cache.match_cache_notebook(notebook)
    except KeyError:
        return None


def is_fresh(notebook, cache):
    """Whether the cache holds this chapter, executed with all as it is now."""
    record = record_of(nbformat.read(notebook, as_version=4), cache)
    return record is not None and record.data.get("digest") == digest(notebook)


def execute(notebooks, cache):
    """Run chapters as tests, side by side, and keep in ``cache`` those that passed; ends the program if one failed."""
    digests = {notebook.name: digest(notebook) for notebook in notebooks}
    executed = BUILD / "executed"
    shutil.rmtree(executed, ignore_errors=True)
    executed.mkdir(parents=True)
    own = {
        "MNIST_STUDY_EXECUTED": str(executed),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "book"), *sys.path[1:]]),
        "MPLCONFIGDIR": str(BUILD / "matplotlib"),  # one's own list of fonts may be an old one that misses some
    }
    side_by_side = min(processes(), len(notebooks))
    options = ["-p", "executed", "--nbval-lax", "--nbval-current-env", "--durations=0", "--durations-min=5"]
    options += ["-n", str(side_by_side), "--dist", "loadscope"] if side_by_side > 1 else []
    command = [sys.executable, "-m", "pytest", *options, *map(str, notebooks)]
    try:
        ended = subprocess.run(command, cwd=ROOT, env=os.environ | ONE_THREAD | own)
    finally:
        for path in executed.glob("*.ipynb"):
            about = {"digest": digests[path.name], "execution_seconds": float(path.with_suffix(".seconds").read_text())}
            bundle = CacheBundleIn(nbformat.read(path, as_version=4), str(path), data=about)
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            print(f"{path.stem}: {about['execution_seconds']:.0f} s")
    if ended.returncode:
        sys.exit(f"book/build.py: a chapter failed, see above; the book was not built (pytest: {ended.returncode})")


def fingerprint():
    """Of every file that the book may be made of, to the byte."""
    found = hashlib.sha256()
    for path in sorted(path for name in MADE_OF for path in (ROOT / name, *(ROOT / name).rglob("*"))):
        if path.is_file() and path.suffix != ".pyc":
            found.update(f"\0{path.relative_to(ROOT)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def build(output, *options):
    """Let Jupyter Book make pages of what the cache holds."""
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [str(jupyter_book), "build", "--all", "--path-output", str(output), *options, str(ROOT)]
    if code := subprocess.run(command, cwd=ROOT, env=os.environ | {"TQDM_DISABLE": "1"}).returncode:
        sys.exit(code)


def pack(html, target):
    """The built book as one zip to take away, with its checksum beside it; the same book gives the same bytes.

    Its one folder is called as the zip is, and opens at index.html without a server.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for path in sorted(path for path in html.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(
                f"{target.stem}/{path.relative_to(html).as_posix()}", date_time=(1980, 1, 1, 0, 0, 0)
            )
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    target.with_name(f"{target.name}.sha256").write_text(f"{digest}  {target.name}\n")  # as `sha256sum -c` reads it
    print(f"To take away: {target}, {target.stat().st_size / 1e6:.1f} MB")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("number", nargs="?", help="of one chapter, such as 07; default: the whole book")
    number = parser.parse_args(arguments).number
    notebooks = chapters()
    output, html, packed, built = ROOT, BUILD / "html", BUILD / "mnist-study.zip", BUILD / "built"
    if number is None:
        made_of = fingerprint()
        if (html / "index.html").exists() and packed.exists() and built.exists() and built.read_text() == made_of:
            print(f"Nothing has changed since the book was built: {html / 'index.html'}")
            return
        built.unlink(missing_ok=True)
    else:
        notebooks = [path for path in notebooks if path.stem.split("_")[0] == number.zfill(2)]
        if not notebooks:
            known = ", ".join(path.stem.split("_")[0] for path in chapters())
            sys.exit(f"book/build.py: no chapter {number}; there are {known}")
        output = BUILD / "chapter"
        (output / "_build").mkdir(parents=True, exist_ok=True)
        link = output / "_build" / CACHE.name
        if not link.is_symlink():
            link.symlink_to(CACHE, target_is_directory=True)
    cache = get_cache(CACHE)
    if stale := [path for path in notebooks if not is_fresh(path, cache)]:
        execute(stale, cache)
    if number is None:
        build(output, "-W", "-n", "--keep-going")
        pack(html, packed)
        built.write_text(made_of)
        return
    toc = output / "_toc.yml"
    toc.write_text(f"format: jb-book\nroot: notebooks/{notebooks[0].stem}\nchapters:\n- file: book/references\n")
    build(output, "--toc", str(toc))
    print(f"The chapter is in {output / '_build' / 'html' / 'notebooks' / notebooks[0].stem}.html")


if __name__ == "__main__":
    main()

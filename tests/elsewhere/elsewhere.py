"""Do the book's claims hold on another processor, and with other seeds? Execute the chapters so, and print a table.

``python tests/elsewhere/elsewhere.py`` runs every chapter under other arithmetic, and re-rolled: the seed of every
live training moved. A claim is an ``assert`` of a chapter, or the kept output of a cell; one that fails is noted, and
the chapter goes on. ``--short`` runs the chapters that train live under one other arithmetic; it is what CI does.
Further arguments are chapters, such as 03.
"""

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "book"))
from build import ONE_THREAD, chapters, processes  # noqa: E402

OLDER = {  # no vector instructions later than those of 2008 where a library can be told so
    "ATEN_CPU_CAPABILITY": "default",
    "OPENBLAS_CORETYPE": "Nehalem",
    "XLA_FLAGS": f"{ONE_THREAD['XLA_FLAGS']} --xla_cpu_max_isa=SSE4_2",
}
AVX2 = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "XLA_FLAGS": f"{ONE_THREAD['XLA_FLAGS']} --xla_cpu_max_isa=AVX2",
}
TWO_THREADS = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "XLA_FLAGS": ""}
ENVIRONMENTS = {  # name: (environment variables, how far the seeds are moved)
    "as it is": ({}, 0),
    "older": (OLDER, 0),
    "avx2": (AVX2, 0),
    "2 threads": (TWO_THREADS, 0),
    **{f"roll {n}": ({}, 1000 * n) for n in range(1, 6)},
}
TRAINS = re.compile(r"(?<![.\w])fit\(|ms\.train\(")  # what a chapter that trains live says
LIMIT = 1800  # seconds a chapter


def counted(cell, number):
    """The code of a cell in which each ``assert`` is a claim that is noted."""

    class Assertions(ast.NodeTransformer):
        def visit_Assert(self, node):
            words = f"cell {number}: {ast.unparse(node.test)}"
            compared = [part for part in ast.walk(node.test) if isinstance(part, ast.Compare)]
            inner = any(isinstance(part, ast.comprehension | ast.Lambda) for part in ast.walk(node.test))
            operands = [] if inner else [side for part in compared for side in (part.left, *part.comparators)]
            call = ast.parse(f"_claims.claim({words!r}, 0, [])").body[0]
            call.value.args[1] = node.test
            call.value.args[2].elts = operands
            return call

    return ast.unparse(ast.fix_missing_locations(Assertions().visit(ast.parse(cell.source))))


def run_here(path, offset):
    """Execute a chapter in this environment; prints one line of JSON: claims, seconds, whether anything was trained."""
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kept = {
        number: _text(cell)
        for number, cell in enumerate(cells)
        if "nbval-check-output" in cell.metadata.get("tags", [])
    }
    for number, cell in enumerate(cells):
        cell.source, cell.outputs = counted(cell, number), []
    new = nbformat.v4.new_code_cell
    start = new(f"import sys; sys.path.insert(0, {str(HERE)!r}); import claims as _claims; _claims.reroll({offset})")
    notebook.cells = [start, *cells, new("_claims.report()")]
    started = time.perf_counter()
    NotebookClient(notebook, timeout=LIMIT, allow_errors=True, resources={"metadata": {"path": path.parent}}).execute()
    result = json.loads(_text(notebook.cells[-1]).splitlines()[-1])
    for number, cell in enumerate(cells):
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if errors:
            result["claims"][f"cell {number} runs: {errors[0].ename} {errors[0].evalue[:100]}"] = [False, []]
        if number in kept:
            result["claims"][f"cell {number} prints what is kept"] = [_text(cell) == kept[number], []]
    print(json.dumps(result | {"seconds": time.perf_counter() - started}))


def _text(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout")


def run(path, name):
    """A chapter in one of the environments, in a process of its own."""
    variables, offset = ENVIRONMENTS[name]
    command = [sys.executable, __file__, "--here", str(path), str(offset)]
    done = subprocess.run(command, env=os.environ | ONE_THREAD | variables, capture_output=True, text=True)
    if done.returncode:
        return {
            "claims": {"the chapter runs": [False, []]},
            "trainings": 0,
            "seconds": 0.0,
            "told": done.stderr[-2000:],
        }
    return json.loads(done.stdout.splitlines()[-1])


def table(results, paths, names):
    """Claims that hold, of all, a row a chapter; then those that fail, and where."""
    lines = [f"{'chapter':14}" + "".join(f"{name:>11}" for name in names)]
    for path in paths:
        cells = []
        for name in names:
            claims = results[path.stem, name]["claims"].values() if (path.stem, name) in results else None
            cells.append(f"{sum(held for held, _ in claims)}/{len(claims)}" if claims else "")
        lines.append(f"{path.stem:14}" + "".join(f"{cell:>11}" for cell in cells))
    seconds = sum(result["seconds"] for result in results.values())
    lines.append(f"({seconds:.0f} s of executing; empty: trains nothing, so no other seeds)")
    for (chapter, name), result in results.items():
        lines += [f"FAILS in {chapter}, {name}: {words}" for words, (held, _) in result["claims"].items() if not held]
        lines += [result["told"]] if "told" in result else []
    return "\n".join(lines)


def values(results):
    """The range of every compared number over the environments."""
    ranges = {}
    for (chapter, _), result in results.items():
        for words, (_, operands) in result["claims"].items():
            ranges.setdefault((chapter, words), []).append(operands)
    lines = []
    for (chapter, words), runs in ranges.items():
        spans = [f"{min(column):.4g}..{max(column):.4g}" for column in zip(*runs, strict=False)]
        lines += [f"{chapter}, {words}", f"    {'  '.join(spans)}"] if spans else []
    return "\n".join(lines)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="one other arithmetic, the chapters that train live")
    parser.add_argument("--values", action="store_true", help="print the range of every number that a claim compares")
    parser.add_argument("--here", nargs=2, metavar=("NOTEBOOK", "OFFSET"), help=argparse.SUPPRESS)
    parser.add_argument("chapters", nargs="*", help="such as 03; default: all")
    options = parser.parse_args(arguments)
    if options.here:
        return run_here(Path(options.here[0]), int(options.here[1]))
    paths = [path for path in chapters() if not options.chapters or path.stem.split("_")[0] in options.chapters]
    names = list(ENVIRONMENTS)
    if options.short:
        names, paths = ["older"], [path for path in paths if TRAINS.search(path.read_text())]
    results = {}

    def work(jobs, side_by_side):
        with ThreadPoolExecutor(side_by_side) as pool:
            for (path, name), result in zip(jobs, pool.map(lambda job: run(*job), jobs), strict=True):
                results[path.stem, name] = result
                failed = [words for words, (held, _) in result["claims"].items() if not held]
                told = "; ".join(failed) or f"all {len(result['claims'])} claims hold"
                print(f"{path.stem}, {name}: {told}, {result['seconds']:.0f} s", file=sys.stderr, flush=True)

    still = [name for name in names if ENVIRONMENTS[name][1] == 0]
    work([(path, name) for path, name in product(paths, still) if name != "2 threads"], processes())
    if "2 threads" in names:
        work([(path, "2 threads") for path in paths], 1)
    live = [path for path in paths if any(results[path.stem, name]["trainings"] for name in still)]
    work([(path, name) for path, name in product(live, names) if name not in still], processes())
    print(table(results, paths, names))
    if options.values:
        print(values(results))
    return 0 if all(held for result in results.values() for held, _ in result["claims"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())

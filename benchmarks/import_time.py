"""How long ``import mnist_study`` takes, in fresh interpreters: at most 0.1 s is asked.

.venv/bin/python benchmarks/import_time.py
"""

import statistics
import subprocess
import sys

RUNS = 15
SCRIPT = "from time import perf_counter as now; start = now(); import {}; print(now() - start)"


def seconds(module):
    """Seconds that the import statement itself takes, once, in an interpreter that has done nothing else."""
    command = [sys.executable, "-c", SCRIPT.format(module)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main():
    seconds("numpy"), seconds("mnist_study")  # once, so that all files are in the page cache
    print(f"{RUNS} fresh interpreters each\n")
    print("| | median [ms] | lowest to highest |")
    print("|---|---|---|")
    for module in ("mnist_study", "numpy"):
        times = sorted(seconds(module) for _ in range(RUNS))
        median = 1000 * statistics.median(times)
        print(f"| `import {module}` | {median:.1f} | {1000 * times[0]:.1f} to {1000 * times[-1]:.1f} |")


if __name__ == "__main__":
    main()

"""Each network that ships, from its record, beside a network of its kind in print. Nothing is trained here.

.venv/bin/python benchmarks/networks.py
"""

from statistics import median

from mnist_study.analysis import MeanStd
from mnist_study.models import model_names, model_record
from mnist_study.training import recorded

IN_PRINT = {  # of the network's kind: what, test accuracy in %, key in book/references.bib
    "softmax": ("a linear classifier", "88.0", "lecun1998"),
    "mlp": ("784-300-100-10", "96.95", "lecun1998"),
    "fc_augmented": ("six dense layers, 12 million weights, elastic distortions", "99.65", "ciresan2010"),
    "cnn_numpy": ("LeNet-5", "99.05", "lecun1998"),
    "cnn": ("two convolutions, elastic distortions", "99.6", "simard2003"),
    "cnn_best": ("an ordinary network, mean of 1 500", "99.641 ± 0.047", "deotte2018"),
    "ensemble": ("35 networks together", "99.77", "ciresan2012"),
}


def spaced(number):
    return f"{number:,.0f}".replace(",", " ")


def row(name):
    record, results = model_record(name), recorded(name)
    low, high = (100 * end for end in results[0].wilson())
    alone = f"{100 * results[0].fraction:.2f} % ({low:.2f} to {high:.2f})"
    reads = MeanStd.of([result.fraction for result in results]) if len(results) > 1 else alone
    seconds = median(seed["seconds"] for seed in record.seeds) if "seconds" in record.metrics else None
    threads = int(record.machine["threads"])
    machine = f"{record.machine['processor']}, {threads} thread{'s' * (threads != 1)}" if seconds else ""
    beside = "{}: {} % {{cite}}`{}`".format(*IN_PRINT[name]) if name in IN_PRINT else ""
    cells = [f"`{name}`", spaced(record.metrics["parameters"]), reads, spaced(seconds) if seconds else "", machine]
    return " | ".join(map(str, [*cells, beside]))


def main():
    print("| network | parameters | test accuracy | training of one [s] | on | a network of its kind in print |")
    print("|---|---|---|---|---|---|")
    for name in model_names("mnist"):
        print(f"| {row(name)} |")


if __name__ == "__main__":
    main()

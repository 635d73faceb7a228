"""How fast does the page learn, beside NumPy on one thread, and what do its packed digits cost?

Headless Chromium, from a file, as a reader without a server has it. Accuracy is that of 2 000 validation digits.
"""

import base64
import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path += [str(ROOT / "book"), str(ROOT / "tests" / "browser")]

import kernel  # noqa: E402
import trainer  # noqa: E402
from pieces import write_piece  # noqa: E402
from test_train_page import TRAIN_HERE, text  # noqa: E402

from mnist_study.data import Digits, load_mnist  # noqa: E402
from mnist_study.models import Penalty, mlp  # noqa: E402
from mnist_study.training import Adam, NumPyEngine, fit  # noqa: E402

GOALS = [  # network, digits, options, accuracy to reach, seconds it may take
    ("784-10 (softmax)", 0, "", 0.90, 2),
    ("784-128-10", 0, "", 0.94, 6),
    ("784-256-128-10", 1, 'data-rate="0.001" data-batch="128" data-l2="0.0003"', 0.975, 60),
]
PATIENCE = 200  # seconds


def opened(browser, folder, body):
    page = browser.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(write_piece(folder / "page.html", "train", body, before=["engine.js"]))
    return page


def reach(browser, folder):
    """Seconds from the button to each goal, digits there."""
    print("| network in the page | reads of the validation digits | after [s] | wanted [s] |")
    print("|---|---|---|---|")
    for network, more, options, goal, allowed in GOALS:
        page = opened(browser, folder, f'<div class="mnist-train" data-network="{network}" {options}></div>')
        page.get_by_role("button", name="One step").click()
        page.wait_for_function("() => document.querySelector('.mnist-train').dataset.steps == 1")
        if more:
            page.get_by_label("Training digits").select_option(index=more)  # and a new start when they have come
        else:
            page.get_by_role("button", name="Reset").click()
        page.wait_for_function("() => document.querySelector('.mnist-train').dataset.steps == 0")
        begun = time.perf_counter()
        page.get_by_role("button", name="Train").click()
        page.wait_for_function(f"() => document.querySelector('.mnist-train').dataset.accuracy >= {goal}")
        took = time.perf_counter() - begun
        print(f"| {network} | {100 * goal:.1f} % | {took:.1f} | {allowed} |", flush=True)
        page.close()


def steps(browser, folder, mnist):
    """Ratio of NumPy's time for the same steps."""
    digits, hidden, batch = mnist.train[:2560], (256, 128), 128
    batches = [list(range(start, start + batch)) for start in range(0, len(digits), batch)]
    network = mlp((784, *hidden, 10), np.random.default_rng(0), mean=33.3, std=78.6)
    first = network.get_weights()
    engine = NumPyEngine(network, Adam(), Penalty(l2=1e-4))
    images, labels = engine.place_images(digits.images), engine.place_labels(digits.labels)
    begun = time.perf_counter()
    for chosen in batches:
        engine.step(images[chosen], labels[chosen], 1e-3)
    numpy_seconds = time.perf_counter() - begun
    asked = {
        "hidden": hidden,
        "mean": 33.3,
        "std": 78.6,
        "weights": [{"weight": text(first[f"W{n}"]), "bias": text(first[f"b{n}"])} for n in (1, 2, 3)],
        "batches": batches,
        "rule": {"optimizer": "adam", "rate": 1e-3, "l2": 1e-4},
    }
    given = {"images": text(digits.images), "labels": digits.labels.tolist()}
    page = opened(browser, folder, '<div class="mnist-train"></div>')
    print(f"\n| {len(batches)} updates of 784-256-128-10 by | seconds | / NumPy's, one thread |")
    print("|---|---|---|")
    print(f"| NumPy | {numpy_seconds:.2f} | 1.0 |")
    for name, program in (("WebAssembly", base64.b64encode(kernel.program()).decode()), ("JavaScript", None)):
        seconds = []
        for _ in range(3):
            found = page.evaluate(TRAIN_HERE, [asked | {"kernel": program}, given])
            seconds.append(found["seconds"])
        print(f"| {name} | {min(seconds):.2f} | {min(seconds) / numpy_seconds:.1f} |", flush=True)


def packing(mnist, seeds=3):
    """What eight grey levels cost a network that learns from them, in points of validation accuracy."""
    packed = Digits(trainer.unpack(trainer.pack(mnist.train.images)), mnist.train.labels)
    lost = []
    for seed in range(seeds):
        accuracies = []
        for digits in (mnist.train, packed):
            network = mlp((784, 256, 128, 10), np.random.default_rng(seed), mean=33.3, std=78.6)
            history = fit(
                NumPyEngine(network, Adam(), Penalty(l2=3e-4)),
                digits,
                mnist.validation,
                epochs=10,
                batch_size=128,
                learning_rate=3e-3,
                schedule="one_cycle",
                seed=seed,
            )
            accuracies.append(100 * history["validation_accuracy"][-1])
        lost.append(accuracies[0] - accuracies[1])
    cost = f"{np.mean(lost):+.2f} ± {np.std(lost, ddof=1):.2f}".replace("-", "−")
    print(f"\nThe packing costs 784-256-128-10, in points of validation accuracy: {cost} ({seeds} seeds).")


if __name__ == "__main__":
    mnist = load_mnist()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as name:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        reach(browser, Path(name))
        steps(browser, Path(name), mnist)
        browser.close()
    packing(mnist)

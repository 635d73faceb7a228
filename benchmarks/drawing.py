"""From strokes to guesses: milliseconds for one drawing, beside a common way with Pillow, in Python and in the page.

    .venv/bin/python benchmarks/drawing.py [ROUNDS]

One thread. 200 drawings of the study's own styles, and as many of two digits each; the contenders of a group take
turns, a round each over all of them. Quoted are the median over rounds of the mean time per drawing and its ratio to
ours. The page's times are Chromium's, with the weights that ``mnist-study export-page`` writes; without Chromium they
are left out.
"""

import os
import shutil
import statistics
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from time import perf_counter

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from PIL import Image, ImageDraw

import mnist_study as ms
from mnist_study.drawing import Pad
from mnist_study.drawing.export import SCRIPTS, export_page
from mnist_study.drawing.page_network import describe, page_network
from mnist_study.drawing.tasks import MODELS, on_one_pad
from mnist_study.images import prepare, rasterise
from mnist_study.images.drawn import draw
from mnist_study.images.strokes import CANVAS, PEN

ROUNDS, DRAWINGS = 7, 200
STAGE = {1: "centred", 2: "apart"}  # with which a pad begins
STATIC = Path(__file__).parents[1] / "book" / "_static" / "pad"
IN_THE_PAGE = """async ([digits, images, drawings]) => {
    const reader = await MnistPad.readerFor(digits);
    const median = (things, work) => {
        const each = things.map(thing => {
            const start = performance.now();
            work(thing);
            return performance.now() - start;
        }).sort((a, b) => a - b);
        return each[each.length >> 1];
    };
    const networks = reader.networks.map(network =>
        [network.name, median(images, image => network.probabilities(Uint8Array.from(image)))]);
    return [["strokes to image", median(drawings, strokes => reader.rasterise(strokes))], ...networks];
}"""
STROKE_ENDS = """([x, y]) => {
    const canvas = document.querySelector("canvas[data-pad]");
    const box = canvas.getBoundingClientRect();
    const place = {clientX: box.left + x, clientY: box.top + y, pointerId: 1, isPrimary: true, button: 0};
    canvas.setPointerCapture = () => {};
    canvas.dispatchEvent(new PointerEvent("pointerdown", place));
    const start = performance.now();
    canvas.dispatchEvent(new PointerEvent("pointerup", place));
    document.body.getBoundingClientRect(); // laid out
    return performance.now() - start;
}"""


def pillow_canvas(strokes):
    """What a canvas would show, 280 x 280, drawn by Pillow."""
    picture = Image.new("L", (280, 280))
    pen = ImageDraw.Draw(picture)
    for stroke in strokes:
        pen.line([tuple(point) for point in stroke.tolist()], fill=255, width=round(10 * PEN), joint="curve")
    return picture


def pillow_preparation(picture):
    """Crop, 20 pixels, middle: the usual lines, without the centre of mass."""
    box = picture.getbbox()
    cropped = picture.crop(box)
    factor = 20 / max(cropped.size)
    cropped = cropped.resize([max(1, round(side * factor)) for side in cropped.size], Image.Resampling.BOX)
    image = Image.new("L", (28, 28))
    image.paste(cropped, ((28 - cropped.width) // 2, (28 - cropped.height) // 2))
    return np.asarray(image)


def take_turns(contenders, things, rounds):
    """dict from name to the median of the mean milliseconds per thing."""
    times = {name: [] for name in contenders}
    for _ in range(rounds + 1):  # the first round warms up
        for name, work in contenders.items():
            start = perf_counter()
            for thing in things:
                work(thing)
            times[name].append(1000 * (perf_counter() - start) / len(things))
    return {name: statistics.median(each[1:]) for name, each in times.items()}


def show(title, times):
    ours = next(iter(times.values()))
    for name, milliseconds in times.items():
        print(f"| {title} | {name} | {milliseconds:.2f} | {milliseconds / ours:.2f} |", flush=True)
        title = ""


def page_times(digits, images, drawings):
    """Median milliseconds of each network in Chromium, and of all that follows a stroke; nothing without one."""
    chromium = shutil.which("chromium")
    if not chromium:
        return {}
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        shutil.copytree(STATIC, folder, dirs_exist_ok=True)
        if not all((Path(folder) / script).exists() for script in SCRIPTS.values()):
            export_page(folder)
        page = Path(folder) / "page.html"
        page.write_text(
            f'<link rel="stylesheet" href="pad.css"><div class="mnist-pad" data-digits="{digits}"></div>'
            '<script src="reader.js"></script><script src="pad.js"></script>'
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto(page.as_uri())
        tab.wait_for_selector("canvas[data-pad]")
        sent = [digits, images.reshape(len(images), -1).tolist(), [[line.tolist() for line in one] for one in drawings]]
        tab.evaluate(IN_THE_PAGE, [digits, *(things[:50] for things in sent[1:])])  # compiles
        found = dict(tab.evaluate(IN_THE_PAGE, sent))
        dots = [tab.evaluate(STROKE_ENDS, [10 + number % 200, 30 + number % 97]) for number in range(60)]
        browser.close()
    return found | {"the end of a stroke, answers and page laid out": statistics.median(dots[10:])}


def main(rounds=ROUNDS):
    print(f"{rounds} rounds over {DRAWINGS} drawings, one thread\n")
    print("| from, to | by | median [ms] | time / first |")
    print("|---|---|---|---|")
    rng = np.random.default_rng(0)
    drawings = [draw(number % 10, rng) for number in range(DRAWINGS)]
    pictures = [np.asarray(pillow_canvas(strokes)) for strokes in drawings]
    show(
        "strokes to image",
        take_turns(
            {
                "`rasterise`": rasterise,
                "Pillow draws 280 × 280, then `prepare`": lambda strokes: prepare(np.asarray(pillow_canvas(strokes))),
                "Pillow draws, crops, resizes": lambda strokes: pillow_preparation(pillow_canvas(strokes)),
            },
            drawings,
            rounds,
        ),
    )
    show(
        "picture of 280 × 280 to image",
        take_turns(
            {
                "`prepare`": prepare,
                "Pillow crops, resizes (no centre, no levels)": lambda p: pillow_preparation(Image.fromarray(p)),
            },
            pictures,
            rounds,
        ),
    )
    pad, answers = Pad(), []
    for strokes in drawings:
        pad.draw(strokes)
        answers.append(pad.milliseconds)
    show("the end of a stroke, in the kernel of the notebook's pad", {"`Pad()`": statistics.median(answers)})
    pairs = [
        [*one, *(line + np.array([CANVAS, 0]) for line in other)] for one, other in pairwise([*drawings, drawings[0]])
    ]
    for digits, drawn, what in ((1, drawings, "one digit"), (2, pairs, "two digits")):
        images = np.stack([rasterise(strokes, stage=STAGE[digits], digits=digits) for strokes in drawn])
        in_page = page_times(digits, images, drawn)
        _, models = on_one_pad({name: ms.load_model(name) for name in MODELS[digits]})
        for name, model in models.items():
            page = page_network(describe(model))
            times = take_turns(
                {"the study's model": model.predict_proba, "as exported, NumPy": page.predict_proba},
                [image[None] for image in images],
                rounds,
            )
            if name in in_page:
                times["as exported, JavaScript in Chromium"] = in_page.pop(name)
            show(f"image of {what} to probabilities, `{name}`", times)
        if in_page:
            show(f"in the page, {what}", in_page)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))

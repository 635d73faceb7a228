"""From strokes to guesses: milliseconds for one drawing, beside a common way with Pillow, in Python and in the page.

    .venv/bin/python benchmarks/drawing.py [ROUNDS]

One thread. 200 drawings of the study's own styles; the contenders of a group take turns, a round each over all of them.
Quoted are the median over rounds of the mean time per drawing and its ratio to ours. The page's times are Chromium's,
with the weights that ``mnist-study export-page`` writes; without Chromium they are left out.
"""

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from PIL import Image, ImageDraw

import mnist_study as ms
from mnist_study.drawing import Pad
from mnist_study.drawing.export import PAGE_MODELS, SCRIPT, describe, export_page, page_network
from mnist_study.images import prepare, rasterise
from mnist_study.images.drawn import draw
from mnist_study.images.strokes import PEN

ROUNDS, DRAWINGS = 7, 200
STATIC = Path(__file__).parents[1] / "book" / "_static" / "pad"
IN_THE_PAGE = """images => MnistReader.networks.map(network => {
    const each = images.map(image => {
        const start = performance.now();
        network.probabilities(Uint8Array.from(image));
        return performance.now() - start;
    }).sort((a, b) => a - b);
    return [network.name, each[each.length >> 1]];
})"""


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
    print(f"\n{title}")
    ours = next(iter(times.values()))
    for name, milliseconds in times.items():
        print(f"  {name:48} {milliseconds:7.3f} ms  {milliseconds / ours:6.2f}")


def page_times(images):
    """Median milliseconds of each network in Chromium, or nothing where there is none."""
    chromium = shutil.which("chromium")
    if not chromium:
        return {}
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        export_page(folder)
        page = Path(folder) / "page.html"
        scripts = (Path(folder) / SCRIPT, STATIC / "reader.js")
        page.write_text("".join(f'<script src="{script.as_uri()}"></script>' for script in scripts))
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto(page.as_uri())
        tab.evaluate(IN_THE_PAGE, images[:50].reshape(50, -1).tolist())  # compiles
        found = tab.evaluate(IN_THE_PAGE, images.reshape(len(images), -1).tolist())
        browser.close()
    return dict(found)


def main(rounds=ROUNDS):
    rng = np.random.default_rng(0)
    drawings = [draw(number % 10, rng) for number in range(DRAWINGS)]
    pictures = [np.asarray(pillow_canvas(strokes)) for strokes in drawings]
    images = np.stack([rasterise(strokes) for strokes in drawings])
    show(
        "strokes to image",
        take_turns(
            {
                "rasterise": rasterise,
                "Pillow draws 280 x 280, then prepare": lambda strokes: prepare(np.asarray(pillow_canvas(strokes))),
                "Pillow draws, crops, resizes": lambda strokes: pillow_preparation(pillow_canvas(strokes)),
            },
            drawings,
            rounds,
        ),
    )
    show(
        "picture of 280 x 280 to image",
        take_turns(
            {
                "prepare": prepare,
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
    show("the end of a stroke, in the kernel of the notebook's pad", {"Pad()": statistics.median(answers)})
    models = {name: ms.load_model(name) for name in PAGE_MODELS}
    in_page = page_times(images)
    for name, model in models.items():
        page = page_network(describe(model))
        times = take_turns(
            {"the study's model": model.predict_proba, "as exported, NumPy": page.predict_proba},
            [image[None] for image in images],
            rounds,
        )
        if name in in_page:
            times["as exported, JavaScript in Chromium"] = in_page[name]
        show(f"image to probabilities: {name}", times)
    if in_page:
        print(f"\nall networks of the page together: {sum(in_page.values()):.1f} ms")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))

"""Write what the page's trainer learns from: digits, packed into scripts, and the kernel that multiplies for it.

``python book/trainer.py FOLDER``. A page that was opened as a file may load nothing but scripts, and text is what
scripts hold: eight grey levels instead of 256, two pixels a byte, deflated, in base64.
"""

import base64
import sys
import zlib
from pathlib import Path

import kernel
import numpy as np

from mnist_study.data import MNIST, load_mnist
from mnist_study.data.inspection import pixel_statistics
from mnist_study.drawing.export import encode

LEVELS = 8
FIRST, HELD_OUT = 10_000, 2_000  # training and validation digits of the first script; the others are in the second
SCRIPTS = ("digits.js", "more_digits.js")


def pack(images):
    """Images uint8 ``(N, rows, columns)`` with an even number of pixels -> text in ASCII."""
    levels = np.rint(images.reshape(-1) / 255 * (LEVELS - 1)).astype(np.uint8)
    squeezer = zlib.compressobj(9, wbits=-15)  # without a header, as DecompressionStream's "deflate-raw" wants it
    return base64.b64encode(squeezer.compress(levels[::2] << 4 | levels[1::2]) + squeezer.flush()).decode()


def unpack(text, shape=MNIST.shape):
    """The images uint8 ``(N, rows, columns)`` that the page makes of ``pack``'s text."""
    pairs = np.frombuffer(zlib.decompress(base64.b64decode(text), wbits=-15), np.uint8)
    levels = np.stack([pairs >> 4, pairs & 15], axis=1)
    return np.rint(levels * (255 / (LEVELS - 1))).astype(np.uint8).reshape(-1, *shape)


def described(digits):
    return {"images": pack(digits.images), "labels": "".join(map(str, digits.labels))}


def scripts():
    """The scripts by their names: dict from str to bytes."""
    mnist, pixels = load_mnist(), pixel_statistics(load_mnist().train.images)
    first = {
        "levels": LEVELS,
        "mean": pixels.mean,
        "std": pixels.std,
        "kernel": base64.b64encode(kernel.program()).decode(),
        "training": described(mnist.train[:FIRST]),
        "validation": described(mnist.validation[:HELD_OUT]),
    }
    contents = (first, {"levels": LEVELS, "training": described(mnist.train[FIRST:])})
    return {name: encode(content) for name, content in zip(SCRIPTS, contents, strict=True)}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, script in scripts().items():
        (folder / name).write_bytes(script)
        print(f"{folder / name}: {len(script) / 1e3:.0f} kB")

"""Make mnist_study/images/typefaces.npz anew, from the list in typefaces.md: python data/typefaces.py

It needs npm, and fonttools and brotli from PyPI. The typefaces are those of Google Fonts that imitate handwriting, as
Fontsource packs them for npm. Nothing of this runs when the book is built: their digits are in the repository.
"""

import io
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).parent
SOURCES, GLYPHS = HERE / "typefaces.md", HERE.parent / "mnist_study" / "images" / "typefaces.npz"
SIDE, MARGIN = 64, 2  # pixels of a glyph's picture, and what stays empty around it
LISTED = re.compile(r"^\| (\*\*)?([\w-]+)(?:\*\*)? \| ([\d.]+) \|", re.MULTILINE)  # in bold: held out


def fetch(name, version, folder):
    """A typeface's file, in the weight next to regular, with Latin letters."""
    command = ["npm", "pack", "--silent", f"@fontsource/{name}@{version}"]
    packed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(folder / packed) as files:
        found = {
            int(weight[1]): path
            for path in files.getnames()
            if (weight := re.search(rf"/{name}-latin-(\d+)-normal\.woff2$", path))
        }
        font = TTFont(files.extractfile(found[min(found, key=lambda weight: abs(weight - 400))]))
    font.flavor = None
    plain = io.BytesIO()
    font.save(plain)
    plain.seek(0)
    return plain


def glyph(font, digit):
    """A digit as bool ``(SIDE, SIDE)``: its longer side fills the picture but for the margin."""
    large = Image.new("L", (600, 600))
    ImageDraw.Draw(large).text((300, 300), str(digit), font=font, fill=255, anchor="mm")
    large = large.crop(large.getbbox())
    scale = (SIDE - 2 * MARGIN) / max(large.size)
    size = [max(round(side * scale), 1) for side in large.size]
    picture = Image.new("L", (SIDE, SIDE))
    picture.paste(large.resize(size, Image.Resampling.BOX), tuple((SIDE - side) // 2 for side in size))
    return np.asarray(picture) > 110


def main():
    listed = LISTED.findall(SOURCES.read_text())
    with tempfile.TemporaryDirectory() as folder:
        fonts = [ImageFont.truetype(fetch(name, version, Path(folder)), 200) for _, name, version in listed]
    np.savez_compressed(
        GLYPHS,
        names=[name for _, name, _ in listed],
        held_out=[bool(bold) for bold, _, _ in listed],
        glyphs=np.packbits([[glyph(font, digit) for digit in range(10)] for font in fonts], axis=-1),
    )


if __name__ == "__main__":
    main()

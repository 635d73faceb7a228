"""The diagrams of the chapters, as SVG: ``python book/diagrams.py`` writes them into ``book/_static/diagrams``.

A diagram is what no computation draws: how the parts of an idea hang together. In a notebook it is a picture with
colours of its own; in the book its lines stand in the page itself, so that they take the colours of the theme.
"""

import re
from html import escape
from itertools import pairwise
from pathlib import Path

FOLDER = Path(__file__).parent / "_static" / "diagrams"
WIDTH = 520
# A picture that stands alone has colours of its own, and the rules of the book.
ALONE = f"""<style>
{(FOLDER / "diagrams.css").read_text(encoding="utf-8")}.mnist-diagram {{ background: #fff; }}
@media (prefers-color-scheme: dark) {{
  .mnist-diagram {{ background: #14181e; color: #e6eaee; --flow: #7cc7e2; --blame: #ffa873; --paper: #262d36; }}
}}
</style>
"""


class Diagram:
    """What is drawn so far, in a box of ``WIDTH`` by ``height``."""

    def __init__(self, height):
        self.height, self.parts = height, []

    def add(self, tag, content=None, **attributes):
        named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        written = "".join(f' {n}="{round(v, 1) if isinstance(v, float) else v}"' for n, v in named.items())
        self.parts.append(f"<{tag}{written}/>" if content is None else f"<{tag}{written}>{escape(content)}</{tag}>")

    def text(self, x, y, *lines, kind="", anchor="middle", leading=18):
        for number, line in enumerate(lines):
            self.add("text", line, x=x, y=y + leading * number, text_anchor=anchor, class_=kind)

    def box(self, x, y, width, height, *lines, kind="shape", words=""):
        self.add("rect", x=x, y=y, width=width, height=height, rx=5, class_=kind)
        middle = y + height / 2 + 5 - 9 * (len(lines) - 1)
        self.text(x + width / 2, middle, *lines, kind=words)

    def dot(self, x, y, radius=9, kind="shape"):
        self.add("circle", cx=x, cy=y, r=radius, class_=kind)

    def arrow(self, *points, kind="flow", head=True):
        """Along the points, from the first to the last."""
        (x1, y1), (x2, y2) = points[-2:]
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
        u, v = (x2 - x1) / length, (y2 - y1) / length
        stop = (x2 - 6 * u, y2 - 6 * v) if head else (x2, y2)
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*points[:-1], stop))
        self.add("polyline", points=path, class_=kind)
        if head:
            tip = [(x2, y2), (x2 - 9 * u - 5 * v, y2 - 9 * v + 5 * u), (x2 - 9 * u + 5 * v, y2 - 9 * v - 5 * u)]
            self.add("polygon", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in tip), class_=f"{kind} head")

    def grid(self, x, y, columns, rows, cell, full=(), words=None):
        """Squares, some of them full, some with a word; (column, row) names one."""
        for row in range(rows):
            for column in range(columns):
                place = (column, row)
                left, top = x + cell * column, y + cell * row
                self.add(
                    "rect", x=left, y=top, width=cell, height=cell, class_="shape full" if place in full else "plain"
                )
                if words and place in words:
                    self.text(
                        left + cell / 2, top + cell / 2 + 5, words[place], kind="small on" if place in full else "small"
                    )

    def svg(self, style="", **attributes):
        named = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" width="{WIDTH}"'
        return "\n".join([f'{head} class="mnist-diagram"{named}>', style + "\n".join(self.parts), "</svg>\n"])


def splits():
    drawn = Diagram(156)
    x = 4.0
    for digits, name, use in (
        (48, "training", "learn from"),
        (12, "validation", "choose by"),
        (10, "test", "look at once"),
    ):
        width = (WIDTH - 8) * digits / 70
        drawn.box(x, 34, width, 44, f"{digits} 000", words="strong")
        drawn.text(x + width / 2, 26, name)
        drawn.text(x + width / 2, 132, *([use] if digits == 48 else use.split(" ", 1)), kind="small", leading=15)
        drawn.arrow((x + width / 2, 116), (x + width / 2, 82), kind="flow" if digits > 10 else "back")
        x += width
    return drawn


def neuron():
    drawn = Diagram(250)
    for number in range(6):
        y = 30 + 36 * number
        drawn.dot(60, y)
        if number < 5:
            drawn.arrow((70, y), (187, 115), head=False)
    drawn.text(22, 35, "x₁")
    drawn.text(22, 71, "x₂")
    drawn.text(26, 215, "x₇₈₄")
    drawn.arrow((70, 210), (187, 118), head=False)
    drawn.text(118, 40, "times w₁", kind="flow")
    drawn.box(188, 92, 84, 46, "Σ x w + b")
    drawn.text(230, 84, "one class")
    drawn.arrow((272, 115), (318, 115))
    drawn.text(295, 105, "z", kind="flow")
    for number in range(10):
        kind = "shape full" if number == 3 else "shape"
        drawn.dot(330, 34 + 18 * number, 7, kind)
    drawn.text(330, 232, "ten logits")
    drawn.arrow((344, 115), (392, 115))
    drawn.box(394, 92, 76, 46, "softmax")
    drawn.arrow((470, 115), (514, 115))
    drawn.text(492, 84, "p", kind="flow")
    drawn.text(440, 168, "ten shares", "that sum to 1", kind="small")
    return drawn


def layers():
    drawn = Diagram(260)
    columns = ((50, 784, 9), (190, 256, 7), (330, 128, 5), (470, 10, 3))
    places = [[(x, 112 + 21 * (number - (count - 1) / 2)) for number in range(count)] for x, _, count in columns]
    for before, after in pairwise(places):
        for x1, y1 in before:
            for x2, y2 in after:
                drawn.add("line", x1=x1, y1=y1, x2=x2, y2=y2, class_="plain", opacity=0.25)
    for (x, size, _), column in zip(columns, places, strict=True):
        for px, y in column:
            drawn.dot(px, y, 8)
        drawn.text(x, 16, str(size), kind="strong")
    for (x1, _, _), (x2, _, _), weight in zip(columns, columns[1:], ("W₁", "W₂", "W₃"), strict=False):
        middle = (x1 + x2) / 2
        drawn.text(middle, 16, weight)
        drawn.arrow((x1 + 22, 222), (x2 - 22, 222))
        drawn.arrow((x2 - 22, 240), (x1 + 22, 240), kind="back")
    drawn.text(28, 227, "signal", kind="flow small")
    drawn.text(26, 245, "blame", kind="back small")
    drawn.text(494, 227, "loss", kind="flow small")
    return drawn


def tape():
    drawn = Diagram(200)
    names, values, slopes = ("× 2", "− 1", "ReLU", "square"), ("1.5", "3", "2", "2", "4"), ("8", "4", "4", "4", "1")
    for number, name in enumerate(names):
        drawn.box(62 + 106 * number, 76, 70, 44, name)
    for number, (value, slope) in enumerate(zip(values, slopes, strict=True)):
        left, right = (8, 60) if number == 0 else (28 + 106 * number, 60 + 106 * number)
        drawn.arrow((left, 88), (right, 88))
        drawn.arrow((right, 108), (left, 108), kind="back")
        drawn.text((left + right) / 2, 66, value, kind="flow strong")
        drawn.text((left + right) / 2, 144, slope, kind="back strong")
    drawn.text(34, 36, "w", kind="flow")
    drawn.text(470, 36, "f(w)", kind="flow")
    drawn.text(34, 172, "∂f/∂w", kind="back")
    drawn.text(470, 172, "∂f/∂f", kind="back")
    return drawn


def run():
    drawn = Diagram(236)
    drawn.box(6, 66, 96, 50, "config")
    drawn.arrow((102, 91), (166, 91))
    drawn.text(134, 82, "train", kind="flow small")
    drawn.box(168, 66, 120, 50, "running", words="strong")
    drawn.arrow((288, 91), (390, 91))
    drawn.text(338, 82, "last epoch", kind="flow small")
    drawn.box(392, 66, 120, 50, "finished", words="strong")
    drawn.arrow((204, 66), (204, 30), (252, 30), (252, 64))
    drawn.text(232, 20, "each epoch is written down", kind="flow small")
    drawn.arrow((250, 116), (250, 160), (390, 160), kind="back")
    drawn.text(320, 152, "kill, Ctrl-C, full disk", kind="back small")
    drawn.box(392, 136, 120, 50, "interrupted", "or failed")
    drawn.arrow((392, 176), (206, 176), (206, 118))
    drawn.text(300, 194, "resume: the same bits", kind="flow small")
    drawn.arrow((452, 66), (452, 32))
    drawn.text(452, 22, "evaluate: test digits", kind="flow small")
    drawn.text(56, 140, "every setting,", "also defaults", kind="small", leading=16)
    return drawn


def depth():
    drawn = Diagram(236)

    def maps(x, size, count, name):
        for number in reversed(range(count)):
            drawn.add("rect", x=x + 7 * number, y=92 - 7 * number, width=size, height=size, class_="shape")
        drawn.text(x + (size + 7 * (count - 1)) / 2, 92 + size + 20, *name, kind="small", leading=16)

    maps(4, 78, 1, ("1 picture", "28 × 28"))
    drawn.grid(20, 106, 3, 3, 8, full={(c, r) for c in range(3) for r in range(3)})
    drawn.arrow((44, 118), (116, 130))
    drawn.text(100, 22, "32 kernels", "3 × 3 × 1", kind="flow small", leading=16)
    maps(118, 78, 4, ("32 maps", "28 × 28"))
    drawn.arrow((222, 118), (258, 118))
    drawn.text(284, 22, "pool: the", "largest of 2 × 2", kind="small", leading=16)
    maps(262, 42, 4, ("32 maps", "14 × 14"))
    for number in range(4):
        drawn.grid(270 + 7 * number, 104 - 7 * number, 3, 3, 5, full={(c, r) for c in range(3) for r in range(3)})
    drawn.arrow((312, 98), (384, 114))
    drawn.text(452, 22, "64 kernels", "3 × 3 × 32", kind="flow small", leading=16)
    maps(386, 42, 6, ("64 maps", "14 × 14"))
    drawn.text(
        392, 190, "each kernel of the second", "stage looks through", "all 32 maps at once", kind="small", leading=16
    )
    return drawn


def im2col():
    drawn = Diagram(210)
    shaded = {(c, r) for c in (1, 2, 3) for r in (0, 1, 2)}
    words = {(c, r): str(4 * r + c) for c in range(4) for r in range(4)}
    drawn.grid(6, 48, 4, 4, 26, full=shaded, words=words)
    drawn.text(58, 34, "picture")
    drawn.arrow((112, 92), (150, 92))
    windows = [(0, 0), (0, 1), (1, 0), (1, 1)]
    drawn.text(262, 34, "every window a row")
    for row, (top, left) in enumerate(windows):
        values = [4 * (top + r) + left + c for r in range(3) for c in range(3)]
        drawn.grid(
            154, 52 + 26 * row, 9, 1, 24,
            full={(c, 0) for c in range(9)} if row == 1 else (),
            words={(c, 0): str(v) for c, v in enumerate(values)},
        )  # fmt: skip
    drawn.text(385, 109, "×")
    drawn.grid(400, 14, 1, 9, 17, words={(0, 4): "w"})
    drawn.text(434, 109, "=")
    drawn.grid(450, 52, 1, 4, 26, full={(0, 1)})
    drawn.text(463, 34, "map")
    drawn.arrow((463, 166), (463, 194), (58, 194), (58, 158), kind="back")
    drawn.text(262, 186, "col2im: blame of the copies, added up", kind="back small")
    return drawn


def pool():
    values = [[1, 0, 5, 2], [3, 9, 4, 0], [0, 2, 1, 1], [7, 6, 0, 8]]
    largest = {(1, 1): 2.0, (2, 0): -1.0, (0, 3): 0.5, (3, 3): 3.0}  # (column, row): the blame that comes back
    kept = {(column // 2, row // 2): (column, row) for column, row in largest}
    drawn = Diagram(186)
    drawn.text(70, 24, "a map")
    drawn.text(262, 24, "the largest of each four")
    drawn.text(450, 24, "the blame goes back")
    drawn.grid(
        18, 40, 4, 4, 26, full=largest,
        words={(column, row): str(value) for row, line in enumerate(values) for column, value in enumerate(line)},
    )  # fmt: skip
    drawn.arrow((132, 92), (228, 92))
    drawn.grid(232, 62, 2, 2, 30, full=kept, words={at: str(values[row][column]) for at, (column, row) in kept.items()})
    drawn.arrow((296, 92), (392, 92), kind="back")
    back = {(column, row): 0.0 for row in range(4) for column in range(4)} | largest
    words = {place: f"{blame:g}".replace("-", "−") for place, blame in back.items()}
    drawn.grid(398, 40, 4, 4, 26, full=largest, words=words)
    for left in (18, 398):  # the windows
        for column, row in kept:
            window = {"x": left + 52 * column, "y": 40 + 52 * row, "width": 52, "height": 52}
            drawn.add("rect", **window, class_="plain", style="stroke-width: 2.8")
    drawn.text(70, 170, "where, is forgotten", kind="small")
    drawn.text(450, 170, "to those that were heard", kind="back small")
    return drawn


def folds():
    drawn = Diagram(216)
    for row in range(5):
        y = 34 + 34 * row
        drawn.text(4, y + 18, f"network {row + 1}", kind="small", anchor="start")
        for column in range(5):
            judged = row == column
            drawn.add(
                "rect", x=92 + 78 * column, y=y, width=72, height=26, rx=4, class_="plain back" if judged else "shape"
            )
            drawn.text(
                128 + 78 * column, y + 18, "judges" if judged else "learns", kind="back small" if judged else "small"
            )
    for column in range(5):
        drawn.text(128 + 78 * column, 22, f"fold {column + 1}", kind="small")
    return drawn


def preparation():
    drawn = Diagram(182)
    seven = [(0, 6), (0, 0), (26, 0), (10, 44)]
    bar = [(4, 22), (28, 22)]

    def strokes(x, y, scale):
        for stroke in (seven, bar):
            drawn.arrow(*[(x + scale * a, y + scale * b) for a, b in stroke], head=False)

    for number, name in enumerate(
        (("strokes",), ("box", "of the ink"), ("scaled to", "20 pixels"), ("centre of mass", "in the middle"))
    ):
        x = 8 + 132 * number
        drawn.add("rect", x=x, y=20, width=104, height=104, class_="shape")
        drawn.text(x + 52, 144, *name, kind="small", leading=16)
        if number:
            drawn.arrow((x - 25, 72), (x - 3, 72))
    strokes(18, 30, 0.8)
    strokes(150, 30, 0.8)
    drawn.add("rect", x=147, y=27, width=28, height=41, class_="plain back")
    strokes(282, 30, 1.5)
    drawn.add("rect", x=278, y=26, width=50, height=74, class_="plain back")
    strokes(436, 40, 1.5)
    drawn.add("rect", x=418, y=35, width=74, height=74, class_="plain back")
    drawn.arrow((456, 58), (456, 86), kind="back", head=False)
    drawn.arrow((442, 72), (470, 72), kind="back", head=False)
    return drawn


def two_ways():
    drawn = Diagram(236)
    for y in (20, 128):
        drawn.box(6, y + (14 if y == 20 else 22), 60, 44, "4", kind="shape", words="strong")
        drawn.box(66, y + (14 if y == 20 else 22), 60, 44, "7", kind="shape", words="strong")
    drawn.arrow((126, 56), (176, 56))
    drawn.box(178, 34, 130, 44, "one network")
    drawn.arrow((308, 56), (386, 56))
    drawn.box(388, 34, 124, 44, "100 logits")
    drawn.box(178, 122, 130, 38, "trunk")
    drawn.box(178, 186, 130, 38, "the same trunk")
    drawn.arrow((36, 150), (36, 141), (176, 141))
    drawn.arrow((96, 194), (96, 205), (176, 205))
    drawn.arrow((308, 141), (346, 141), (346, 166), (386, 166))
    drawn.arrow((308, 205), (346, 205), (346, 180), (386, 180))
    drawn.text(330, 134, "10", kind="flow small")
    drawn.text(330, 222, "10", kind="flow small")
    drawn.box(388, 150, 124, 46, "100 sums", "s(a) + s(b)")
    return drawn


def teacher():
    drawn = Diagram(196)
    drawn.box(6, 66, 70, 50, "digit")
    for number in range(4):
        y = 31 + 34 * number
        drawn.box(132, y, 84, 26, f"network {number + 1}", words="small")
        drawn.arrow((76, 91), (130, y + 13), head=False)
        drawn.arrow((216, y + 13), (268, 91), head=False)
    drawn.box(270, 60, 112, 62, "mean: ten", "probabilities")
    drawn.text(326, 40, "4: 0.7, 9: 0.3", kind="flow")
    drawn.arrow((382, 91), (432, 91))
    drawn.box(434, 66, 80, 50, "pupil", words="strong")
    drawn.arrow((474, 172), (474, 118), kind="back")
    drawn.text(474, 190, "label: 4", kind="back")
    return drawn


DIAGRAMS = {
    made.__name__: made
    for made in (splits, neuron, layers, tape, run, depth, im2col, pool, folds, preparation, two_ways, teacher)
}
PICTURE = re.compile(r'<img alt="([^"]*)"[^>]*src="[^"]*_images/([a-z0-9_]+)\.svg"[^>]*>')


def in_place(page):
    """A finished page with its diagrams written into it, in the theme's colours; what each shows is said by its alt."""

    def drawn(found):
        says, name = found.groups()
        return DIAGRAMS[name]().svg(role="img", aria_label=says) if name in DIAGRAMS else found[0]

    return PICTURE.sub(drawn, page)


if __name__ == "__main__":
    for name, made in DIAGRAMS.items():
        (FOLDER / f"{name}.svg").write_text(made().svg(ALONE), encoding="utf-8")

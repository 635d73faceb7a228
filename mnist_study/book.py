"""What the notebooks need to become a book: numbers for the prose, and the package's own code on the page."""

from inspect import getsource


class _Text(str):
    __slots__ = ()
    __repr__ = str.__str__  # glue shows the repr, and a sentence wants no quotes


def glue(**values):
    """Make each value available to the prose, as text, under its name: ``{glue}`01_data.ipynb::name` ``.

    A number that wants a format is given as a string: ``glue(accuracy=f"{share:.1%}")``. A figure stays a figure.
    """
    from matplotlib.figure import Figure
    from myst_nb import glue as myst_glue

    for name, value in values.items():
        myst_glue(name, value if isinstance(value, Figure) else _Text(value), display=False)


def source(*things):
    """The source code of functions or classes of the package, as they stand, for the page."""
    from IPython.display import Markdown

    return Markdown("```python\n" + "\n\n".join(getsource(thing) for thing in things) + "```")

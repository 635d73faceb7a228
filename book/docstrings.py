"""A Sphinx extension for the page of the package: our docstrings, with types in the signatures, as Sphinx reads them.

``name : meaning`` becomes a name with its meaning below it.
"""

import re

PARAMETER = re.compile(r"^(\*{0,2}\w+(?:, \w+)*) : (.+)$", re.MULTILINE)


def rewrite(app, what, name, obj, options, lines):
    text = "\n".join(lines).replace("|", r"\|")  # |w| is no substitution
    lines[:] = PARAMETER.sub(r"\1\n    \2", text).split("\n")


def setup(app):
    app.connect("autodoc-process-docstring", rewrite, priority=400)  # before napoleon's 500
    return {"parallel_read_safe": True}

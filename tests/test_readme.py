"""What the README says of the networks that ship is what their records say."""

import importlib.util
import re

from mnist_study.models import model_names


def test_the_readmes_table_is_made_from_the_records(root):
    spec = importlib.util.spec_from_file_location("readme", root / "book" / "readme.py")
    readme = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readme)
    text = (root / "README.md").read_text()
    assert readme.rewritten(text) == text, "make readme writes it anew"
    assert all(f"| `{name}` |" in text for name in model_names())


def test_the_readme_names_every_command_of_the_makefile(root):
    commands = re.search(r"^\.PHONY: (.+)$", (root / "Makefile").read_text(), re.MULTILINE)[1].split()
    text = (root / "README.md").read_text()
    assert [command for command in commands if f"`make {command}" not in text] == []

"""Colab and Binder, with and without an address of the repository."""

import importlib
from types import SimpleNamespace

from ruamel.yaml import YAML


def test_no_service_is_named_while_the_repository_has_no_address(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "book")
    launch = importlib.import_module("launch")
    asked = YAML(typ="safe", pure=True).load(root / "_config.yml")["sphinx"]["config"]["html_theme_options"]
    assert asked["repository_url"] == ""
    assert {"binderhub_url", "colab_url"} <= asked["launch_buttons"].keys()
    published = asked | {"repository_url": "https://github.com/somebody/mnist-study"}
    launch.drop_without_address(None, SimpleNamespace(html_theme_options=asked))
    launch.drop_without_address(None, SimpleNamespace(html_theme_options=published))
    assert "launch_buttons" not in asked
    assert "launch_buttons" in published

"""The page "How good is it?" shows every benchmark, and its table of networks is that of the records of today."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
import networks  # noqa: E402
import run  # noqa: E402


def test_every_benchmark_has_a_result_and_a_place_on_the_page():
    shown = re.findall(r"\{include\} \.\./benchmarks/results/(\w+)\.md", (ROOT / "book" / "how_good.md").read_text())
    assert sorted(shown) == run.names() == sorted(path.stem for path in run.RESULTS.glob("*.md"))
    for name in run.names():
        about, _, text = (run.RESULTS / f"{name}.md").read_text().partition("\n\n")
        assert about.startswith(f"*`benchmarks/{name}.py`, 20")
        assert "|---|" in text


def test_the_networks_are_those_of_the_records(capsys):
    networks.main()
    assert capsys.readouterr().out.strip() in (run.RESULTS / "networks.md").read_text(), "make benchmarks B=networks"


@pytest.mark.parametrize(
    ("asked", "says"), [("no_such", "no benchmark no_such; there are convolution"), ("broken", "broken failed")]
)
def test_what_goes_wrong_is_one_line_and_nothing_is_lost(tmp_path, monkeypatch, asked, says):
    (tmp_path / "broken.py").write_text("print('half'); raise SystemExit(3)")
    (tmp_path / "convolution.py").write_text("")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "broken.md").write_text("before")
    monkeypatch.setattr(run, "HERE", tmp_path)
    monkeypatch.setattr(run, "RESULTS", tmp_path / "results")
    if asked == "no_such":
        (tmp_path / "broken.py").unlink()
    with pytest.raises(SystemExit) as stopped:
        run.main([asked])
    assert says in str(stopped.value)
    assert (tmp_path / "results" / "broken.md").read_text() == "before"

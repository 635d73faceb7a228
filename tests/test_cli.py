import re
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_study import __version__, cli


def test_the_installed_command_says_its_version():
    command = Path(sys.executable).with_name("mnist-study")
    run = subprocess.run([command, "--version"], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, f"mnist-study {__version__}\n")


@pytest.mark.parametrize("arguments", [[], ["dta"], ["data", "a", "b"]])
def test_a_wrong_call_is_told_what_is_right_and_exits_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert "usage: mnist-study" in capsys.readouterr().err


def test_an_interrupt_is_one_line_and_exits_130(monkeypatch, capsys):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_data", interrupted)
    assert cli.main(["data"]) == 130
    assert capsys.readouterr().err == "mnist-study: interrupted; nothing was left half done\n"


def test_export_page_writes_the_weights_and_says_what_they_cost(tmp_path, capsys):
    assert cli.main(["export-page", str(tmp_path / "pad"), "--models", "softmax"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert re.match(
        r"softmax: 92\.\d\d % \(\d+ of 10 000 wrong\) before, 92\.\d\d % .* with weights of eight bits", told[0]
    )
    assert told[1].startswith(str(tmp_path / "pad" / "weights.js"))
    assert cli.main(["export-page", str(tmp_path), "--models", "cnn_fats"]) == 1
    assert "did you mean 'cnn_fast'?" in capsys.readouterr().err

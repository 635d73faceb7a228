import importlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_study import __version__, cli

COMMAND = Path(sys.executable).with_name("mnist-study")
PLAIN = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def test_the_installed_command_says_its_version():
    run = subprocess.run([COMMAND, "--version"], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, f"mnist-study {__version__}\n")


@pytest.mark.parametrize("arguments", [[], ["dta"], ["data", "a", "b"]])
def test_a_wrong_call_learns_what_is_right_and_exits_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    assert "usage: mnist-study" in capsys.readouterr().err


def test_an_interrupt_is_one_line_and_exits_130(monkeypatch, capsys):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("mnist_study.cli.looking.check_data", interrupted)
    assert cli.main(["data"]) == 130
    assert (
        capsys.readouterr().err
        == "mnist-study: interrupted; no file is half written, and the same command goes on or begins anew\n"
    )


def test_export_page_writes_the_weights_and_says_what_they_cost(tmp_path, capsys):
    assert cli.main(["export-page", str(tmp_path / "pad"), "--models", "softmax"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.match(
        r"softmax: 92\.\d\d % \(\d+ of 10 000 wrong\) before, 92\.\d\d % .* with weights of eight bits", lines[0]
    )
    assert lines[1].startswith(str(tmp_path / "pad" / "weights.js"))
    assert [path.name for path in (tmp_path / "pad").iterdir()] == ["weights.js"]
    assert cli.main(["export-page", str(tmp_path), "--models", "cnn_fats"]) == 1
    assert "did you mean 'cnn_fast'?" in capsys.readouterr().err


def test_a_search_for_wrong_labels_wants_two_folds_and_says_so_in_one_line(capsys):
    assert cli.main(["doubts", "cnn_fast", "--folds", "1"]) == 1
    assert capsys.readouterr().err.startswith("mnist-study: 1 folds: at least 2 are needed")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "/proc/self"], "/proc/self: cannot be written ("),
        (
            ["--record", "--out", "here"],
            "--record: measures on 1000 digits and writes into the package; leave out --out",
        ),
        (["--record", "--digits", "100"], "writes into the package; leave out --digits"),
    ],
)
def test_what_an_examination_cannot_write_is_said_before_anything_is_measured(arguments, words, monkeypatch, capsys):
    module = importlib.import_module("mnist_study.analysis.examination")
    monkeypatch.setattr(module, "analyse", lambda *_, **__: pytest.fail("it was measured"))
    assert cli.main(["analyse", "softmax", *arguments]) == 1
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1


# The ways out: each its exit status, and one line at most


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["runs", "--runs", "none"]])
def test_output_that_nobody_reads_ends_quietly_as_the_shell_counts(arguments, tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([COMMAND, *arguments], stdout=writer, stderr=subprocess.PIPE, cwd=tmp_path, env=PLAIN)
    os.close(writer)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no full device")
@pytest.mark.parametrize("arguments", [["--help"], ["runs", "--runs", "none"]])
def test_output_that_cannot_be_written_is_one_line(arguments, tmp_path):
    command = f"{COMMAND} {' '.join(arguments)} > /dev/full"
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=PLAIN)
    problem = "mnist-study: the output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, problem)


def test_a_path_that_the_terminal_cannot_hold_is_shown_in_escapes(tmp_path):
    folder = os.fsencode(tmp_path) + b"/\xff \xe2\x98\x83"
    strict = os.environ | {"PYTHONIOENCODING": "ascii:strict"}
    done = subprocess.run([COMMAND, "runs", "--runs", folder], env=strict, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert r"no runs in " in done.stdout
    assert r"/\udcff \u2603; make one" in done.stdout


INTERRUPTED_IMPORT = """
import os, signal, sys

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt())
from mnist_study.cli import main
sys.exit(main(["runs"]))
"""


@pytest.mark.parametrize("module", ["mnist_study.data", "numpy", "numpy._core.multiarray", "mnist_study.training"])
def test_an_interrupt_while_modules_load_is_one_line_and_exits_130(module, tmp_path):
    command = [sys.executable, "-c", INTERRUPTED_IMPORT, module]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (130, "")
    assert (
        done.stderr
        == "mnist-study: interrupted; no file is half written, and the same command goes on or begins anew\n"
    )


def test_a_call_leaves_the_handlers_of_signals_and_the_interrupts_of_others_alone(capsys):
    for handler in (signal.default_int_handler, signal.SIG_IGN):
        before = signal.signal(signal.SIGINT, handler)
        try:
            assert cli.main(["runs", "--runs", "none"]) == 0
            assert signal.getsignal(signal.SIGINT) == handler
        finally:
            signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().out.count("no runs in none") == 2


def test_memory_that_does_not_suffice_anywhere_is_one_line(monkeypatch, capsys):
    def filled(_):
        raise MemoryError

    monkeypatch.setattr("mnist_study.cli.looking.show_runs", filled)
    assert cli.main(["runs"]) == 1
    assert capsys.readouterr().err == "mnist-study: out of memory; close other programs, and try again\n"


def test_the_command_is_there_as_a_module_too():
    done = subprocess.run([sys.executable, "-m", "mnist_study", "train", "nosuch"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("mnist-study: ")

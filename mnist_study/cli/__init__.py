"""``mnist-study``: the command line, thin; how it ends, whatever happens.

What a command needs is imported when it runs, so that a start is quick.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = "interrupted; no file is half written, and the same command goes on or begins anew"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 if it did what it says, 1 with one line on stderr if it could not, 2 for a wrong call.

    A training that SIGINT or SIGTERM ended gives 130 or 143, and output that nobody reads 141, as the shell counts.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a path may hold what the terminal's encoding does not
    with _ending_while_modules_load():
        try:
            try:
                return _run(arguments)
            finally:
                if sys.stdout:
                    sys.stdout.flush()  # here its failure can be caught
        except KeyboardInterrupt:
            _complain(INTERRUPTED)
            return 128 + signal.SIGINT
        except MemoryError:
            _complain("out of memory; close other programs, and try again")
            return 1
        except OSError as error:
            _drop_output()
            if isinstance(error, BrokenPipeError):  # the reader of our output, head say, has had enough
                return 128 + signal.SIGPIPE
            _complain(f"{error.filename or 'the output cannot be written'}: {error.strerror or error}")
            return 1


def _run(arguments: Sequence[str] | None) -> int:
    from .parser import command_line

    options = command_line().parse_args(arguments)
    from mnist_study.data import StudyError

    try:
        return options.run(options) or 0
    except StudyError as error:
        _complain(error)
        return 1


def _complain(message: object) -> None:
    """One line on stderr, if that can be written."""
    with contextlib.suppress(OSError, ValueError):
        print(f"mnist-study: {message}", file=sys.stderr, flush=True)


def _drop_output() -> None:
    """Send what is left of stdout nowhere, so that Python does not fail on it once more when it ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # no file of the system, or closed
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@contextlib.contextmanager
def _ending_while_modules_load() -> Iterator[None]:
    """SIGINT ends the process at once where modules are being loaded: an exception would be garbled on its way out.

    Anywhere else it is a KeyboardInterrupt, as ever.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        while frame:
            if frame.f_code.co_filename.startswith("<frozen importlib"):
                _complain(INTERRUPTED)
                os._exit(128 + number)
            frame = frame.f_back
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:  # somebody else's: not ours to change
        yield
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)

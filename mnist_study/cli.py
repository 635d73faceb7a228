"""``mnist-study``: the command line, thin."""

import argparse
import signal
import sys

from mnist_study import __version__


def main(arguments=None):
    """Run one command; 0 if it did what it says, 1 with one line on stderr if it could not, 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="mnist-study", description="A study of handwritten digits.")
    parser.add_argument("--version", action="version", version=f"mnist-study {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", required=True)
    data = commands.add_parser("data", help="check that MNIST is there and right, and download what is not")
    data.add_argument("folder", nargs="?", help="where it is or should be (default: where load_mnist looks)")
    data.add_argument("--mirror", action="append", metavar="URL", help="fetch from here; may be given several times")
    data.set_defaults(run=_data)

    options = parser.parse_args(arguments)
    from mnist_study.data import DataError

    try:
        options.run(options)
    except DataError as error:
        print(f"mnist-study: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("mnist-study: interrupted; nothing was left half done", file=sys.stderr)
        return 128 + signal.SIGINT
    return 0


def _data(options):
    from mnist_study.data import FILES, download
    from mnist_study.data.download import MIRRORS
    from mnist_study.data.mnist import usual_folder

    folder = options.folder or usual_folder()
    fetched = download(folder, options.mirror or MIRRORS)
    for name in FILES:
        print(f"{name}: {'fetched' if name in fetched else 'there'}, SHA-256 right")
    print(f"MNIST is whole in {folder}")

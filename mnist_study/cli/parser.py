"""What can be called: every command, its arguments, and the function that runs it."""

import argparse
from collections.abc import Callable
from pathlib import Path

from mnist_study import __version__

from . import looking, training


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mnist-study", description="A study of handwritten digits.")
    parser.add_argument("--version", action="version", version=f"mnist-study {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", required=True)

    def command(
        name: str,
        run: Callable[[argparse.Namespace], int | None],
        help: str,
        *positional: tuple[str, str],
        runs: bool = False,
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
        for argument, explained in positional:
            added.add_argument(argument, help=explained)
        if runs:
            added.add_argument("--runs", default="runs", metavar="FOLDER", help="the folder of runs (default: runs)")
        added.set_defaults(run=run)
        return added

    data = command("data", looking.check_data, "check that MNIST is there and right, and download what is not")
    data.add_argument("folder", nargs="?", help="where it is or should be (default: where load_mnist looks)")
    data.add_argument("--mirror", action="append", metavar="URL", help="fetch from here; may be given several times")

    inspect = command(
        "inspect", looking.inspect_folder, "look at the digits in a folder of IDX files, as chapter 1 does at MNIST's"
    )
    inspect.add_argument("folder", nargs="?", help="of image and label files (default: where load_mnist looks)")
    inspect.add_argument("--out", default="inspection", metavar="FOLDER", help="where numbers and figures go")

    names = ", ".join(sorted(path.stem for path in Path(__file__).parents[1].joinpath("configs").glob("*.yaml")))
    config = ("config", f"a config by name ({names}), or a YAML file")
    run = ("name", "a run: its path, its name, or its config's name for the newest")
    train = command(
        "train",
        training.train_config,
        "train a network from a config, in a run directory of its own",
        config,
        runs=True,
    )
    train.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a key, such as training.epochs=5"
    )
    command("resume", training.resume_run, "go on with a run that was interrupted", run, runs=True)
    command(
        "evaluate",
        looking.measure,
        "measure a run, or a network, on the test digits",
        ("name", "a run as above; or the name of a model that ships, or a model file (.safetensors, .npz, .pt)"),
        runs=True,
    )
    analysis = command(
        "analyse",
        looking.examine,
        "measure a network as chapter 13 does: damage, changes, other hands, calibration, strangers; with figures",
        ("name", "a run, the name of a model that ships, or a model file"),
        runs=True,
    )
    analysis.add_argument("--out", metavar="FOLDER", help="where numbers and figures go (default: analysis/NAME)")
    analysis.add_argument("--digits", type=int, metavar="N", help="test digits that are corrupted (default: 1000)")
    analysis.add_argument("--record", action="store_true", help="keep the numbers in the package, for the book")
    command("runs", looking.show_runs, "list the runs with their results", runs=True)
    ship = command(
        "ship",
        training.ship_config,
        "train a config over seeds and keep the best as a model of the package",
        config,
        runs=True,
    )
    ship.add_argument("--seeds", type=int, default=5, help="how many, from 0 (default: 5)")
    ship.add_argument("--jobs", type=int, default=1, help="processes of one thread (default: 1, this one, as it is)")
    team = command(
        "ship-together",
        training.ship_team,
        "some networks that ship, chosen on validation, as one whose probabilities are their mean",
        ("name", "of the ensemble"),
    )
    team.add_argument("members", nargs="+", metavar="member", help="networks of PyTorch that ship")
    team.add_argument("--most", type=int, default=5, help="members, at most (default: 5)")
    what = ("name", "a config, by name or as a YAML file; or a sweep of the package, which needs no more")
    sweep = command(
        "sweep", training.sweep_many, "train many: a grid of settings, or random ones, over seeds", what, runs=True
    )
    sweep.add_argument("--grid", nargs="+", default=[], metavar="KEY=VALUES", help="all combinations of these values")
    auto = command(
        "auto",
        training.search_best,
        "search at random, train the best once more, write the network's files",
        config,
        runs=True,
    )
    auto.add_argument("--out", default=".", metavar="FOLDER", help="where the files go (default: here)")
    for many in (sweep, auto):
        many.add_argument(
            "--random",
            nargs="+",
            default=[],
            metavar="COUNT KEY=RANGE",
            help="draws, such as: 8 training.learning_rate=log:1e-4..3e-3 training.l2=log:1e-5..1e-3",
        )
        many.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change a key for all")
        many.add_argument("--seeds", type=int, default=None, help="for each setting, from 0 (default: 1)")
        many.add_argument(
            "--jobs", type=int, default=1, help="processes of one thread (default: 1, this one, as it is)"
        )
        many.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that trains instead")
        many.add_argument("--backend", choices=("processes", "dask"), default=None, help="dask needs --scheduler")
    doubtful = command(
        "doubts",
        looking.search_labels,
        "search the training digits for wrong labels, by networks that have not seen them",
        config,
    )
    doubtful.add_argument("--folds", type=int, default=5, help="how many, each judged by a network of the others")
    doubtful.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change a key of the config")
    doubtful.add_argument("--record", action="store_true", help="keep what is found in the package, for the book")
    page = command(
        "export-page",
        training.write_page,
        "write the networks as the published page's pad carries them",
        ("folder", "where the scripts go; the book's is book/_static/pad"),
    )
    page.add_argument("--models", nargs="+", metavar="NAME", help="shipped models (default: those of the book's page)")
    return parser

"""``mnist-study``: the command line, thin. What a command needs is imported when it runs, so that a start is quick."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_study import __version__

if TYPE_CHECKING:
    import argparse
    from types import FrameType

    from mnist_study.analysis import Confusion
    from mnist_study.training import Interruption, Listener, Run
    from mnist_study.training.summary import Results

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
    options = _parser().parse_args(arguments)
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


def _parser() -> argparse.ArgumentParser:
    import argparse

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

    data = command("data", _data, "check that MNIST is there and right, and download what is not")
    data.add_argument("folder", nargs="?", help="where it is or should be (default: where load_mnist looks)")
    data.add_argument("--mirror", action="append", metavar="URL", help="fetch from here; may be given several times")

    inspect = command("inspect", _inspect, "look at the digits in a folder of IDX files, as chapter 1 does at MNIST's")
    inspect.add_argument("folder", nargs="?", help="of image and label files (default: where load_mnist looks)")
    inspect.add_argument("--out", default="inspection", metavar="FOLDER", help="where numbers and figures go")

    names = ", ".join(sorted(path.stem for path in Path(__file__).with_name("configs").glob("*.yaml")))
    config = ("config", f"a config by name ({names}), or a YAML file")
    run = ("name", "a run: its path, its name, or its config's name for the newest")
    training = command(
        "train", _train, "train a network from a config, in a run directory of its own", config, runs=True
    )
    training.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a key, such as training.epochs=5"
    )
    command("resume", _resume, "go on with a run that was interrupted", run, runs=True)
    command(
        "evaluate",
        _evaluate,
        "measure a run, or a network, on the test digits",
        ("name", "a run as above; or the name of a model that ships, or a model file (.safetensors, .npz, .pt)"),
        runs=True,
    )
    analysis = command(
        "analyse",
        _analyse,
        "measure a network as chapters 10 to 13 do: corruptions, other hands, calibration, strangers; with figures",
        ("name", "a run, the name of a model that ships, or a model file"),
        runs=True,
    )
    analysis.add_argument("--out", metavar="FOLDER", help="where numbers and figures go (default: analysis/NAME)")
    analysis.add_argument("--digits", type=int, metavar="N", help="test digits that are corrupted (default: 1000)")
    analysis.add_argument("--record", action="store_true", help="keep the numbers in the package, for the book")
    command("runs", _runs, "list the runs with their results", runs=True)
    ship = command(
        "ship", _ship, "train a config over seeds and keep the best as a model of the package", config, runs=True
    )
    ship.add_argument("--seeds", type=int, default=5, help="how many, from 0 (default: 5)")
    ship.add_argument("--jobs", type=int, default=1, help="processes of one thread (default: 1, this one, as it is)")
    team = command(
        "ship-together",
        _ship_together,
        "some networks that ship, chosen on validation, as one whose probabilities are their mean",
        ("name", "of the ensemble"),
    )
    team.add_argument("members", nargs="+", metavar="member", help="networks of PyTorch that ship")
    team.add_argument("--most", type=int, default=5, help="members, at most (default: 5)")
    what = ("name", "a config, by name or as a YAML file; or a sweep of the package, which needs no more")
    sweep = command("sweep", _sweep, "train many: a grid of settings, or random ones, over seeds", what, runs=True)
    sweep.add_argument("--grid", nargs="+", default=[], metavar="KEY=VALUES", help="all combinations of these values")
    auto = command(
        "auto", _auto, "search at random, train the best once more, write the network's files", config, runs=True
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
        "doubts", _doubts, "search the training digits for wrong labels, by networks that have not seen them", config
    )
    doubtful.add_argument("--folds", type=int, default=5, help="how many, each judged by a network of the others")
    doubtful.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change a key of the config")
    doubtful.add_argument("--record", action="store_true", help="keep what is found in the package, for the book")
    page = command(
        "export-page",
        _export_page,
        "write the networks as the published page's pad carries them",
        ("folder", "where the scripts go; the book's is book/_static/pad"),
    )
    page.add_argument("--models", nargs="+", metavar="NAME", help="shipped models (default: those of the book's page)")
    return parser


def _data(options: argparse.Namespace) -> None:
    from mnist_study.data import FILES, download
    from mnist_study.data.download import MIRRORS
    from mnist_study.data.mnist import usual_folder

    folder = options.folder or usual_folder()
    fetched = download(folder, options.mirror or MIRRORS)
    for name in FILES:
        print(f"{name}: {'fetched' if name in fetched else 'there'}, SHA-256 right")
    print(f"MNIST is whole in {folder}")


def _inspect(options: argparse.Namespace) -> None:
    """A line for each split; ``statistics.json`` and the figures go into a folder."""
    import json

    from mnist_study.data import load_folder
    from mnist_study.data.files import write_atomically
    from mnist_study.data.mnist import usual_folder
    from mnist_study.plots.report import inspection, statistics

    splits = load_folder(options.folder or usual_folder())
    numbers, folder = statistics(splits), Path(options.out)
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "statistics.json", json.dumps(numbers, indent=1) + "\n")
        for name, drawing in inspection(splits):
            write_atomically(folder / f"{name}.png", drawing.png())
    for name in splits:
        split = numbers[name]
        occur = [count for count in split["labels"] if count]
        classes, rarest, commonest = len(occur), min(occur, default=0), max(occur, default=0)
        print(
            f"{name}: {split['digits']:,} images of {' x '.join(map(str, split['shape']))} pixels, "
            f"{classes} of {len(split['labels'])} classes occur, {rarest:,} to {commonest:,} times; "
            f"grey values {split['pixels']['mean']:.1f} ± {split['pixels']['std']:.1f}, "
            f"{split['pixels']['background']:.0%} paper; {split['blank']:,} blank"
        )
    if "repeated" in numbers:
        print(f"{numbers['repeated']:,} images repeat another one")
    print(f"numbers and figures: {folder}")


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """What the system refuses while files go into a folder of ``--out``, in one line."""
    from mnist_study.data.files import StudyError, os_problem

    try:
        yield
    except (OSError, ValueError) as error:
        raise StudyError(f"{folder}: cannot be written ({os_problem(error)}); name another with --out") from None


def _analyse(options: argparse.Namespace) -> None:
    """What became of a network, in lines; ``examination.json`` and the figures go into a folder."""
    import json

    from tqdm.auto import tqdm

    from mnist_study.analysis import refusal
    from mnist_study.analysis.examination import DIGITS, RECORDS, analyse, check_digits, check_reader, record
    from mnist_study.data import MNIST, StudyError
    from mnist_study.data.files import pack_npz, write_atomically
    from mnist_study.models import load_model, model_names
    from mnist_study.plots.report import examination
    from mnist_study.training.runs import Run, find_network
    from mnist_study.training.shipping import require_checkout

    name = options.name
    if options.record:
        require_checkout(RECORDS)
        if name not in model_names():
            raise StudyError(f"--record: keeps what is measured of networks that ship, and {name} is none")
    network = load_model(name) if options.record else find_network(name, options.runs)
    model = network.model if isinstance(network, Run) else network
    out = RECORDS if options.record else Path(options.out or Path("analysis") / Path(name).name)
    test = MNIST.load().test
    digits = DIGITS if options.digits is None else options.digits
    check_digits(digits, test)
    check_reader(model, test.images[:2])
    with _writing(out):
        out.mkdir(parents=True, exist_ok=True)  # before a minute's work, which would be lost
    found = analyse(model, digits, progress=lambda steps, count: tqdm(steps, total=count))
    with _writing(out):
        if options.record:
            write_atomically(out / f"{name}.json", record(name, found))
            write_atomically(out / f"{name}.npz", pack_npz(refusal(model).arrays()))
        else:
            write_atomically(out / "examination.json", json.dumps(found.to_json(), indent=1) + "\n")
            for figure, drawing in examination(Path(name).name, found, model.predict_proba(test.images), test):
                write_atomically(out / f"{figure}.png", drawing.png())
    worst, errors = found.worst_corruption
    print(
        f"test digits: {found.test}; {found.refused_for_no_error:.1%} of them refused for no error\n"
        f"calibration: {100 * found.calibration_error:.2f} points, temperature {found.temperature:.2f}\n"
        f"other hands: {found.other_hands}; held out of all training: styles {found.unseen_styles}, "
        f"typefaces {found.typefaces}\n"
        f"MNIST-C's kinds: {found.corruption_error:.1%} misread on average; worst: {worst}, {errors}\n"
        f"no digit: {found.best_score} tells strangers best, AUROC {found.rejection[found.best_score].mean:.3f}\n"
        f"numbers{'' if options.record else ' and figures'}: {out}"
    )


def _train(options: argparse.Namespace) -> int:
    from mnist_study.training import load_config, train

    config = load_config(options.config, options.set)
    return _until_stopped(lambda listeners: train(config, options.runs, listeners=listeners))


def _resume(options: argparse.Namespace) -> int:
    from mnist_study.training import resume

    return _until_stopped(lambda listeners: resume(options.name, options.runs, listeners=listeners))


def _until_stopped(work: Callable[[Sequence[Listener]], Run]) -> int:
    """Let ``work`` train, and say how it went; the first SIGINT or SIGTERM ends it after the batch."""
    from mnist_study.training import Interruption

    interruption = Interruption()
    with _listening_to_signals(interruption) as caught:
        run = work([interruption])
    if metrics := run.metrics:
        print(
            f"{run.directory}: epoch {metrics['best_epoch']} of {metrics['epochs']} is kept: "
            f"validation accuracy {metrics['validation_accuracy']:.2%}, loss {metrics['validation_loss']:.4f}; "
            f"{metrics['seconds']:.1f} s of training"
        )
    if run.status != "interrupted" or interruption.stop is None:
        return 0
    print(f"{interruption.stop.message}; all is saved; go on with: {run.resume_command}")
    return 128 + caught[0]


@contextlib.contextmanager
def _listening_to_signals(interruption: Interruption) -> Iterator[list[int]]:
    """Hand the first SIGINT or SIGTERM to ``interruption``; a second one ends the process at once.

    Python calls its signal handlers between two steps of the main thread, which may be deep in a long matrix product; a
    thread that is woken at once listens instead. Yields the list of signals that were caught.
    """
    import threading

    caught: list[int] = []
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def listen() -> None:
        if first := os.read(reader, 1):
            caught.append(first[0])
            interruption.request(signal.Signals(first[0]).name)
            if second := os.read(reader, 1):
                os._exit(128 + second[0])

    handlers = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.set_wakeup_fd(writer)
    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    try:
        yield caught
    finally:
        signal.set_wakeup_fd(-1)
        os.close(writer)  # which ends the listening
        listening.join()
        os.close(reader)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _evaluate(options: argparse.Namespace) -> None:
    from mnist_study.data import place_names
    from mnist_study.training import evaluated

    where, measured, confusions = evaluated(options.name, options.runs)
    print(f"{where}: test accuracy {measured}")
    places = confusions.by_place
    if len(places) > 1:
        print(_worst(confusions, 10))
    for name, place in zip(place_names(len(places)), places, strict=True):
        print(f"\n{name:>5}  precision  recall")
        for digit, precision, recall in zip(place.classes, place.precision, place.recall, strict=True):
            print(f"{digit:>5}  {precision:9.2%}  {recall:6.2%}")


def _worst(confusions: Confusion, count: int) -> str:
    """What a person wants to know of very many classes: in which place the errors are, and which are the worst."""
    from mnist_study.data import place_names

    places, classes = confusions.by_place, confusions.classes
    wrong = ", ".join(
        f"{place.errors} in the {name}" for name, place in zip(place_names(len(places)), places, strict=True)
    )
    lines = [f"wrong: {wrong}, {confusions.all_places_wrong} of these in both", ""]
    lines += [f"the worst {count} of {len(classes)}", "class  precision  recall  mostly read as"]
    for label in confusions.worst(count):
        other = confusions.mostly_read_as(label)
        shares = f"{confusions.precision[label]:9.2%}  {confusions.recall[label]:6.2%}"
        lines.append(f"{classes[label]:>5}  {shares}  {f'{classes[other[0]]}, {other[1]} times' if other else '-'}")
    return "\n".join(lines)


def _runs(options: argparse.Namespace) -> None:
    import shlex

    from mnist_study.data import StudyError
    from mnist_study.training import list_runs

    runs = [(_printable(run.name), run) for run in list_runs(options.runs)]
    if not runs:
        where = shlex.quote(options.runs)
        print(f"no runs in {options.runs}; make one with: mnist-study train fc --runs {where}")
        return
    width = max(len(name) for name, _ in runs)
    print(f"{'run':{width}}  status       epochs  validation  test      seconds")
    for name, run in runs:
        try:
            print(f"{name:{width}}  {_results(run)}")
        except StudyError as error:
            print(f"{name:{width}}  damaged      {_printable(str(error))}")


def _results(run: Run) -> str:
    run.check()
    status, metrics, history = run.status, run.metrics, run.history
    validation, test = (
        f"{metrics[name]:.2%}" if name in metrics else "-" for name in ("validation_accuracy", "test_accuracy")
    )
    epochs = history.epochs[-1].epoch if history.epochs else 0
    return f"{status:11}  {epochs:6}  {validation:10}  {test:7}  {history.seconds:8.1f}"


def _printable(text: str) -> str:
    """On one line, and without codes that a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def _ship(options: argparse.Namespace) -> None:
    from mnist_study.training.shipping import ship

    print(ship(options.config, options.seeds, options.runs, options.jobs))


def _ship_together(options: argparse.Namespace) -> None:
    from mnist_study.training.shipping import ship_together

    print(ship_together(options.name, options.members, options.most))


def _sweep(options: argparse.Namespace) -> int:
    from mnist_study.data import StudyError
    from mnist_study.data.files import did_you_mean
    from mnist_study.training import config_names, grid, run_sweep, sweep_names
    from mnist_study.training.auto import sweep_settings

    _check_backend(options)
    known = [*config_names(), *sweep_names()]
    if options.name not in known and not os.path.lexists(options.name):
        hint = did_you_mean(options.name, known)
        raise StudyError(f"no config and no sweep {options.name!r}{hint}; there are {', '.join(known)}, and YAML files")
    if options.name in sweep_names():
        given = [f"--{name}" for name in ("grid", "random", "set") if getattr(options, name)]
        given += ["--seeds"] * (options.seeds is not None) + ["--runs"] * (options.runs != "runs")
        if given:
            raise StudyError(f"{options.name}: is a sweep of the package, whose file says all; leave out {given[0]}")
        record = run_sweep(options.name, options.jobs, scheduler=options.scheduler)
        for variant in record.variants:
            reads = record.last(variant, "validation_accuracy")
            spread = f"({len(reads)} seeds, {reads.min():.2%} to {reads.max():.2%})"
            print(f"{variant:16}  validation {reads.mean():.2%} {spread}")
        print(f"{record.seconds:.0f} s of training in all")
        return 0
    settings = _draws(options) if options.random else grid(options.grid)
    results = sweep_settings(
        options.name,
        settings,
        _seeds(options),
        options.runs,
        changes=options.set,
        jobs=options.jobs,
        scheduler=options.scheduler,
    )
    return _summarise(options, results)


def _auto(options: argparse.Namespace) -> int:
    from mnist_study.training.auto import RANGES, auto, sweep_settings

    _check_backend(options)
    options.random = options.random or ["8"]
    if len(options.random) == 1:
        options.random += RANGES
    chosen = {"changes": options.set, "jobs": options.jobs, "scheduler": options.scheduler}
    results = sweep_settings(options.config, _draws(options), _seeds(options), options.runs, **chosen)
    _summarise(options, results)
    print("\n".join(["", *auto(results, options.config, options.set, options.runs, options.out)]))
    return 0


def _seeds(options: argparse.Namespace) -> int:
    return 1 if options.seeds is None else options.seeds


def _check_backend(options: argparse.Namespace) -> None:
    from mnist_study.data import StudyError

    if options.backend == "dask" and not options.scheduler:
        raise StudyError("--backend dask: name the scheduler, too, such as --scheduler tcp://127.0.0.1:8786")
    if options.backend == "processes" and options.scheduler:
        raise StudyError("--scheduler is for --backend dask; leave one of them out")


def _draws(options: argparse.Namespace) -> Sequence[tuple[str, ...]]:
    from mnist_study.data import StudyError
    from mnist_study.training.search import draws

    count, *ranges = options.random
    if getattr(options, "grid", None):
        raise StudyError("--grid and --random: one of them decides which settings are trained")
    if not count.lstrip("-").isdigit():
        raise StudyError(f"--random {count}: says first how many draws, such as: --random 8 {count}")
    return draws(int(count), ranges)


def _summarise(options: argparse.Namespace, results: Results) -> int:
    """The table, and the CSV beside the runs; 1 if a training failed."""
    from mnist_study.training.summary import table, write_summary

    path = write_summary(results, options.runs)
    print(f"{table(results)}\n\n{path}: a row for each run")
    return int(any(trained.run is None for runs in results.values() for trained in runs))


def _doubts(options: argparse.Namespace) -> None:
    from mnist_study.training import search_doubts

    record = search_doubts(options.config, options.folds, options.set, options.record)
    print(f"{record.errors} of {record.digits:,} digits read wrongly out of fold; {record.suspected} labels suspected")
    for index, label, guess, for_label, for_guess in record.doubts[:10]:
        print(f"digit {index:5}: label {label} ({for_label:.2%}), read as {guess} ({for_guess:.2%})")


def _export_page(options: argparse.Namespace) -> None:
    from mnist_study.drawing.export import export_page

    print("\n".join(export_page(options.folder, options.models)))


if __name__ == "__main__":
    sys.exit(main())

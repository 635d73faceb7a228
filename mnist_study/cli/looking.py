"""The commands that look: at data, at a network, at runs, at labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from mnist_study.analysis import Confusion
    from mnist_study.training import Run


def check_data(options: argparse.Namespace) -> None:
    from mnist_study.data import FILES, download
    from mnist_study.data.download import MIRRORS
    from mnist_study.data.mnist import usual_folder

    folder = options.folder or usual_folder()
    fetched = download(folder, options.mirror or MIRRORS)
    for name in FILES:
        print(f"{name}: {'fetched' if name in fetched else 'there'}, SHA-256 right")
    print(f"MNIST is whole in {folder}")


def inspect_folder(options: argparse.Namespace) -> None:
    """A line for each split; ``statistics.json`` and the figures go into a folder."""
    import json

    from mnist_study.data import load_folder
    from mnist_study.data.files import check_folder, write_atomically, writing
    from mnist_study.data.mnist import usual_folder
    from mnist_study.plots.report import inspection, statistics

    splits, folder = load_folder(options.folder or usual_folder()), Path(options.out)
    check_folder(folder)
    numbers = statistics(splits)
    with writing(folder):
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


def examine(options: argparse.Namespace) -> None:
    """What became of a network, in lines; ``examination.json`` and the figures go into a folder."""
    import json

    from tqdm.auto import tqdm

    from mnist_study.analysis import refusal
    from mnist_study.analysis.examination import DIGITS, RECORDS, analyse, check_digits, check_reader, record
    from mnist_study.data import MNIST, StudyError
    from mnist_study.data.checkout import require_checkout
    from mnist_study.data.files import check_folder, pack_npz, write_atomically, writing
    from mnist_study.models import load_model, model_names
    from mnist_study.plots.report import examination
    from mnist_study.training.runs import Run, find_network

    name = options.name
    if options.record:
        require_checkout(RECORDS)
        if given := [f"--{each}" for each in ("out", "digits") if getattr(options, each) is not None]:
            raise StudyError(f"--record: measures on {DIGITS} digits and writes into the package; leave out {given[0]}")
        if name not in model_names():
            raise StudyError(f"--record: keeps what is measured of networks that ship, and {name} is none")
    network = load_model(name) if options.record else find_network(name, options.runs)
    model = network.model if isinstance(network, Run) else network
    out = RECORDS if options.record else Path(options.out or Path("analysis") / Path(name).name)
    test = MNIST.load().test
    digits = DIGITS if options.digits is None else options.digits
    check_digits(digits, test)
    check_reader(model, test.images[:2])
    check_folder(out)
    found = analyse(model, digits, progress=lambda steps, count: tqdm(steps, total=count))
    with writing(out):
        if options.record:
            write_atomically(out / f"{name}.json", record(name, found))
            told = {score: each.mean for score, each in found.rejection.items()}
            write_atomically(out / f"{name}.npz", pack_npz(refusal(model, told).arrays()))
        else:
            write_atomically(out / "examination.json", json.dumps(found.to_json(), indent=1) + "\n")
            for figure, drawing in examination(Path(name).name, found, model.predict_proba(test.images), test):
                write_atomically(out / f"{figure}.png", drawing.png())
    worst, errors = found.worst_corruption
    print(
        f"test digits: {found.test}; to refuse all errors, {found.refused_for_no_error:.1%} must be refused\n"
        f"calibration: {100 * found.calibration_error:.2f} points, temperature {found.temperature:.2f}\n"
        f"other hands: {found.other_hands}; held out of all training: styles {found.unseen_styles}, "
        f"typefaces {found.typefaces}\n"
        f"MNIST-C's kinds: {found.corruption_error:.1%} misread on average; worst: {worst}, {errors}\n"
        f"no digit: {found.best_score} tells strangers best, AUROC {found.rejection[found.best_score].mean:.3f}\n"
        f"numbers{'' if options.record else ' and figures'}: {out}"
    )


def measure(options: argparse.Namespace) -> None:
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


def show_runs(options: argparse.Namespace) -> None:
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


def search_labels(options: argparse.Namespace) -> None:
    from mnist_study.training import search_doubts

    record = search_doubts(options.config, options.folds, options.set, options.record)
    print(f"{record.errors} of {record.digits:,} digits read wrongly out of fold; {record.suspected} labels suspected")
    for index, label, guess, for_label, for_guess in record.doubts[:10]:
        print(f"digit {index:5}: label {label} ({for_label:.2%}), read as {guess} ({for_guess:.2%})")

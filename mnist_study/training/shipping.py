"""How a network comes to ship with the package: trained over seeds, chosen on validation, recorded."""

import json
from datetime import date

from mnist_study.analysis import Accuracy
from mnist_study.data.files import StudyError, os_problem, write_atomically
from mnist_study.models import model_record
from mnist_study.models.store import SHIPPED, read_about

from .config_files import load_config
from .runs import RUNS
from .trainer import train


def ship(name, seeds=5, runs=RUNS):
    """Train the config ``name`` with the seeds 0, 1, …; keep the one that reads validation best, and a record of all.

    The weights go to ``mnist_study/weights/NAME.safetensors``, the record to ``NAME.json`` beside them. The test digits
    are looked at once everything is chosen, with every seed, and choose nothing.

    Returns
    -------
    str, one line that tells what was kept
    """
    if seeds < 1:
        raise StudyError(f"--seeds {seeds}: at least one is needed")
    config = load_config(name)
    trained = [train(config.model_copy(update={"seed": seed}), runs) for seed in range(seeds)]
    kept = max(trained, key=lambda run: (run.metrics["validation_accuracy"], -run.metrics["validation_loss"]))
    for run in trained:
        run.evaluate()
    about = read_about(kept.best_path)
    record = {
        "name": config.name,
        "command": f"mnist-study ship {name} --seeds {seeds}",
        "date": date.today().isoformat(),
        "seed": kept.config.seed,
        "metrics": kept.metrics,
        "seeds": [{"seed": run.config.seed, **run.metrics} for run in trained],
        **{key: about[key] for key in ("config", "versions", "machine", "data")},
        "history": kept.history.to_csv().splitlines(),
    }
    try:
        write_atomically(SHIPPED / f"{config.name}.safetensors", kept.best_path.read_bytes())
        write_atomically(SHIPPED / f"{config.name}.json", json.dumps(record, indent=1) + "\n")
    except OSError as error:
        raise StudyError(f"{SHIPPED}: cannot be written ({os_problem(error)}); the runs are kept in {runs}") from None
    accuracies = [run.metrics["test_accuracy"] for run in trained]
    return f"{config.name}: kept seed {kept.config.seed}; test accuracy of all: " + ", ".join(
        f"{a:.2%}" for a in accuracies
    )


def recorded(name):
    """What each seed of a shipped network read of the 10 000 test digits: list of Accuracy, by seed."""
    return [Accuracy(run["test_errors"], 10_000) for run in model_record(name)["seeds"]]

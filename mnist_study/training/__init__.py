"""One training loop; what it drives (engines), follows (schedules) and tells (listeners); configs and runs."""

from .config import Config, ConfigError, check_batches
from .config_files import config_names, dump_config, load_config, parse_config
from .doubts import DoubtsRecord, doubts_record, out_of_fold, search_doubts
from .engines import Engine, NumPyEngine
from .estimators import MLPClassifier, SoftmaxRegression
from .history import Epoch, History, Stop
from .listeners import EarlyStopping, Interruption, Listener, Progress
from .loop import evaluate, fit
from .optimizers import OPTIMIZERS, Adam, AdamW, GradientDescent, Momentum
from .plans import RunRecord, Sweep, run_sweep, sweep_names, sweep_record
from .runs import Run, RunError, evaluated, find_run, list_runs
from .schedules import SCHEDULES, constant, cosine, exponential, one_cycle, step_decay
from .search import draws, grid
from .shipping import recorded
from .stacked import fit_stacked
from .sweep import Trained, sweep
from .trainer import fit_options, make_engine, resume, train

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "Adam",
    "AdamW",
    "Config",
    "ConfigError",
    "DoubtsRecord",
    "EarlyStopping",
    "Engine",
    "Epoch",
    "GradientDescent",
    "History",
    "Interruption",
    "Listener",
    "MLPClassifier",
    "Momentum",
    "NumPyEngine",
    "Progress",
    "Run",
    "RunError",
    "RunRecord",
    "SoftmaxRegression",
    "Stop",
    "Sweep",
    "Trained",
    "check_batches",
    "config_names",
    "constant",
    "cosine",
    "doubts_record",
    "draws",
    "dump_config",
    "evaluate",
    "evaluated",
    "exponential",
    "find_run",
    "fit",
    "fit_options",
    "fit_stacked",
    "grid",
    "list_runs",
    "load_config",
    "make_engine",
    "one_cycle",
    "out_of_fold",
    "parse_config",
    "recorded",
    "resume",
    "run_sweep",
    "search_doubts",
    "step_decay",
    "sweep",
    "sweep_names",
    "sweep_record",
    "train",
]

"""The networks from scratch as scikit-learn estimators: a thin face over the training loop that writes nothing."""

import copy
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral, Real
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions  # not public: pyproject.toml bounds the version
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from mnist_study.data import Digits
from mnist_study.models import Dense, Network, Penalty, mlp

from .engines import NumPyEngine
from .listeners import EarlyStopping, Progress
from .loop import fit
from .optimizers import Adam, GradientDescent, Momentum
from .schedules import SCHEDULES

POSITIVE = [Interval(Real, 0, None, closed="neither")]
NOT_NEGATIVE = [Interval(Real, 0, None, closed="left")]
COUNT = [Interval(Integral, 1, None, closed="left")]
SHARE = [Interval(Real, 0, 1, closed="left")]


class _LoopClassifier(ClassifierMixin, BaseEstimator):
    """What the two estimators share: labels to classes and back, and one call of the training loop."""

    engine_: NumPyEngine
    _parameter_constraints = {  # noqa: RUF012 - scikit-learn's own protocol
        "alpha": NOT_NEGATIVE,
        "learning_rate": [StrOptions(set(SCHEDULES))],
        "learning_rate_init": POSITIVE,
        "max_iter": COUNT,
        "random_state": ["random_state"],
        "tol": NOT_NEGATIVE,
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": SHARE,
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": COUNT,
    }

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train on X ``(N, features)``, dense, and labels y ``(N,)``; a training that fails changes nothing."""
        with self._all_or_nothing():
            return self._fit(X, y)

    def partial_fit(self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None) -> Self:
        """One more pass over X and y; the first call names all ``classes`` that will ever come."""
        with self._all_or_nothing():
            return self._partial_fit(X, y, classes)

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        before = dict(self.__dict__)
        if "engine_" in before:  # warm starts and further passes train its network where it lies
            before["engine_"] = copy.deepcopy(self.engine_)
        try:
            yield
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    def _fit(self, X, y):
        self._validate_params()
        goes_on = self.warm_start and hasattr(self, "engine_")
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32), reset=not goes_on)
        check_classification_targets(y)
        classes = unique_labels(y)
        if not goes_on:
            self._start(X, classes)
        elif np.array_equal(classes, self.classes_):
            self.engine_ = NumPyEngine(self.engine_.network, self._optimizer())
        else:
            raise ValueError(f"warm_start needs the classes of the first call, {self.classes_}; y has {classes}")

        digits, held_out = Digits(X, np.searchsorted(self.classes_, y)), None
        if self.early_stopping:
            kept, left_out = train_test_split(
                np.arange(len(X)),
                test_size=self.validation_fraction,
                random_state=self._seed,
                stratify=digits.labels,
            )
            digits, held_out = digits[kept], digits[left_out]
        watched = "validation_loss" if self.early_stopping else "train_loss"
        patience = self.n_iter_no_change + 1  # scikit-learn stops when more than so many epochs did not improve
        stopping = EarlyStopping(patience, self.tol, watched, restore=self.early_stopping)
        history = self._train(digits, held_out, self.max_iter, [stopping])
        if self.early_stopping:
            self.loss_ = float(history["train_loss"][stopping.best_epoch - 1])
            self.validation_scores_ = history["validation_accuracy"].tolist()
            self.best_validation_score_ = self.validation_scores_[stopping.best_epoch - 1]
        problem = ""
        if history[watched][-1] > history.batch_losses[0]:
            problem = f"{watched} rose instead of falling; try a lower learning_rate_init"
        elif history.stopped_by is None and self.learning_rate == "constant":
            problem = f"{watched} still fell after max_iter={self.max_iter} epochs"
        if problem:
            warnings.warn(problem, ConvergenceWarning, stacklevel=3)
        return self

    def _partial_fit(self, X, y, classes):
        self._validate_params()
        if self.early_stopping or self.learning_rate != "constant":
            raise ValueError("partial_fit knows no end: it needs early_stopping=False and learning_rate='constant'")
        first = not hasattr(self, "engine_")
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32), reset=first)
        if first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit")
        if not first and classes is not None and not np.array_equal(unique_labels(classes), self.classes_):
            raise ValueError(f"classes={classes} is not the same as on last call to partial_fit: {self.classes_}")
        known = unique_labels(classes) if first else self.classes_
        unknown = np.setdiff1d(y, known)
        if unknown.size:
            raise ValueError(f"y has classes {unknown} that the first call of partial_fit did not name")
        if first:
            self._start(X, known)
        self._train(Digits(X, np.searchsorted(self.classes_, y)), None, 1, [])
        return self

    def predict_log_proba(self, X: ArrayLike) -> np.ndarray:
        """The logarithms of ``predict_proba``."""
        return np.log(self.predict_proba(X))

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Probabilities ``(N, classes)``, in the order of ``classes_``."""
        check_is_fitted(self)
        images = np.asarray(validate_data(self, X, dtype=(np.float64, np.float32), reset=False))
        return self.engine_.network.predict_proba(images)

    def predict(self, X: ArrayLike) -> np.ndarray:
        """The most probable class of each row of X."""
        index = self.predict_proba(X).argmax(axis=1)
        return self.classes_[index]

    def _start(self, X, classes):
        if len(classes) < 2:
            raise ValueError(f"at least two classes are needed to classify, and y holds one class: {classes}")
        rng = check_random_state(self.random_state)
        self._seed = int(rng.randint(2**31))
        self.classes_, self.n_outputs_, self.out_activation_ = classes, len(classes), "softmax"
        self.epochs_, self.t_, self.loss_curve_ = 0, 0, []
        self.validation_scores_ = self.best_validation_score_ = None
        network = self._network((X.shape[1], len(classes)), np.random.default_rng(self._seed), X.dtype)
        self.engine_ = NumPyEngine(network, self._optimizer())

    def _train(self, digits, held_out, epochs, listeners):
        batch_size = self._batch_size(len(digits))
        self.engine_.penalty = Penalty(l2=self.alpha / batch_size)  # scikit-learn divides alpha by the batch size
        if self.verbose:
            listeners = [*listeners, Progress(type(self).__name__)]
        self.history_ = history = fit(
            self.engine_,
            digits,
            held_out,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=self.learning_rate_init,
            schedule=self.learning_rate,
            seed=self._seed + self.epochs_,
            shuffle=getattr(self, "shuffle", False),
            listeners=listeners,
        )
        self.engine_.network.forget()
        self.n_iter_ = len(history.epochs)
        self.epochs_ += self.n_iter_
        self.t_ += self.n_iter_ * len(digits)  # samples seen, as scikit-learn counts
        self.loss_curve_ = [*self.loss_curve_, *history["train_loss"].tolist()]
        self.loss_, self.best_loss_ = self.loss_curve_[-1], min(self.loss_curve_)
        return history

    @property
    def coefs_(self) -> list[np.ndarray]:
        """The weight matrices, downwards."""
        return [weight for name, weight, _ in self.engine_.network.tensors() if name[0] == "W"]

    @property
    def n_layers_(self) -> int:
        """Layers of units, the input among them."""
        return len(self.coefs_) + 1

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """The biases, downwards."""
        return [bias for name, bias, _ in self.engine_.network.tensors() if name[0] == "b"]


class SoftmaxRegression(_LoopClassifier):
    """One linear layer and a softmax, trained by full-batch gradient descent.

    The parameters carry scikit-learn's names and, where it has them, its meaning; those that are not listed here do not
    apply to a full batch. Features should be of the order of 1: divide grey values by 255.

    Parameters
    ----------
    alpha : strength of the L2 penalty; it is divided by the number of samples
    learning_rate : the name of a schedule of the study: "constant", "one_cycle", "cosine", "exponential" or "step"
    learning_rate_init : per update, the peak of the schedule
    max_iter : updates, each over all samples
    momentum : 0 is plain gradient descent
    tol, n_iter_no_change : stop after so many updates in which the loss fell by less than ``tol``
    early_stopping, validation_fraction : watch the loss on held-out samples instead
    random_state, verbose, warm_start : as in scikit-learn
    """

    def __init__(
        self,
        *,
        alpha: float = 0.0001,
        learning_rate: str = "constant",
        learning_rate_init: float = 0.1,
        max_iter: int = 1000,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-5,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
    ) -> None:
        self.alpha = alpha
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change

    def _network(self, sizes, rng, dtype):
        features, classes = sizes
        return Network([Dense(features, classes, "zeros")], rng, dtype=dtype)

    def _optimizer(self):
        return Momentum(self.momentum) if self.momentum else GradientDescent()

    def _batch_size(self, samples):
        return samples


class MLPClassifier(_LoopClassifier):
    """A fully connected ReLU network with the interface of ``sklearn.neural_network.MLPClassifier``.

    The parameters carry scikit-learn's names, defaults and meaning, with these differences: there is no
    ``sample_weight`` and X is dense; ``activation`` is always "relu" and ``solver`` "adam" or "sgd"; ``learning_rate``
    names a schedule of the study, "constant", "one_cycle", "cosine", "exponential" or "step", so that ``power_t`` and
    ``max_fun``, which belong to other choices, are accepted and do nothing; early stopping watches the loss on the
    held-out samples, not the accuracy; losses are measured after each epoch and without the penalty; weights start
    after He, not Glorot.
    """

    _parameter_constraints = {  # noqa: RUF012
        **_LoopClassifier._parameter_constraints,
        "hidden_layer_sizes": ["array-like", *COUNT],
        "activation": [StrOptions({"relu"})],
        "solver": [StrOptions({"adam", "sgd"})],
        "batch_size": [StrOptions({"auto"}), *COUNT],
        "shuffle": ["boolean"],
        "nesterovs_momentum": ["boolean"],
        "beta_1": SHARE,
        "beta_2": SHARE,
        "epsilon": POSITIVE,
        "power_t": NOT_NEGATIVE,
        "max_fun": COUNT,
    }

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: int = 10,
        max_fun: int = 15000,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.power_t = power_t
        self.max_fun = max_fun

    def _network(self, sizes, rng, dtype):
        given = self.hidden_layer_sizes
        hidden = [given] if isinstance(given, int | np.integer) else list(given)
        if not all(isinstance(size, int | np.integer) and not isinstance(size, bool) and size >= 1 for size in hidden):
            raise ValueError(f"hidden_layer_sizes must be whole numbers of at least 1, not {given!r}")
        return mlp((sizes[0], *map(int, hidden), sizes[1]), rng, dtype=dtype)

    def _optimizer(self):
        if self.solver == "sgd":
            return Momentum(self.momentum, self.nesterovs_momentum)
        return Adam(self.beta_1, self.beta_2, self.epsilon)

    def _batch_size(self, samples):
        return min(200, samples) if self.batch_size == "auto" else min(self.batch_size, samples)

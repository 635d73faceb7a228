import pickle
import warnings

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as SklearnMLP
from sklearn.utils.estimator_checks import check_estimator

import mnist_study as ms
from mnist_study.training import Momentum

ESTIMATORS = [ms.SoftmaxRegression, ms.MLPClassifier]


@pytest.fixture(scope="module")
def digits(mnist):
    """2 000 digits to learn from and 1 000 to be asked for, in units of 1."""
    train, test = mnist.train[:2000], mnist.validation[:1000]
    return [part.images.reshape(len(part), -1) / np.float32(255) for part in (train, test)] + [
        train.labels,
        test.labels,
    ]


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_check_of_scikit_learn_passes(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the checks provoke some on purpose
        results = check_estimator(estimator(), on_fail=None, on_skip=None)
    assert len(results) > 50
    assert {result["check_name"] for result in results if result["status"] != "passed"} == {"check_array_api_input"}
    assert not any(result["expected_to_fail"] for result in results)


def test_the_mlp_reads_as_well_as_scikit_learns(digits):
    X, X_test, y, y_test = digits
    settings = {
        "hidden_layer_sizes": (64,),
        "batch_size": 50,
        "learning_rate_init": 0.002,
        "alpha": 1e-3,
        "max_iter": 40,
        "early_stopping": True,
        "validation_fraction": 0.2,
        "n_iter_no_change": 5,
        "random_state": 0,
    }
    ours, theirs = ms.MLPClassifier(**settings).fit(X, y), SklearnMLP(**settings).fit(X, y)
    assert ours.score(X_test, y_test) > theirs.score(X_test, y_test) - 0.02 > 0.85
    assert [w.shape for w in ours.coefs_] == [w.shape for w in theirs.coefs_]
    assert [b.shape for b in ours.intercepts_] == [b.shape for b in theirs.intercepts_]
    assert ours.n_iter_ == len(ours.loss_curve_) <= 40


def test_names_and_defaults_are_exactly_scikit_learns():
    assert ms.MLPClassifier().get_params() == SklearnMLP().get_params()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_whatever_a_fitted_sklearn_mlp_tells_ours_tells_too(digits):
    X, X_test, y, _ = digits
    settings = {"hidden_layer_sizes": (8,), "max_iter": 3, "early_stopping": True, "random_state": 0}
    ours, theirs = ms.MLPClassifier(**settings).fit(X, y), SklearnMLP(**settings).fit(X, y)
    for name in (name for name in vars(theirs) if name.endswith("_") and not name.startswith("_")):
        assert hasattr(ours, name), name
    for name in ("n_layers_", "n_outputs_", "out_activation_", "n_features_in_", "t_"):
        assert getattr(ours, name) == getattr(theirs, name), name
    np.testing.assert_allclose(np.exp(ours.predict_log_proba(X_test)), ours.predict_proba(X_test), rtol=1e-5)
    assert ours.best_validation_score_ <= max(ours.validation_scores_)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("settings", [{"tol": 0.05}, {"tol": 1.0, "solver": "sgd"}, {"max_iter": 4}])
def test_the_loss_is_that_of_the_weights_that_are_kept(digits, settings):
    X, _, y, _ = digits
    model = ms.MLPClassifier((16,), random_state=0, **settings).fit(X, y)
    assert model.loss_ == pytest.approx(log_loss(y, model.predict_proba(X)), rel=1e-4)


def test_a_fitted_model_is_as_small_as_its_parameters(digits):
    X, _, y, _ = digits
    model = ms.SoftmaxRegression(max_iter=1, tol=9, n_iter_no_change=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    model.predict(X)
    assert len(pickle.dumps(model)) < 2.5 * model.engine_.network.parameters.nbytes


def test_softmax_regression_reads_digits(digits):
    X, X_test, y, y_test = digits
    model = ms.SoftmaxRegression(learning_rate_init=0.5, max_iter=200, tol=0).set_params(n_iter_no_change=200)
    with pytest.warns(ConvergenceWarning, match="train_loss still fell after max_iter=200 epochs") as warned:
        model.fit(X, y)
    assert warned[0].filename == __file__
    assert model.score(X_test, y_test) > 0.86
    assert model.coefs_[0].shape == (784, 10)


def test_a_seed_decides_everything_and_none_nothing(digits):
    X, _, y, _ = digits
    model = ms.MLPClassifier((8,), max_iter=3, n_iter_no_change=1, tol=10, random_state=3)
    first, second = model.fit(X, y).coefs_[0].copy(), clone(model).fit(X, y).coefs_[0]
    assert np.array_equal(first, second)
    assert not np.array_equal(first, clone(model).set_params(random_state=4).fit(X, y).coefs_[0])
    free = clone(model).set_params(random_state=None)
    assert not np.array_equal(free.fit(X, y).coefs_[0], clone(free).fit(X, y).coefs_[0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_warm_start_goes_on_and_refuses_other_classes(digits):
    X, _, y, _ = digits
    model = ms.MLPClassifier((16,), max_iter=3, warm_start=True, random_state=0).fit(X, y)
    losses = [model.loss_]
    for _ in range(2):
        losses.append(model.fit(X, y).loss_)
    assert losses[2] < losses[1] < losses[0]
    assert len(model.loss_curve_) == 9
    assert model.t_ == 9 * len(X)
    with pytest.raises(ValueError, match="X has 100 features"):
        model.fit(X[:, :100], y)
    model.set_params(solver="sgd").fit(X, y)
    assert isinstance(model.engine_.optimizer, Momentum)
    assert model.score(X, y) > 0.5
    with pytest.raises(ValueError, match="warm_start needs the classes of the first call"):
        model.fit(X, np.where(y == 0, 77, y))


def test_partial_fit_learns_call_by_call(digits):
    X, X_test, y, y_test = digits
    model = ms.MLPClassifier((32,), learning_rate_init=0.003, random_state=0)
    for _ in range(10):
        model.partial_fit(X, y, classes=range(10))
    assert model.score(X_test, y_test) > 0.85
    assert len(model.loss_curve_) == 10
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        ms.MLPClassifier().partial_fit(X, y)
    with pytest.raises(ValueError, match="is not the same as on last call"):
        model.partial_fit(X, y, classes=range(11))
    with pytest.raises(ValueError, match=r"classes \[12\] that the first call"):
        model.partial_fit(X[:2], [12, 3])
    with pytest.raises(ValueError, match="partial_fit knows no end"):
        ms.MLPClassifier(early_stopping=True).partial_fit(X, y)


def test_labels_may_be_words_and_a_grid_search_may_drive_it(digits):
    X, X_test, y, y_test = digits
    words = np.array(["even", "odd"])
    search = GridSearchCV(
        ms.MLPClassifier((16,), learning_rate="one_cycle", learning_rate_init=0.01, max_iter=8, random_state=0),
        {"alpha": [1e-4, 1e-2]},
        cv=2,
    ).fit(X, words[y % 2])
    assert search.score(X_test, words[y_test % 2]) > 0.9
    assert set(search.predict(X_test)) == {"even", "odd"}


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ({"alpha": -1.0}, "'alpha' parameter"),
        ({"learning_rate_init": 0}, "'learning_rate_init' parameter"),
        ({"max_iter": 1.5}, "'max_iter' parameter"),
        ({"momentum": 1.0}, "'momentum' parameter"),
        ({"validation_fraction": 0.0}, "'validation_fraction' parameter"),
        ({"learning_rate": "adaptive"}, "'learning_rate' parameter"),
        ({"activation": "tanh"}, "'activation' parameter"),
        ({"solver": "lbfgs"}, "'solver' parameter"),
        ({"batch_size": 0}, "'batch_size' parameter"),
        ({"hidden_layer_sizes": (5, 0)}, "hidden_layer_sizes must be whole numbers of at least 1"),
        ({"hidden_layer_sizes": [[8]]}, "hidden_layer_sizes must be whole numbers of at least 1"),
        ({"hidden_layer_sizes": [8.7]}, "hidden_layer_sizes must be whole numbers of at least 1"),
        ({"hidden_layer_sizes": [True]}, "hidden_layer_sizes must be whole numbers of at least 1"),
    ],
)
def test_a_bad_parameter_is_named(setting, complaint):
    with pytest.raises(ValueError, match=complaint):
        ms.MLPClassifier(**setting).fit(np.eye(4), [0, 1, 0, 1])


def test_weights_of_samples_and_sparse_samples_are_refused(digits):
    X, _, y, _ = digits
    with pytest.raises(TypeError, match="sample_weight"):
        ms.MLPClassifier().fit(X, y, sample_weight=np.ones(len(y)))
    with pytest.raises(TypeError, match="dense data is required"):
        ms.MLPClassifier().fit(scipy.sparse.csr_matrix(X), y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_mlp_without_hidden_layers_is_linear(digits):
    X, _, y, _ = digits
    model = ms.MLPClassifier((), max_iter=2, tol=9, n_iter_no_change=1).fit(X, y)
    assert [weight.shape for weight in model.coefs_] == [(784, 10)]


@pytest.mark.filterwarnings("ignore:.*(overflow|invalid value).*:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("fails_in", ["fit", "warm fit", "partial_fit"])
def test_a_training_that_fails_leaves_the_estimator_as_it_was(digits, fails_in):
    X, X_test, y, _ = digits
    model = ms.MLPClassifier((8,), solver="sgd", max_iter=2, random_state=0)
    if fails_in == "partial_fit":
        model.partial_fit(X, y, classes=range(10))
    else:
        model.fit(X, y)
    expected, fitted = model.predict_proba(X_test), sorted(vars(model))
    model.set_params(learning_rate_init=1e30, warm_start=fails_in == "warm fit")
    with pytest.raises(FloatingPointError, match="try a lower learning rate"):
        model.partial_fit(X, y) if fails_in == "partial_fit" else model.fit(X, y)
    assert sorted(vars(model)) == fitted
    assert np.array_equal(model.predict_proba(X_test), expected)


def test_a_loss_that_rises_is_told_and_is_no_convergence(digits):
    X, _, y, _ = digits
    with pytest.warns(ConvergenceWarning, match="train_loss rose instead of falling; try a lower learning_rate_init"):
        ms.SoftmaxRegression(learning_rate_init=1e6, max_iter=30).fit(X, y)


@pytest.mark.filterwarnings("ignore:.*(overflow|invalid value).*:RuntimeWarning")
def test_a_first_training_that_fails_leaves_nothing_fitted(digits):
    X, X_test, y, _ = digits
    model = ms.MLPClassifier((8,), solver="sgd", learning_rate_init=1e30)
    with pytest.raises(FloatingPointError):
        model.fit(X, y)
    with pytest.raises(NotFittedError):
        model.predict(X_test)

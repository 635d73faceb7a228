"""MNIST Study: how do neural networks learn to read digits, and do they?

``import mnist_study as ms`` is quick: every name below is resolved when it is first used, so that neither numpy nor any
deep-learning library is loaded before it is needed.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "DataError": "mnist_study.data",
    "Digits": "mnist_study.data",
    "StudyError": "mnist_study.data",
    "load_mnist": "mnist_study.data",
    "load_model": "mnist_study.models",
    "model_names": "mnist_study.models",
    "MLPClassifier": "mnist_study.training",
    "SoftmaxRegression": "mnist_study.training",
    "train": "mnist_study.training",
}
__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'mnist_study' has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(import_module(_HOME[name]), name)


def __dir__():
    return [*globals(), *__all__]

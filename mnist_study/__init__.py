"""MNIST Study: how do neural networks learn to read digits, and do they?

``import mnist_study as ms`` is quick: the names of ``__init__.pyi`` are resolved when they are first used, so that
neither numpy nor any deep-learning library is loaded before it is needed. The rooms ``drawing`` and
``training.engines`` do the same.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

"""Engines: what the training loop needs of a network, and nothing of epochs or files.

Every engine takes a network, one of the study's optimisers, a penalty, and ``ema``: the decay of a running mean of the
weights, which is then what is evaluated and kept (0: none). The engines of PyTorch and JAX stand in modules of their
own, so that nobody waits for a library that is not used.
"""

from .engine import Engine
from .numpy_engine import NumPyEngine

__all__ = ["Engine", "NumPyEngine"]

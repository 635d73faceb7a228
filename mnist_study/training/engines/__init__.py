"""Engines: what the training loop needs of a network, and nothing of epochs or files.

Every engine takes a network, one of the study's optimisers, a penalty, and ``ema``: the decay of a running mean of the
weights, which is then what is evaluated and kept (0: none). Nobody waits for a library that is not used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

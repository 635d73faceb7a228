"""Engines: what the training loop needs of a network, and nothing of epochs or files.

``place(array)`` puts images or labels where the engine computes; ``step(images, labels, learning_rate)`` makes one
update and returns the mean loss of the batch, without the penalty; ``logits(images)`` evaluates placed images;
``get_weights()`` gives the weights that ``logits`` uses; ``state()`` and ``load_state(state)`` carry all that an exact
continuation needs, as a dict from name to array.

Every engine takes a network, one of the study's optimisers, a penalty, and ``ema``: the decay of a running mean of the
weights, which is then what is evaluated and kept (0: none). The engines of PyTorch and JAX stand in modules of their
own, so that nobody waits for a library that is not used.
"""

from .numpy_engine import NumPyEngine

__all__ = ["NumPyEngine"]

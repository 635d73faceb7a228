"""Inside a chapter's kernel: its claims are counted instead of ending it, and the seeds of what it trains are moved."""

import json
from functools import wraps
from numbers import Real

import numpy as np

found = {}  # from a claim's words to [held, operands]
trainings = 0


def claim(words, held, operands=()):
    """Note whether a claim holds; in a loop it must hold every time. ``operands`` are the numbers that it compares."""
    before = found.get(words, [True, []])
    numbers = [float(value) for value in operands if isinstance(value, Real | np.generic)]
    found[words] = [before[0] and bool(held), [*before[1], *numbers]]


def report():
    """One line for ``elsewhere.py``."""
    print(json.dumps({"claims": found, "trainings": trainings}))


def reroll(offset):
    """Add ``offset`` to the seed of every training from here on: order, augmentation, first weights, dropout."""
    import mnist_study.training as training
    from mnist_study.models.network import Network
    from mnist_study.training import loop, trainer

    fit = loop.fit

    @wraps(fit)
    def moved_fit(*arguments, seed=0, **options):
        global trainings
        trainings += 1
        return fit(*arguments, seed=seed + offset, **options)

    for module in (loop, trainer, training):
        module.fit = moved_fit
    if not offset:
        return
    start = Network.__init__

    @wraps(start)
    def moved_start(self, layers, rng, *arguments, **options):
        start(self, layers, np.random.Generator(rng.bit_generator.jumped(offset)), *arguments, **options)

    Network.__init__ = moved_start
    _move_seed("mnist_study.models.jax_network", "JAXNetwork", offset)
    _move_seed("mnist_study.models.torch_networks", "TorchNetwork", offset)


def _move_seed(module, name, offset):
    from importlib import import_module
    from inspect import signature

    kind = getattr(import_module(module), name)
    start, wanted = kind.__init__, signature(kind.__init__)

    @wraps(start)
    def moved(self, *arguments, **options):
        given = wanted.bind(self, *arguments, **options)
        given.apply_defaults()
        given.arguments["seed"] += offset
        start(*given.args, **given.kwargs)

    kind.__init__ = moved

"""A network from scratch: a list of layers read downwards, one flat vector of parameters, one of gradients."""

from itertools import pairwise

import numpy as np

from .classifier import Classifier, check_weights
from .layers import Dense, Dropout, ReLU
from .losses import SoftmaxCrossEntropy
from .penalties import Penalty


class Network(Classifier):
    """A classifier that owns its normalisation: it takes raw images and computes on (image - mean) / std.

    Parameters
    ----------
    layers : list of layers, from the input down to the logits
    rng : numpy Generator that initialises the parameters and draws the dropout masks
    mean, std : of the training images, in their own units (grey values 0..255 for MNIST)
    dtype : np.float32 to train, np.float64 to check gradients

    Attributes
    ----------
    parameters, gradients : flat vectors, of which each layer's arrays are views: first all weights, then all biases
    weights, weight_gradients : the leading parts of them that a penalty acts on

    Raises
    ------
    ValueError
        Two neighbouring dense layers do not fit.
    """

    def __init__(self, layers, rng, mean=0.0, std=1.0, dtype=np.float32):
        dense = [layer for layer in layers if isinstance(layer, Dense)]
        for upper, lower in pairwise(dense):
            if upper.outputs != lower.inputs:
                raise ValueError(f"{upper} gives {upper.outputs} values, but {lower} takes {lower.inputs}")
        self.layers, self.rng, self.mean, self.std = layers, rng, mean, std
        self.loss = SoftmaxCrossEntropy()

        size = sum(int(np.prod(shape)) for layer in layers for shape in layer.shapes.values())
        self.parameters, self.gradients = np.zeros(size, dtype), np.zeros(size, dtype)
        self._hand_out_arrays()
        for layer in layers:
            layer.initialise(rng)

    def _hand_out_arrays(self):
        start = 0
        for name in ("weight", "bias"):
            for layer in self.layers:
                if name in layer.shapes:
                    shape = layer.shapes[name]
                    stop = start + int(np.prod(shape))
                    setattr(layer, name, self.parameters[start:stop].reshape(shape))
                    setattr(layer, f"{name}_gradient", self.gradients[start:stop].reshape(shape))
                    start = stop
            if name == "weight":
                self.weights, self.weight_gradients = self.parameters[:start], self.gradients[:start]

    def __getstate__(self):
        """What a copy needs: the parameters once, and none of what is derived from them."""
        derived = {"gradients", "weights", "weight_gradients"}
        return {name: value for name, value in vars(self).items() if name not in derived}

    def __setstate__(self, state):
        """After unpickling or copying, the layers' arrays are views again."""
        self.__dict__.update(state)
        self.gradients = np.zeros_like(self.parameters)
        self._hand_out_arrays()

    def forget(self):
        """Let go of what the last training pass left in the layers, which may be a view of all the training data."""
        for part in [*self.layers, self.loss]:
            part.__dict__ = part.__getstate__()
        self._hand_out_arrays()

    def tensors(self):
        """``(name, parameter, gradient)`` of every layer's arrays, downwards: W1, b1, W2, b2, …"""
        dense = [layer for layer in self.layers if layer.shapes]
        for number, layer in enumerate(dense, start=1):
            yield f"W{number}", layer.weight, layer.weight_gradient
            yield f"b{number}", layer.bias, layer.bias_gradient

    def normalise(self, images):
        """``(N, …)`` of any type -> ``(N, pixels)`` as the layers want it; no copy where nothing is to be done."""
        raw = (self.mean, self.std) == (0, 1)
        x = (np.asarray if raw else np.array)(images, self.parameters.dtype)
        if not raw:
            x -= self.mean
            x /= self.std
        return x.reshape(len(x), int(np.prod(x.shape[1:])))

    def forward(self, x, training=False):
        """Logits ``(N, classes)`` of normalised ``x`` ``(N, pixels)``."""
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def backward(self, gradient, wants_input=False):
        """Fill ``gradients`` from dL/dlogits ``(N, classes)``; dL/dx only if wanted."""
        for layer in reversed(self.layers):
            first = layer is self.layers[0]
            gradient = layer.backward(gradient, wants_input or not first)
        return gradient

    def loss_and_gradients(self, x, labels, penalty=Penalty(), wants_input=False):
        """One training pass: the mean cross-entropy of the batch, and dL/dx if wanted; fills ``gradients``.

        The penalty acts on the gradients; its value is left out of the loss, so that losses of training and validation
        can be compared.
        """
        loss = self.loss.forward(self.forward(x, training=True), labels)
        input_gradient = self.backward(self.loss.backward(), wants_input)
        penalty.add_gradient(self.weights, self.weight_gradients)
        return loss, input_gradient

    def logits(self, images):
        """``(N, 28, 28)`` raw images -> ``(N, classes)``."""
        return self.forward(self.normalise(images))

    def get_weights(self):
        """dict from name to array: W1, b1, W2, b2, …"""
        return {name: values.copy() for name, values, _ in self.tensors()}

    def set_weights(self, weights):
        """Take over the arrays that ``get_weights()`` of this network, or of the JAX one, gave."""
        check_weights(weights, self.get_weights())
        for name, values, _ in self.tensors():
            values[:] = weights[name]


def mlp(sizes, rng, dropout=0.0, **options):
    """A fully connected network: ``sizes`` (784, 256, 128, 10) makes two hidden ReLU layers and ten logits."""
    layers = []
    for inputs, outputs in pairwise(sizes[:-1]):
        layers += [Dense(inputs, outputs, "he"), ReLU()]
        if dropout:
            layers.append(Dropout(dropout))
    return Network([*layers, Dense(*sizes[-2:], "small")], rng, **options)

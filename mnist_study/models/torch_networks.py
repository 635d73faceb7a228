"""The production networks in PyTorch: its layers and its gradients, our dropout, our start, our generators."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn

from .classifier import Classifier, check_weights
from .shapes import CLASSES, PIXELS, each, map_sides

CHUNK = 1000  # images that go through the network at a time: bounds the memory of the first feature maps


class Dropout(nn.Module):
    """``nn.Dropout`` with a generator of its own, so that a run can be repeated and resumed to the bit."""

    def __init__(self, rate):
        super().__init__()
        self.rate, self.generator = rate, None

    def forward(self, x):
        if not self.training:
            return x
        kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.rate
        return x * kept.to(x.dtype).div_(1 - self.rate)


class TorchNetwork(Classifier, nn.Module):
    """A list of layers that owns its normalisation: it takes raw images and computes on (image - mean) / std.

    Parameters
    ----------
    layers : list of modules, from the input ``(N, 1, 28, 28)`` down to the logits
    seed : int; draws the first weights (hidden layers after He, the output layer small) and the dropout masks
    mean, std : of the training images, in grey values
    """

    def __init__(self, layers, seed=0, mean=0.0, std=255.0):
        super().__init__()
        self.layers, self.seed, self.mean, self.std = nn.Sequential(*layers), seed, mean, std
        weighted = [layer for layer in layers if isinstance(layer, nn.Linear | nn.Conv2d)]
        start = torch.Generator().manual_seed(seed)
        for layer in weighted:
            if layer is weighted[-1]:
                nn.init.normal_(layer.weight, std=0.01, generator=start)
            else:
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=start)
            nn.init.zeros_(layer.bias)
        self.move("cpu")

    def move(self, device):
        """Compute on ``device`` ("cpu", "cuda") from now on; masks are drawn there, from the start. Returns self."""
        self.to(device, memory_format=torch.channels_last)
        self.generator = torch.Generator(device).manual_seed(self.seed)
        for layer in self.layers:
            if isinstance(layer, Dropout):
                layer.generator = self.generator
        return self

    @property
    def device(self):
        return self.generator.device

    def normalise(self, images):
        """uint8 array ``(N, 28, 28)`` -> float32 tensor ``(N, 1, 28, 28)`` on the network's device."""
        x = torch.tensor(np.asarray(images), device=self.device).to(torch.float32)
        x = x.sub_(self.mean).div_(self.std)
        return x[:, None].contiguous(memory_format=torch.channels_last)

    def forward(self, x):
        """Logits ``(N, 10)`` of normalised ``x`` ``(N, 1, 28, 28)``."""
        return self.layers(x)

    @torch.no_grad()
    def logits(self, images):
        """Raw images ``(N, 28, 28)`` -> float32 ``(N, 10)``, without dropout, batch norm with its running averages."""
        training = self.training
        self.eval()
        chunks = np.array_split(images, range(CHUNK, len(images), CHUNK))
        logits = torch.cat([self(self.normalise(chunk)) for chunk in chunks]).cpu().numpy()
        self.train(training)
        return logits

    @property
    def size(self):
        """How many parameters are trained; the running averages of batch norm are not."""
        return sum(parameter.numel() for parameter in self.parameters())

    def get_weights(self):
        """dict from name to array: the parameters, and the running averages of batch norm."""
        return {name: values.detach().cpu().numpy().copy() for name, values in self.state_dict().items()}

    def set_weights(self, weights):
        """Take over the arrays that ``get_weights()`` gave."""
        check_weights(weights, self.get_weights())
        self.load_state_dict({name: torch.tensor(values) for name, values in weights.items()})


class FullyConnected(TorchNetwork):
    """Linear - (batch norm) - ReLU - (dropout) for each hidden size, then ten logits.

    Parameters
    ----------
    hidden : units of each hidden layer
    dropout : share of the hidden units that are dropped in training, 0 to 1
    batch_norm : normalise each unit over the batch before its ReLU
    options : those of TorchNetwork
    """

    def __init__(self, hidden=(256, 128), dropout=0.0, batch_norm=False, **options):
        layers = [nn.Flatten(), *_hidden_layers(PIXELS, hidden, dropout, batch_norm)]
        super().__init__(layers, **options)


class ConvNet(TorchNetwork):
    """Convolution - (batch norm) - ReLU - pool for each entry of ``channels``, then fully connected layers.

    Parameters
    ----------
    channels : maps of each convolution
    kernels : side of each convolution's window, in pixels
    padding : keep the side of the maps by a border of zeros; else each convolution takes kernel - 1 pixels away
    batch_norm : normalise each map over batch and places before its ReLU
    pool : of each pool x pool window of a map only the largest value goes on; 1 keeps all; one number for every
        convolution, or one each
    pool_first : pool right behind the convolution, so that all that follows has a quarter of the work
    hidden, dropout : the fully connected layers behind
    options : those of TorchNetwork

    Raises
    ------
    ValueError
        The maps shrink to nothing.
    """

    def __init__(
        self,
        channels=(32, 64),
        kernels=(3, 3),
        padding=True,
        batch_norm=True,
        pool=2,
        pool_first=False,
        hidden=(128,),
        dropout=0.5,
        **options,
    ):
        layers, pools = [], each(pool, channels)
        for (inputs, outputs), kernel, pool in zip(pairwise((1, *channels)), kernels, pools, strict=True):
            convolution = _empty(nn.Conv2d, inputs, outputs, kernel, padding=kernel // 2 if padding else 0)
            between = [*([nn.BatchNorm2d(outputs)] if batch_norm else []), nn.ReLU()]
            largest = [nn.MaxPool2d(pool)] if pool > 1 else []
            layers += [convolution, *largest, *between] if pool_first else [convolution, *between, *largest]
        flat = map_sides(kernels, padding, pools)[-1] ** 2 * channels[-1]
        super().__init__([*layers, nn.Flatten(), *_hidden_layers(flat, hidden, dropout)], **options)


def _hidden_layers(inputs, hidden, dropout, batch_norm=False):
    layers = []
    for above, units in pairwise((inputs, *hidden)):
        layers.append(_empty(nn.Linear, above, units))
        layers += [nn.BatchNorm1d(units)] if batch_norm else []
        layers.append(nn.ReLU())
        layers += [Dropout(dropout)] if dropout else []
    return [*layers, _empty(nn.Linear, (inputs, *hidden)[-1], CLASSES)]


def _empty(kind, *arguments, **options):
    """A layer whose weights are not drawn yet: PyTorch would draw them from its global generator."""
    return nn.utils.skip_init(kind, *arguments, **options)

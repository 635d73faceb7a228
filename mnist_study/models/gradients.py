"""Is the derivative right? Each parameter is nudged up and down, and the loss must answer as the gradient says."""

import copy
from collections.abc import Callable

import numpy as np

from .network import Network
from .penalties import Penalty

TOLERANCE = 1e-6
LEAST = 1e-4  # in float64 the loss is rounded so that differences of it are right to about 1e-11, and not to a share


class GradientError(AssertionError):
    """An analytic gradient that the loss does not confirm."""


def check_gradients(
    network: Network, x: np.ndarray, labels: np.ndarray, penalty: Penalty = Penalty(), tolerance: float = TOLERANCE
) -> dict[str, float]:
    """Hold every gradient of ``network`` against central differences, and raise if one of them is wrong.

    Parameters and returned value are those of ``gradient_errors``.

    Raises
    ------
    GradientError
        Names each tensor whose relative error is above ``tolerance``.
    """
    errors = gradient_errors(network, x, labels, penalty)
    wrong = [f"{name} ({error:.1e})" for name, error in errors.items() if not error <= tolerance]
    if wrong:
        raise GradientError(f"relative error above {tolerance:g} in the gradient of {', '.join(wrong)}")
    return errors


def gradient_errors(
    network: Network, x: np.ndarray, labels: np.ndarray, penalty: Penalty = Penalty(), step: float = 1e-5
) -> dict[str, float]:
    """Relative error of the gradient by every parameter and by the input, against central differences.

    Dropout masks are drawn from the network's generator, which is wound back before each pass: the mask is frozen. A
    ReLU has no derivative at 0, nor has an L1 penalty: units and weights have to stay further than ``step`` from it.

    Parameters
    ----------
    network : Network in float64
    x : normalised inputs ``(N, …)``
    labels : int ``(N,)``
    step : how far each number is moved, up and down

    Returns
    -------
    dict from tensor (input, W1, b1, …) to ||analytic - numeric|| / (||analytic|| + ||numeric||), or / 1e-4 where that
    is larger: a gradient that is 0 but for rounding, as that of a bias before batch norm, is no wrong one
    """
    if network.parameters.dtype != np.float64:
        raise ValueError(f"gradients are checked in float64, but the network computes in {network.parameters.dtype}")
    x = np.array(x, np.float64)
    generator = copy.deepcopy(network.rng.bit_generator.state)
    buffers = {name: values.copy() for name, values in network.buffers().items()}

    def objective() -> float:
        network.rng.bit_generator.state = generator
        return network.loss.forward(network.forward(x, training=True), labels) + penalty.value(network.weights)

    network.rng.bit_generator.state = generator
    _, input_gradient = network.loss_and_gradients(x, labels, penalty, wants_input=True)
    assert input_gradient is not None
    tensors = [("input", x, input_gradient.copy())]
    tensors += [(name, values, gradient.copy()) for name, values, gradient in network.tensors()]
    errors = {
        name: relative_error(gradient, central_differences(objective, values, step), LEAST)
        for name, values, gradient in tensors
    }
    network.rng.bit_generator.state = generator
    for name, values in network.buffers().items():
        values[...] = buffers[name]
    return errors


def central_differences(objective: Callable[[], float], values: np.ndarray, step: float) -> np.ndarray:
    """(f(v + step) - f(v - step)) / (2 step) for every entry of ``values``, each put back after its turn."""
    numeric = np.empty_like(values)
    for index in np.ndindex(values.shape):
        original = values[index]
        values[index] = original + step
        above = objective()
        values[index] = original - step
        below = objective()
        values[index] = original
        numeric[index] = (above - below) / (2 * step)
    return numeric


def relative_error(analytic: np.ndarray, numeric: np.ndarray, least: float = 1e-8) -> float:
    """||a - n|| / (||a|| + ||n||): 0 for equal tensors, 1 where one is zero or they point apart.

    Two that are together smaller than ``least`` are measured against that.
    """
    scale = np.linalg.norm(analytic) + np.linalg.norm(numeric)
    return float(np.linalg.norm(analytic - numeric)) / max(float(scale), least)

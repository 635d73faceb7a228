"""The running mean of the weights: one formula for every engine."""


def averaging_rate(decay: float, updates: int) -> float:
    """How far the mean moves towards the weights after update number ``updates``: 1 - decay, more in the beginning.

    Without that, the mean would remember the weights before training for 1 / (1 - decay) updates. Source: the ramp
    min(decay, (1 + t) / (10 + t)) of TensorFlow's ``ExponentialMovingAverage``.
    """
    return 1 - min(decay, (1 + updates) / (10 + updates))

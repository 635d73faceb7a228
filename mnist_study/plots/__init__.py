"""Every figure of the book, one function each, from arrays and frozen results to a matplotlib Figure."""

from .curves import batch_losses, learning_curves, rates_and_accuracy
from .digits import (
    class_weights,
    confused_digits,
    ink_geometry,
    label_counts,
    means_and_spreads,
    neighbours,
    pixel_values,
    samples,
)
from .errors import confidence, confusion_matrix, confusions_compared, gradient_errors

__all__ = [
    "batch_losses",
    "class_weights",
    "confidence",
    "confused_digits",
    "confusion_matrix",
    "confusions_compared",
    "gradient_errors",
    "ink_geometry",
    "label_counts",
    "learning_curves",
    "means_and_spreads",
    "neighbours",
    "pixel_values",
    "rates_and_accuracy",
    "samples",
]

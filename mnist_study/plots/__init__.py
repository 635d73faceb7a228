"""Every figure of the book, one function each, from arrays and frozen results to a matplotlib Figure."""

from .comparisons import accuracy_against_cost, effects, gaps, through_the_years
from .curves import (
    batch_losses,
    drift,
    errors_by_size,
    learning_curves,
    losses_fall,
    rates_and_accuracy,
    schedules,
    stopping,
    validation_curves,
)
from .digits import (
    class_weights,
    confused_digits,
    image_grid,
    ink_geometry,
    label_counts,
    means_and_spreads,
    neighbours,
    pixel_values,
    samples,
)
from .errors import (
    confidence,
    confusion_matrix,
    confusions_compared,
    gradient_errors,
    reliability,
    risk_against_coverage,
)
from .examinations import change_curves, shares
from .failures import captioned_digits, failure_map
from .inside import digits_in_layers, forgetting, layer_probes, robustness, saliency_maps, transfer
from .networks import convolution, feature_maps, filters, shifted_accuracy, weight_sizes

__all__ = [
    "accuracy_against_cost",
    "batch_losses",
    "captioned_digits",
    "change_curves",
    "class_weights",
    "confidence",
    "confused_digits",
    "confusion_matrix",
    "confusions_compared",
    "convolution",
    "digits_in_layers",
    "drift",
    "effects",
    "errors_by_size",
    "failure_map",
    "feature_maps",
    "filters",
    "forgetting",
    "gaps",
    "gradient_errors",
    "image_grid",
    "ink_geometry",
    "label_counts",
    "layer_probes",
    "learning_curves",
    "losses_fall",
    "means_and_spreads",
    "neighbours",
    "pixel_values",
    "rates_and_accuracy",
    "reliability",
    "risk_against_coverage",
    "robustness",
    "saliency_maps",
    "samples",
    "schedules",
    "shares",
    "shifted_accuracy",
    "stopping",
    "through_the_years",
    "transfer",
    "validation_curves",
    "weight_sizes",
]

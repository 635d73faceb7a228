"""Exercises of chapter 7: convolutions."""

import numpy as np

from .judging import exercise


@exercise(
    "07-1",
    cases=lambda rng: [(28, 3, 1, 0), (28, 5, 1, 2), (28, 3, 2, 1), (11, 2, 2, 0), (7, 4, 3, 1)],
    hints=("Where can the kernel's left edge stand?", "From 0 to n + 2 p − k, every s-th place."),
)
def output_size(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1


output_size.mistake("The first place counts, too: one more.", lambda n, k, s, p: (n + 2 * p - k) // s)
output_size.mistake("Padding is added on both sides.", lambda n, k, s, p: (n + p - k) // s + 1)
output_size.mistake(
    "A kernel that hangs over the edge does not count: round down.", lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1
)


@exercise("07-2", hints=("A kernel looks at all maps below it.", "And each of the maps that come out has one bias."))
def parameters():
    return 3 * 3 * 24 * 48 + 48


parameters.mistake("A kernel reaches through all 24 maps below it.", lambda: 3 * 3 * 48 + 48)
parameters.mistake("Those are the weights; each map that comes out has a bias.", lambda: 3 * 3 * 24 * 48)
parameters.mistake("A bias for each map that comes out, not for each that goes in.", lambda: 3 * 3 * 24 * 48 + 24)


@exercise(
    "07-3",
    cases=lambda rng: [
        (rng.normal(size=(7, 7)), rng.normal(size=(3, 3))),
        (rng.normal(size=(6, 9)), rng.normal(size=(2, 2))),
    ],
    hints=(
        "At each place: the window times the kernel, summed.",
        "`np.lib.stride_tricks.sliding_window_view(image, kernel.shape)` has all windows.",
    ),
)
def slide(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))


slide.mistake(
    "You turn the kernel first. Mathematicians mean that by convolution; a network's layer does not.",
    lambda image, kernel: slide(image, kernel[::-1, ::-1]),
)
slide.mistake("Rows and columns of the kernel are exchanged.", lambda image, kernel: slide(image, kernel.T))
slide.mistake(
    "That is the mean of the products; the sum is meant.", lambda image, kernel: slide(image, kernel) / kernel.size
)


@exercise(
    "07-4",
    cases=lambda rng: [
        ([(3, 1)],),
        ([(3, 1), (3, 1)],),
        ([(5, 1), (2, 2), (3, 1), (2, 2), (3, 1)],),
        ([(3, 2), (3, 2)],),
    ],
    hints=(
        "One layer of kernel k sees k pixels.",
        "Each later layer adds k − 1 of its own steps; and a step there is as many pixels as all strides below it "
        "multiplied.",
    ),
)
def receptive_field(layers):
    field, step = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * step
        step *= stride
    return field


receptive_field.mistake("Neighbouring windows overlap: a second 3 adds 2.", lambda layers: sum(k for k, _ in layers))
receptive_field.mistake("Above a stride of 2, a step is two pixels.", lambda layers: 1 + sum(k - 1 for k, _ in layers))
receptive_field.mistake("It adds up, it does not multiply.", lambda layers: int(np.prod([k for k, _ in layers])))

"""How large the study's images are, and what becomes of that on the way through a network."""

SIDE, CLASSES = 28, 10
PIXELS = SIDE * SIDE


def map_sides(kernels, padding, pools):
    """Side of the maps, in pixels, after each convolution and its pool.

    Raises
    ------
    ValueError
        Nothing is left of them.
    """
    sides = [SIDE]
    for kernel, pool in zip(kernels, pools, strict=True):
        border = 2 * (kernel // 2) if padding else 0
        sides.append((sides[-1] + border - kernel + 1) // pool)
        if sides[-1] < 1:
            raise ValueError(f"no pixel is left of the maps after kernel {kernel} and pool {pool}")
    return sides[1:]


def each(value, channels):
    """``value`` for each convolution: as it is if it is one for each already, else repeated."""
    return value if isinstance(value, tuple) else (value,) * len(channels)

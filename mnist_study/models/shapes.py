"""What becomes of an image's rows and columns on the way through a network."""

from collections.abc import Sequence


def map_shapes(
    shape: tuple[int, int], kernels: Sequence[int], padding: bool, pools: Sequence[int]
) -> list[tuple[int, int]]:
    """Rows and columns of the maps after each convolution and its pool, for images of ``shape``.

    Raises
    ------
    ValueError
        Nothing is left of them.
    """
    shapes = [shape]
    for kernel, pool in zip(kernels, pools, strict=True):
        border = 2 * (kernel // 2) if padding else 0
        rows, columns = ((side + border - kernel + 1) // pool for side in shapes[-1])
        if min(rows, columns) < 1:
            raise ValueError(f"no pixel is left of the maps after kernel {kernel} and pool {pool}")
        shapes.append((rows, columns))
    return shapes[1:]


def each(value: int | Sequence[int], channels: Sequence[int]) -> Sequence[int]:
    """``value`` for each convolution: as it is if it is one for each already, else repeated."""
    return (value,) * len(channels) if isinstance(value, int) else value

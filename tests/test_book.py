import pytest

from mnist_study.book import Text, scientific, source
from mnist_study.data import split_indices
from mnist_study.models import (
    Convolution,
    Dense,
    Network,
    ReLU,
    SoftmaxCrossEntropy,
    col2im,
    he,
    im2col,
    small,
    xavier,
)
from mnist_study.models.jax_network import forward
from mnist_study.training import exponential, step_decay

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("11.2%", "11.2~%"),
        ("1 787 of 10 000 wrong", "1~787 of 10~000 wrong"),
        ("98.47 ± 0.08 % (5 seeds)", "98.47~±~0.08~% (5 seeds)"),
        ("9 × 10⁻¹⁰", "9~×~10⁻¹⁰"),
        (235146, "235146"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_a_value_stands_in_a_sentence_unbroken_and_escaped(value, shown):
    assert Text(value)._repr_html_() == f'<span class="computed">{shown.replace("~", SPACE)}</span>'


def test_small_numbers_are_written_as_by_hand():
    assert scientific(8.6e-10) == "9 × 10⁻¹⁰"
    assert scientific(0.25) == "2 × 10⁻¹"


SHOWN = [
    forward,
    exponential,
    step_decay,
    split_indices,
    SoftmaxCrossEntropy,
    Dense,
    ReLU,
    small,
    xavier,
    he,
    Network.forward,
    Network.backward,
    im2col,
    col2im,
    Convolution.forward,
    Convolution.backward,
]


@pytest.mark.parametrize("thing", SHOWN, ids=lambda thing: thing.__qualname__)
def test_code_that_the_book_shows_fits_its_column(thing):
    assert max(len(line) for line in source(thing).data.splitlines()) <= 88


def test_source_shows_the_code_that_runs():
    assert "gradient *= self.cache > 0" in source(ReLU).data

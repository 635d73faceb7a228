"""What anybody's network answers: arrays, lists and tensors alike, and nothing else."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mnist_study.data import StudyError
from mnist_study.models import PartByPart, answers, softmax

IMAGES = np.zeros((3, 28, 28), np.uint8)
SHARES = softmax(np.random.default_rng(0).normal(size=(3, 4)))


def giving(found, method="predict_proba"):
    return SimpleNamespace(**{method: lambda _: found})


def test_lists_tensors_and_logits_are_read_as_arrays_of_probabilities():
    for found in (SHARES, SHARES.tolist(), torch.tensor(SHARES), np.eye(4, dtype=int)[:3]):
        np.testing.assert_array_equal(answers(giving(found), IMAGES, 4), np.asarray(found))
    np.testing.assert_allclose(answers(giving(np.log(SHARES).tolist(), "logits"), IMAGES, 4), SHARES)
    assert answers(giving(SHARES[:0]), IMAGES[:0], 4).shape == (0, 4)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (SHARES[0], r"an array \(3, 4\) for so many pictures; it gives \(4,\)"),
        (SHARES[:2], r"it gives \(2, 4\)"),
        ([[1.0], [0.5, 0.5], [1.0]], "it gives a list that is no array of numbers"),
        (None, "it gives a NoneType that is no array of numbers"),
        (torch.tensor(SHARES, requires_grad=True), "it gives a Tensor that is no array of numbers"),
        (SHARES * [[1], [np.nan], [1]], "of finite numbers; it gives NaN or infinity"),
        (SHARES * [[1], [1], [2]], "row 2 has .* and sums to 2: are these logits"),
        (np.array([[2, -1, 0, 0]] * 3), "row 0 has -1 to 2 and sums to 1: are these logits"),
    ],
)
def test_what_are_no_probabilities_is_refused_in_one_line(found, words):
    with pytest.raises(StudyError, match=f"^predict_proba of a SimpleNamespace should give .*{words}"):
        answers(giving(found), IMAGES, 4)


def test_what_answers_nothing_is_refused_in_one_line():
    with pytest.raises(StudyError, match="a object has neither predict_proba nor logits"):
        answers(object(), IMAGES, 4)


def test_a_reader_of_parts_is_asked_as_carefully():
    for method in ("predict_proba", "logits"):
        reader = giving(np.full((6, 5), 0.2), method)
        with pytest.raises(StudyError, match=rf"{method} of .* \(6, 10\) for so many pictures; it gives \(6, 5\)"):
            PartByPart(reader).predict(np.zeros((3, 28, 56), np.uint8))

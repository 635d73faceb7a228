"""The labels that people reject, beside MNIST's own labels."""

from collections import Counter

import numpy as np

from mnist_study.data import REJECTED, Rated, is_rejected


def test_fifteen_test_digits_carry_the_label_that_people_reject(mnist):
    assert len({rated.index for rated in REJECTED}) == len(REJECTED) == 15
    for rated in REJECTED:
        assert mnist.test.labels[rated.index] == rated.label != rated.guess
        assert rated.for_label + rated.for_guess + rated.for_neither == 5
        assert rated.for_label < 3, "a majority confirmed it"


def test_ten_can_be_corrected_three_are_neither_and_two_have_no_majority():
    kinds = Counter(rated.verdict.rstrip("0123456789") for rated in REJECTED)
    assert kinds == {"most see a ": 10, "most see neither": 3, "there is no majority": 2}


def test_votes_in_words():
    assert str(Rated(7, 8, 9, 0, 4, 1)) == "Of five people 0 say 8, 4 say 9, 1 neither: most see a 9"


def test_rejected_digits_are_marked_in_any_shape_and_order():
    assert is_rejected([[947, 0], [1, 9729]]).tolist() == [[True, False], [False, True]]
    assert is_rejected(np.arange(10_000)).sum() == 15
    assert not is_rejected([]).any()

from math import comb

import pytest

from mnist_study.analysis import McNemar, mcnemar


def test_mcnemar_is_worked_by_hand():
    """Of five digits the first alone read two, the second one; a fair coin falls 2 to 1, or more unevenly, always."""
    result = mcnemar([1, 2, 3, 4, 5], [1, 2, 0, 4, 0], [0, 0, 3, 4, 0])
    assert (result.only_one, result.only_other, result.both_wrong) == (2, 1, 1)
    assert result.p == 1.0
    assert "cannot be told apart" in result.verdict("a", "b")


@pytest.mark.parametrize(("one", "other"), [(0, 0), (5, 5), (3, 9), (40, 12), (12, 40)])
def test_p_is_how_often_a_fair_coin_falls_as_unevenly(one, other):
    tosses = one + other
    tail = sum(comb(tosses, heads) for heads in range(min(one, other) + 1)) / 2**tosses
    assert McNemar(one, other, 5).p == pytest.approx(min(2 * tail, 1))


def test_the_better_one_is_named_first_whichever_it_is():
    assert (
        McNemar(40, 12, 5).verdict("a", "b").startswith("a reads more than b (40 digits only a read, 12 only b; p = ")
    )
    assert (
        McNemar(12, 40, 5).verdict("a", "b").startswith("b reads more than a (12 digits only a read, 40 only b; p = ")
    )


def test_lists_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="labels and answers"):
        mcnemar([1, 2], [1], [1, 2])

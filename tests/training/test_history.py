import csv

import pytest

from mnist_study.training import Epoch, History


def history_of(losses, accuracies):
    rows = zip(losses, accuracies, strict=True)
    return History([Epoch(n, 0.1, 0.5, 0.6, loss, share, 1.0) for n, (loss, share) in enumerate(rows, 1)])


def test_the_best_epoch_is_the_first_of_equals_in_what_is_asked_for():
    history = history_of([0.3, 0.2, 0.2, 0.4], [0.90, 0.91, 0.97, 0.97])
    assert history.best("validation_loss").epoch == 2
    assert history.best("validation_accuracy").epoch == 3
    assert history.best("last").epoch == 4
    assert History().best("last") is History().best("validation_accuracy") is None


def test_a_history_is_read_back_to_the_bit():
    history = history_of([1 / 3, 5e-324, float("inf")], [0.1 + 0.2, 1.0, 0.0])
    assert History.from_csv(history.to_csv()).epochs == history.epochs


@pytest.mark.parametrize(
    ("mistake", "problem"),
    [
        (lambda text: text[: text.rindex(",")], "line 3 is no row of 7 numbers, or is cut off"),
        (lambda text: text.replace("epoch,", "epic,", 1), "line 2 is no row of 7 numbers"),
        (lambda text: text.replace("\n1,", "\none,"), "line 2 is no row of 7 numbers"),
        (lambda text: text + "9" * (csv.field_size_limit() + 1), "after line 3: field larger than field limit"),
    ],
)
def test_a_table_that_is_none_says_in_which_line(mistake, problem):
    with pytest.raises(ValueError, match=problem):
        History.from_csv(mistake(history_of([0.3, 0.2], [0.9, 0.95]).to_csv()))

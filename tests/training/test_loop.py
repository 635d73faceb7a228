import shutil

import numpy as np
import pytest

import mnist_study as ms
from mnist_study.data import Digits
from mnist_study.models import Dense, Flatten, Network, Penalty, cross_entropy, mlp
from mnist_study.training import Adam, EarlyStopping, GradientDescent, History, Listener, NumPyEngine, Stop, fit, loop


def small_engine(seed=0, dropout=0.0, optimizer=None, penalty=Penalty()):
    network = mlp((784, 32, 10), np.random.default_rng(seed), dropout=dropout, mean=33.0, std=78.0)
    return NumPyEngine(network, optimizer or Adam(), penalty)


def train(mnist, engine=None, **options):
    engine = engine or small_engine()
    settings = {"epochs": 2, "batch_size": 64, "learning_rate": 1e-3, "seed": 5, **options}
    history = fit(engine, mnist.train[:1000], mnist.validation[:500], **settings)
    return engine, history


class FakeEngine:
    """Records what the loop asks of it; its loss falls as told."""

    def __init__(self, losses=None):
        self.batches, self.rates, self.losses, self.loaded = [], [], iter(losses or []), None

    def place_images(self, images):
        return images

    def place_labels(self, labels):
        return labels

    def step(self, images, labels, learning_rate):
        assert len(images) == len(labels)
        self.batches.append(images[:, 0, 0])
        self.rates.append(learning_rate)
        return next(self.losses, 1.0)

    def logits(self, images):
        return np.zeros((len(images), 10))

    def state(self):
        return len(self.batches)

    def load_state(self, state):
        self.loaded = state


def numbered(count):
    return Digits(np.arange(count).reshape(-1, 1, 1), np.zeros(count, np.int64))


def test_every_epoch_shows_every_digit_once_in_a_new_reproducible_order():
    engine, twin = FakeEngine(), FakeEngine()
    for each in (engine, twin):
        fit(each, numbered(10), epochs=3, batch_size=4, learning_rate=1.0, seed=7)
    assert [len(batch) for batch in engine.batches] == [4, 4, 2] * 3
    epochs = [np.concatenate(engine.batches[i : i + 3]) for i in (0, 3, 6)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert tuple(epochs[1]) == tuple(np.random.default_rng([7, 2]).permutation(10))
    assert all(np.array_equal(a, b) for a, b in zip(engine.batches, twin.batches, strict=True))


def test_a_full_batch_and_an_unshuffled_one_keep_the_order_and_copy_nothing():
    engine, digits = FakeEngine(), numbered(10)
    fit(engine, digits, epochs=1, batch_size=10, learning_rate=1.0)
    assert np.shares_memory(engine.batches[0], digits.images)
    fit(engine, digits, epochs=1, batch_size=6, learning_rate=1.0, shuffle=False)
    assert engine.batches[1].tolist() == list(range(6))


def test_the_schedule_runs_from_the_first_step_to_the_last():
    engine = FakeEngine()
    history = fit(engine, numbered(10), epochs=20, batch_size=5, learning_rate=2.0, schedule="one_cycle")
    assert len(engine.rates) == 40
    assert engine.rates[0] == pytest.approx(2 / 25)
    assert max(engine.rates) == pytest.approx(2, rel=0.01)
    assert engine.rates[-1] == pytest.approx(2 / 250_000)
    assert history["learning_rate"][-1] == engine.rates[-1]


def test_the_history_says_what_the_network_does(mnist):
    engine, history = train(mnist)
    assert history["epoch"].tolist() == [1, 2]
    validation = mnist.validation[:500]
    logits = engine.network.logits(validation.images)
    assert history["validation_loss"][-1] == pytest.approx(cross_entropy(logits, validation.labels), rel=1e-5)
    assert history["validation_accuracy"][-1] == np.mean(logits.argmax(axis=1) == validation.labels)
    assert history["train_loss"][-1] < history["train_loss"][0] < np.log(10)
    assert len(history.batch_losses) == 2 * 16
    assert history.batch_losses[0] == pytest.approx(np.log(10), abs=0.1)
    assert history.seconds > 0


def test_measuring_every_third_epoch_changes_the_rows_and_not_the_training(mnist):
    engine, history = train(mnist, epochs=7, measure_every=3)
    twin, full = train(mnist, epochs=7)
    assert history["epoch"].tolist() == [3, 6, 7]
    assert np.array_equal(engine.network.parameters, twin.network.parameters)
    assert history["validation_loss"].tolist() == full["validation_loss"][[2, 5, 6]].tolist()
    assert history.batch_losses == full.batch_losses


def test_without_validation_its_columns_are_nan(mnist):
    history = fit(small_engine(), mnist.train[:100], epochs=1, batch_size=50, learning_rate=1e-3)
    assert np.isnan(history["validation_loss"]).all()
    assert np.isfinite(history["train_loss"]).all()


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(mnist):
    weights = [train(mnist, small_engine(dropout=0.2), seed=seed)[0].network.parameters for seed in (1, 1, 2)]
    assert np.array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])


def test_training_with_the_test_files_deleted_gives_identical_weights(mnist, root, tmp_path):
    for path in (root / "data").glob("train-*"):
        shutil.copy(path, tmp_path)
    without = ms.load_mnist(tmp_path)
    ours, theirs = train(mnist)[0].network, train(without)[0].network
    assert np.array_equal(ours.parameters, theirs.parameters)


def test_a_saved_engine_continues_exactly(mnist):
    engine, _ = train(mnist, small_engine(dropout=0.3, penalty=Penalty(l1=1e-4, l2=1e-3)))
    twin = small_engine(seed=99, dropout=0.3, penalty=engine.penalty)
    twin.load_state(engine.state())
    for each in (engine, twin):
        train(mnist, each, seed=8)
    assert np.array_equal(engine.network.parameters, twin.network.parameters)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_stops_within_the_step_and_says_where(value):
    engine = FakeEngine([1.0, 1.0, 1.0, value])
    with pytest.raises(FloatingPointError, match=rf"loss {value} in epoch 2, step 2 of 2: try a lower learning rate"):
        fit(engine, numbered(4), epochs=5, batch_size=2, learning_rate=1.0)
    assert len(engine.batches) == 4


def test_listeners_hear_everything_in_order_and_one_of_them_may_end_it():
    heard = []

    class Ear(Listener):
        def before_training(self, history, epochs, steps):
            heard.append(f"{epochs} epochs of {steps}")

        def after_step(self, loss):
            heard.append(loss)

        def after_epoch(self, epoch, engine):
            heard.append(f"epoch {epoch.epoch}")
            return Stop("enough") if epoch.epoch == 2 else None

        def after_training(self, engine):
            heard.append("end")

    losses = [4.0, 3.0, 2.0, 1.0, 0.5]
    history = fit(FakeEngine(losses), numbered(4), epochs=9, batch_size=2, learning_rate=1.0, listeners=[Ear()])
    assert heard == ["9 epochs of 2", 4.0, 3.0, "epoch 1", 2.0, 1.0, "epoch 2", "end"]
    assert history.stop == Stop("enough")
    assert history.stopped_by == "enough"


def test_early_stopping_waits_its_patience_and_brings_the_best_weights_back():
    stopping = EarlyStopping(patience=2, min_delta=0.1)
    stopping.before_training(History(), 9, 1)
    engine = FakeEngine()

    class Row:
        def __init__(self, loss):
            self.validation_loss, self.epoch = loss, len(engine.batches)

    answers = []
    for loss in (1.0, 0.8, 0.75, 0.9):
        engine.batches.append(None)
        answers.append(stopping.after_epoch(Row(loss), engine))
    assert answers == [None, None, None, Stop("no better validation_loss for 2 epochs")]
    stopping.after_training(engine)
    assert stopping.best_epoch == engine.loaded == 3  # 0.75 is the best, although too little better to go on for


def test_early_stopping_without_restoring_and_without_validation():
    engine = FakeEngine()
    fit(
        engine,
        numbered(4),
        epochs=5,
        batch_size=2,
        learning_rate=1.0,
        listeners=[EarlyStopping(1, 0, "train_loss", False)],
    )
    assert engine.loaded is None
    assert len(engine.batches) == 4  # ln 10 in every epoch: the second is no better
    with pytest.raises(ValueError, match="watches the validation_loss, which is not measured"):
        fit(engine, numbered(4), epochs=5, batch_size=2, learning_rate=1.0, listeners=[EarlyStopping(1)])


def test_training_is_measured_on_digits_from_everywhere(monkeypatch):
    monkeypatch.setattr(loop, "SAMPLE", 4)
    seen = []

    class Watching(FakeEngine):
        def logits(self, images):
            seen.extend(images[:, 0, 0])
            return super().logits(images)

    fit(Watching(), numbered(12), epochs=1, batch_size=6, learning_rate=1.0)
    assert seen[-4:] == [0, 3, 6, 9]


def test_nothing_to_train_on_is_said_and_so_is_a_last_step_that_breaks_the_network(mnist):
    with pytest.raises(ValueError, match="not one digit to train on"):
        fit(FakeEngine(), numbered(0), epochs=1, batch_size=2, learning_rate=1.0)
    for count in ({"batch_size": 0}, {"measure_every": 0}, {"epochs": 0}, {"epochs": -3}):
        with pytest.raises(ValueError, match="each should be at least 1"):
            fit(FakeEngine(), numbered(4), learning_rate=1.0, **{"epochs": 1, "batch_size": 2, **count})
    with pytest.raises(ValueError, match="no schedule 'cosin'; did you mean 'cosine'"):
        fit(FakeEngine(), numbered(4), epochs=1, batch_size=2, learning_rate=1.0, schedule="cosin")
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="epoch 1, after its last step"):
        train(mnist, small_engine(optimizer=GradientDescent()), epochs=1, batch_size=1000, learning_rate=1e38)


def test_thirty_two_digits_are_overfitted_within_200_steps(mnist):
    few = mnist.train[:32]
    engine = small_engine()
    fit(engine, few, epochs=200, batch_size=32, learning_rate=3e-3)
    assert np.array_equal(engine.network.predict(few.images), few.labels)


def test_one_step_of_descent_is_worked_by_hand():
    """One pixel of value 1, two classes, zero weights: p = 1/2 each, so W moves by rate / 2 towards the label."""
    network = Network([Flatten(), Dense(1, 2, "zeros")], np.random.default_rng(0))
    fit(
        NumPyEngine(network, GradientDescent()),
        Digits(np.ones((1, 1, 1), np.uint8), np.array([1])),
        epochs=1,
        batch_size=1,
        learning_rate=0.4,
    )
    np.testing.assert_allclose(network.layers[1].weight, [[-0.2, 0.2]], rtol=1e-6)
    np.testing.assert_allclose(network.layers[1].bias, [-0.2, 0.2], rtol=1e-6)


def test_digits_drawn_anew_are_those_of_their_epoch_and_of_the_seed_whoever_begins_where():
    def redraw(rng):
        return Digits(rng.integers(1000, size=(10, 1, 1)), np.zeros(10, np.int64))

    engine, resumed = FakeEngine(), FakeEngine()
    options = {"epochs": 3, "batch_size": 4, "learning_rate": 1.0, "seed": 7, "redraw": redraw}
    whole = fit(engine, numbered(10), **options)
    for epoch in (1, 2, 3):
        shown = np.concatenate(engine.batches[3 * epoch - 3 : 3 * epoch])
        drawn = redraw(np.random.default_rng([7, epoch, 0, 1])).images.ravel()
        assert sorted(shown) == sorted(drawn)
    begun = History(epochs=whole.epochs[:1], batch_losses=whole.batch_losses[:4])  # one step of the second epoch
    fit(resumed, numbered(10), history=begun, **options)
    assert all(map(np.array_equal, resumed.batches, engine.batches[4:]))

import json

import numpy as np
import pytest

import mnist_study as ms
from mnist_study.analysis import Examination, accuracy, examination, examined
from mnist_study.cli import main
from mnist_study.data import StudyError
from mnist_study.images import CHANGES, MNIST_C, STRANGERS, mnist_c, optical_digits

FEW = 100


@pytest.fixture(scope="module")
def found():
    return ms.analyse(ms.load_model("softmax"), FEW)


class OneNumber:
    """Somebody's own network: no logits, no layers, lists for arrays, but a task that it shares with ours."""

    def predict_proba(self, images):
        return (np.full((len(images), 10), 0.05) + 0.5 * np.eye(10)[1]).tolist()


def test_everything_is_measured_and_what_can_be_measured_otherwise_agrees(found, mnist):
    softmax = ms.load_model("softmax")
    assert found.test == accuracy(mnist.test.labels, softmax.predict(mnist.test.images))
    hands = optical_digits()
    assert found.other_hands == accuracy(hands.labels, softmax.predict(hands.images))
    assert list(found.corruptions) == list(MNIST_C)
    foggy = mnist_c(mnist.test.images[:FEW], "fog", np.random.default_rng(0))
    assert found.corruptions["fog"] == accuracy(mnist.test.labels[:FEW], softmax.predict(foggy))
    assert {name: len(each) for name, each in found.changes.items()} == {
        name: len(rule.amounts) for name, rule in CHANGES.items()
    }
    assert len({curve[0] for curve in found.changes.values()}) == 1  # nothing is changed yet
    errors = [each.errors / FEW for each in found.corruptions.values()]
    assert found.corruption_error == pytest.approx(np.mean(errors))
    assert found.worst_corruption[1].errors == max(each.errors for each in found.corruptions.values())


def test_each_score_refuses_about_one_per_cent_of_digits_that_its_threshold_never_saw(found):
    for name, rejection in found.rejection.items():
        assert list(rejection.auroc) == list(rejection.refused) == list(STRANGERS)
        assert 0.002 < rejection.test_refused < 0.03, name
    assert found.best_score == max(found.rejection, key=lambda name: found.rejection[name].mean)


def test_it_survives_json(found):
    assert Examination.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_anybodys_network_can_be_put_through_it_and_progress_is_told():
    steps = []

    def progress(todo, count):
        for step in todo:
            steps.append(step)
            yield step
        assert len(steps) == count

    alone = ms.analyse(OneNumber(), FEW, progress=progress)
    assert alone.test.right == 1135  # as many 1s as there are
    assert len(steps) == len(MNIST_C) + sum(len(rule.amounts) for rule in CHANGES.values())
    assert "features" not in alone.rejection  # it shows none


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (object(), "an? object has neither predict_proba nor logits"),
        (type("Odd", (), {"predict_proba": lambda self, images: np.ones((1, 3))})(), r"it gives \(1, 3\)"),
        (type("Odd", (), {"predict_proba": lambda self, images: np.ones((len(images), 10))})(), "sum to 1"),
        (
            type("Odd", (), {"logits": lambda self, images: [[0.0] * 9] * len(images)})(),
            r"logits of .* it gives \(2, 9\)",
        ),
    ],
)
def test_what_is_no_network_of_digits_is_refused_in_one_line(model, words):
    with pytest.raises(StudyError, match=words):
        ms.analyse(model)


def test_the_command_writes_numbers_and_figures(tmp_path, capsys):
    assert main(["analyse", "softmax", "--digits", str(FEW), "--out", str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "changes.png",
        "confusion.png",
        "corruptions.png",
        "examination.json",
        "mistakes.png",
        "reliability.png",
        "risk.png",
        "strangers.png",
    ]
    content = json.loads((tmp_path / "out" / "examination.json").read_text())
    assert str(Examination.from_json(content).test) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "nonsense"),
        (["two_digit_mlp"], "reads two_digit"),
        (["softmax", "--digits", "5"], "5 digits: between 100 and 10000"),
        (["some/run", "--record"], "networks that ship"),
        (["softmax", "--digits", "100", "--out", "/dev/null"], "name another with --out"),
    ],
)
def test_a_mistake_is_one_line(arguments, words, capsys):
    assert main(["analyse", *arguments]) == 1
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert message.startswith("mnist-study: ")
    assert words in message


def test_a_record_belongs_to_the_weights_that_it_was_measured_with(found, tmp_path, monkeypatch):
    monkeypatch.setattr(examination, "RECORDS", tmp_path)
    with pytest.raises(StudyError, match="make one with: mnist-study analyse softmax --record"):
        examined("softmax")
    text = examination.record("softmax", found)
    (tmp_path / "softmax.json").write_text(text)
    assert examined("softmax") == found
    (tmp_path / "softmax.json").write_text(text.replace(examination.weights_digest("softmax"), "0" * 64))
    with pytest.raises(StudyError, match="measured with other weights"):
        examined("softmax")


@pytest.mark.parametrize("name", ms.model_names("mnist"))
def test_every_network_has_its_record_and_a_slice_of_it_comes_out_again(name, mnist):
    recorded, model = examined(name), ms.load_model(name)
    some = mnist.test[:200]
    turned = recorded.corruptions["rotate"]
    assert turned.total == examination.DIGITS
    images = mnist_c(mnist.test.images[: turned.total], "rotate", np.random.default_rng(0))[:200]
    errors = np.count_nonzero(model.predict(images) != some.labels)
    assert abs(errors / 200 - turned.errors / turned.total) < 0.1
    assert abs(recorded.test.errors - round(10_000 * (1 - ms.models.model_record(name).metrics["test_accuracy"]))) <= 2

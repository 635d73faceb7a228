import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mnist_study.analysis import SCORES, FeatureDistance, auroc, threshold


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("name", SCORES)
def test_an_unsure_answer_is_stranger_than_a_sure_one(name):
    sure, unsure = np.array([[9.0, 0, 0]]), np.array([[1.0, 0.9, 0.8]])
    assert SCORES[name](unsure) > SCORES[name](sure)


def test_scores_are_those_worked_out_by_hand():
    logits = np.log([[0.5, 0.25, 0.25]])
    found = {name: score(logits).item() for name, score in SCORES.items()}
    expected = {"probability": np.log(2), "entropy": 1.5 * np.log(2), "gap": -np.log(2), "logit": np.log(2)}
    assert found == pytest.approx(expected | {"energy": 0.0}, abs=1e-12)


def test_the_distance_of_features_is_scipys_mahalanobis_distance_to_the_nearest_mean():
    labels = rng().integers(0, 3, 600)
    features = rng().normal(size=(600, 4)) @ rng().normal(size=(4, 4)) + 5 * labels[:, None]
    distance = FeatureDistance.fit(features, labels, ridge=0.0)
    means = np.array([features[labels == label].mean(axis=0) for label in range(3)])
    inverse = np.linalg.inv(np.cov(features - means[labels], rowvar=False))
    queries = rng().normal(size=(50, 4)) * 9
    theirs = cdist(queries, means, "mahalanobis", VI=inverse).min(axis=1) ** 2
    assert distance(queries) == pytest.approx(theirs, rel=1e-8)


def test_a_unit_that_is_always_dead_is_no_trouble():
    features = np.concatenate([rng().normal(size=(200, 3)), np.zeros((200, 1))], axis=1)
    distance = FeatureDistance.fit(features, np.arange(200) % 2)
    assert np.isfinite(distance(features)).all()
    woken = features + np.array([0, 0, 0, 1.0])
    assert distance(woken).min() > distance(features).max()


def test_auroc_counts_pairs_and_equal_scores_half():
    digits, others = np.array([0.0, 1, 2]), np.array([1.0, 3])
    pairs = [(other > digit) + (other == digit) / 2 for digit in digits for other in others]
    assert auroc(digits, others) == pytest.approx(np.mean(pairs))
    assert auroc([0, 1], [2, 3]) == 1


def test_the_threshold_refuses_the_share_that_was_asked_for():
    scores = rng().permutation(1000).astype(float)
    assert (scores > threshold(scores)).mean() == 0.01
    assert (scores > threshold(scores, 0.2)).mean() == 0.2
    assert (np.zeros(100) > threshold(np.zeros(100))).sum() == 0  # ties: as little less

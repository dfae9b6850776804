"""The classifier in the style of scikit-learn."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.datasets import load_digits, load_iris
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.utils.estimator_checks import parametrize_with_checks

from hv.learn import Classifier


@parametrize_with_checks([Classifier(), Classifier(method="centroid")])
def test_estimator_checks(estimator: object, check: object) -> None:
    check(estimator)  # type: ignore[operator]


@pytest.mark.parametrize("method, least", [("centroid", 0.85), ("perceptron", 0.9), ("lvq", 0.9), ("ensemble", 0.92)])
def test_digits(method: str, least: float) -> None:
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    model = Classifier(method).fit(X, y)
    assert model.score(X_test, y_test) > least
    probabilities = model.predict_proba(X_test)
    assert probabilities.shape == (len(X_test), 10) and np.allclose(probabilities.sum(axis=1), 1)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict_proba(X_test), probabilities)


def test_labels_are_texts_and_folds_work() -> None:
    data = load_iris()
    labels = data.target_names[data.target]
    assert cross_val_score(Classifier(), data.data, labels).mean() > 0.85
    model = Classifier().fit(data.data, labels)
    assert model.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert set(model.predict(data.data)) <= set(model.classes_)
    best = model.classes_[model.predict_proba(data.data).argmax(axis=1)]
    assert (best == model.predict(data.data)).mean() > 0.98


def test_settings() -> None:
    assert Classifier("lvq", 7).get_params() == {"method": "lvq", "seed": 7}
    assert Classifier().set_params(seed=9).seed == 9
    with pytest.raises(ValueError, match='method is "magic"; it must be "centroid"'):
        Classifier("magic").fit([[0.0], [1.0]], [0, 1])  # type: ignore[arg-type]

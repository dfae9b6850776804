"""A classifier in the style of scikit-learn, which this module needs."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ._hv import Model

Method = Literal["centroid", "perceptron", "lvq", "ensemble"]


class Classifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc, unused-ignore]
    """Classifies rows of numbers by binary hypervectors: small models, quick and the same on every machine.

    Args:
        method: "centroid" (the mean of each class), "perceptron" (retrained), "lvq" (several prototypes a class) or
            "ensemble" (five of the perceptron's).
        seed: of the vectors and of the order of the examples. An int from 0 to 2**64 - 1.

    Attributes:
        classes_: the labels, sorted; shape (classes,).
        n_features_in_: how many numbers a row has.
        model_: the model; model_.to_bytes() is what `hv classify` reads, with 0, 1, ... for the labels.
    """

    def __init__(self, method: Method = "perceptron", seed: int = 0) -> None:
        self.method = method
        self.seed = seed

    def fit(self, X: Any, y: Any) -> Classifier:
        """Learns from rows with shape (n, features) and the label of each."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        self.model_ = Model.train(X, numbers.tolist(), self.method, self.seed)
        return self

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """The probability of each label for each row; shape (n, classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        probabilities = self.model_.probabilities(X)
        in_order: npt.NDArray[np.float64] = np.empty_like(probabilities)
        in_order[:, self.model_.classes] = probabilities
        in_order /= in_order.sum(axis=1, keepdims=True)
        return in_order

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The label of each row; shape (n,)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        labels: npt.NDArray[Any] = self.classes_[self.model_.predict(X)]
        return labels

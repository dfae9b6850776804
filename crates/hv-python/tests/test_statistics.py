"""What chance gives, against plain sums over the binomial distribution."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

import hv
from hv import statistics

WITHIN = np.cumsum([math.comb(2048, d) for d in range(2049)], dtype=object)


def at_most(distance: int) -> Fraction:
    """The probability of a distance up to this one, exactly."""
    return Fraction(WITHIN[distance], 2**2048)


def test_scores_of_distances() -> None:
    assert statistics.z_score(1024) == 0 and statistics.z_score(0) == pytest.approx(1024 / math.sqrt(512))
    distances = np.array([[0, 900], [1024, 2048]], np.uint16)
    assert np.allclose(statistics.z_score(distances), (1024 - distances.astype(float)) / math.sqrt(512))
    for distance in [800, 1000, 1024, 1100, 2048]:
        assert statistics.p_value(distance) == pytest.approx(float(at_most(distance)), rel=1e-10)
    found = hv.top_k(hv.random(0, 2), hv.random(0, 3), 4)
    scores = statistics.p_value(found.distances)
    assert scores.shape == (2, 4) and scores.dtype == np.float64 and np.isnan(scores[:, 3]).all()
    assert np.isnan(statistics.z_score(65535)) and statistics.p_value([]).shape == (0,)
    assert isinstance(statistics.z_score(3), float) and statistics.z_score([3]).shape == (1,)


def test_wrong_distances_are_refused() -> None:
    for wrong in [-1, 2049, np.array([5, 3000])]:
        with pytest.raises(ValueError, match="it must be from 0 to 2048"):
            statistics.z_score(wrong)
    for kind in [0.5, np.array([0.5]), [True], "10", None]:
        with pytest.raises(TypeError, match="distances must be integers"):
            statistics.p_value(kind)  # type: ignore[arg-type]


def test_the_nearest_of_many() -> None:
    assert statistics.expected_nearest(0) == 2048
    assert statistics.expected_nearest(1) == pytest.approx(1024)
    mean = sum((1 - float(at_most(d))) ** 1000 for d in range(2048))
    assert statistics.expected_nearest(1000) == pytest.approx(mean, rel=1e-9)
    found = hv.nearest(hv.random(0, 200), hv.random(10**6, 1000)).distances
    assert abs(found.mean() - mean) < 3


def test_what_stands_out() -> None:
    distance = statistics.max_distance_for(0.001, 1_000_000)
    assert distance == 887

    def alarms(within: int) -> float:
        return -math.expm1(1_000_000 * math.log1p(-float(at_most(within))))

    assert alarms(887) <= 0.001 < alarms(888)
    assert statistics.max_distance_for(1.0, 1) == 2048 and statistics.max_distance_for(0.0, 1) is None
    for rate in [-0.1, 1.5, math.nan, math.inf]:
        with pytest.raises(ValueError, match="rate is .*; it must be a probability, from 0 to 1"):
            statistics.max_distance_for(rate, 1)


def test_bundles() -> None:
    assert [statistics.bundle_similarity(n) for n in range(6)] == [0.5, 1.0, 0.75, 0.75, 0.6875, 0.6875]
    rows = hv.random(0, 25)
    assert abs(hv.similarity(hv.bundle(rows), rows).mean() - statistics.bundle_similarity(25)) < 0.01
    assert statistics.clean_up_error(15, 1000) < 1e-8 and statistics.clean_up_error(151, 1000) > 0.1
    assert statistics.capacity(1000, 0.01) == 39
    assert statistics.clean_up_error(39, 1000) <= 0.01 < statistics.clean_up_error(40, 1000)
    for error in [-1, 2, math.nan]:
        with pytest.raises(ValueError, match="error is .*; it must be a probability"):
            statistics.capacity(1000, error)
    with pytest.raises(OverflowError):
        statistics.capacity(-1, 0.5)

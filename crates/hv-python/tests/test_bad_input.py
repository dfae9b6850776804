"""Bad input is a clear error, or a documented answer."""

# mypy: disable-error-code="arg-type,misc"

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hv
from hv import structures

NAN, INF = math.nan, math.inf
LEVEL, THERMOMETER = hv.LevelEncoder(0.0, 1.0, 5, 1), hv.ThermometerEncoder(0.0, 1.0, 5, 1)
CIRCLE = hv.CircularEncoder(24.0, 24, 1)
SERIES, IMAGE = hv.SeriesEncoder(2, 3, LEVEL, 1), hv.ImageEncoder(3, 2, LEVEL, 1)
FLOATS, RECORDS = hv.FloatEncoder(4), hv.RecordEncoder(1)
ROWS = hv.random(0, 3)


def says(call: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize("encoder", [LEVEL, THERMOMETER, CIRCLE])
def test_numbers(encoder: Any) -> None:
    for wrong in [NAN, INF, -INF]:
        says(lambda: encoder.encode(wrong), ValueError, "it must be finite")
        says(lambda: encoder.encode_batch([0.5, wrong]), ValueError, "number 1 has no vector: .* it must be finite")
    if encoder is not CIRCLE:
        for beyond in [-0.1, 1.5]:
            says(lambda: encoder.encode(beyond), ValueError, "is not from 0 to 1; use numpy.clip if")
            says(lambda: encoder.encode_batch([beyond]), ValueError, "number 0 has no vector: .* is not from 0 to 1; use numpy.clip if")
    for kind in [["a"], None, [1j], np.array([1, 2], object)]:
        says(lambda: encoder.encode_batch(kind), TypeError, "numbers must be real numbers, but they are of the type")
    for shape in [0.5, [[0.1]], np.zeros((0, 3))]:
        says(lambda: encoder.encode_batch(shape), ValueError, r"numbers must have the shape \(n,\)")
    says(lambda: encoder.encode("a"), TypeError, "must be real number, not str")
    assert encoder.encode_batch([]).shape == (0, 256)


def test_settings() -> None:
    for low, high in [(NAN, 1.0), (0.0, INF), (1.0, 1.0), (2.0, 1.0)]:
        says(lambda: hv.LevelEncoder(low, high, 3, 1), ValueError, "both must be finite, and the second above the first")
        says(lambda: hv.ThermometerEncoder(low, high, 3, 1), ValueError, "both must be finite, and the second above the first")
    for period in [0.0, -1.0, NAN, INF]:
        says(lambda: hv.CircularEncoder(period, 3, 1), ValueError, "it must be finite and above 0")
    for levels in [1, 10**6]:
        says(lambda: hv.LevelEncoder(0.0, 1.0, levels, 1), ValueError, "it must be from 2 to 1025")
        says(lambda: hv.ThermometerEncoder(0.0, 1.0, levels, 1), ValueError, "it must be from 2 to 2049")
        says(lambda: hv.CircularEncoder(1.0, levels, 1), ValueError, "it must be from 2 to 2048")
    for size in [0, 10**6]:
        says(lambda: hv.ImageEncoder(size, 3, LEVEL, 1), ValueError, "columns: .* it must be from 1 to 65536")
        says(lambda: hv.ImageEncoder(3, size, LEVEL, 1), ValueError, "rows: .* it must be from 1 to 65536")
        says(lambda: hv.SeriesEncoder(size, 3, LEVEL, 1), ValueError, "channels: .* it must be from 1 to 65536")
        says(lambda: hv.SeriesEncoder(3, size, LEVEL, 1), ValueError, "steps in an n-gram: .* it must be from 1 to 2048")
        says(lambda: hv.WordNgramEncoder(size), ValueError, "n is .*; it must be from 1 to 2048")
    says(lambda: hv.LevelEncoder(0.0, 1.0, -1, 1), OverflowError, "negative")
    says(lambda: hv.TextEncoder(3, -1), OverflowError, "negative")
    says(lambda: hv.FloatEncoder(4, 0, [1.0]), ValueError, "1 numbers, but the encoder takes 4")
    says(lambda: hv.FloatEncoder(4, 0, [NAN] * 4), ValueError, "every number must be finite")


def test_series_and_images() -> None:
    for wrong in [NAN, INF]:
        says(lambda: SERIES.encode([[0.5, wrong]] * 4), ValueError, "value 1, counted from 0: .* it must be finite")
        says(lambda: IMAGE.encode(np.full((2, 3), wrong)), ValueError, "value 0, counted from 0: .* it must be finite")
        says(lambda: SERIES.encode_batch([np.zeros((4, 2)), np.full((4, 2), wrong)]), ValueError, "array 1 has no vector: value 0")
    says(lambda: SERIES.encode([[0.1, 2.0]] * 3), ValueError, "2 is not from 0 to 1; use numpy.clip")
    says(lambda: SERIES.encode(np.zeros((0, 2))), ValueError, "the input has no values")
    for shape in [(4, 3), (4,), (1, 4, 2)]:
        says(lambda: SERIES.encode(np.zeros(shape)), ValueError, r"array must have the shape \(steps, channels\), but .* for 2 channels")
    for shape in [(3, 2), (2, 3, 1), (0, 3), (6,)]:
        says(lambda: IMAGE.encode(np.zeros(shape)), ValueError, r"array must have the shape \(height, width\), but .* 2 rows of 3 pixels")
    for kind in [None, "ab", [[1j, 1j]]]:
        says(lambda: SERIES.encode(kind), TypeError, "array must be real numbers, but they are of the type")
        says(lambda: SERIES.encode_batch([np.zeros((4, 2)), kind]), TypeError, "array 1 must be real numbers")
    says(lambda: SERIES.encode_batch(3), TypeError, "not iterable")
    assert SERIES.encode_batch([]).shape == IMAGE.encode_batch([]).shape == (0, 256)


def test_floats() -> None:
    rows = np.ones((3, 4))
    for wrong in [NAN, INF, -INF, 1e300]:
        rows[2, 1] = wrong
        says(lambda: FLOATS.encode(rows), ValueError, "row 2 has .* in column 1, both counted from 0; every number must be finite")
        says(lambda: FLOATS.learn_thresholds(rows), ValueError, "row 2 has .* in column 1")
        says(lambda: FLOATS.encode(rows[2]), ValueError, "row 0 has .* in column 1")
    for shape in [(3,), (2, 0), (2, 2, 4), (4, 2)]:
        says(lambda: FLOATS.encode(np.zeros(shape)), ValueError, r"rows must have the shape \(n, 4\) or \(4,\)")
    says(lambda: FLOATS.learn_thresholds(np.zeros((0, 4))), ValueError, "there are no rows to learn from")
    assert FLOATS.encode(np.zeros((0, 4))).shape == (0, 256)


@pytest.mark.parametrize("kind", [hv.TextEncoder, hv.NgramEncoder, hv.WordNgramEncoder])
def test_texts(kind: Any) -> None:
    encoder = kind()
    for empty in ["", "  !"]:
        says(lambda: encoder.encode(empty), ValueError, "^there is nothing to encode: the text has no letter and no digit")
        says(lambda: encoder.encode_batch(["a", empty]), ValueError, "text 1 has no vector: there is nothing to encode")
    for wrong in [b"ab", None, 3]:
        says(lambda: encoder.encode(wrong), TypeError, "not an instance of 'str'")
        says(lambda: encoder.encode_batch(["a", wrong]), TypeError, "not an instance of 'str'")
    says(lambda: encoder.encode_batch("ab"), TypeError, "texts is one str; give a sequence of them")
    assert encoder.encode_batch([]).shape == (0, 256)


def test_records() -> None:
    says(lambda: RECORDS.encode({}), ValueError, "the input has no values")
    says(lambda: RECORDS.encode({"a": ROWS, "b": ROWS[0]}), ValueError, r"b must have the shape \(3, 256\), but it has 1 rows")
    says(lambda: RECORDS.encode({"a": [1]}), TypeError, "a must be a NumPy array of uint8")
    says(lambda: RECORDS.encode({1: ROWS}), TypeError, "not an instance of 'str'")
    assert RECORDS.encode({"a": ROWS[:0]}).shape == (0, 256)


def test_structures() -> None:
    for wrong in [ROWS[:, :3], ROWS[None]]:
        says(lambda: structures.Set().insert(wrong), ValueError, r"items must have the shape \(256,\) or \(n, 256\)")
    for wrong in [None, [1], ROWS.astype(float), ROWS.astype(np.int8)]:
        says(lambda: structures.Multiset().count(wrong), TypeError, r"items must be a NumPy array of uint8")
    one = [
        lambda: structures.BundleSequence().prepend(ROWS),
        lambda: structures.Tree(1).put([1], ROWS),
        lambda: ROWS in structures.Set(),
        lambda: structures.FiniteAutomaton().step(ROWS, ROWS[0], hv.Codebook([], ROWS[:0])),
    ]
    for call in one:
        says(call, ValueError, r"must have the shape \(256,\), but its shape is \(3, 256\)")
    says(lambda: structures.FiniteAutomaton().add_transition(ROWS, ROWS[0], ROWS[:2]), ValueError, "state has 3 rows and next has 2")
    says(lambda: structures.Graph(True).add_edge(ROWS, ROWS[:0]), ValueError, "start has 3 rows and end has 0")
    says(lambda: structures.Tree(1).put("ab", ROWS[0]), TypeError, "str")
    says(lambda: structures.Tree(1).put([1.5], ROWS[0]), TypeError, "float")
    says(lambda: structures.BundleSequence().rotate(2**63), OverflowError, "large")
    says(lambda: hv.Changes().put_row("a", b"b"), TypeError, "not an instance of 'bytes'")
    says(lambda: hv.EpisodicMemory().snapshot().row("a"), TypeError, "not an instance of 'bytes'")

"""Encoders of numbers, and of what is made of them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import hv


def test_levels() -> None:
    encoder = hv.LevelEncoder(0.0, 10.0, 101, 42)
    rows = encoder.encode_batch(np.arange(11))
    assert rows.shape == (11, 256) and np.array_equal(rows[3], encoder.encode(3))
    expected = 1 - np.abs(np.subtract.outer(np.arange(11), np.arange(11))) / 20
    found = np.array([[hv.similarity(a, b) for b in rows] for a in rows])
    assert np.abs(found - expected).max() < 2 / 2048
    assert np.array_equal(encoder.encode_batch([1.0, 2.0]), rows[1:3])
    with pytest.raises(ValueError, match="number 2 has no vector: 10.5 is not from 0 to 10"):
        encoder.encode_batch([1.0, 2.0, 10.5])
    with pytest.raises(ValueError, match="must be finite"):
        encoder.encode(float("nan"))
    with pytest.raises(ValueError):
        hv.LevelEncoder(1.0, 0.0, 10, 1)
    with pytest.raises(ValueError, match=r"numbers must have the shape \(n,\), but its shape is \(2, 2\)"):
        encoder.encode_batch([[1.0, 2.0], [3.0, 4.0]])


def test_thermometers_and_circles() -> None:
    thermometer = hv.ThermometerEncoder(0.0, 1.0, 5, 42)
    assert hv.similarity(thermometer.encode(0), thermometer.encode(1)) == 0
    hours = hv.CircularEncoder(24.0, 24, 42)
    assert np.array_equal(hours.encode(-1), hours.encode(23))
    assert abs(hv.similarity(hours.encode(1), hours.encode(23)) - (1 - 2 / 24)) < 0.001


def test_records_answer_by_their_roles() -> None:
    records, items = hv.RecordEncoder(1), hv.ItemMemory(2)
    level = hv.LevelEncoder(0.0, 9.0, 10, 3)
    names, sizes = items.vectors(["a", "b", "c"]), level.encode_batch([1, 5, 9])
    rows = records.encode({"name": names, "size": sizes, "more": hv.random(7, 3)})
    assert rows.shape == (3, 256)
    one = records.encode({"name": names[1], "size": sizes[1], "more": hv.random(8, 1)[0]})
    assert np.array_equal(one, rows[1])
    asked = hv.bind(rows, records.role("name"))
    assert hv.nearest(asked, names).indices.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="no values"):
        records.encode({})
    with pytest.raises(ValueError, match=r"size must have the shape \(3, 256\), but it has 2 rows"):
        records.encode({"name": names, "size": sizes[:2]})


def test_series_and_images() -> None:
    values = hv.LevelEncoder(0.0, 1.0, 21, 1)
    series = hv.SeriesEncoder(2, 3, values, 2)
    rising = np.array([[0.0, 0.5], [0.1, 0.5], [0.2, 0.5], [0.3, 0.5]])
    alike, falling = rising + [[0, 0], [0, 0.05], [0, 0], [0.05, 0]], rising[::-1]
    rows = series.encode_batch([rising, alike, falling])
    assert np.array_equal(rows[2], series.encode(np.ascontiguousarray(falling)))
    assert hv.similarity(rows[0], rows[1]) > hv.similarity(rows[0], rows[2])
    with pytest.raises(ValueError, match=r"array 1 must have the shape \(steps, channels\), but .* for 2 channels"):
        series.encode_batch([rising, rising.T])
    images = hv.ImageEncoder(3, 2, values, 2)
    pixels = np.array([[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]])
    same = images.encode_batch(np.stack([pixels, pixels]))
    assert same.shape == (2, 256) and np.array_equal(same[1], images.encode(pixels))
    with pytest.raises(ValueError, match="for 2 rows of 3 pixels"):
        images.encode(pixels.T)
    with pytest.raises(TypeError, match="values must be a LevelEncoder, .* but it is a ItemMemory"):
        hv.ImageEncoder(3, 2, hv.ItemMemory(1), 2)  # type: ignore[arg-type]


def test_words() -> None:
    words = hv.WordNgramEncoder(1, 42)
    rows = words.encode_batch(["the dog bit the man", "The man bit the dog!", "nothing alike"])
    assert np.array_equal(rows[0], rows[1]) and hv.similarity(rows[0], rows[2]) < 0.6
    assert not np.array_equal(hv.WordNgramEncoder(2, 42).encode("a b c"), hv.WordNgramEncoder(2, 42).encode("c b a"))


@pytest.mark.parametrize(
    "encoder, other",
    [
        (hv.LevelEncoder(0.0, 1.0, 3, 1), hv.LevelEncoder(0.0, 1.0, 3, 2)),
        (hv.ThermometerEncoder(0.0, 1.0, 3, 1), hv.ThermometerEncoder(0.0, 2.0, 3, 1)),
        (hv.CircularEncoder(1.0, 3, 1), hv.CircularEncoder(1.0, 4, 1)),
        (hv.RecordEncoder(1), hv.RecordEncoder(2)),
        (hv.WordNgramEncoder(1, 1), hv.WordNgramEncoder(2, 1)),
        (
            hv.SeriesEncoder(2, 3, hv.LevelEncoder(0.0, 1.0, 3, 1), 1),
            hv.SeriesEncoder(2, 3, hv.LevelEncoder(0.0, 1.0, 4, 1), 1),
        ),
        (
            hv.ImageEncoder(2, 3, hv.LevelEncoder(0.0, 1.0, 3, 1), 1),
            hv.ImageEncoder(2, 3, hv.CircularEncoder(1.0, 3, 1), 1),
        ),
    ],
)
def test_encoders_are_their_settings(encoder: object, other: object) -> None:
    assert pickle.loads(pickle.dumps(encoder)) == encoder != other

"""Encoders of texts, symbols and numbers."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import hv


@pytest.mark.parametrize("kind", [hv.TextEncoder, hv.NgramEncoder])
def test_texts(kind: type) -> None:
    encoder = kind(n=3, seed=42)
    texts = ["the quick brown fox", "the quikc brown fox", "colourless green ideas"]
    rows = encoder.encode_batch(texts)
    assert rows.shape == (3, 256) and np.array_equal(rows[1], encoder.encode(texts[1]))
    assert hv.similarity(rows[0], rows[1]) > 0.65 > hv.similarity(rows[0], rows[2])
    assert encoder.encode_batch(tuple(texts * 3000)).shape == (9000, 256)
    assert not np.array_equal(kind(3, 43).encode(texts[0]), rows[0])
    again = pickle.loads(pickle.dumps(encoder))
    assert again == encoder and again != kind(3, 1) and (again.n, again.seed) == (3, 42)
    with pytest.raises(ValueError, match="text 1 has no vector"):
        encoder.encode_batch(["a word", "", "another"])
    with pytest.raises(ValueError, match="text 8199 has no vector"):
        encoder.encode_batch(["word"] * 8199 + [""])
    with pytest.raises(TypeError, match="texts is one str"):
        encoder.encode_batch("a word")
    with pytest.raises(ValueError, match="n is 0; it must be from 1 to 2048"):
        kind(0)


def test_symbols() -> None:
    items = hv.ItemMemory(42)
    rows = items.vectors(["red", "green", 7, b"red"])
    assert np.array_equal(rows[0], items.vector("red")) and np.array_equal(rows[2], items.vector(7))
    distances = [hv.hamming(rows[i], rows[j]) for i in range(3) for j in range(i)]
    assert all(900 < distance < 1150 for distance in distances)
    assert pickle.loads(pickle.dumps(items)) == items != hv.ItemMemory(1)
    # Numbers of NumPy are numbers, too.
    assert np.array_equal(items.vectors(np.arange(6, 9, dtype=np.uint8))[1], rows[2])
    assert len({bytes(row) for row in items.vectors([-1, 2**63, 2**64 - 1, -(2**63)])}) == 4
    for wrong in [1.5, 2**64, -(2**63) - 1, None, ["red"]]:
        with pytest.raises(TypeError, match="a symbol must be a str, bytes or an int from .*, but it is "):
            items.vector(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats(dtype: type) -> None:
    rows = np.random.default_rng(1).normal(size=(9000, 20)).astype(dtype)
    encoder = hv.FloatEncoder(20, seed=3)
    codes = encoder.encode(rows)
    assert codes.shape == (9000, 256) and np.array_equal(codes[4], encoder.encode(rows[4]))
    assert np.array_equal(encoder.encode(np.asfortranarray(rows)), codes)
    angles = np.arccos([np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b) for a, b in zip(rows[:50].astype(float), rows[50:100].astype(float))])
    assert np.abs(hv.hamming(codes[:50], codes[50:100]) - 2048 * angles / np.pi).max() < 120
    rows[8500, 3] = np.nan
    with pytest.raises(ValueError, match="row 8500"):
        encoder.encode(rows)


def test_rows_of_2048_numbers_are_their_signs() -> None:
    rows = np.random.default_rng(1).normal(size=(3, 2048))
    assert np.array_equal(hv.FloatEncoder(2048).encode(rows), hv.from_bits(rows > 0))


def test_thresholds_are_learnt_and_kept() -> None:
    rows = np.random.default_rng(1).normal(size=(100, 8)) + 5
    encoder = hv.FloatEncoder(8, 1).learn_thresholds(rows)
    assert np.allclose(encoder.thresholds, rows.mean(axis=0)) and len(hv.FloatEncoder(8, 1).thresholds) == 0
    again = pickle.loads(pickle.dumps(encoder))
    assert again == encoder != hv.FloatEncoder(8, 1)
    assert np.array_equal(again.encode(rows), encoder.encode(rows))
    assert np.array_equal(hv.FloatEncoder(8, 1, encoder.thresholds).encode(rows), encoder.encode(rows))


def test_rescore() -> None:
    rows = np.random.default_rng(1).normal(size=(200, 16)).astype(np.float32)
    query = rows[7] + 0.3
    encoder = hv.FloatEncoder(16)
    codes = encoder.encode(rows)
    candidates = hv.top_k(encoder.encode(query)[None], codes, 40).indices[0]
    indices, scores = encoder.rescore(query, candidates, 10, rows=rows)
    cosines = rows @ query / np.linalg.norm(rows, axis=1) / np.linalg.norm(query)
    expected = sorted(candidates.tolist(), key=lambda i: -cosines[i])[:10]
    assert indices.tolist() == expected and np.allclose(scores, cosines[expected], atol=1e-5)
    by_codes, _ = encoder.rescore(query, candidates, 10, codes=hv.Codes(codes))
    assert by_codes[0] == 7
    assert encoder.rescore(query, np.array([-1, 3]), 5, codes=codes)[0].tolist() == [3]
    with pytest.raises(IndexError, match="candidate 200 is not among the 200 rows"):
        encoder.rescore(query, [200], 1, codes=codes)
    with pytest.raises(TypeError, match="give codes or rows"):
        encoder.rescore(query, [1], 1)
    with pytest.raises(TypeError, match="different dtypes"):
        encoder.rescore(query.astype(np.float64), [1], 1, rows=rows)


def test_numbers_of_another_kind_or_length_are_refused() -> None:
    encoder = hv.FloatEncoder(4)
    with pytest.raises(TypeError, match="float16, float32 or float64, but it is an array of int64"):
        encoder.encode(np.zeros((2, 4), np.int64))
    with pytest.raises(TypeError, match="but it is a list"):
        encoder.encode([[0.0] * 4])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"shape \(n, 4\) or \(4,\), but its shape is \(2, 3\)"):
        encoder.encode(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="dimensions is 0"):
        hv.FloatEncoder(0)

"""Searches against NumPy."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import distances, tanimoto, top_k

import hv

METRICS = ["hamming", "tanimoto"]


def near(seed: int, n: int) -> np.ndarray:
    """Vectors with few ones, where equal ones and ties are common."""
    rng = np.random.default_rng(seed)
    rows = np.zeros((n, 256), np.uint8)
    rows[:, :2] = rng.integers(0, 4, (n, 2))
    return rows


def same(found: tuple[np.ndarray, ...], expected: tuple[np.ndarray, ...]) -> None:
    for a, b in zip(found, expected):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


@given(st.integers(0, 2**32), st.integers(0, 20), st.integers(0, 40), st.integers(0, 50), st.sampled_from(METRICS))
def test_top_k(seed: int, q: int, n: int, k: int, metric: str) -> None:
    queries, memory = near(seed, q), near(seed + 1, n)
    expected = top_k(queries, memory, k, metric)
    same(hv.top_k(queries, memory, k, metric=metric), expected)
    same(hv.Codes(memory).top_k(hv.Codes(queries), k, metric), expected)


@pytest.mark.parametrize("metric", METRICS)
def test_top_k_of_many(metric: str) -> None:
    queries, memory = hv.random(0, 1100), hv.random(1000, 700)
    found = hv.top_k(queries, memory, 3, metric=metric)
    same((a[1000:1020] for a in found), top_k(queries[1000:1020], memory, 3, metric))
    same((a[:10] for a in found), top_k(queries[:10], memory, 3, metric))


@pytest.mark.parametrize("metric", METRICS)
def test_nearest_and_short_rows(metric: str) -> None:
    queries, memory = near(1, 5), near(2, 30)
    same(hv.nearest(queries, memory, metric), tuple(a[:, 0] for a in top_k(queries, memory, 1, metric)))
    empty = hv.nearest(queries, memory[:0], metric)
    assert (empty.indices == -1).all() and (empty.distances == 65535).all() and np.isnan(empty.similarities).all()
    assert empty.indices.dtype == np.int64 and empty.distances.dtype == np.uint16


@given(st.integers(0, 2**32), st.sampled_from(METRICS), st.floats(-0.1, 1.1))
def test_within(seed: int, metric: str, least: float) -> None:
    queries, memory = near(seed, 4), near(seed + 1, 25)
    d = distances(queries, memory)
    s = 1 - d / 2048 if metric == "hamming" else tanimoto(queries, memory)
    least = float(s.flat[seed % s.size]) if seed % 2 else least  # a threshold is inclusive
    found = hv.within(queries, memory, least, metric)
    assert found.shape == (4, 25) and len(found.indptr) == 5
    for i in range(4):
        row = slice(found.indptr[i], found.indptr[i + 1])
        expected = [j for j in np.lexsort((np.arange(25), -s[i])) if s[i, j] >= least]
        assert found.indices[row].tolist() == expected
        assert np.array_equal(found.distances[row], d[i, expected])
        assert np.array_equal(found.similarities[row], s[i, expected])


@given(st.integers(0, 2**32), st.sampled_from(METRICS), st.floats(-0.1, 1.1))
def test_similar_pairs(seed: int, metric: str, least: float) -> None:
    rows = near(seed, 20)
    d = distances(rows, rows)
    s = 1 - d / 2048 if metric == "hamming" else tanimoto(rows, rows)
    least = float(s.flat[seed % s.size]) if seed % 2 else least
    found = hv.similar_pairs(rows, least, metric)
    expected = [(i, j) for i in range(20) for j in range(i + 1, 20) if s[i, j] >= least]
    assert found.indices.shape == (len(expected), 2)
    assert [tuple(pair) for pair in found.indices.tolist()] == expected
    assert np.array_equal(found.distances, [d[pair] for pair in expected])
    assert np.array_equal(found.similarities, [s[pair] for pair in expected])


def test_similar_pairs_in_several_pieces() -> None:
    rows = hv.random(0, 2600)
    rows[2500], rows[1100] = rows[3], rows[1050]
    assert hv.similar_pairs(rows, 0.9).indices.tolist() == [[3, 2500], [1050, 1100]]


def test_a_threshold_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="min_similarity is nan"):
        hv.within(near(1, 1), near(1, 1), float("nan"))
    with pytest.raises(ValueError, match='metric is "cosine"; it must be "hamming" or "tanimoto"'):
        hv.top_k(near(1, 1), near(1, 1), 1, metric="cosine")
    with pytest.raises(OverflowError):
        hv.top_k(near(1, 1), near(1, 1), -1)


@given(st.integers(0, 2**32), st.integers(0, 12), st.lists(st.integers(0, 12), min_size=1, max_size=4), st.sampled_from(METRICS))
def test_shards_merge_into_the_whole(seed: int, k: int, sizes: list[int], metric: str) -> None:
    queries, memory = near(seed, 3), near(seed + 1, sum(sizes))
    ends = np.cumsum(sizes)
    shards = [hv.Codes(memory[end - size : end]) for end, size in zip(ends, sizes)]
    parts = [s.top_k(queries, k, metric).shifted(int(end) - len(s)) for s, end in zip(shards, ends)]
    same(hv.TopK.merge(parts), hv.top_k(queries, memory, k, metric))


def test_codes_grow_and_what_was_taken_stays() -> None:
    rows = hv.random(1, 5)
    codes = hv.Codes()
    assert len(codes) == 0
    codes.append(rows[:3])
    before = codes.array
    codes.append(rows[3:])
    codes.append(hv.Codes(rows[:1]))
    codes.append(codes)
    assert len(codes) == 12 and before.shape == (3, 256)
    assert np.array_equal(codes.array[:6], np.concatenate([rows, rows[:1]]))
    assert np.array_equal(np.asarray(codes), codes.array)
    assert np.array(codes, dtype=np.int64).dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        before[0, 0] = 1


def test_codes_keep_their_own() -> None:
    rows = hv.random(1, 5)
    codes = hv.Codes(rows)
    rows[0] = 0
    assert np.array_equal(codes.array, hv.random(1, 5))


def test_codes_in_files(tmp_path: Path) -> None:
    codes = hv.Codes(hv.random(1, 5))
    path = tmp_path / "codes.npy"
    codes.save(path)
    assert hv.Codes.load(path) == codes and hv.Codes.load(str(path)) == codes
    assert np.array_equal(np.load(path), codes.array)
    codes.append(codes)
    codes.save(str(path))
    assert len(hv.Codes.load(path)) == 10
    assert [file.name for file in tmp_path.iterdir()] == ["codes.npy"]
    np.save(path, np.zeros((2, 8), np.uint8))
    with pytest.raises(ValueError, match="the array in the file must have the shape \\(n, 256\\), but its shape is \\(2, 8\\)"):
        hv.Codes.load(path)
    with pytest.raises(FileNotFoundError):
        hv.Codes.load(tmp_path / "nothing.npy")
    with pytest.raises(FileNotFoundError):
        codes.save(tmp_path / "nowhere" / "codes.npy")


def test_values_can_be_pickled() -> None:
    rows = hv.random(1, 5)
    codes = pickle.loads(pickle.dumps(hv.Codes(rows)))
    assert codes == hv.Codes(rows) and codes != hv.Codes(rows[1:])
    found = codes.top_k(rows, 2)
    same(pickle.loads(pickle.dumps(found)), found)
    counts = hv.Accumulator()
    counts.add(rows)
    assert pickle.loads(pickle.dumps(counts)) == counts

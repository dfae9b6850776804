"""What NumPy says."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

Array = np.ndarray[Any, Any]


def vectors(n: int) -> st.SearchStrategy[Array]:
    """n vectors, many with few ones or few zeros."""
    return arrays(np.uint8, (n, 256), elements=st.integers(0, 255))


def bits_of(rows: Array) -> Array:
    return np.unpackbits(rows, axis=-1, bitorder="little").astype(bool)


def distances(a: Array, b: Array) -> Array:
    """All distances, of shape (len(a), len(b))."""
    return (bits_of(a)[:, None, :] != bits_of(b)[None, :, :]).sum(axis=2)


def tanimoto(a: Array, b: Array) -> Array:
    """All scores, of shape (len(a), len(b))."""
    left, right = bits_of(a)[:, None, :], bits_of(b)[None, :, :]
    both, either = (left & right).sum(axis=2), (left | right).sum(axis=2)
    return np.where(either == 0, 1.0, both / np.maximum(either, 1))


def top_k(a: Array, b: Array, k: int, metric: str) -> tuple[Array, Array, Array]:
    """What hv.top_k should find."""
    d = distances(a, b)
    s = 1 - d / 2048 if metric == "hamming" else tanimoto(a, b)
    indices = np.full((len(a), k), -1, np.int64)
    near = np.full((len(a), k), 65535, np.uint16)
    scores = np.full((len(a), k), np.nan)
    for i in range(len(a)):
        best = np.lexsort((np.arange(len(b)), -s[i]))[:k]
        indices[i, : len(best)], near[i, : len(best)], scores[i, : len(best)] = best, d[i, best], s[i, best]
    return indices, near, scores

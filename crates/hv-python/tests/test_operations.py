"""Operations against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import bits_of, distances, tanimoto, vectors

import hv


def test_random_is_the_vector_of_the_seed() -> None:
    rows = hv.random(42, 3)
    assert rows.shape == (3, 256) and rows.dtype == np.uint8
    assert bytes(rows[0, :8]).hex() == "a15b5d39b5bf90ae"
    assert np.array_equal(rows[1:], hv.random(43, 2))
    assert hv.random(1, 0).shape == (0, 256)
    assert hv.random(2**64 - 1, 1).shape == (1, 256)
    with pytest.raises(ValueError, match="at most 2\\*\\*64"):
        hv.random(2**64 - 1, 2)


@given(vectors(5), vectors(5))
def test_bind_is_xor(a: np.ndarray, b: np.ndarray) -> None:
    assert np.array_equal(hv.bind(a, b), a ^ b)
    assert np.array_equal(hv.bind(a, b[0]), a ^ b[0])
    assert np.array_equal(hv.bind(a[:1], b), a[:1] ^ b)
    assert hv.bind(a[0], b[0]).shape == (256,)


@given(vectors(4), vectors(4))
def test_distances_and_scores(a: np.ndarray, b: np.ndarray) -> None:
    expected = np.diagonal(distances(a, b))
    found = hv.hamming(a, b)
    assert found.dtype == np.uint16 and np.array_equal(found, expected)
    assert np.array_equal(hv.similarity(a, b), 1 - expected / 2048)
    assert np.array_equal(hv.tanimoto(a, b), np.diagonal(tanimoto(a, b)))
    assert hv.hamming(a[0], b[0]) == expected[0] and isinstance(hv.hamming(a[0], b[0]), int)
    assert isinstance(hv.similarity(a[0], b[0]), float)


def test_zero_vectors_have_a_tanimoto_score_of_one() -> None:
    zero = np.zeros((1, 256), np.uint8)
    assert hv.tanimoto(zero, zero)[0] == 1.0


@given(vectors(3), st.integers(-(2**40), 2**40))
def test_permute_rotates_bits(a: np.ndarray, n: int) -> None:
    rotated = hv.permute(a, n)
    assert np.array_equal(bits_of(rotated), np.roll(bits_of(a), n % 2048, axis=1))
    assert np.array_equal(hv.permute(rotated, -n), a)
    assert hv.permute(a[0], n).shape == (256,)


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_bundle_is_the_majority_with_the_rule_for_ties(seed: int, n: int) -> None:
    rows = hv.random(seed, n)
    counts = bits_of(rows).astype(int).sum(axis=0)
    left, left2 = np.roll(counts, 1), np.roll(counts, 2)
    ties = (left & 1) ^ (2 * left2 > n)
    expected = np.where(2 * counts == n, ties, 2 * counts > n).astype(bool)
    assert np.array_equal(bits_of(hv.bundle(rows)), expected)


def test_a_bundle_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        hv.bundle(np.zeros((0, 256), np.uint8))


@pytest.mark.parametrize("width", [0, 1, 128, 255, 256])
def test_pad_adds_zeros(width: int) -> None:
    short = np.arange(3 * width, dtype=np.uint8).reshape(3, width)
    padded = hv.pad(short)
    assert padded.shape == (3, 256)
    assert np.array_equal(padded[:, :width], short) and not padded[:, width:].any()
    assert np.array_equal(hv.pad(short[0]), padded[0])
    assert np.array_equal(hv.pad(np.asfortranarray(short)), padded)


def test_pad_refuses_wider_rows() -> None:
    with pytest.raises(ValueError, match="w is at most 256, but its shape is \\(2, 257\\)"):
        hv.pad(np.zeros((2, 257), np.uint8))


@given(vectors(3))
def test_bits_there_and_back(a: np.ndarray) -> None:
    bits = np.unpackbits(a, axis=1, bitorder="little").astype(bool)
    assert np.array_equal(hv.from_bits(bits), a)
    assert np.array_equal(hv.from_bits(bits[0]), a[0])
    assert np.array_equal(hv.from_bits(bits[:, ::-1][:, ::-1]), a)


def test_bits_of_another_width_or_dtype_are_refused() -> None:
    with pytest.raises(ValueError, match="its shape is \\(2, 1024\\)"):
        hv.from_bits(np.zeros((2, 1024), bool))
    with pytest.raises(TypeError, match="array of bool .* array of uint8"):
        hv.from_bits(np.zeros((2, 2048), np.uint8))


def test_unequal_numbers_of_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="a has 2 rows and b has 3"):
        hv.bind(hv.random(1, 2), hv.random(1, 3))
    assert hv.bind(hv.random(1, 1), hv.random(1, 0)).shape == (0, 256)


def test_the_accumulator_counts() -> None:
    rows = hv.random(1, 7)
    whole, part = hv.Accumulator(), hv.Accumulator()
    assert whole.majority() is None and len(whole) == 0
    whole.add(rows)
    part.add(rows[0])
    part.add(rows[1:4])
    other = hv.Accumulator()
    other.add(rows[4:])
    part.merge(other)
    assert part == whole and part != other and len(part) == 7
    assert np.array_equal(whole.majority(), hv.bundle(rows))
    counts = bits_of(rows).astype(int).sum(axis=0)
    assert whole.counts.dtype == np.uint64 and np.array_equal(whole.counts, counts)
    signs = 2 * bits_of(rows).astype(int) - 1
    sums = 2 * counts - 7
    assert np.array_equal(whole.dot(rows), signs @ sums) and whole.dot(rows[2]) == signs[2] @ sums
    assert whole.norm() == pytest.approx(np.sqrt((sums**2).sum()))
    assert hv.Accumulator.from_bytes(whole.to_bytes()) == whole
    with pytest.raises(ValueError):
        hv.Accumulator.from_bytes(b"nothing")


def test_the_accumulator_weighs() -> None:
    rows = hv.random(1, 3)
    weighted, repeated = hv.Accumulator(), hv.Accumulator()
    weighted.add(rows, weight=3)
    for _ in range(3):
        repeated.add(rows)
    assert weighted == repeated
    weighted.merge(weighted)
    assert len(weighted) == 18

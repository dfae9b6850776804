"""Clean-up, factors of products, and the sparse distributed memory."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from plain import distances

import hv

ROWS = hv.random(500, 20)
NAMES = [f"name {i}" for i in range(20)]


def noisy(rows: np.ndarray, flips: int, seed: int) -> np.ndarray:
    """Vectors with this many bits turned."""
    rng = np.random.default_rng(seed)
    bits = np.unpackbits(rows, axis=-1, bitorder="little")
    for row in bits:
        row[rng.choice(2048, flips, replace=False)] ^= 1
    return np.packbits(bits, axis=-1, bitorder="little")


def test_a_codebook_cleans_up() -> None:
    codebook = hv.Codebook(NAMES, ROWS)
    found = codebook.clean_up(noisy(ROWS[3:4], 700, 1)[0])
    assert found == hv.Named("name 3", 3, 700)
    assert codebook.clean_up(hv.random(9, 1)[0]) is None
    asked = np.concatenate([noisy(ROWS[5:9], 600, 2), hv.random(0, 2)])
    many = codebook.clean_up_batch(asked)
    d = distances(asked, ROWS)
    assert many.indices.tolist() == [5, 6, 7, 8, -1, -1] and many.distances.tolist() == [600] * 4 + [65535] * 2
    assert many.indices[:4].tolist() == d.argmin(axis=1)[:4].tolist()
    assert np.array_equal(many.similarities[:4], 1 - many.distances[:4] / 2048) and np.isnan(many.similarities[4:]).all()
    assert len(codebook.clean_up_batch(ROWS[:0]).indices) == 0


def test_what_stands_out_depends_on_the_rate() -> None:
    codebook = hv.Codebook(NAMES, ROWS)
    assert codebook.false_alarms == 0.001 and codebook.stands_out == hv.statistics.max_distance_for(0.001, 20)
    at, beyond = (noisy(ROWS[:1], codebook.stands_out + more, 3)[0] for more in (0, 1))
    assert codebook.clean_up(at) is not None and codebook.clean_up(beyond) is None
    everything = hv.Codebook(NAMES, ROWS, false_alarms=1.0)
    asked = hv.random(0, 50)
    assert np.array_equal(everything.clean_up_batch(asked).indices, hv.nearest(asked, ROWS).indices)
    nothing = hv.Codebook(NAMES, ROWS, 0.0)
    assert nothing.stands_out is None and nothing.clean_up(ROWS[0]) is None


def test_a_codebook_keeps_names() -> None:
    items = hv.ItemMemory(7)
    codebook = hv.Codebook(NAMES[:2], items)
    assert codebook == hv.Codebook(NAMES[:2], items.vectors(NAMES[:2]))
    stands_out = codebook.stands_out
    assert codebook.add("more", ROWS[0]) == 2 and codebook.stands_out <= stands_out
    assert codebook.names == ["name 0", "name 1", "more"] and len(codebook) == 3
    assert "more" in codebook and "less" not in codebook
    assert np.array_equal(codebook.vector("more"), ROWS[0]) and np.array_equal(codebook.vectors[2], ROWS[0])
    with pytest.raises(KeyError, match="less"):
        codebook.vector("less")
    with pytest.raises(ValueError, match='"more" is in the codebook already'):
        codebook.add("more", ROWS[1])
    again = pickle.loads(pickle.dumps(codebook))
    assert again == codebook and again != hv.Codebook(again.names, again.vectors, 0.5) and again.add("x", ROWS[1]) == 3
    assert len(codebook) == 3
    one = hv.Codebook(["a"], ROWS[:1])
    assert one != hv.Codebook(["a"], ROWS[1:2]) and one != hv.Codebook(["b"], ROWS[:1]) and one != 1
    empty = hv.Codebook([], ROWS[:0])
    assert len(empty) == 0 and empty.clean_up(ROWS[0]) is None and empty.clean_up_batch(ROWS).indices.tolist() == [-1] * 20


def test_wrong_codebooks_are_refused() -> None:
    with pytest.raises(ValueError, match="there are 2 names for 3 vectors; give one for each"):
        hv.Codebook(NAMES[:2], ROWS[:3])
    with pytest.raises(ValueError, match='"a" is in the codebook already'):
        hv.Codebook(["a", "a"], ROWS[:2])
    with pytest.raises(TypeError, match="names is one str"):
        hv.Codebook("ab", ROWS[:2])
    for rate in [-0.1, 1.1, float("nan")]:
        with pytest.raises(ValueError, match="the rate of false alarms is .*; it must be from 0 to 1"):
            hv.Codebook(NAMES, ROWS, rate)
    with pytest.raises(ValueError, match=r"vector must have the shape \(256,\)"):
        hv.Codebook(NAMES, ROWS).clean_up(ROWS)


def test_a_resonator_finds_the_factors() -> None:
    codebooks = [hv.random(first, 16) for first in (0, 100, 200)]
    resonator = hv.Resonator(codebooks, seed=42)
    rng = np.random.default_rng(0)
    chosen = rng.integers(0, 16, (30, 3))
    products = hv.bind(hv.bind(codebooks[0][chosen[:, 0]], codebooks[1][chosen[:, 1]]), codebooks[2][chosen[:, 2]])
    found = resonator.factor_batch(products)
    assert all(one is not None for one in found)
    assert [one.indices.tolist() for one in found if one] == chosen.tolist()
    assert all(one.distance == 0 and one.rounds >= 1 for one in found if one) and found[0].indices.dtype == np.int64  # type: ignore[union-attr]
    noise = resonator.factor(noisy(products[:1], 100, 1)[0])
    assert noise is not None and noise.indices.tolist() == chosen[0].tolist() and noise.distance == 100
    assert resonator.factor(hv.random(7, 1)[0]) is None
    assert resonator.factor_batch(hv.random(7, 1)) == [None]
    assert hv.Resonator(codebooks, 42, rounds=0).factor(products[0]) is None


def test_a_resonator_is_its_settings() -> None:
    books = [hv.Codebook(NAMES, ROWS), hv.Codes(hv.random(0, 4))]
    resonator = hv.Resonator(books, 1, rounds=20, restarts=2)
    again = pickle.loads(pickle.dumps(resonator))
    assert again == resonator == hv.Resonator([ROWS, hv.random(0, 4)], 1, 20, 2)
    for other in [hv.Resonator(books, 2, 20, 2), hv.Resonator(books, 1, 21, 2), hv.Resonator(books, 1, 20, 3), hv.Resonator(books[:1], 1, 20, 2)]:
        assert other != resonator
    product = hv.bind(ROWS[3], hv.random(2, 1)[0])
    found = again.factor(product)
    assert found is not None and found.indices.tolist() == [3, 2]
    with pytest.raises(ValueError, match="there are no codebooks"):
        hv.Resonator([], 1)
    with pytest.raises(ValueError, match="codebook 1, counted from 0, has no items"):
        hv.Resonator([ROWS, ROWS[:0]], 1)
    with pytest.raises(ValueError, match=r"codebook 1 must have the shape \(n, 256\)"):
        hv.Resonator([ROWS, ROWS[0]], 1)


def test_a_sparse_distributed_memory_answers_for_similar_addresses() -> None:
    radius = hv.statistics.max_distance_for(0.01, 1)
    assert radius is not None
    memory = hv.SparseDistributedMemory(3000, radius, seed=42)
    addresses, values = hv.random(0, 10), hv.random(100, 10)
    locations = hv.ItemMemory(42).vectors(range(3000))
    active = distances(addresses, locations) <= radius
    written = memory.write(addresses[:9], values[:9])
    assert written.dtype == np.int64 and np.array_equal(written, active[:9].sum(axis=1))
    assert memory.write(addresses[9], values[9]) == active[9].sum()
    found, has = memory.read_batch(noisy(addresses, 100, 1))
    assert has.all() and (hv.similarity(found, values) > 0.9).all()
    # What NumPy reads: the bundle of all that was written to the locations of an address.
    together = active[3].astype(int) @ active.astype(int).T
    assert np.array_equal(memory.read(addresses[3]), hv.bundle(np.repeat(values, together, axis=0)))
    empty = hv.SparseDistributedMemory(10, 1, 1)
    assert empty.write(addresses[0], values[0]) == 0 and empty.read(addresses[0]) is None
    found, has = empty.read_batch(addresses)
    assert not has.any() and not found.any() and found.shape == (10, 256)
    again = pickle.loads(pickle.dumps(memory))
    assert (again.locations, again.radius, again.seed) == (3000, radius, 42)
    assert np.array_equal(again.read(addresses[3]), memory.read(addresses[3]))


def test_wrong_memories_are_refused() -> None:
    with pytest.raises(ValueError, match="0 hard locations were asked for"):
        hv.SparseDistributedMemory(0, 900, 1)
    with pytest.raises(ValueError, match="the radius is 2049"):
        hv.SparseDistributedMemory(10, 2049, 1)
    with pytest.raises(ValueError, match="are not what to_bytes of this class gives"):
        hv.SparseDistributedMemory.from_bytes(b"nothing")
    memory = hv.SparseDistributedMemory(10, 900, 1)
    with pytest.raises(ValueError, match="addresses has 2 rows and values has 3"):
        memory.write(ROWS[:2], ROWS[:3])

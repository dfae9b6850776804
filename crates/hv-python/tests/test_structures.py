"""Structures against the bundle of what they should hold."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hv
from hv import structures

ITEMS = hv.ItemMemory(1)
ROWS = hv.random(100, 8)
KEYS = hv.random(200, 8)
NAMES = [f"item {i}" for i in range(8)]
BOOK = hv.Codebook(NAMES, ROWS)


def test_a_multiset_counts() -> None:
    multiset = structures.Multiset()
    assert len(multiset) == 0 and multiset.vector is None
    multiset.insert(ROWS[[0, 1, 1, 2, 2, 2]])
    multiset.insert(ROWS[0])
    assert np.array_equal(multiset.vector, hv.bundle(ROWS[[0, 1, 1, 2, 2, 2, 0]]))
    counts = multiset.count(ROWS)
    assert counts.dtype == np.int64 and counts.tolist() == [2, 2, 3, 0, 0, 0, 0, 0]
    assert multiset.count(ROWS[2]) == 3
    removed = multiset.remove(ROWS[[2, 1, 7]])
    assert removed.dtype == np.bool_ and removed.tolist() == [True, True, False]
    assert multiset.remove(ROWS[0]) is True and len(multiset) == 4
    assert np.array_equal(multiset.vector, hv.bundle(ROWS[[1, 2, 2, 0]]))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=20))
def test_a_set_is_the_bundle_of_its_items(steps: list[tuple[bool, int]]) -> None:
    found, expected = structures.Set(), set()
    for put, i in steps:
        if put:
            assert found.insert(ROWS[i]) is (i not in expected)
            expected.add(i)
        else:
            assert found.remove(ROWS[i]) is (i in expected)
            expected.discard(i)
        assert len(found) == len(expected)
        assert found.contains(ROWS).tolist() == [i in expected for i in range(8)]
        assert (ROWS[0] in found) is (0 in expected)
        if expected:
            assert np.array_equal(found.vector, hv.bundle(ROWS[sorted(expected)]))


def test_a_hash_table_gives_values_back() -> None:
    table = structures.HashTable()
    table.put(KEYS[:5], ROWS[:5])
    table.put(KEYS[5], ROWS[0])
    pairs = np.concatenate([hv.bind(KEYS[:5], ROWS[:5]), hv.bind(KEYS[5], ROWS[0])[None]])
    assert len(table) == 6 and np.array_equal(table.vector, hv.bundle(pairs))
    found = table.get(KEYS[3], BOOK)
    assert found is not None and (found.name, found.index) == ("item 3", 3)
    assert found.distance == hv.hamming(hv.bind(table.vector, KEYS[3]), ROWS[3])
    assert table.get(KEYS[7], BOOK) is None and structures.HashTable().get(KEYS[0], BOOK) is None
    assert BOOK.clean_up_batch(hv.bind(table.vector, KEYS)).indices.tolist() == [0, 1, 2, 3, 4, 0, -1, -1]
    assert table.remove(KEYS[:2], ROWS[[0, 3]]).tolist() == [True, False] and table.get(KEYS[0], BOOK) is None
    # One value for many keys.
    table.put(KEYS[6:], ROWS[7])
    assert table.get(KEYS[6], BOOK) == table.get(KEYS[6], BOOK) and len(table) == 7


@pytest.mark.parametrize("kind", [structures.BundleSequence, structures.BindSequence])
def test_sequences(kind: Any) -> None:
    sequence = kind()
    sequence.append(ROWS[1:4])
    sequence.append(ROWS[4])
    sequence.prepend(ROWS[0])

    def read(positions: range) -> list[int | None]:
        found = (sequence.get(position, BOOK) for position in positions)
        return [one and one.index for one in found]

    rotated = np.stack([hv.permute(ROWS[i], i) for i in range(5)])
    whole = hv.bundle(rotated) if kind is structures.BundleSequence else np.bitwise_xor.reduce(rotated)
    assert np.array_equal(sequence.vector, whole) and len(sequence) == 5
    assert read(range(6)) == [0, 1, 2, 3, 4, None]
    sequence.rotate(-3)
    assert np.array_equal(sequence.vector, hv.permute(whole, -3))
    assert read(range(2045, 2048)) == [0, 1, 2] and read(range(2)) == [3, 4]
    sequence.rotate(2048 * 10**6 + 3)
    assert sequence.replace(2, ROWS[2], ROWS[7]) is True and read(range(5)) == [0, 1, 7, 3, 4]
    assert sequence.replace(5, ROWS[2], ROWS[7]) is False
    assert sequence.get(2048, BOOK) is None


def test_a_product_is_read_exactly() -> None:
    sequence = structures.BindSequence()
    assert np.array_equal(sequence.vector, np.zeros(256, np.uint8))
    sequence.append(ROWS[[3, 3, 1]])
    assert sequence.items(BOOK) == ["item 3", "item 3", "item 1"]
    sequence.append(KEYS[0])
    assert sequence.items(BOOK) is None


def test_a_full_sequence_takes_nothing() -> None:
    sequence = structures.BindSequence()
    sequence.append(np.repeat(ROWS[:1], 2047, axis=0))
    before = sequence.vector
    with pytest.raises(ValueError, match="the sequence has 2048 items"):
        sequence.append(ROWS[:2])
    # All or nothing.
    assert len(sequence) == 2047 and np.array_equal(sequence.vector, before)


@pytest.mark.parametrize("directed", [False, True])
def test_graphs(directed: bool) -> None:
    graph = structures.Graph(directed)
    graph.add_edge(ROWS[0], ROWS[1:4])
    graph.add_edge(ROWS[4:6], ROWS[5:7])
    starts, ends = ROWS[[0, 0, 0, 4, 5]], ROWS[[1, 2, 3, 5, 6]]
    edges = hv.bind(starts, hv.permute(ends, 1) if directed else ends)
    assert graph.directed is directed and len(graph) == 5 and np.array_equal(graph.vector, hv.bundle(edges))
    assert graph.neighbours(ROWS[0], BOOK) == ["item 1", "item 2", "item 3"]
    assert graph.neighbours(ROWS[5], BOOK) == (["item 6"] if directed else ["item 4", "item 6"])
    assert graph.has_edge(starts, ends).all() and graph.has_edge(ROWS[1], ROWS[0]) is (not directed)
    assert graph.remove_edge(ROWS[0], ROWS[[1, 7]]).tolist() == [True, False]
    assert not graph.has_edge(ROWS[0], ROWS[1]) and len(graph) == 4


def test_an_edge_back_to_its_node_needs_a_direction() -> None:
    graph = structures.Graph(directed=False)
    with pytest.raises(ValueError, match="joins two different nodes"):
        graph.add_edge(ROWS[:2], ROWS[[1, 1]])
    assert len(graph) == 0
    directed = structures.Graph(directed=True)
    directed.add_edge(ROWS[1], ROWS[1])
    assert directed.has_edge(ROWS[1], ROWS[1])


def test_a_tree() -> None:
    tree = structures.Tree(seed=42)
    paths = [[], [0], [0, 1], (1, 0), [7, 7, 7]]
    for path, row in zip(paths, ROWS):
        tree.put(path, row)
    assert len(tree) == 5
    turns = hv.ItemMemory(42).vectors([1, 0])
    assert np.array_equal(tree.path([1, 0]), hv.bind(turns[0], hv.permute(turns[1], 1)))
    assert np.array_equal(tree.vector, hv.bundle(np.stack([hv.bind(tree.path(p), row) for p, row in zip(paths, ROWS)])))
    assert [found and found.index for found in (tree.get(path, BOOK) for path in [*paths, [1], [1, 1]])] == [0, 1, 2, 3, 4, None, None]
    assert tree.remove([0], ROWS[1]) is True and tree.remove([0], ROWS[1]) is False and tree.get([0], BOOK) is None
    with pytest.raises(ValueError, match="2049 turns"):
        tree.get([0] * 2049, BOOK)
    with pytest.raises(OverflowError):
        tree.path([-1])


def test_a_finite_automaton() -> None:
    automaton = structures.FiniteAutomaton()
    automaton.add_transition(ROWS[[0, 1, 2]], KEYS[0], ROWS[[1, 2, 0]])
    automaton.add_transition(ROWS[2], KEYS[1], ROWS[2])
    state, visited = ROWS[0], []
    for symbol in [0, 0, 1, 1, 0]:
        found = automaton.step(state, KEYS[symbol], BOOK)
        assert found is not None
        visited.append(found.index)
        state = ROWS[found.index]
    assert visited == [1, 2, 2, 2, 0]
    assert automaton.step(ROWS[0], KEYS[1], BOOK) is None
    parts = [hv.bind(hv.bind(ROWS[a], KEYS[s]), hv.permute(ROWS[b], 1)) for a, s, b in [(0, 0, 1), (1, 0, 2), (2, 0, 0), (2, 1, 2)]]
    assert len(automaton) == 4 and np.array_equal(automaton.vector, hv.bundle(np.stack(parts)))
    assert automaton.remove_transition(ROWS[2], KEYS[1], ROWS[2]) is True
    assert automaton.remove_transition(ROWS[[0, 0]], KEYS[[0, 5]], ROWS[[1, 1]]).tolist() == [True, False]


def filled() -> list[Any]:
    multiset, unique, table = structures.Multiset(), structures.Set(), structures.HashTable()
    multiset.insert(ROWS)
    unique.insert(ROWS)
    table.put(KEYS, ROWS)
    bundled, bound, graph = structures.BundleSequence(), structures.BindSequence(), structures.Graph(True)
    for sequence in (bundled, bound):
        sequence.append(ROWS)
        sequence.rotate(-5)
    graph.add_edge(KEYS, ROWS)
    tree, automaton = structures.Tree(3), structures.FiniteAutomaton()
    tree.put([1, 2], ROWS[0])
    automaton.add_transition(ROWS, KEYS, ROWS)
    return [multiset, unique, table, bundled, bound, graph, tree, automaton]


EMPTY = [structures.Graph(True) if s is structures.Graph else structures.Tree(3) if s is structures.Tree else s() for s in map(type, filled())]


@pytest.mark.parametrize("structure, empty", list(zip(filled(), EMPTY)))
def test_structures_can_be_pickled(structure: Any, empty: Any) -> None:
    again = pickle.loads(pickle.dumps(structure))
    assert type(again) is type(structure) and again == structure != empty and len(again) == len(structure)
    assert type(structure).__module__ == "hv.structures"
    assert type(structure).from_bytes(structure.to_bytes()) == structure
    assert structure != 1 and type(structure).__name__ in repr(structure)
    for wrong in [b"", b"nothing", structure.to_bytes()[:-1]]:
        with pytest.raises(ValueError, match="are not what to_bytes of this class gives"):
            type(structure).from_bytes(wrong)


def test_what_is_no_vector_is_refused() -> None:
    multiset, table, sequence = structures.Multiset(), structures.HashTable(), structures.BundleSequence()
    with pytest.raises(TypeError, match=r"items must be a NumPy array of uint8 with shape \(256,\) or \(n, 256\), but it is a list"):
        multiset.insert([0] * 256)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"items must have the shape \(256,\) or \(n, 256\), but its shape is \(2, 255\)"):
        multiset.insert(np.zeros((2, 255), np.uint8))
    with pytest.raises(ValueError, match="keys has 2 rows and values has 3; they must have the same number"):
        table.put(KEYS[:2], ROWS[:3])
    with pytest.raises(ValueError, match=r"key must have the shape \(256,\), but its shape is \(2, 256\)"):
        table.get(KEYS[:2], BOOK)
    with pytest.raises(TypeError, match="Codebook"):
        table.get(KEYS[0], ROWS)  # type: ignore[arg-type]
    with pytest.raises(OverflowError):
        sequence.get(-1, BOOK)
    table.put(KEYS[:0], ROWS[:1])
    multiset.insert(ROWS[:0])
    assert len(table) == len(multiset) == 0

"""Ctrl-C stops long work."""

from __future__ import annotations

import _thread
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from operator import methodcaller
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hv
from hv import structures
from hv._hv import Model

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent differently")


@pytest.fixture(autouse=True)
def _interrupts() -> Iterator[None]:
    """Where the tests run in the background, SIGINT is ignored from the start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def returned_of(calls: list[Callable[[], Any]]) -> int:
    """How many of some calls return before a KeyboardInterrupt.

    They are made from C, so that Python itself does not look for signals in between.
    """
    returned: list[Any] = []
    with pytest.raises(KeyboardInterrupt):
        returned.extend(map(methodcaller("__call__"), calls))
    return len(returned)


def is_stopped(work: Callable[[], Any], seconds: float = 0.2) -> bool:
    """Whether a signal that comes after a while ends work that would take minutes.

    A result with a class of Python is made by Python, which looks for signals, so that work which goes on to its end seems to be
    stopped, too: but for the time.
    """
    timer = threading.Timer(seconds, os.kill, [os.getpid(), signal.SIGINT])
    timer.start()
    begun = time.monotonic()
    try:
        return returned_of([partial(work)]) == 0 and time.monotonic() - begun < 60
    finally:
        timer.cancel()
        timer.join()


def is_not_begun(work: Callable[[], Any]) -> bool:
    """Whether work does not begin where a signal has come just before."""
    return returned_of([partial(_thread.interrupt_main), partial(work)]) == 1


MEMORY = hv.Codes(hv.random(0, 100_000))
MANY = np.tile(hv.random(0, 2000), (200, 1))


@pytest.mark.parametrize(
    "work",
    [
        partial(hv.top_k, MANY, MEMORY, 10),
        partial(hv.top_k, MANY, MEMORY, 10, "tanimoto"),
        partial(hv.within, MANY, MEMORY, 0.9),
        partial(hv.nearest, MANY, MEMORY),
        partial(hv.similar_pairs, MEMORY, 0.9),
        partial(hv.similar_pairs, MEMORY, 0.9, "tanimoto"),
        partial(hv.random, 0, 20_000_000),
        partial(hv.SparseDistributedMemory(100_000, 900, 1).read_batch, MANY),
        partial(hv.Codebook(list(map(str, range(100_000))), MEMORY).clean_up_batch, MANY),
    ],
)
def test_searches_are_stopped(work: Callable[[], Any]) -> None:
    assert is_stopped(work)


FEW = hv.random(0, 3)
ROWS = np.ones((3, 5))
NAMES = list(map(str, range(20_000)))


@pytest.mark.parametrize(
    "work",
    [
        partial(hv.bundle, FEW),
        partial(hv.bind, FEW, FEW),
        partial(hv.hamming, FEW, FEW),
        partial(hv.permute, FEW, 1),
        partial(hv.pad, FEW[:, :100]),
        partial(hv.from_bits, np.ones((3, 2048), bool)),
        partial(hv.hamming, FEW[::2], FEW[::2]),
        partial(hv.Codes, FEW),
        partial(hv.Accumulator().add, FEW),
        partial(hv.Accumulator().dot, FEW),
        partial(hv.Codebook, NAMES, np.zeros((20_000, 256), np.uint8)),
        partial(hv.ItemMemory(1).vectors, range(20_000)),
        partial(hv.TextEncoder().encode_batch, ["some", "texts"]),
        partial(hv.TextEncoder().encode_batch, NAMES),
        partial(hv.LevelEncoder(0, 1, 5, 1).encode_batch, [0.5]),
        partial(hv.ImageEncoder(5, 3, hv.LevelEncoder(0, 1, 5, 1), 1).encode_batch, [ROWS]),
        partial(hv.RecordEncoder(1).encode, {"role": FEW}),
        partial(hv.FloatEncoder(5).encode, ROWS),
        partial(hv.FloatEncoder(5).learn_thresholds, ROWS),
        partial(hv.FloatEncoder(5).rescore, ROWS[0], [0, 1], 1, rows=ROWS),
        partial(hv.Resonator([FEW, FEW], 1).factor, FEW[0]),
        partial(hv.Resonator([FEW, FEW], 1).factor_batch, FEW),
        partial(hv.SparseDistributedMemory, 100, 900, 1),
        partial(hv.SparseDistributedMemory(100, 900, 1).write, FEW, FEW),
        partial(hv.statistics.p_value, [1000, 1020]),
    ],
)
def test_each_kind_of_work_looks_for_signals(work: Callable[[], Any]) -> None:
    assert is_not_begun(work)


def test_a_structure_that_is_stopped_is_as_before() -> None:
    many = np.tile(FEW, (10_000, 1))
    for structure in structures.Multiset(), structures.Set():
        structure.insert(FEW)
        assert is_not_begun(partial(structure.insert, many)) and len(structure) == 3
        assert is_not_begun(partial(structure.remove, many)) and len(structure) == 3
    table, graph, automaton = structures.HashTable(), structures.Graph(True), structures.FiniteAutomaton()
    table.put(FEW, FEW)
    assert is_not_begun(partial(table.put, many, many)) and len(table) == 3
    assert is_not_begun(partial(table.remove, many, many)) and len(table) == 3
    graph.add_edge(FEW, FEW[::-1])
    assert is_not_begun(partial(graph.add_edge, many, many)) and len(graph) == 3
    assert is_not_begun(partial(graph.remove_edge, many, many[::-1])) and len(graph) == 3
    assert is_not_begun(partial(graph.has_edge, many, many))
    automaton.add_transition(FEW, FEW, FEW)
    assert is_not_begun(partial(automaton.add_transition, many, many, many)) and len(automaton) == 3
    assert is_not_begun(partial(automaton.remove_transition, many, many, many)) and len(automaton) == 3


def test_a_resonator_is_stopped() -> None:
    resonator = hv.Resonator([hv.random(0, 300), hv.random(300, 300), hv.random(600, 300)], 1, rounds=100_000_000)
    assert is_stopped(partial(resonator.factor, hv.random(7, 1)[0]))
    assert is_stopped(partial(resonator.factor_batch, hv.random(0, 100_000)))


def test_a_large_sparse_memory_is_stopped() -> None:
    assert is_stopped(partial(hv.SparseDistributedMemory, 16_777_216, 900, 1))


def test_training_is_stopped() -> None:
    rng = np.random.default_rng(0)
    rows, classes = rng.normal(size=(30_000, 20)), rng.integers(0, 20, 30_000).tolist()
    assert is_stopped(partial(Model.train, rows, classes, "ensemble", 0))
    assert is_not_begun(partial(Model.train, rows, classes, "centroid", 0))


def test_predictions_are_stopped() -> None:
    rows = np.random.default_rng(0).normal(size=(1_000_000, 20))
    model = Model.train(rows[:200], [0, 1] * 100, "lvq", 0)
    for predict in model.predict, model.probabilities:
        assert is_not_begun(partial(predict, rows[:3])) and is_stopped(partial(predict, rows))


def test_a_fit_is_stopped() -> None:
    pytest.importorskip("sklearn")
    from hv.learn import Classifier

    rng = np.random.default_rng(0)
    model = Classifier("ensemble")
    assert is_stopped(partial(model.fit, rng.normal(size=(30_000, 20)), rng.integers(0, 20, 30_000)))
    assert not hasattr(model, "model_")


def test_a_consolidation_is_stopped_and_changes_nothing() -> None:
    memory = hv.EpisodicMemory()
    memory.store_batch(np.tile(hv.random(0, 60_000), (3, 1)))
    policy = hv.ConsolidatePolicy(merge=0.9, floor=0.0)
    assert is_stopped(partial(memory.consolidate, 0, policy)) and len(memory) == 180_000
    assert is_stopped(partial(memory.snapshot().plan_consolidation, 0, policy))
    assert is_stopped(partial(memory.snapshot().similar_pairs, 0.9))
    assert is_not_begun(partial(memory.consolidate, 0, hv.ConsolidatePolicy(capacity=10))) and len(memory) == 180_000


def test_a_recall_is_stopped() -> None:
    memory = hv.EpisodicMemory()
    # From 2**20 episodes on it looks for signals.
    memory.store_batch(np.tile(hv.random(0, 2**18), (4, 1)))
    cue = hv.random(5, 1)[0]
    found = memory.recall(cue, 4)
    assert found.ids.tolist() == [5 + 2**18 * i for i in range(4)] and found.distances.tolist() == [0] * 4
    assert is_not_begun(partial(memory.recall, cue, 1)) and is_not_begun(partial(memory.snapshot().recall, cue, 1))
    assert is_stopped(partial(memory.recall_batch, MANY, 1)) and is_stopped(partial(memory.snapshot().explain_recall, MANY, 1))
    assert is_not_begun(partial(memory.recollect, cue, 1, 0)) and memory.stats().retrievals == 0


def test_a_batch_is_stored_or_not() -> None:
    memory, many = hv.EpisodicMemory(), np.zeros((20_000, 256), np.uint8)
    changes = hv.Changes()
    assert is_not_begun(partial(memory.store_batch, FEW)) and is_not_begun(partial(changes.store_batch, FEW))
    labels = {"payloads": [b"some"] * 20_000, "keys": range(20_000), "sources": NAMES, "tags": [["a"]] * 20_000}
    for name, label in labels.items():
        assert is_not_begun(partial(memory.store_batch, many, **{name: label}))
    changes.store_batch(many)
    assert is_not_begun(partial(memory.apply, changes)) and len(memory) == 0
    assert len(memory.store_batch(many, **labels)) == 20_000


def test_storing_is_stopped_before_its_commit(tmp_path: Path) -> None:
    changes = hv.Changes()
    changes.store_batch(np.zeros((1_000_000, 256), np.uint8))
    for path in None, tmp_path / "store":
        with hv.EpisodicMemory(path) as memory:
            assert is_stopped(partial(memory.apply, changes), 0.05) and len(memory) == 0
            assert len(memory.store_batch(FEW)) == 3


def test_what_is_asked_of_recollections_is_stopped() -> None:
    memory = hv.EpisodicMemory(retrievals_kept=1_000)
    memory.store_batch(np.zeros((1_000, 256), np.uint8))
    for now in range(600):
        memory.recollect(np.zeros(256, np.uint8), 1_000, now)
    assert is_stopped(partial(memory.snapshot().coactivations, 1e9, 1))


def test_work_on_a_store_does_not_begin_after_a_signal(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with hv.EpisodicMemory(path) as memory:
        memory.store_batch(hv.random(0, 10_000))
        memory.forget(list(range(5_000)))
        assert is_not_begun(memory.compact) and memory.stats().forgotten == 5_000
        assert is_not_begun(memory.verify)
        assert is_not_begun(partial(memory.export, tmp_path / "out")) and not (tmp_path / "out").exists()
        memory.export(tmp_path / "out")
    imports = [partial(hv.EpisodicMemory.import_new, tmp_path / "new", tmp_path / "out")]
    imports += [partial(hv.EpisodicMemory().import_from, tmp_path / "out")]
    for work in [*imports, partial(hv.EpisodicMemory, path), partial(hv.EpisodicMemory, path, read_only=True)]:
        assert is_not_begun(work)
    assert not (tmp_path / "new").exists()
    assert is_not_begun(partial(hv.verify, path)) and is_not_begun(partial(hv.salvage, path))
    with hv.EpisodicMemory(path) as again:
        assert len(again) == 5_000


def test_work_that_is_short_ends_all_the_same() -> None:
    multiset = structures.Multiset()
    assert returned_of([partial(_thread.interrupt_main), partial(multiset.insert, hv.random(0, 3))]) == 2
    assert len(multiset) == 3

"""Ctrl-C stops long work."""

from __future__ import annotations

import _thread
import os
import signal
import threading
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
    """Whether a signal that comes after a while ends work that would take minutes."""
    timer = threading.Timer(seconds, os.kill, [os.getpid(), signal.SIGINT])
    timer.start()
    try:
        return returned_of([partial(work)]) == 0
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
        partial(hv.similar_pairs, MEMORY, 0.9),
        partial(hv.similar_pairs, MEMORY, 0.9, "tanimoto"),
        partial(hv.random, 0, 20_000_000),
        partial(hv.SparseDistributedMemory(100_000, 900, 1).read_batch, MANY),
        partial(hv.Codebook(list(map(str, range(100_000))), MEMORY).clean_up_batch, MANY),
    ],
)
def test_searches_are_stopped(work: Callable[[], Any]) -> None:
    assert is_stopped(work)


def test_a_resonator_is_stopped_between_products() -> None:
    resonator = hv.Resonator([hv.random(0, 300), hv.random(300, 300), hv.random(600, 300)], 1)
    assert is_stopped(partial(resonator.factor_batch, hv.random(0, 100_000)))


def test_training_is_stopped() -> None:
    rng = np.random.default_rng(0)
    rows, classes = rng.normal(size=(30_000, 20)), rng.integers(0, 20, 30_000).tolist()
    assert is_stopped(partial(Model.train, rows, classes, "ensemble", 0))
    assert is_not_begun(partial(Model.train, rows, classes, "centroid", 0))


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
    assert is_stopped(partial(memory.recall_batch, MANY, 1))


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

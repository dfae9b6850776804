"""After a fork everything computes, and a store that was opened before it refuses writes."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hv
from hv import errors

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

ROWS = hv.random(0, 3000)


def in_child(work: Any, *arguments: Any) -> Any:
    """What `work` gives in a forked child."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply_async(work, arguments).get(timeout=60)


def everything() -> list[Any]:
    counts = hv.Accumulator()
    counts.add(ROWS)
    floats = np.random.default_rng(0).normal(size=(3000, 50)).astype(np.float32)
    return [
        hv.top_k(ROWS[:600], ROWS, 3),
        hv.top_k(ROWS[:600], ROWS, 3, "tanimoto"),
        hv.within(ROWS[:600], ROWS, 0.6),
        hv.similar_pairs(ROWS, 0.6),
        hv.nearest(ROWS, ROWS),
        hv.Codes(ROWS).top_k(ROWS[:600], 3),
        (hv.bundle(ROWS), hv.bind(ROWS, ROWS[0]), hv.permute(ROWS, 3), hv.hamming(ROWS, ROWS[0])),
        (counts.counts,),
        (hv.TextEncoder().encode_batch(["what is there"] * 300), hv.NgramEncoder().encode_batch(["abc"] * 300)),
        (hv.FloatEncoder(50).encode(floats),),
    ]


def test_everything_computes_in_a_child() -> None:
    here = everything()  # starts the threads that a child does not have
    for there, expected in zip(in_child(everything), here):
        for a, b in zip(there, expected):
            np.testing.assert_array_equal(a, b)


MEMORY: hv.EpisodicMemory | None = None


def recall() -> list[int]:
    assert MEMORY is not None
    return MEMORY.recall_batch(ROWS[:100], 1).ids[:, 0].tolist()


def write() -> list[str]:
    assert MEMORY is not None
    memory, refused = MEMORY, []
    writes = [
        lambda: memory.store(ROWS[0]),
        lambda: memory.store_batch(ROWS[:2]),
        lambda: memory.forget([0]),
        lambda: memory.recollect(ROWS[0], 1, 0),
        lambda: memory.consolidate(0),
        lambda: memory.compact(),
        lambda: setattr(memory, "metadata", b"x"),
    ]
    for one in writes:
        try:
            one()
        except errors.ForkedError as error:
            refused.append(type(error).__name__)
    memory.close()
    return refused


def test_a_store_that_was_opened_before_refuses_writes(tmp_path: Path) -> None:
    global MEMORY
    with hv.EpisodicMemory(tmp_path / "store") as MEMORY:
        MEMORY.store_batch(ROWS[:100])
        assert in_child(recall) == list(range(100))
        assert in_child(write) == ["ForkedError"] * 7
        # It is still the parent's.
        MEMORY.store(ROWS[100])
        with pytest.raises(errors.InUseError):
            hv.EpisodicMemory(tmp_path / "store")
    with hv.EpisodicMemory(tmp_path / "store", read_only=True) as again:
        assert len(again) == 101 and again.metadata == b""

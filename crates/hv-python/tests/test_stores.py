"""Changes in one step, rows, what a memory tells of itself, and damaged stores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hv
from hv import errors

ROWS = hv.random(0, 10)


def test_changes_are_made_together(tmp_path: Path) -> None:
    with hv.EpisodicMemory(tmp_path / "store") as memory:
        old = memory.store_batch(ROWS[:3])
        changes = hv.Changes()
        assert not changes and changes == hv.Changes()
        changes.store(ROWS[3], time=7, key="a", tags=["t"], payload=b"p")
        changes.store_batch(ROWS[4:6], keys=[1, 2])
        changes.forget([old[1], 99])
        changes.put_row(b"words/tea", b"1")
        changes.put_row(b"words/oak", b"2")
        changes.put_row(b"other", b"3")
        assert changes and changes != hv.Changes() and changes != 1
        applied = memory.apply(changes)
        assert applied.ids.tolist() == [3, 4, 5] and applied.ids.dtype == np.int64 and applied.forgotten == 1
        snapshot = memory.snapshot()
        assert [e.id for e in snapshot.episodes()] == [0, 2, 3, 4, 5] and snapshot.id_of_key(2) == 5
        assert memory.get(3)[2:8] == (7, 0.0, b"p", "a", None, ["t"])  # type: ignore[index]
        assert snapshot.row(b"words/tea") == b"1" and snapshot.row(b"words/") is None and snapshot.row_count() == 3
        assert list(snapshot.rows(b"words/")) == [(b"words/oak", b"2"), (b"words/tea", b"1")]
        assert list(snapshot.rows()) == [(b"other", b"3"), *snapshot.rows(b"words/")]
        more = hv.Changes()
        more.delete_row(b"words/tea")
        more.compact()
        assert memory.apply(more).forgotten == 0 and memory.stats().forgotten == 0
        assert list(memory.snapshot().rows(b"words/")) == [(b"words/oak", b"2")]


def test_hidden_episodes_are_shown_by_the_last_step() -> None:
    memory = hv.EpisodicMemory()
    hidden = hv.Changes()
    hidden.store_batch(ROWS)
    hidden.hide()
    ids = memory.apply(hidden).ids
    assert len(memory) == 0
    shown = hv.Changes()
    shown.reveal(ids)
    memory.apply(shown)
    assert len(memory) == 10
    hidden.store(ROWS[0], key="no")
    with pytest.raises(errors.InvalidLabelError, match="to be hidden"):
        memory.apply(hidden)


def test_changes_that_cannot_be_made_change_nothing() -> None:
    memory = hv.EpisodicMemory()
    changes = hv.Changes()
    changes.store(ROWS[0])
    changes.put_row(b"k" * 1025, b"")
    with pytest.raises(errors.RowTooLargeError) as large:
        memory.apply(changes)
    assert (large.value.part, large.value.bytes, large.value.max) == ("key", 1025, 1024)
    assert len(memory) == 0
    with pytest.raises(ValueError, match="keys has 1 items for 2 vectors"):
        changes.store_batch(ROWS[:2], keys=[1])
    with pytest.raises(TypeError):
        memory.apply({"forget": [1]})  # type: ignore[arg-type]


def test_a_memory_tells_how_it_was_used() -> None:
    memory = hv.EpisodicMemory()
    memory.store_batch(ROWS, times=range(10))
    second = 1_000_000
    for now in [1 * second, 2 * second, 3 * second]:
        memory.recollect(ROWS[0], 1, now)
        memory.recollect(ROWS[1], 1, now + second // 2)
    snapshot = memory.snapshot()
    assert snapshot.retrievals(0).tolist() == [second, 2 * second, 3 * second] and snapshot.retrievals(5).tolist() == []
    ids, times = snapshot.retrieval_log()
    assert ids.tolist() == [0, 1] * 3 and times.tolist() == [second * n // 2 for n in (2, 3, 4, 5, 6, 7)]
    found = snapshot.coactivations(0.6, 3)
    assert found.ids.tolist() == [[0, 1]] and found.counts.tolist() == [5] and found.mean_seconds.tolist() == [0.5]
    assert snapshot.coactivations(0.6, 6).ids.shape == (0, 2)
    (recall,) = snapshot.explain_recall(ROWS[3:4], 2)
    assert recall.method == "scan" and recall.read_in_full == 10 and recall.matches.ids[0] == 3
    with pytest.raises(ValueError, match="window is -1"):
        snapshot.coactivations(-1.0, 1)


def test_causes_come_before_their_effects() -> None:
    memory = hv.EpisodicMemory()
    memory.store_batch(ROWS[[0, 0, 1]], times=[0, 60_000_000, 120_000_000])
    snapshot = memory.snapshot()
    chain = snapshot.causal_chain(1, hv.CausalPolicy(tau=60.0, threshold=0.2))
    assert chain is not None and chain.ids.tolist() == [0, 1] and chain.links.tolist() == [pytest.approx(np.exp(-1))]
    alone = snapshot.causal_chain(1, hv.CausalPolicy(tau=60.0, threshold=0.5))
    assert alone is not None and alone.ids.tolist() == [1] and len(alone.links) == 0
    assert snapshot.causal_chain(99) is None
    with pytest.raises(errors.InvalidPolicyError):
        snapshot.causal_chain(1, hv.CausalPolicy(threshold=2.0))


def test_a_plan_is_what_a_consolidation_does() -> None:
    memory = hv.EpisodicMemory()
    memory.store_batch(ROWS[[0, 1, 1, 2]])
    policy = hv.ConsolidatePolicy(merge=0.99, capacity=2)
    plan = memory.snapshot().plan_consolidation(0, policy)
    assert len(memory) == 4 and plan.absorbed.tolist() == [[2, 1]] and plan.kept == 2
    done = memory.consolidate(0, policy)
    assert (done.kept, done.faded.tolist(), done.surplus.tolist()) == (plan.kept, plan.faded.tolist(), plan.surplus.tolist())


def filled(path: Path, n: int) -> None:
    with hv.EpisodicMemory(path) as memory:
        memory.store_batch(hv.random(0, n), payloads=[str(i).encode() for i in range(n)], sources=["s"] * n)
        changes = hv.Changes()
        changes.put_row(b"row", b"kept")
        memory.apply(changes)
        memory.metadata = b"note"


def test_a_store_is_seen_from_outside(tmp_path: Path) -> None:
    path = tmp_path / "store"
    filled(path, 20)
    stats, metadata = hv.summary(path)
    assert stats.episodes == 20 and metadata == b"note"
    checked = hv.verify(str(path))
    assert checked.episodes == 20 and checked.damage == []
    with pytest.raises(errors.NotFoundError):
        hv.verify(tmp_path / "nothing")
    with pytest.raises(errors.NotFoundError):
        hv.summary(tmp_path / "nothing")
    with hv.EpisodicMemory() as memory:
        hv.EpisodicMemory(path, read_only=True).export(tmp_path / "out")
        assert memory.import_from(tmp_path / "out") == 20 and len(memory) == 20
        with pytest.raises(errors.NotEmptyError):
            memory.import_from(tmp_path / "out")


def test_a_damaged_store_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "store"
    filled(path, 5_000)
    vectors = next(path.glob("vectors-*"))
    vectors.write_bytes(b"what a failing disk makes of it")
    assert hv.verify(path).damage != []
    with pytest.raises(errors.DamagedError):
        hv.EpisodicMemory(path)
    salvage = hv.salvage(path)
    assert salvage.without_vector == 4096 and salvage.metadata == b"note" and salvage.lost == []
    assert [damage.path for damage in salvage.damage][0] == str(vectors)
    assert sum(1 for _ in salvage.episodes()) == 5_000
    asked: list[int] = []

    def vectors_of(episodes: list[hv.Episode]) -> list[np.ndarray | None]:
        asked.append(len(episodes))
        # The vector of one is not known.
        return [None if e.payload == b"7" else hv.random(int(e.payload), 1)[0] for e in episodes]

    salvage.encode(vectors_of)
    assert asked == [4096] and salvage.without_vector == 0
    (lost,) = salvage.lost
    assert (lost.id, lost.source, lost.payload) == (7, b"s", b"7") and "no vector" in lost.what
    with salvage.write(tmp_path / "new") as saved:
        assert len(saved) == 4_999 and saved.metadata == b"note" and saved.verify().damage == []
        assert saved.recall_batch(hv.random(100, 5), 1).ids[:, 0].tolist() == [100, 101, 102, 103, 104]
        assert saved.snapshot().row(b"row") == b"kept"
    changes = hv.Changes()
    changes.put_row(b"row", b"other")
    with salvage.write(tmp_path / "other", metadata=b"mine", changes=changes) as saved:
        assert saved.metadata == b"mine" and saved.snapshot().row(b"row") == b"other"
    with pytest.raises(errors.IoError):
        salvage.write(tmp_path / "new")


def test_a_salvage_whose_encoding_fails_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "store"
    filled(path, 30)

    def fails(_episodes: list[hv.Episode]) -> list[np.ndarray]:
        raise RuntimeError("no")

    salvage = hv.salvage(path)
    # Nothing is asked where all is sound.
    salvage.encode(fails)
    with pytest.raises(RuntimeError, match="no"):
        salvage.encode(fails, all=True)
    for use in [lambda: salvage.write(tmp_path / "new"), lambda: salvage.lost, lambda: salvage.encode(fails)]:
        with pytest.raises(ValueError, match="read the store again"):
            use()
    assert not (tmp_path / "new").exists() and "spoilt" in repr(salvage)
    for wrong, text in [
        (lambda episodes: hv.random(0, 29), "gave 29 vectors for 30 episodes"),
        (lambda episodes: [1] * 30, "what `vectors` gives must be a NumPy array"),
    ]:
        with pytest.raises((ValueError, TypeError), match=text):
            hv.salvage(path).encode(wrong, all=True)
    whole = hv.salvage(path)
    whole.encode(lambda episodes: hv.random(1000, 30), all=True)
    with whole.write(tmp_path / "whole") as saved:
        assert np.array_equal(saved.get(3).content, hv.random(1003, 1)[0])  # type: ignore[union-attr]

"""EpisodicMemory, its snapshots and its errors."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import top_k

import hv
from hv import errors


def test_recall_is_the_nearest_as_numpy_says() -> None:
    contents, cues = hv.random(0, 60), hv.random(30, 5)
    memory = hv.EpisodicMemory()
    ids = memory.store_batch(contents)
    assert ids.dtype == np.int64 and ids.tolist() == list(range(60))
    for expected, found in zip(top_k(cues, contents, 4, "hamming"), memory.recall_batch(cues, 4)):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    one = memory.recall(cues[2], 4)
    for single, batch in zip(one, memory.recall_batch(cues, 4)):
        np.testing.assert_array_equal(single, batch[2])
    assert memory.recall(cues[0], 100).ids.shape == (60,)
    short = memory.recall_batch(cues, 62)
    assert short.ids.shape == (5, 62) and (short.ids[:, 60:] == -1).all()
    assert (short.distances[:, 60:] == 65535).all() and np.isnan(short.similarities[:, 60:]).all()


def test_a_store_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "store"
    row = hv.random(1, 1)[0]
    with hv.EpisodicMemory(path) as memory:
        id = memory.store(
            row, time=5, valence=-0.5, payload=b"what", key="name", source="file.txt", tags=["a", "b"], group=7
        )
        memory.metadata = b"mine"
        assert id == 0 and len(memory) == 1
    with pytest.raises(errors.ClosedError, match="closed"):
        memory.recall(row, 1)
    memory.close()
    with hv.EpisodicMemory(str(path), read_only=True) as memory:
        episode = memory.get(0)
        assert episode is not None and memory.metadata == b"mine" and memory.get(1) is None
        assert np.array_equal(episode.content, row)
        assert episode[2:9] == (5, -0.5, b"what", "name", b"file.txt", ["a", "b"], 7)
        assert pickle.loads(pickle.dumps(episode))[2:] == episode[2:]
        with pytest.raises(errors.ReadOnlyError) as caught:
            memory.store(row)
        assert caught.value.path == path
        assert memory.verify().damage == [] and memory.stats().episodes == 1


def test_batches_of_labels() -> None:
    rows = hv.random(0, 4)
    memory = hv.EpisodicMemory()
    memory.store_batch(
        rows,
        times=np.arange(4),
        valences=[0.5, -1, 0, 1],
        payloads=[b"", b"1", b"22", b"333"],
        keys=[1, "x", None, 2**64 - 1],
        sources=["f", b"\xff", None, "f"],
        tags=[["t"], [], ["t", "u"], ()],
        groups=3,
    )
    snapshot = memory.snapshot()
    assert [e.time for e in snapshot.episodes()] == [0, 1, 2, 3]
    assert [e.valence for e in snapshot.episodes()] == [0.5, -1, 0, 1]
    assert [e.payload for e in snapshot.episodes()] == [b"", b"1", b"22", b"333"]
    assert [e.key for e in snapshot.episodes()] == [1, "x", None, 2**64 - 1]
    assert [e.source for e in snapshot.episodes()] == [b"f", b"\xff", None, b"f"]
    assert [e.tags for e in snapshot.episodes()] == [["t"], [], ["t", "u"], []]
    assert [e.group for e in snapshot.episodes()] == [3] * 4
    assert snapshot.id_of_key("x") == 1 and snapshot.id_of_key(1) == 0 and snapshot.id_of_key("1") is None
    assert snapshot.ids_of_source("f").tolist() == [0, 3] and snapshot.ids_of_tag("t").tolist() == [0, 2]
    assert snapshot.sources() == {b"f": 2, b"\xff": 1} and snapshot.tags() == {"t": 2, "u": 1}


def test_conditions() -> None:
    rows = hv.random(0, 6)
    memory = hv.EpisodicMemory()
    memory.store_batch(
        rows,
        times=[10, 20, 30, 40, 50, 60],
        valences=[-1, -0.5, 0, 0.25, 0.5, 1],
        keys=[0, 1, 2, "c", None, None],
        sources=["a", "a", "b", "b", None, "c"],
        tags=[["x"], ["x", "y"], ["y"], [], [], []],
    )

    def found(**conditions: object) -> list[int]:
        return sorted(memory.recall(rows[0], 10, hv.Conditions(**conditions)).ids.tolist())  # type: ignore[arg-type]

    assert found() == [0, 1, 2, 3, 4, 5]
    assert found(time=(20, 40)) == [1, 2, 3] and found(time=(None, 20)) == [0, 1] and found(time=(50, None)) == [4, 5]
    assert found(valence=(0, 0.5)) == [2, 3, 4]
    assert found(min_similarity=0.9) == [0]
    assert found(ids=[1, 3]) == [1, 3] and found(exclude=[1, 3]) == [0, 2, 4, 5]
    assert found(keys=[0, "c", "nothing"]) == [0, 3]
    assert found(sources=["b", b"c"]) == [2, 3, 5]
    assert found(tags=["y"]) == [1, 2] and found(tags=["x", "y"]) == [1]
    assert found(min_similarity=0.9, miss_probability=1e-9) == [0]
    batch = memory.recall_batch(rows[:2], 2, hv.Conditions(tags=["y"]))
    assert sorted(batch.ids[0].tolist()) == [1, 2] and batch.ids[1, 0] == 1
    assert pickle.loads(pickle.dumps(hv.Conditions(tags=("y",)))) == hv.Conditions(tags=("y",))
    with pytest.raises(errors.InvalidQueryError):
        found(miss_probability=0.9)


def test_a_snapshot_stays_as_it_was() -> None:
    memory = hv.EpisodicMemory()
    rows = hv.random(0, 3)
    memory.store_batch(rows)
    snapshot = memory.snapshot()
    assert memory.forget([1]) == 1
    memory.store(rows[0])
    memory.close()
    assert len(snapshot) == 3 and snapshot.get(1) is not None
    assert snapshot.recall(rows[1], 1).ids.tolist() == [1]
    assert snapshot.recall_batch(rows, 1).ids.tolist() == [[0], [1], [2]]


def test_similar_pairs_of_a_memory() -> None:
    memory = hv.EpisodicMemory()
    rows = hv.random(0, 5)
    rows[4] = rows[1]
    memory.store_batch(rows)
    pairs = memory.snapshot().similar_pairs(0.9)
    assert pairs.indices.tolist() == [[1, 4]] and pairs.distances.tolist() == [0] and pairs.similarities.tolist() == [1]


def test_recollections_make_stronger_and_consolidations_forget() -> None:
    memory = hv.EpisodicMemory()
    rows = hv.random(0, 3)
    rows[2] = rows[1]
    memory.store_batch(rows)
    found = memory.recollect(rows[0], 1, now=10, policy=hv.RecollectPolicy(boost=0.5, half_life=float("inf")))
    assert found.ids.tolist() == [0]
    episodes = list(memory.snapshot().episodes())
    assert episodes[0].strength > episodes[1].strength
    done = memory.consolidate(10, hv.ConsolidatePolicy(merge=0.99, capacity=1))
    assert done.absorbed.tolist() == [[2, 1]] and done.surplus.tolist() == [0] and done.kept == 1
    assert len(memory) == 1
    with pytest.raises(errors.InvalidPolicyError) as caught:
        memory.consolidate(10, hv.ConsolidatePolicy(merge=2))
    assert caught.value.setting == "merge" and caught.value.value == 2


def test_exports_come_back(tmp_path: Path) -> None:
    memory = hv.EpisodicMemory()
    memory.store_batch(hv.random(0, 10), keys=list(range(10)))
    memory.export(tmp_path / "out")
    with hv.EpisodicMemory.import_new(tmp_path / "store", tmp_path / "out") as copy:
        assert [e.key for e in copy.snapshot().episodes()] == list(range(10))


def test_errors_mirror_those_of_the_store(tmp_path: Path) -> None:
    row = hv.random(0, 1)[0]
    with pytest.raises(errors.NotFoundError) as missing:
        hv.EpisodicMemory(tmp_path / "nothing", read_only=True)
    assert missing.value.path == tmp_path / "nothing" and isinstance(missing.value, FileNotFoundError)
    (tmp_path / "file").write_text("x")
    with pytest.raises(errors.NotAFolderError):
        hv.EpisodicMemory(tmp_path / "file")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("x")
    with pytest.raises(errors.NotAStoreError):
        hv.EpisodicMemory(tmp_path / "other")
    with hv.EpisodicMemory(tmp_path / "store") as memory:
        with pytest.raises(errors.InUseError) as busy:
            hv.EpisodicMemory(tmp_path / "store")
        assert busy.value.reading is False
        with pytest.raises(errors.InvalidValenceError) as valence:
            memory.store_batch(hv.random(0, 2), valences=[0, 2])
        assert (valence.value.index, valence.value.value) == (1, 2)
        with pytest.raises(errors.PayloadTooLargeError):
            memory.store(row, payload=bytes(2**20 + 1))
        with pytest.raises(errors.InvalidLabelError):
            memory.store(row, key="x" * 65)
        with pytest.raises(errors.MetadataTooLargeError):
            memory.metadata = bytes(2**20 + 1)
        assert len(memory) == 0
    for error in [missing.value, busy.value, valence.value]:
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error) and str(again) == str(error) and again.__dict__ == error.__dict__
    vectors = next((tmp_path / "store").glob("vectors-*"))
    assert vectors.exists() and issubclass(errors.DamagedError, hv.StoreError)


def test_labels_that_do_not_fit_are_refused() -> None:
    memory = hv.EpisodicMemory()
    rows = hv.random(0, 2)
    with pytest.raises(ValueError, match="times has 3 items for 2 vectors"):
        memory.store_batch(rows, times=[1, 2, 3])
    with pytest.raises(ValueError, match="keys has 1 items for 2 vectors"):
        memory.store_batch(rows, keys=[1])
    with pytest.raises(TypeError, match="sources is one text"):
        memory.store_batch(rows, sources="ab")
    with pytest.raises(TypeError, match="a key must be an int from 0 .* but it is a float"):
        memory.store_batch(rows, keys=[1.5, 2])
    with pytest.raises(TypeError, match="times must be numbers that fit int64, but they are float64"):
        memory.store_batch(rows, times=[1.5, 2.5])
    with pytest.raises(ValueError, match="groups has a number that does not fit uint16"):
        memory.store_batch(rows, groups=[1, 65536])
    with pytest.raises(ValueError, match=r"content must have the shape \(256,\), but its shape is \(2, 256\)"):
        memory.store(rows)
    with pytest.raises(TypeError, match="an hv.Conditions is needed, but it is a dict"):
        memory.recall(rows[0], 1, {"time": (1, 2)})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="an hv.ConsolidatePolicy is needed, but it is a RecollectPolicy"):
        memory.consolidate(1, hv.RecollectPolicy())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="wait is -1"):
        hv.EpisodicMemory(wait=-1.0)
    assert len(memory) == 0


@settings(max_examples=20)
@given(st.lists(st.sampled_from(["store", "forget", "recall"]), max_size=30), st.integers(0, 2**32))
def test_histories(history: list[str], seed: int) -> None:
    rows = hv.random(seed, 40)
    memory, kept = hv.EpisodicMemory(), {}
    for i, step in enumerate(history):
        if step == "store":
            kept[memory.store(rows[i], payload=str(i).encode())] = i
        elif step == "forget" and kept:
            memory.forget([kept.popitem()[0]])
        else:
            ids, _, _ = memory.recall(rows[0], 100)
            d = {id: int(hv.hamming(rows[0], rows[j])) for id, j in kept.items()}
            assert ids.tolist() == sorted(d, key=lambda id: (d[id], id))
    assert {e.id: int(e.payload) for e in memory.snapshot().episodes()} == kept

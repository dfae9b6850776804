"""What is taken for vectors, what is not, and how."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import hv

GOOD = hv.random(1, 4)

SEARCHES: list[Callable[[Any], Any]] = [
    lambda wrong: hv.top_k(wrong, GOOD, 1),
    lambda wrong: hv.top_k(GOOD, wrong, 1),
    lambda wrong: hv.nearest(wrong, GOOD),
    lambda wrong: hv.nearest(GOOD, wrong),
    lambda wrong: hv.within(wrong, GOOD, 0.5),
    lambda wrong: hv.within(GOOD, wrong, 0.5),
    lambda wrong: hv.similar_pairs(wrong, 0.5),
    lambda wrong: hv.Codes(wrong),
    lambda wrong: hv.Codes(GOOD).top_k(wrong, 1),
    lambda wrong: hv.Codes(GOOD).append(wrong),
]

WRONG = [
    (GOOD[:, :255], ValueError, r"shape \(n, 256\), but its shape is \(4, 255\)"),
    (np.zeros((4, 257), np.uint8), ValueError, r"its shape is \(4, 257\)"),
    (np.zeros((4, 0), np.uint8), ValueError, r"its shape is \(4, 0\)"),
    (GOOD[0], ValueError, r"its shape is \(256,\): for one row, index it as array\[None, :\]"),
    (GOOD[None], ValueError, r"its shape is \(1, 4, 256\)"),
    (np.uint8(3), TypeError, "it is a uint8"),
    (GOOD.astype(np.int8), TypeError, "array of uint8 .* but it is an array of int8"),
    (GOOD.astype(np.float32), TypeError, "it is an array of float32"),
    (GOOD.astype(bool), TypeError, "it is an array of bool"),
    (GOOD.astype(object), TypeError, "it is an array of object"),
    (GOOD.tolist(), TypeError, "must be a NumPy array of uint8 with shape .* but it is a list"),
    (bytes(256), TypeError, "it is a bytes"),
]


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("wrong, error, text", WRONG)
def test_what_is_no_row_of_vectors_is_refused(
    search: Callable[[Any], Any], wrong: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        search(wrong)


def test_other_orders_and_alignments_give_the_same() -> None:
    rows = hv.random(7, 9)
    shifted = np.empty(rows.nbytes + 1, np.uint8)[1:].reshape(rows.shape)
    shifted[:] = rows
    wide = np.zeros((9, 300), np.uint8)
    wide[:, 20:276] = rows
    twice = np.repeat(rows, 2, axis=0)
    frozen = rows.copy()
    frozen.setflags(write=False)
    for same in [shifted, wide[:, 20:276], np.asfortranarray(rows), twice[::2], rows[::-1][::-1], frozen]:
        assert np.array_equal(hv.top_k(same, rows, 9).indices, hv.top_k(rows, rows, 9).indices)
        assert np.array_equal(hv.top_k(rows, same, 9).indices, hv.top_k(rows, rows, 9).indices)
        assert np.array_equal(hv.bundle(same), hv.bundle(rows))
        assert np.array_equal(hv.Codes(same).array, rows)
    assert np.array_equal(hv.Codes(rows[::-1]).array, rows[::-1])


def test_arrays_made_here_are_aligned() -> None:
    rows = hv.random(1, 3)
    made = [rows, rows[0], hv.bind(rows, rows), hv.permute(rows, 1), hv.bundle(rows), hv.pad(rows), hv.Codes(rows).array]
    made.append(hv.from_bits(np.zeros((3, 2048), bool)))
    for array in made:
        assert array.ctypes.data % 64 == 0 and array.flags.c_contiguous
    assert all(array.flags.writeable for array in made[:6])


def test_an_array_outlives_what_made_it() -> None:
    array = hv.Codes(hv.random(1, 1000)).array
    row = hv.random(3, 1000)[5]
    assert np.array_equal(array, hv.random(1, 1000)) and np.array_equal(row, hv.random(8, 1)[0])


def test_searches_let_other_threads_run() -> None:
    queries, memory = hv.random(0, 300), hv.random(0, 5_000)
    counted, done = [0], threading.Event()

    def count() -> None:
        while not done.is_set():
            counted[0] += 1
            time.sleep(0)

    thread = threading.Thread(target=count)
    thread.start()
    # So long that only who gives the lock away lets others run.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        for _ in range(1000):
            before = counted[0]
            hv.top_k(queries, memory, 1)
            if counted[0] > before:
                break
        else:
            pytest.fail("no other thread ran during a search")
    finally:
        sys.setswitchinterval(interval)
        done.set()
        thread.join()

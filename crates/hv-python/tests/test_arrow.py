"""Arrow's arrays, there and back."""

from __future__ import annotations

import numpy as np
import pytest

import hv

pa = pytest.importorskip("pyarrow")

ROWS = hv.random(5, 20)


def arrow(rows: np.ndarray) -> object:
    return pa.array([bytes(row) for row in rows], pa.binary(rows.shape[1]))


def test_from_arrow() -> None:
    array = arrow(ROWS)
    assert np.array_equal(hv.Codes(array).array, ROWS)
    assert np.array_equal(hv.Codes(array[3:9]).array, ROWS[3:9])  # type: ignore[index]
    assert len(hv.Codes(arrow(ROWS[:0]))) == 0
    assert np.array_equal(hv.top_k(array, array, 2).indices, hv.top_k(ROWS, ROWS, 2).indices)
    codes = hv.Codes(ROWS)
    codes.append(array)
    assert np.array_equal(codes.array[20:], ROWS)


def test_to_arrow_without_a_copy() -> None:
    codes = hv.Codes(ROWS)
    array = pa.array(codes)
    assert array.type == pa.binary(256) and array.null_count == 0
    assert [bytes(row) for row in ROWS] == array.to_pylist()
    assert array.buffers()[1].address == codes.array.ctypes.data
    codes.append(ROWS)
    del codes
    assert array[19].as_py() == bytes(ROWS[19])
    assert len(pa.array(hv.Codes())) == 0
    assert np.array_equal(hv.Codes(array).array, ROWS)


def test_what_is_no_vector_is_refused() -> None:
    with pytest.raises(TypeError, match=r"FixedSizeBinary\(256\).*but its format is w:128"):
        hv.Codes(arrow(ROWS[:, :128]))
    with pytest.raises(TypeError, match="but its format is l"):
        hv.Codes(pa.array([1, 2]))
    with pytest.raises(ValueError, match="nulls"):
        hv.Codes(pa.array([bytes(256), None], pa.binary(256)))

"""Arrow's arrays, there and back."""

from __future__ import annotations

import ctypes

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


def test_streams_of_chunks() -> None:
    chunks = pa.chunked_array([arrow(ROWS[:3]), arrow(ROWS[3:3]), arrow(ROWS)[3:11], arrow(ROWS[11:])])  # type: ignore[index]
    assert chunks.num_chunks == 4 and not hasattr(chunks, "__arrow_c_array__")
    assert np.array_equal(hv.Codes(chunks).array, ROWS)
    assert np.array_equal(hv.top_k(chunks, ROWS, 2).indices, hv.top_k(ROWS, ROWS, 2).indices)
    assert len(hv.Codes(pa.chunked_array([], pa.binary(256)))) == 0
    table = pa.table({"code": chunks, "name": ["x"] * 20})
    assert np.array_equal(hv.Codes(table["code"]).array, ROWS)
    with pytest.raises(TypeError, match="its format is \\+s; of a table, give the column"):
        hv.Codes(table)
    with pytest.raises(TypeError, match="but its format is w:128"):
        hv.Codes(pa.chunked_array([arrow(ROWS[:, :128])]))
    with pytest.raises(ValueError, match="nulls"):
        hv.Codes(pa.chunked_array([arrow(ROWS), pa.array([bytes(256), None], pa.binary(256))]))


class CStream(ctypes.Structure):
    """The struct of Arrow's C Stream Interface."""

    _fields_ = [(name, ctypes.c_void_p) for name in ("get_schema", "get_next", "get_last_error", "release", "private_data")]


class Failing:
    """A stream that gives its type, and then fails."""

    def __init__(self, schema_fails: bool) -> None:
        pointer = ctypes.c_void_p
        self.released = 0
        self.text = ctypes.create_string_buffer(b"the source is dry")

        def get_schema(_stream: int, out: int) -> int:
            if not schema_fails:
                pa.binary(256)._export_to_c(out)
            return int(schema_fails)

        def release(stream: int) -> None:
            self.released += 1
            CStream.from_address(stream).release = None

        self.functions = [
            ctypes.CFUNCTYPE(ctypes.c_int, pointer, pointer)(get_schema),
            ctypes.CFUNCTYPE(ctypes.c_int, pointer, pointer)(lambda _stream, _out: 5),
            ctypes.CFUNCTYPE(pointer, pointer)(lambda _stream: ctypes.addressof(self.text)),
            ctypes.CFUNCTYPE(None, pointer)(release),
        ]
        self.stream = CStream(*(ctypes.cast(function, pointer) for function in self.functions))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        return new(ctypes.addressof(self.stream), b"arrow_array_stream", None)


@pytest.mark.parametrize("schema_fails", [True, False])
def test_streams_that_fail_say_why(schema_fails: bool) -> None:
    failing = Failing(schema_fails)
    with pytest.raises(ValueError, match="the stream of array failed: the source is dry"):
        hv.Codes(failing)
    assert failing.released == 1 and failing.stream.release is None


def test_to_a_stream_without_a_copy() -> None:
    codes = hv.Codes(ROWS)
    chunks = pa.chunked_array(codes)
    assert chunks.type == pa.binary(256) and chunks.num_chunks == 1 and chunks.null_count == 0
    assert chunks.chunk(0).buffers()[1].address == codes.array.ctypes.data
    codes.append(ROWS)
    del codes
    assert chunks.to_pylist() == [bytes(row) for row in ROWS]
    assert len(pa.chunked_array(hv.Codes())) == 0
    # A stream that nobody reads is released, too, and one that was read gives nothing more.
    capsule = hv.Codes(ROWS).__arrow_c_stream__()

    class Once:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return capsule

    assert np.array_equal(hv.Codes(Once()).array, ROWS)
    with pytest.raises(ValueError, match="the stream of array was read already"):
        hv.Codes(Once())
    hv.Codes(ROWS).__arrow_c_stream__()

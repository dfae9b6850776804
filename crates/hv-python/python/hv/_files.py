"""Codes in files of NumPy's format."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any


# NumPy reads and writes what is no file of Python's in parts, between which Ctrl-C is heard, and files in one.


def save(path: str | os.PathLike[str], array: Any) -> None:
    """Writes an array. What was there is replaced once the new file is whole and on the disk."""
    import numpy as np

    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            np.lib.format.write_array(SimpleNamespace(write=file.write), array, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def load(path: str | os.PathLike[str]) -> Any:
    """Reads an array."""
    import numpy as np

    with open(path, "rb") as file:
        return np.lib.format.read_array(SimpleNamespace(read=file.read), allow_pickle=False)

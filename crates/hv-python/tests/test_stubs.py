"""The stubs say what is there, and the package is typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hv

pytest.importorskip("mypy")

SETTINGS = Path(__file__).parents[1] / "pyproject.toml"


def test_stubs_are_true() -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "hv._hv", "--mypy-config-file", str(SETTINGS)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_is_typed() -> None:
    command = [sys.executable, "-m", "mypy", "--config-file", str(SETTINGS), "-p", "hv"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_everything_is_documented() -> None:
    for name in hv.__all__:
        thing = getattr(hv, name)
        assert thing.__doc__, name
        for part, member in vars(thing).items() if isinstance(thing, type) else []:
            if not part.startswith("_") and callable(member):
                assert getattr(member, "__doc__", None), f"{name}.{part}"

"""The script `hv` of the wheel: the program's answers, exit codes and manners."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import numpy as np
import pytest

import hv

HV = str(Path(sysconfig.get_path("scripts")) / ("hv.exe" if os.name == "nt" else "hv"))


def run(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([HV, *map(str, arguments)], capture_output=True, text=True, **options)  # type: ignore[call-overload, no-any-return]


def test_it_indexes_and_recalls(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("the dog barks\nthe cat sleeps\n")
    store = tmp_path / "notes.hv"
    assert run("index", store, tmp_path / "notes.txt").returncode == 0
    found = run("recall", store, "the dgo barks")
    assert found.returncode == 0 and "the dog barks" in found.stdout
    assert run("recall", store, "qqqq zzzz").returncode == 3
    assert run("nonsense").returncode == 2
    missing = run("info", tmp_path / "nothing")
    assert missing.returncode == 1 and missing.stderr.startswith("error: ") and "Traceback" not in missing.stderr
    assert run("--version").stdout.startswith("hv ")
    wrong = run("info", store, env={**os.environ, "HV_BACKEND": "abacus"})
    assert wrong.returncode == 2 and "abacus" in wrong.stderr


def test_it_searches_what_the_package_saved(tmp_path: Path) -> None:
    hv.Codes(hv.random(0, 50)).save(tmp_path / "memory.npy")
    hv.Codes(hv.random(20, 5)).save(tmp_path / "queries.npy")
    assert run("search", tmp_path / "memory.npy", tmp_path / "queries.npy", "-k", "3", "--out", tmp_path / "found").returncode == 0
    found = hv.top_k(hv.random(20, 5), hv.random(0, 50), 3)
    assert np.array_equal(np.load(tmp_path / "found.indices.npy"), found.indices)
    assert np.array_equal(np.load(tmp_path / "found.distances.npy"), found.distances)


@pytest.mark.skipif(os.name == "nt", reason="signals are sent differently")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_an_index_in_good_order(tmp_path: Path, name: str) -> None:
    # Waits for standard input, so it is surely running.
    process = subprocess.Popen([HV, "index", str(tmp_path / "s.hv"), "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"a line of text\n" * 1000)
    process.stdin.flush()
    deadline = time.monotonic() + 60
    while not (tmp_path / "s.hv" / "MANIFEST").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    number = getattr(signal, name)
    process.send_signal(number)
    code = process.wait(timeout=60)
    assert code in (128 + number, -number)
    assert process.stderr is not None and b"Traceback" not in process.stderr.read()
    process.stdin.close()


@pytest.mark.skipif(os.name == "nt", reason="pipes end differently")
def test_a_closed_output_is_no_failure(tmp_path: Path) -> None:
    np.save(tmp_path / "memory.npy", hv.random(0, 3000))
    process = subprocess.Popen(
        [HV, "search", str(tmp_path / "memory.npy"), str(tmp_path / "memory.npy"), "-k", "50"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=120) == 0
    assert process.stderr.read() == b""


def test_the_package_starts_without_numpy() -> None:
    code = "import sys; import hv; assert 'numpy' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0

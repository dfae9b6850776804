"""The code on the page docs/python.md runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hv

PAGE = Path(__file__).parents[3] / "docs" / "python.md"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def test_the_code_runs() -> None:
    names: dict[str, Any] = {}
    assert len(blocks("python")) >= 6
    for code in blocks("python"):
        exec(code, names)


@pytest.mark.parametrize("metric", ["hamming", "tanimoto"])
def test_the_recipe_for_ray_gives_the_bits_of_one_process(metric: str) -> None:
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=4, include_dashboard=False, ignore_reinit_error=True)
    try:
        (recipe,) = blocks("python ray")
        names: dict[str, Any] = {"hv": hv}
        exec(recipe.replace("queries, 10)", f"queries, 10, {metric!r})"), names)
        assert len(names["shards"]) == 4
        for part, whole in zip(names["found"], hv.top_k(names["queries"], names["memory"], 10, metric)):
            assert part.dtype == whole.dtype
            np.testing.assert_array_equal(part, whole)
    finally:
        ray.shutdown()

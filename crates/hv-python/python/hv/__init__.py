"""Hyperdimensional computing: 2,048-bit binary hypervectors, exact search over them, and an episodic memory.

A vector is 256 bytes: an array of uint8 with shape (256,), or a row of one with shape (n, 256). Bit i is bit i % 8, least
significant first, of byte i // 8. Arrays that are C-contiguous and start at a multiple of 64 bytes, as all that come from
here do, are used without a copy; others are copied once. While a search runs, do not write to its arrays.
"""

from ._hv import (
    Accumulator,
    Codes,
    EpisodicMemory,
    FloatEncoder,
    ItemMemory,
    NgramEncoder,
    Snapshot,
    TextEncoder,
    bind,
    bundle,
    from_bits,
    hamming,
    nearest,
    pad,
    permute,
    random,
    similar_pairs,
    similarity,
    tanimoto,
    top_k,
    within,
)
from ._values import Nearest, Pairs, TopK, Within
from .errors import StoreError
from .memories import (
    Conditions,
    ConsolidatePolicy,
    Consolidation,
    Episode,
    Matches,
    RecollectPolicy,
)

__all__ = [
    "Accumulator",
    "Codes",
    "Conditions",
    "ConsolidatePolicy",
    "Consolidation",
    "Episode",
    "EpisodicMemory",
    "FloatEncoder",
    "ItemMemory",
    "Matches",
    "Nearest",
    "NgramEncoder",
    "Pairs",
    "RecollectPolicy",
    "Snapshot",
    "StoreError",
    "TextEncoder",
    "TopK",
    "Within",
    "bind",
    "bundle",
    "from_bits",
    "hamming",
    "nearest",
    "pad",
    "permute",
    "random",
    "similar_pairs",
    "similarity",
    "tanimoto",
    "top_k",
    "within",
]

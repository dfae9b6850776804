"""What is asked of an EpisodicMemory, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True)
class Conditions:
    """What an episode must meet to be found. The conditions come before the ranking; None admits all."""

    time: tuple[int | None, int | None] | None = None
    """The first time and the last, in microseconds since 1970; None for no limit."""
    valence: tuple[float | None, float | None] | None = None
    """The least valence and the greatest."""
    min_similarity: float | None = None
    """Unrelated vectors are about 0.5 similar."""
    min_strength: float | None = None
    ids: Sequence[int] | None = None
    """Only these."""
    exclude: Sequence[int] = ()
    """None of these."""
    keys: Sequence[int | str] | None = None
    """Only episodes with one of these keys."""
    sources: Sequence[str | bytes] | None = None
    """Only episodes with one of these sources."""
    tags: Sequence[str] = ()
    """Only episodes with all of these tags."""
    miss_probability: float | None = None
    """An episode may be missed with at most this probability, from 1e-15 to 0.5, which can be faster; None is exact."""


@dataclass(frozen=True)
class RecollectPolicy:
    """How a recollection strengthens what it finds; None is the default of hv_memory::RecollectPolicy."""

    boost: float | None = None
    cap: float | None = None
    half_life: float | None = None
    """Seconds until a strength is half; inf for no fading."""


@dataclass(frozen=True)
class ConsolidatePolicy:
    """What a consolidation keeps; None is the default of hv_memory::ConsolidatePolicy."""

    floor: float | None = None
    """Episodes with less strength are forgotten."""
    capacity: int | None = None
    """At most this many are kept, the strongest."""
    merge: float | None = None
    """Episodes with at least this similarity are merged."""
    half_life: float | None = None
    """Seconds until a strength is half; inf for no fading."""


@dataclass(frozen=True)
class CausalPolicy:
    """What counts as a cause; None is the default of hv_memory::CausalPolicy."""

    tau: float | None = None
    """Seconds in which a link fades to 1/e."""
    threshold: float | None = None
    """The weakest link that is followed, more than 0 and at most 1."""
    max_len: int | None = None
    """The most links of a chain."""


class Episode(NamedTuple):
    """What was stored."""

    id: int
    content: npt.NDArray[np.uint8]
    """The vector; shape (256,)."""
    time: int
    """Microseconds since 1970."""
    valence: float
    """From -1 to 1."""
    payload: bytes
    key: int | str | None
    source: bytes | None
    tags: list[str]
    group: int
    strength: float
    updated: int
    """When the strength was what it is, in microseconds since 1970."""


class Matches(NamedTuple):
    """The episodes nearest to cues, by distance, then the older first.

    Where a cue of a batch has fewer than k, the rest of its row is -1, 65535 and nan.
    """

    ids: npt.NDArray[np.int64]
    """Shape (m,) for one cue, (q, k) for a batch."""
    distances: npt.NDArray[np.uint16]
    """The same shape."""
    similarities: npt.NDArray[np.float64]
    """The same shape."""


class Recall(NamedTuple):
    """What was recalled for a cue, and how."""

    matches: Matches
    """With shape (m,)."""
    method: str
    """ "scan", "pruned", "pruned within" a probability, or "given"."""
    read_in_full: int
    """How many vectors were read in full."""


class Applied(NamedTuple):
    """What changes did."""

    ids: npt.NDArray[np.int64]
    """Of the stored episodes, in order; shape (n,)."""
    forgotten: int


class Coactivations(NamedTuple):
    """Pairs of episodes that were recollected soon after each other."""

    ids: npt.NDArray[np.int64]
    """Shape (m, 2)."""
    counts: npt.NDArray[np.int64]
    """How often; shape (m,)."""
    mean_seconds: npt.NDArray[np.float64]
    """How long after each other, on average; shape (m,)."""


class CausalChain(NamedTuple):
    """An episode with its likely causes."""

    ids: npt.NDArray[np.int64]
    """In order of time: the first cause, what it led to, and so on to the episode itself; shape (m,)."""
    links: npt.NDArray[np.float64]
    """How strong each link is, from 0 to 1; shape (m - 1,)."""


class Consolidation(NamedTuple):
    """What a consolidation did."""

    kept: int
    faded: npt.NDArray[np.int64]
    """Ids of episodes that were too weak."""
    surplus: npt.NDArray[np.int64]
    """Ids of episodes over the capacity."""
    absorbed: npt.NDArray[np.int64]
    """Ids of merged episodes, each with that of the one which took it in; shape (m, 2)."""


class Stats(NamedTuple):
    """Sizes of a memory."""

    episodes: int
    forgotten: int
    next_id: int
    retrievals: int
    time_span: tuple[int, int] | None
    """The first time and the last, in microseconds since 1970."""
    vector_bytes: int
    payload_bytes: int
    disk_bytes: int


class Damage(NamedTuple):
    """A part of a store that is not what was written."""

    path: str
    what: str


class Lost(NamedTuple):
    """An episode that could not be saved."""

    id: int
    source: bytes | None
    what: str
    payload: bytes
    """The bytes in the place of its payload, whether they are what was written or not."""


class Verification(NamedTuple):
    """What a check of a whole store found."""

    episodes: int
    payloads: int
    damage: list[Damage]
    """Empty where all is sound."""

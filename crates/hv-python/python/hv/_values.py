"""What searches return: tuples of arrays with names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class TopK(NamedTuple):
    """The nearest vectors of each query, the best first.

    Where a query has fewer than k, the rest of its row is -1, 65535 and nan.
    """

    indices: npt.NDArray[np.int64]
    """Shape (q, k)."""
    distances: npt.NDArray[np.uint16]
    """Hamming distances; shape (q, k)."""
    similarities: npt.NDArray[np.float64]
    """By the metric of the search; shape (q, k)."""

    def shifted(self, first: int) -> TopK:
        """The same with `first` added to the indices: what a shard found whose vectors are numbered from there on."""
        import numpy as np

        return self._replace(indices=np.where(self.indices < 0, self.indices, self.indices + first))

    @staticmethod
    def merge(parts: Sequence[TopK], k: int | None = None) -> TopK:
        """The k nearest of what several searches found for the same queries by the same metric.

        Where each part is the top k of a shard, with its indices `shifted`, this is the top k of the whole memory, bit for bit.
        `k` is that of the first part unless it is given.
        """
        import numpy as np

        if not parts:
            raise ValueError("there is nothing to merge; give at least one TopK")
        k = parts[0].indices.shape[1] if k is None else k
        indices, distances, similarities = (np.concatenate(arrays, axis=1) for arrays in zip(*parts))
        # By similarity, then by index; nan comes last. Equal scores are equal numbers, by either metric.
        order = np.lexsort((indices, -similarities), axis=1)[:, :k]
        return TopK(*(np.take_along_axis(array, order, axis=1) for array in (indices, distances, similarities)))


class Nearest(NamedTuple):
    """The nearest vector of each query; -1, 65535 and nan where there is none."""

    indices: npt.NDArray[np.int64]
    """Shape (q,)."""
    distances: npt.NDArray[np.uint16]
    """Hamming distances; shape (q,)."""
    similarities: npt.NDArray[np.float64]
    """By the metric of the search; shape (q,)."""


class Within(NamedTuple):
    """All vectors near each query, as a sparse matrix in compressed rows.

    `scipy.sparse.csr_array((w.similarities, w.indices, w.indptr), shape=w.shape)` takes it as it is.
    """

    indptr: npt.NDArray[np.int64]
    """The matches of query i are those from indptr[i] to indptr[i + 1]; shape (q + 1,)."""
    indices: npt.NDArray[np.int64]
    """Shape (m,): by query, then by similarity, then by index."""
    distances: npt.NDArray[np.uint16]
    """Hamming distances; shape (m,)."""
    similarities: npt.NDArray[np.float64]
    """By the metric of the search; shape (m,)."""
    shape: tuple[int, int]
    """The numbers of queries and of vectors."""


class Pairs(NamedTuple):
    """Pairs of similar vectors, ordered by their indices."""

    indices: npt.NDArray[np.int64]
    """The lower index and the higher; shape (p, 2)."""
    distances: npt.NDArray[np.uint16]
    """Hamming distances; shape (p,)."""
    similarities: npt.NDArray[np.float64]
    """By the metric of the search; shape (p,)."""


class Named(NamedTuple):
    """A name of a Codebook that a vector stands for."""

    name: str
    index: int  # type: ignore[assignment]  # a tuple's own is of no use here
    """How many names were added before it."""
    distance: int
    """From the vector that was cleaned up, 0 to 2048."""


class Factors(NamedTuple):
    """What a product is made of."""

    indices: npt.NDArray[np.int64]
    """The item of each codebook; shape (codebooks,)."""
    distance: int
    """Of the product of these items from the one that was given: 0 if it has no noise."""
    rounds: int
    """How many it took, in all starts together."""
    restarts: int
    """How often the network started again."""

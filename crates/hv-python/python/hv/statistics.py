"""What chance alone gives: how unusual a similarity is, and how much a bundle can hold.

Two unrelated vectors differ in each of the 2,048 bits with probability 1/2, so their distance has a binomial distribution. All
numbers are computed from that distribution, to about 12 digits.
"""

from ._hv import (
    bundle_similarity,
    capacity,
    clean_up_error,
    expected_nearest,
    max_distance_for,
    p_value,
    z_score,
)

__all__ = [
    "bundle_similarity",
    "capacity",
    "clean_up_error",
    "expected_nearest",
    "max_distance_for",
    "p_value",
    "z_score",
]

"""Data structures that are one vector each: sets, tables, sequences, graphs, trees and automata.

A structure is the bundle of what was put into it, so it takes 2,048 bits however much it holds, and what it holds is read back with
some noise; an hv.Codebook of what may be meant cleans that up. Nothing fails when a structure holds too much, answers only
become worse: hv.statistics.capacity says how much is too much.

Structures keep counters, so what is removed is gone without a trace. Removing what was never put in is refused where the counters
show it. BindSequence alone is a product instead of a bundle.

A structure belongs to one thread at a time: while one changes it, others get a RuntimeError.
"""

from ._hv import (
    BindSequence,
    BundleSequence,
    FiniteAutomaton,
    Graph,
    HashTable,
    Multiset,
    Set,
    Tree,
)

__all__ = [
    "BindSequence",
    "BundleSequence",
    "FiniteAutomaton",
    "Graph",
    "HashTable",
    "Multiset",
    "Set",
    "Tree",
]

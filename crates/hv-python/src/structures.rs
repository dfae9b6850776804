//! Data structures that are one vector each, with counters behind it.

use hv_encode::structures::{self, StructureError};
use hv_memory::HV16;
use numpy::PyArrayDyn;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arrays::{Vectors, ready, to_single};
use crate::codebook::{Codebook, named};
use crate::states::{read, written};
use crate::together::{all, each, told};

/// An item, an edge and so on, as Python gives it.
type Given<'a, 'py> = &'a Bound<'py, PyAny>;

/// The name that was found, an object of Python.
type Found<'py> = PyResult<Option<Bound<'py, PyAny>>>;

/// Defines the class of a structure: its own methods, and what all have. Python aligns objects to 16 bytes, and a vector needs 64, so
/// that structures are boxed.
macro_rules! structure {
    ($(#[$about:meta])* $name:ident { $($methods:tt)* }) => {
        $(#[$about])*
        #[pyclass(module = "hv.structures")]
        pub struct $name(Box<structures::$name>);

        const _: () = assert!(align_of::<$name>() <= 8);

        #[pymethods]
        impl $name {
            $($methods)*

            /// All of it as one vector: an array of uint8 with shape (256,). Where it is empty it is None, and all zeros for a
            /// BindSequence.
            #[getter]
            fn vector<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArrayDyn<u8>>>> {
                Option::<HV16>::from(self.0.vector()).map(|vector| to_single(py, vector)).transpose()
            }

            /// All of it in bytes, the same on every machine.
            fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
                written(py, &*self.0)
            }

            /// What `to_bytes` gave as a structure.
            #[staticmethod]
            fn from_bytes(bytes: &[u8]) -> PyResult<Self> {
                Ok(Self(Box::new(read(bytes)?)))
            }

            fn __len__(&self) -> usize {
                self.0.len() as usize
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
                let Ok(other) = other.cast::<Self>() else { return Ok(false) };
                Ok(self.0 == other.try_borrow()?.0)
            }

            fn __repr__(&self) -> String {
                format!("<hv.structures.{}: {}>", stringify!($name), self.0.len())
            }

            fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
                Ok((slf.get_type().getattr("from_bytes")?, (slf.try_borrow()?.to_bytes(slf.py())?,)))
            }
        }
    };
}

fn wrong(error: StructureError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

structure! {
    /// A multiset: the bundle of its items, each as often as it was put in. Similar to each of them.
    ///
    /// Items are arrays of uint8 with shape (256,), or (n, 256) for many.
    Multiset {
        #[new]
        fn new() -> PyResult<Self> {
            ready()?;
            Ok(Self(Box::new(structures::Multiset::new())))
        }

        /// Puts items in.
        fn insert(&mut self, py: Python<'_>, items: Given<'_, '_>) -> PyResult<()> {
            all(py, &mut *self.0, [("items", items)], |multiset, [item]| {
                multiset.insert(item);
                Ok::<(), StructureError>(())
            })
        }

        /// Takes items out once, and says whether each could be: a bool, or an array of bool with shape (n,).
        fn remove<'py>(&mut self, py: Python<'py>, items: Given<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
            told(py, &mut *self.0, [("items", items)], |items, [item]| items.remove(item))
        }

        /// About how often items were put in, exact while there are few: an int, or an array of int64 with shape (n,).
        fn count<'py>(&self, py: Python<'py>, items: Given<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
            each(py, [("items", items)], |[item]| self.0.count(item) as i64)
        }
    }
}

structure! {
    /// A set: the bundle of its items, each once. What is in is read from counters: surely while there are few, then with some
    /// error.
    ///
    /// Items are arrays of uint8 with shape (256,), or (n, 256) for many.
    Set {
        #[new]
        fn new() -> PyResult<Self> {
            ready()?;
            Ok(Self(Box::new(structures::Set::new())))
        }

        /// Puts items in, and says whether each is new: a bool, or an array of bool with shape (n,).
        fn insert<'py>(&mut self, py: Python<'py>, items: Given<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
            told(py, &mut *self.0, [("items", items)], |items, [item]| items.insert(item))
        }

        /// Takes items out, and says whether each was in: a bool, or an array of bool with shape (n,).
        fn remove<'py>(&mut self, py: Python<'py>, items: Given<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
            told(py, &mut *self.0, [("items", items)], |items, [item]| items.remove(item))
        }

        /// Whether items are in: a bool, or an array of bool with shape (n,).
        fn contains<'py>(&self, py: Python<'py>, items: Given<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
            each(py, [("items", items)], |[item]| self.0.contains(item))
        }

        fn __contains__(&self, item: Given<'_, '_>) -> PyResult<bool> {
            Ok(self.0.contains(&Vectors::one("item", item)?))
        }
    }
}

structure! {
    /// A table of values under keys: the bundle of its pairs, each a value bound with its key.
    ///
    /// Keys and values are arrays of uint8 with shape (256,), or (n, 256) for many. A key that is put twice has both values: remove
    /// the old one first.
    HashTable {
        #[new]
        fn new() -> PyResult<Self> {
            ready()?;
            Ok(Self(Box::new(structures::HashTable::new())))
        }

        /// Puts values under keys.
        fn put(&mut self, py: Python<'_>, keys: Given<'_, '_>, values: Given<'_, '_>) -> PyResult<()> {
            all(py, &mut *self.0, [("keys", keys), ("values", values)], |table, [key, value]| {
                table.put(key, value);
                Ok::<(), StructureError>(())
            })
        }

        /// Takes values from under keys, and says whether each could be: a bool, or an array of bool with shape (n,).
        fn remove<'py>(
            &mut self,
            py: Python<'py>,
            keys: Given<'_, 'py>,
            values: Given<'_, 'py>,
        ) -> PyResult<Bound<'py, PyAny>> {
            let given = [("keys", keys), ("values", values)];
            told(py, &mut *self.0, given, |table, [key, value]| table.remove(key, value))
        }

        /// The value under a key with shape (256,), cleaned up by a Codebook: Named(name, index, distance), or None where
        /// nothing stands out. For many keys, bind them with `vector` and call the codebook's clean_up_batch.
        fn get<'py>(&self, py: Python<'py>, key: Given<'_, 'py>, values: &Bound<'py, Codebook>) -> Found<'py> {
            named(py, self.0.get(&Vectors::one("key", key)?, &values.get().now()))
        }
    }
}

/// Defines the class of a sequence: its own methods, and what both have.
macro_rules! sequence {
    ($(#[$about:meta])* $name:ident { $($methods:tt)* }) => {
        structure! {
            $(#[$about])*
            $name {
                #[new]
                fn new() -> PyResult<Self> {
                    ready()?;
                    Ok(Self(Box::new(structures::$name::new())))
                }

                /// Puts items after the last, in their order.
                fn append(&mut self, py: Python<'_>, items: Given<'_, '_>) -> PyResult<()> {
                    all(py, &mut *self.0, [("items", items)], |sequence, [item]| sequence.append(item))
                }

                /// Puts an item with shape (256,) at the position of the first, and moves all others on by one.
                fn prepend(&mut self, item: Given<'_, '_>) -> PyResult<()> {
                    self.0.prepend(&Vectors::one("item", item)?).map_err(wrong)
                }

                /// Puts another item at a position, and says whether that could be. All have the shape (256,).
                fn replace(&mut self, position: usize, old: Given<'_, '_>, new: Given<'_, '_>) -> PyResult<bool> {
                    Ok(self.0.replace(position, &Vectors::one("old", old)?, &Vectors::one("new", new)?))
                }

                /// The item at a position, from 0 to 2047, cleaned up by a Codebook: Named(name, index, distance), or None where
                /// there is none or nothing stands out.
                fn get<'py>(&self, py: Python<'py>, position: usize, items: &Bound<'py, Codebook>) -> Found<'py> {
                    named(py, self.0.get(position, &items.get().now()))
                }

                /// Moves each item on by this many positions, round a ring of 2048.
                fn rotate(&mut self, by: i64) {
                    self.0.rotate(by.rem_euclid(HV16::DIM as i64) as i32);
                }

                $($methods)*
            }
        }
    };
}

sequence! {
    /// A sequence as a bundle: each item is rotated by its position. Sequences that share items at the same positions are similar.
    ///
    /// Items are arrays of uint8 with shape (256,), at most 2048 of them.
    BundleSequence {}
}

sequence! {
    /// A sequence as a product: each item is rotated by its position, and all are bound. Sequences that differ in one item are
    /// unrelated. Items are found exactly, by linear algebra, while positions times names are some less than 2048.
    ///
    /// Items are arrays of uint8 with shape (256,), at most 2048 of them.
    BindSequence {
        /// All items, in order, by the names of a Codebook: a list of str. None where an item is not in it, or more than one answer
        /// may be right.
        fn items(&self, py: Python<'_>, items: &Bound<'_, Codebook>) -> Option<Vec<String>> {
            let (sequence, items) = (&*self.0, items.get().now());
            py.detach(|| Some(sequence.items(&items)?.into_iter().map(|one| one.name.to_owned()).collect()))
        }
    }
}

structure! {
    /// A graph: the bundle of its edges, directed or not. An edge that is put in twice is in twice.
    ///
    /// Nodes are arrays of uint8 with shape (256,), or (n, 256) for many edges.
    ///
    /// Args:
    ///     directed: whether edges have a direction.
    Graph {
        #[new]
        fn new(directed: bool) -> PyResult<Self> {
            ready()?;
            Ok(Self(Box::new(if directed { structures::Graph::directed() } else { structures::Graph::undirected() })))
        }

        /// Whether edges have a direction.
        #[getter]
        fn directed(&self) -> bool {
            self.0.is_directed()
        }

        /// Puts edges in. An undirected one cannot lead back to its own node.
        fn add_edge(&mut self, py: Python<'_>, start: Given<'_, '_>, end: Given<'_, '_>) -> PyResult<()> {
            all(py, &mut *self.0, [("start", start), ("end", end)], |graph, [start, end]| graph.add_edge(start, end))
        }

        /// Takes edges out, and says whether each could be: a bool, or an array of bool with shape (n,).
        fn remove_edge<'py>(
            &mut self,
            py: Python<'py>,
            start: Given<'_, 'py>,
            end: Given<'_, 'py>,
        ) -> PyResult<Bound<'py, PyAny>> {
            let given = [("start", start), ("end", end)];
            told(py, &mut *self.0, given, |graph, [start, end]| graph.remove_edge(start, end))
        }

        /// Whether edges are in: a bool, or an array of bool with shape (n,).
        fn has_edge<'py>(&self, py: Python<'py>, start: Given<'_, 'py>, end: Given<'_, 'py>) -> PyResult<Bound<'py, PyAny>> {
            each(py, [("start", start), ("end", end)], |[start, end]| self.0.has_edge(start, end))
        }

        /// The names in a Codebook of all nodes that an edge from this one leads to: a list of str, in its order.
        fn neighbours(&self, node: Given<'_, '_>, nodes: &Bound<'_, Codebook>) -> PyResult<Vec<String>> {
            let (node, nodes) = (Vectors::one("node", node)?, nodes.get().now());
            Ok(self.0.neighbours(&node, &nodes).into_iter().map(str::to_owned).collect())
        }
    }
}

structure! {
    /// A tree: values at the ends of paths from the root. A path is a sequence of ints, each the number of a branch; the root is the
    /// empty path.
    ///
    /// Values are arrays of uint8 with shape (256,).
    ///
    /// Args:
    ///     seed: of the branches.
    Tree {
        #[new]
        fn new(seed: u64) -> PyResult<Self> {
            ready()?;
            Ok(Self(Box::new(structures::Tree::new(seed))))
        }

        /// Puts a value at the end of a path.
        fn put(&mut self, path: Vec<usize>, value: Given<'_, '_>) -> PyResult<()> {
            self.0.put(&path, &Vectors::one("value", value)?).map_err(wrong)
        }

        /// Takes a value from the end of a path, and says whether it could be.
        fn remove(&mut self, path: Vec<usize>, value: Given<'_, '_>) -> PyResult<bool> {
            self.0.remove(&path, &Vectors::one("value", value)?).map_err(wrong)
        }

        /// The value at the end of a path, cleaned up by a Codebook: Named(name, index, distance), or None where nothing stands out.
        fn get<'py>(&self, py: Python<'py>, path: Vec<usize>, values: &Bound<'py, Codebook>) -> Found<'py> {
            named(py, self.0.get(&path, &values.get().now()).map_err(wrong)?)
        }

        /// The vector of a path: an array of uint8 with shape (256,).
        fn path<'py>(&self, py: Python<'py>, path: Vec<usize>) -> PyResult<Bound<'py, PyArrayDyn<u8>>> {
            to_single(py, self.0.path(&path).map_err(wrong)?)
        }
    }
}

structure! {
    /// A finite automaton: the bundle of its transitions, each from a state by a symbol to a next state.
    ///
    /// States and symbols are arrays of uint8 with shape (256,), or (n, 256) for many transitions.
    FiniteAutomaton {
        #[new]
        fn new() -> PyResult<Self> {
            ready()?;
            Ok(Self(Box::new(structures::FiniteAutomaton::new())))
        }

        /// Puts transitions in: in `state`, `symbol` leads to `next`.
        fn add_transition(
            &mut self,
            py: Python<'_>,
            state: Given<'_, '_>,
            symbol: Given<'_, '_>,
            next: Given<'_, '_>,
        ) -> PyResult<()> {
            all(py, &mut *self.0, [("state", state), ("symbol", symbol), ("next", next)], |automaton, [state, symbol, next]| {
                automaton.add_transition(state, symbol, next);
                Ok::<(), StructureError>(())
            })
        }

        /// Takes transitions out, and says whether each could be: a bool, or an array of bool with shape (n,).
        fn remove_transition<'py>(
            &mut self,
            py: Python<'py>,
            state: Given<'_, 'py>,
            symbol: Given<'_, 'py>,
            next: Given<'_, 'py>,
        ) -> PyResult<Bound<'py, PyAny>> {
            let given = [("state", state), ("symbol", symbol), ("next", next)];
            told(py, &mut *self.0, given, |automaton, [state, symbol, next]| {
                automaton.remove_transition(state, symbol, next)
            })
        }

        /// The state that a symbol leads to, cleaned up by a Codebook: Named(name, index, distance), or None where nothing stands
        /// out. `state` and `symbol` have the shape (256,).
        fn step<'py>(
            &self,
            py: Python<'py>,
            state: Given<'_, 'py>,
            symbol: Given<'_, 'py>,
            states: &Bound<'py, Codebook>,
        ) -> Found<'py> {
            let (state, symbol) = (Vectors::one("state", state)?, Vectors::one("symbol", symbol)?);
            named(py, self.0.step(&state, &symbol, &states.get().now()))
        }
    }
}

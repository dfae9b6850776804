//! Edges between nodes.

use hv_parallel::HV16;
use hv_parallel::hv_simd::simd_permute;

use super::error::StructureError;
use super::multiset::Multiset;
use crate::codebook::Codebook;

/// A graph: the bundle of its edges. An undirected edge is the product of its nodes; a directed one is that of the node it leaves and
/// of the rotated node that it leads to.
///
/// An edge that is put in twice is in twice.
///
/// ```
/// use hv_encode::{Codebook, ItemMemory, structures::Graph};
///
/// let towns = Codebook::from_items(ItemMemory::new(1), ["Rome", "Florence", "Siena", "Bari"])?;
/// let [rome, florence, siena] = ["Rome", "Florence", "Siena"].map(|name| towns.vector(name).unwrap());
/// let mut roads = Graph::undirected();
/// roads.add_edge(rome, florence)?;
/// roads.add_edge(siena, florence)?;
/// assert_eq!(roads.neighbours(florence, &towns), ["Rome", "Siena"]);
/// let mut flows = Graph::directed();
/// flows.add_edge(rome, florence)?;
/// assert!(flows.has_edge(rome, florence) && !flows.has_edge(florence, rome));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Graph {
    edges: Multiset,
    directed: bool,
}

impl Graph {
    /// A graph of directed edges, none yet.
    #[must_use]
    pub fn directed() -> Self {
        Self { edges: Multiset::new(), directed: true }
    }

    /// A graph of undirected edges, none yet.
    #[must_use]
    pub fn undirected() -> Self {
        Self { edges: Multiset::new(), directed: false }
    }

    /// Whether edges have a direction.
    #[must_use]
    pub fn is_directed(&self) -> bool {
        self.directed
    }

    /// Puts an edge in.
    ///
    /// # Errors
    ///
    /// If the edge is undirected and joins a node with itself.
    pub fn add_edge(&mut self, from: &HV16, to: &HV16) -> Result<(), StructureError> {
        if !self.directed && from == to {
            return Err(StructureError::Loop);
        }
        self.edges.insert(&self.edge(from, to));
        Ok(())
    }

    /// Takes an edge out, and returns whether it could be: if the counters show that it was never put in, nothing changes.
    pub fn remove_edge(&mut self, from: &HV16, to: &HV16) -> bool {
        self.edges.remove(&self.edge(from, to))
    }

    /// Whether an edge is in: sure while there are few edges, and then with some error.
    #[must_use]
    pub fn has_edge(&self, from: &HV16, to: &HV16) -> bool {
        self.edges.count(&self.edge(from, to)) > 0
    }

    /// The names of all nodes that an edge from this one leads to, in the order of the codebook. Cost: some 100 ns for each name.
    #[must_use]
    pub fn neighbours<'a>(&self, node: &HV16, nodes: &'a Codebook) -> Vec<&'a str> {
        let all = nodes.names().zip(nodes.vectors());
        all.filter(|(_, other)| self.has_edge(node, other)).map(|(name, _)| name).collect()
    }

    /// The number of edges. Exact.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.edges.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    /// The graph as a vector; `None` where it has no edges.
    #[must_use]
    pub fn vector(&self) -> Option<HV16> {
        self.edges.vector()
    }

    fn edge(&self, from: &HV16, to: &HV16) -> HV16 {
        if self.directed { from ^ simd_permute(to, 1) } else { from ^ to }
    }
}

//! `Serialize` and `Deserialize` for the states, checked as their byte forms are.

use alloc::vec::Vec;

use hv_core::HV16;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::accumulator::Accumulator;
use crate::top_k::TopK;

/// An accumulator as serde writes it: the number of vectors, and the planes from the lowest on.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Accumulator")]
struct Counters<P> {
    len: u64,
    planes: P,
}

impl Serialize for Accumulator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Counters { len: self.n, planes: &self.planes }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Accumulator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Counters::<Vec<HV16>> { len, planes } = Deserialize::deserialize(deserializer)?;
        Self::from_planes(len, planes).map_err(D::Error::custom)
    }
}

/// A top-k as serde writes it: `k`, and the kept as `(index, distance)`, the nearest first.
#[derive(Serialize, Deserialize)]
#[serde(rename = "TopK")]
struct Nearest {
    k: u64,
    kept: Vec<(u64, u16)>,
}

impl Serialize for TopK {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kept = self.iter().map(|(index, distance)| (index as u64, distance)).collect();
        Nearest { k: self.k as u64, kept }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TopK {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Nearest { k, kept } = Deserialize::deserialize(deserializer)?;
        Self::from_sorted(k, kept.into_iter()).map_err(D::Error::custom)
    }
}

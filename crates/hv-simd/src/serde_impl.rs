//! `Serialize` and `Deserialize` for the states, checked as their byte forms are.

use hv_core::HV16;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::accumulator::Accumulator;

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

//! `Serialize` and `Deserialize` as 256 bytes: a byte string where the format has one, a sequence elsewhere.

use core::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hv16::HV16;

impl Serialize for HV16 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for HV16 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(BytesVisitor)
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = HV16;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} bytes of a hypervector", HV16::BYTES)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<HV16, E> {
        HV16::try_from(bytes).map_err(|_| E::invalid_length(bytes.len(), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<HV16, A::Error> {
        let mut v = HV16::ZERO;
        for (i, byte) in v.0.iter_mut().enumerate() {
            *byte = seq.next_element()?.ok_or_else(|| A::Error::invalid_length(i, &self))?;
        }
        match seq.next_element::<u8>()? {
            None => Ok(v),
            Some(_) => Err(A::Error::invalid_length(HV16::BYTES + 1, &self)),
        }
    }
}

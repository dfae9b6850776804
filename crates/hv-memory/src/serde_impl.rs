//! `Serialize` and `Deserialize` of a key: a number or a string in formats that people read, as in an export, and in others
//! the variant, since these cannot tell one from the other.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::key::Key;

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Plain {
    Number(u64),
    Text(String),
}

#[derive(Serialize, Deserialize)]
enum Variant {
    Number(u64),
    Text(String),
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self, serializer.is_human_readable()) {
            (Self::Number(number), true) => Plain::Number(*number).serialize(serializer),
            (Self::Text(text), true) => Plain::Text(text.to_string()).serialize(serializer),
            (Self::Number(number), false) => Variant::Number(*number).serialize(serializer),
            (Self::Text(text), false) => Variant::Text(text.to_string()).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            Plain::deserialize(deserializer).map(|plain| match plain {
                Plain::Number(number) => number.into(),
                Plain::Text(text) => text.into(),
            })
        } else {
            Variant::deserialize(deserializer).map(|variant| match variant {
                Variant::Number(number) => number.into(),
                Variant::Text(text) => text.into(),
            })
        }
    }
}

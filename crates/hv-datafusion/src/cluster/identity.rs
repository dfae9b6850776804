//! Who a node is: its version and its functions.

use std::collections::BTreeSet;

use ballista_core::BALLISTA_VERSION;

use crate::functions::aggregate_functions;
use crate::scalar::scalar_functions;

/// The start of every text of an identity.
const PREFIX: &str = "hv";

/// The version of a node's program, and the functions that it adds to DataFusion.
///
/// An executor's id starts with its identity as a text, and so the scheduler knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    version: String,
    functions: BTreeSet<String>,
}

impl Identity {
    /// That of this program.
    #[must_use]
    pub fn own() -> Self {
        let scalar = scalar_functions().into_iter().map(|function| function.name().to_owned());
        let aggregate = aggregate_functions().into_iter().map(|function| function.name().to_owned());
        let version = concat!(env!("CARGO_PKG_VERSION"), "+ballista");
        Self { version: format!("{version}{BALLISTA_VERSION}"), functions: scalar.chain(aggregate).collect() }
    }

    /// As a text without spaces, to which `;` and more may be appended.
    #[must_use]
    pub fn to_text(&self) -> String {
        let functions: Vec<&str> = self.functions.iter().map(String::as_str).collect();
        format!("{PREFIX};{};{}", self.version, functions.join("+"))
    }

    /// From such a text; `None` where it is none, as the id of an executor that is not ours.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        if parts.next()? != PREFIX {
            return None;
        }
        let version = parts.next()?.to_owned();
        let functions = parts.next()?.split('+').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Some(Self { version, functions })
    }

    /// What another node has in another way than this one, as the end of a sentence; `None` where they are equal.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<String> {
        if self.version != other.version {
            return Some(format!("is of version {}, and not {}", other.version, self.version));
        }
        let names = |these: &BTreeSet<String>, others| {
            these.difference(others).map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        let (lacks, adds) = (names(&self.functions, &other.functions), names(&other.functions, &self.functions));
        match (lacks.is_empty(), adds.is_empty()) {
            (true, true) => None,
            (false, true) => Some(format!("lacks the functions {lacks}")),
            (true, false) => Some(format!("has the functions {adds} too")),
            (false, false) => Some(format!("lacks the functions {lacks}, and has {adds} too")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_survives_as_the_start_of_an_id() {
        let own = Identity::own();
        let id = format!("{};some-id", own.to_text());
        assert_eq!(Identity::from_text(&id), Some(own));
        assert_eq!(Identity::from_text("a5ff9d10-plain-executor"), None);
    }

    #[test]
    fn differences_are_named() {
        let own = Identity::own();
        assert_eq!(own.difference(&own.clone()), None);
        let mut older = own.clone();
        older.version = "0.0.9".into();
        assert!(own.difference(&older).is_some_and(|text| text.starts_with("is of version 0.0.9, and not ")));
        let mut fewer = own.clone();
        fewer.functions.remove("hv_top_k");
        assert_eq!(own.difference(&fewer).as_deref(), Some("lacks the functions hv_top_k"));
        assert_eq!(fewer.difference(&own).as_deref(), Some("has the functions hv_top_k too"));
    }
}

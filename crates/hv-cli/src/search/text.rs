//! The texts of stored lines. Equal ones are one result.

use std::borrow::Cow;

use serde::Deserialize;

/// Where equal texts took the places of others, this many times as many candidates are asked for.
pub const WIDER: usize = 8;

/// The part of a record that is searched.
#[derive(Deserialize)]
struct TextOnly<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// The text of a payload; episodes of other programs have none.
pub fn text_of(payload: &[u8]) -> Option<Cow<'_, str>> {
    serde_json::from_slice::<TextOnly>(payload).ok().map(|record| record.text)
}

//! What a command returns.

use std::error::Error;

/// Nothing, or an error: a message for the person who ran it is enough.
pub type Outcome = Result<(), Box<dyn Error>>;

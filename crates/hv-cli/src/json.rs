//! JSON as it is printed: nothing in it could steer a terminal.

use std::fmt::Write;

use serde::Serialize;

use crate::escape::is_escaped;
use crate::failure::Failure;

/// A value on a line of its own.
pub fn line(value: &impl Serialize) -> Result<String, Failure> {
    let json = serde_json::to_string(value).map_err(Failure::failed)?;
    if !json.contains(is_escaped) {
        return Ok(json);
    }
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        // They can only be in strings, and none has more than 16 bits.
        match is_escaped(c) {
            true => write!(escaped, "\\u{:04x}", u32::from(c)).map_err(Failure::failed)?,
            false => escaped.push(c),
        }
    }
    Ok(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_comes_back() {
        for c in ('\0'..=char::MAX).filter(|&c| is_escaped(c)) {
            let text = format!("x{c}é\\\"");
            let json = line(&text).unwrap();
            assert!(!json.contains(is_escaped) && json.contains('é'), "{json}");
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}

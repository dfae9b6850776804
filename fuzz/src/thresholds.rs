//! The text of `HV_THRESHOLDS`.

use hv_parallel::{Operation, Thresholds};

/// Reads a text as thresholds: an error that names a part of the text, or what the text says, which is the same after
/// it was printed and read again.
///
/// # Panics
///
/// If it is neither.
pub fn thresholds(data: &[u8]) {
    // As the environment is read.
    let text = String::from_utf8_lossy(data);
    match text.parse::<Thresholds>() {
        Ok(thresholds) => {
            assert_eq!(Some(thresholds), expected(&text), "{text:?}");
            assert_eq!(thresholds.to_string().parse(), Ok(thresholds), "{text:?}");
        }
        Err(error) => {
            assert_eq!(expected(&text), None, "{text:?}: {error}");
            assert!(text.split(',').any(|part| part == error.part()), "{text:?}: {error}");
        }
    }
}

/// What a text says, if it is well formed: each part sets one that no other part sets.
fn expected(text: &str) -> Option<Thresholds> {
    let mut values = [None; Operation::ALL.len()];
    for part in text.split(',') {
        let equals = part.find('=')?;
        let (name, value) = (part[..equals].trim(), part[equals + 1..].trim());
        let position = Operation::ALL.iter().position(|operation| operation.name() == name)?;
        if values[position].replace(number(value)?).is_some() {
            return None;
        }
    }
    let default = Thresholds::default();
    Some(Thresholds::from_fn(|operation| values[operation as usize].unwrap_or(default[operation])))
}

/// A whole number of decimal digits, with an optional plus.
fn number(text: &str) -> Option<usize> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.is_empty() {
        return None;
    }
    digits.bytes().try_fold(0usize, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| usize::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

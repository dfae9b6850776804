//! Tables of measured figures, read when the library is compiled.

/// The figure of `backend` called `name`, from a table whose lines are `backend name value`.
///
/// A value is a decimal number, or `never`, which is infinite. Lines that start otherwise are comments.
///
/// # Panics
///
/// If the table has no such figure, or its value is no number. As the value of a constant, that is an error of the
/// compiler.
#[must_use]
pub const fn figure(table: &str, backend: &str, name: &str) -> f64 {
    let mut rest = table.as_bytes();
    while !rest.is_empty() {
        if let Some(line) = after(rest, backend)
            && let Some(value) = after(line, name)
        {
            return number(value);
        }
        rest = next_line(rest);
    }
    panic!("the table has no such figure: write the figures of each backend with `cargo xtask tune-thresholds --write`")
}

/// What follows `word` and a space, where the text starts with these.
const fn after<'a>(mut text: &'a [u8], word: &str) -> Option<&'a [u8]> {
    let mut word = word.as_bytes();
    while let ([a, text_rest @ ..], [b, word_rest @ ..]) = (text, word) {
        if *a != *b {
            return None;
        }
        (text, word) = (text_rest, word_rest);
    }
    match (text, word) {
        ([b' ', rest @ ..], []) => Some(rest),
        _ => None,
    }
}

const fn next_line(mut text: &[u8]) -> &[u8] {
    while let [byte, rest @ ..] = text {
        text = rest;
        if *byte == b'\n' {
            break;
        }
    }
    text
}

/// The number up to the end of the line.
const fn number(mut text: &[u8]) -> f64 {
    if let [b'n', b'e', b'v', b'e', b'r', ..] = text {
        return f64::INFINITY;
    }
    let (mut digits, mut scale, mut is_fraction, mut count) = (0.0, 1.0, false, 0);
    while let [byte, rest @ ..] = text {
        match *byte {
            b'0'..=b'9' => {
                digits = 10.0 * digits + (*byte - b'0') as f64;
                scale *= if is_fraction { 10.0 } else { 1.0 };
                count += 1;
            }
            b'.' if !is_fraction => is_fraction = true,
            b'\r' | b'\n' => break,
            _ => panic!("the value of a figure is neither a decimal number nor `never`"),
        }
        text = rest;
    }
    assert!(count > 0, "a figure has no value");
    digits / scale // rounded once, so it is the number that Rust would read
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# a comment\navx2 bind 1100\navx2 bind_pairs 7\n\navx512 bind never\navx512 share 0.083\n";

    #[test]
    fn figures_are_found_by_backend_and_name() {
        assert_eq!(figure(TABLE, "avx2", "bind"), 1_100.0);
        assert_eq!(figure(TABLE, "avx2", "bind_pairs"), 7.0);
        assert_eq!(figure(TABLE, "avx512", "bind") as usize, usize::MAX);
        assert_eq!(figure(TABLE, "avx512", "share"), 0.083);
        // A checkout with the line ends of Windows.
        assert_eq!(figure("sse2 bind 5\r\n", "sse2", "bind"), 5.0);
    }

    #[test]
    fn what_is_missing_or_no_number_is_an_error() {
        let refused = |table: &'static str| std::panic::catch_unwind(|| figure(table, "avx2", "bind")).is_err();
        assert!(
            ["", "avx2 bin 1\n", "avx2 bind x\n", "avx2 bind 1.2.3\n", "avx2 bind \n", "# avx2 bind 1\n"]
                .map(refused)
                .iter()
                .all(|&refused| refused)
        );
        assert!(!refused("avx2 bind 1\n"));
    }
}

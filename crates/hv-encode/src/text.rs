//! Normalisation: what counts as the same text.

/// Brings a text into the form that is encoded, or `None` where it has no letter and no digit.
///
/// Apostrophes are dropped, letters lower-cased, and every run of characters that are neither letters nor digits
/// becomes one space, with one space at each end. Letters and digits are Unicode's
/// ([`char::is_alphanumeric`]); apostrophes are `'`, `’` (U+2019), `ʼ` (U+02BC) and `＇` (U+FF07).
///
/// Accents stay: `é` is a letter of its own. Written as `e` and a combining accent it is a letter and a space, so
/// compose such text (Unicode's NFC) first. Normalising twice changes nothing.
///
/// ```
/// use hv_encode::normalize;
///
/// assert_eq!(normalize("Don’t   PANIC -- it's 42!").as_deref(), Some(" dont panic its 42 "));
/// assert_eq!(normalize("?!"), None);
/// ```
#[must_use]
pub fn normalize(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in text.chars().filter(|&c| !is_apostrophe(c)) {
        if c.is_alphanumeric() {
            // Lower case may bring a combining mark (İ), which is no letter.
            out.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    (out.len() > 1).then_some(out)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2bc}' | '\u{ff07}')
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn each_rule() {
        for (text, expected) in [
            ("a", " a "),
            (" a", " a "),
            ("A.B", " a b "),
            ("don't", " dont "),
            ("don\u{2019}t", " dont "),
            ("'tis the dogs' bone", " tis the dogs bone "),
            ("' a ' b '", " a b "),
            ("tab\tand\r\nline", " tab and line "),
            ("3.14", " 3 14 "),
            ("under_score", " under score "),
            ("ÄÖÜ Straße", " äöü straße "),
            ("İstanbul", " istanbul "),
            ("ΟΔΟΣ", " οδοσ "),
            ("日本語", " 日本語 "),
            ("٣", " ٣ "),
        ] {
            assert_eq!(normalize(text).as_deref(), Some(expected), "{text:?}");
        }
        for nothing in ["", " ", "'", "\u{2019}", "?!.,;", "\n\t", "' '", "\u{301}", "🙂"] {
            assert_eq!(normalize(nothing), None, "{nothing:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_form_holds_and_is_stable(text in "\\PC{0,40}") {
            let Some(normal) = normalize(&text) else {
                proptest::prop_assert!(!text.chars().any(|c| c.is_alphanumeric() && c != '\u{2bc}'), "{text:?}");
                return Ok(());
            };
            proptest::prop_assert!(normal.starts_with(' ') && normal.ends_with(' ') && !normal.contains("  "));
            proptest::prop_assert!(normal.chars().all(|c| c == ' ' || c.is_alphanumeric()), "{normal:?}");
            proptest::prop_assert_eq!(normalize(&normal), Some(normal));
        }
    }
}

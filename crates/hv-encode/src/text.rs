//! Normalisation: what counts as the same text.

/// Brings a text into the form that is encoded, or `None` where it has no letter and no digit.
///
/// Letters are lower-cased, apostrophes dropped, and every run of characters that are neither letters nor digits
/// becomes one space, with one space at each end. Letters and digits are Unicode's
/// ([`char::is_alphanumeric`]); apostrophes are `'`, `’` (U+2019), `ʼ` (U+02BC) and `＇` (U+FF07).
///
/// Lower case is that of each character ([`char::to_lowercase`]), and the final sigma `ς` is a `σ`, so that a word is
/// the same in capitals; the dot that `İ` leaves over its `i`, U+0307, is dropped. Letters whose capitals are written
/// otherwise stay as they are: `ß` is not `SS`.
///
/// Accents stay: `é` is a letter of its own. Written as `e` and a combining accent it is a letter and a space, so
/// compose such text (Unicode's NFC) first. Normalising twice changes nothing.
///
/// ```
/// use hv_encode::normalize;
///
/// assert_eq!(normalize("Don’t   PANIC -- it's 42!").as_deref(), Some(" dont panic its 42 "));
/// assert_eq!(normalize("ΟΔΟΣ"), normalize("οδος"));
/// assert_eq!(normalize("?!"), None);
/// ```
#[must_use]
pub fn normalize(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in text.chars() {
        // The standard library's tables are for the other letters.
        if c.is_ascii() {
            add(&mut out, c.to_ascii_lowercase());
        } else {
            c.to_lowercase().for_each(|c| add(&mut out, c));
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    (out.len() > 1).then_some(out)
}

/// Adds a lower-case character, or what stands for it.
fn add(out: &mut String, c: char) {
    match c {
        _ if is_dropped(c) => (),
        // A capital sigma does not tell whether it ends its word, so the small ones must be one letter.
        'ς' => out.push('σ'),
        c if c.is_alphanumeric() => out.push(c),
        _ if out.ends_with(' ') => (),
        _ => out.push(' '),
    }
}

/// Apostrophes, and the combining dot above, which is what lower case makes of İ next to the i.
fn is_dropped(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2bc}' | '\u{ff07}' | '\u{307}')
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
            ("i\u{307}stanbul", " istanbul "),
            ("ΟΔΟΣ", " οδοσ "),
            ("οδος", " οδοσ "),
            ("ΟΔΟΣ. Ὀδυσσεύς, Σ", " οδοσ ὀδυσσεύσ σ "),
            ("日本語", " 日本語 "),
            ("٣", " ٣ "),
        ] {
            assert_eq!(normalize(text).as_deref(), Some(expected), "{text:?}");
        }
        for nothing in ["", " ", "'", "\u{2019}", "?!.,;", "\n\t", "' '", "\u{301}", "🙂"] {
            assert_eq!(normalize(nothing), None, "{nothing:?}");
        }
    }

    /// `str::to_lowercase` looks around a character, which this does not: only at sigma does that matter.
    #[test]
    fn case_makes_no_difference_to_any_character() {
        for c in '\0'..=char::MAX {
            let text = format!("a{c}Σ B{c}");
            assert_eq!(normalize(&text), normalize(&text.to_lowercase()), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn case_makes_no_difference_in_any_text(text in "[aΑΣσςİ\u{307}'. ]{0,12}\\PC{0,20}") {
            proptest::prop_assert_eq!(normalize(&text), normalize(&text.to_lowercase()));
        }

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

//! Names of files: bytes that need not be UTF-8, shown in a form that is safe to print and can be typed back.
//!
//! A byte that is no UTF-8, and each byte of a character that could steer a terminal, is shown as `\x` and two hexadecimal
//! digits. All else is shown as it is, backslashes too, but for one that is followed by what looks like such an escape: that
//! one is shown as `\x5c`. So no two names are shown alike.

use std::ffi::OsStr;
use std::path::Path;

use crate::escape::is_escaped;

/// The bytes of a name that was typed or found in a folder.
pub fn bytes_of(name: &(impl AsRef<OsStr> + ?Sized)) -> Vec<u8> {
    name.as_ref().as_encoded_bytes().to_vec()
}

/// A name as it is shown.
pub fn shown(name: &[u8]) -> String {
    let mut shown = String::with_capacity(name.len());
    let mut rest = name;
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            let (bytes, after) = rest.split_at(c.len_utf8());
            if is_escaped(c) || (c == '\\' && escape(rest).is_some()) {
                push_escaped(&mut shown, bytes);
            } else {
                shown.push(c);
            }
            rest = after;
        }
        push_escaped(&mut shown, chunk.invalid());
        rest = &rest[chunk.invalid().len()..];
    }
    shown
}

/// A path as it is shown.
pub fn shown_path(path: &Path) -> String {
    shown(&bytes_of(path))
}

/// The name that is shown so: the inverse of [`shown`].
pub fn given(shown: &str) -> Vec<u8> {
    let mut name = Vec::with_capacity(shown.len());
    let mut rest = shown.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let (byte, after) = escape(rest).map_or((first, after), |byte| (byte, &rest[4..]));
        name.push(byte);
        rest = after;
    }
    name
}

/// The name as a word that a shell reads as one, and as it is.
pub fn quoted(name: &[u8]) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./+:,@%=~".contains(byte);
    let text = shown(name);
    if !name.is_empty() && name.iter().all(is_plain) && !name.starts_with(b"~") {
        text
    } else if text.as_bytes() == name {
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        // With escapes for bytes, which the shells bash, zsh and ksh know.
        let each = |&byte: &u8| match byte {
            b'\'' | b'\\' => format!("\\{}", char::from(byte)),
            b' '..=b'~' => char::from(byte).to_string(),
            byte => format!("\\x{byte:02x}"),
        };
        format!("$'{}'", name.iter().map(each).collect::<String>())
    }
}

fn push_escaped(shown: &mut String, bytes: &[u8]) {
    bytes.iter().for_each(|byte| *shown += &format!("\\x{byte:02x}"));
}

/// The byte of an escape that some text begins with.
fn escape(text: &[u8]) -> Option<u8> {
    let [high, low] = text.strip_prefix(b"\\x")?.first_chunk::<2>()?.map(|digit| char::from(digit).to_digit(16));
    Some((high? * 16 + low?) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_and_none_is_shown_as_another() {
        let pieces: [&[u8]; 14] = [
            b"a",
            b"\\",
            b"\\x",
            b"\\x4",
            b"4",
            b"1",
            b"\\x41",
            b"\xff",
            b"\xe2\x80",
            b"\xae",
            b"\x1b[31m",
            b"\n",
            "é".as_bytes(),
            "\u{202e}".as_bytes(),
        ];
        let mut seen = std::collections::HashMap::new();
        for i in 0..14_usize.pow(4) {
            let name: Vec<u8> = (0..4).flat_map(|place| pieces[i / 14_usize.pow(place) % 14]).copied().collect();
            let text = shown(&name);
            assert_eq!(given(&text), name, "{text}");
            assert!(!text.chars().any(is_escaped), "{text:?}");
            let other = seen.insert(text.clone(), name.clone());
            assert!(other.is_none_or(|other| other == name), "{text}");
        }
        assert_eq!(shown(b"bad\xff\x1b \\x41 \\y \xe2\x80\xae"), r"bad\xff\x1b \x5cx41 \y \xe2\x80\xae");
        assert_eq!(
            (shown("ä/ö.txt".as_bytes()), given(r"C:\texts\x.txt")),
            ("ä/ö.txt".into(), br"C:\texts\x.txt".into())
        );
    }

    #[test]
    fn words_for_a_shell() {
        for (name, word) in [
            (&b"docs/a-b_1.txt"[..], "docs/a-b_1.txt"),
            (b"", "''"),
            (b"two words", "'two words'"),
            (b"~home", "'~home'"),
            (b"don't", r"'don'\''t'"),
            ("ä$x".as_bytes(), "'ä$x'"),
            (b"bad\xff 'x'\\", r"$'bad\xff \'x\'\\'"),
        ] {
            assert_eq!(quoted(name), word);
        }
    }
}

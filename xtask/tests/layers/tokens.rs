//! Rust source as words and marks, without comments and literals.

/// A word (identifier, keyword or number) or a mark, and the line that it is on, from 1. `::` and `$crate` are one
/// token each. A string or character is the token `""`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token<'a> {
    pub text: &'a str,
    pub line: usize,
}

impl Token<'_> {
    /// Whether this is an identifier or a keyword.
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c == '_' || c.is_alphabetic())
    }
}

/// The tokens of a text.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut rest, mut line) = (Vec::new(), source, 1);
    while let Some(first) = rest.chars().next() {
        let (length, is_token) = match first {
            _ if first.is_whitespace() => (first.len_utf8(), false),
            _ if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
            _ if rest.starts_with("/*") => (block_comment(rest), false),
            _ => (token(rest), true),
        };
        let text = &rest[..length];
        if is_token {
            let text = if is_literal(text) { "\"\"" } else { text };
            tokens.push(Token { text, line });
        }
        line += text.matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

/// The length of a block comment with those inside it.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        let (step, change) = match &text.as_bytes()[at..] {
            [] => return text.len(),
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        (at, depth) = (at + step, depth + change);
        if depth == 0 {
            return at;
        }
    }
}

/// The length of the token that a text starts with.
fn token(text: &str) -> usize {
    let word = |text: &str| text.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(text.len());
    if let Some(length) = raw_string(text) {
        return length;
    }
    match text.as_bytes() {
        [b'"', ..] => quoted(text, b'"'),
        [b'b' | b'c', b'"', ..] => 1 + quoted(&text[1..], b'"'),
        [b'b', b'\'', ..] => 1 + quoted(&text[1..], b'\''),
        [b'\'', ..] => character_or_lifetime(text),
        [b':', b':', ..] => 2,
        _ if text.starts_with("$crate") => 6,
        _ => word(text).max(text.chars().next().map_or(0, char::len_utf8)),
    }
}

/// The length of a literal in quotes. A backslash protects what follows.
fn quoted(text: &str, quote: u8) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            _ if byte == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a raw string, if the text starts with one.
fn raw_string(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('r').or_else(|| text.strip_prefix("br")).or_else(|| text.strip_prefix("cr"))?;
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let body = rest[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - body.len();
    Some(body.find(&end).map_or(text.len(), |at| start + at + end.len()))
}

/// The length of a character, or of a lifetime, which has no second quote.
fn character_or_lifetime(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    let (first, second) = (letters.next(), letters.next());
    match (first, second) {
        (Some((_, '\\')), _) => quoted(text, b'\''),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

fn is_literal(text: &str) -> bool {
    text.len() > 1 && text.ends_with(['"', '\'', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        tokens(source).iter().map(|token| token.text).collect()
    }

    #[test]
    fn words_and_marks() {
        assert_eq!(texts("use a::{b_1, C};"), ["use", "a", "::", "{", "b_1", ",", "C", "}", ";"]);
        assert_eq!(texts("$crate::x!()"), ["$crate", "::", "x", "!", "(", ")"]);
        assert_eq!(texts("größe+1"), ["größe", "+", "1"]);
    }

    #[test]
    fn comments_and_literals_hide_what_is_in_them() {
        assert_eq!(texts("a // use b;\n/* c /* d */ e */ f"), ["a", "f"]);
        assert_eq!(texts(r#"a "use \" b" c"#), ["a", "\"\"", "c"]);
        assert_eq!(texts("a r#\"b\"c\"# d br\"e\" b\"f\" g"), ["a", "\"\"", "d", "\"\"", "\"\"", "g"]);
        assert_eq!(
            texts(r"'a' '\'' '{' b'x' &'static str"),
            ["\"\"", "\"\"", "\"\"", "\"\"", "&", "'", "static", "str"]
        );
    }

    #[test]
    fn lines_are_counted() {
        let lines: Vec<usize> = tokens("a\n/*\n*/ b\n\"\n\" c").iter().map(|token| token.line).collect();
        assert_eq!(lines, [1, 3, 4, 5]);
    }
}

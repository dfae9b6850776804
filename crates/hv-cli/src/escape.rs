//! Text that can be written anywhere: without control characters, which could steer a terminal, and without the marks that
//! change the direction of writing, which could show a line as another.

/// Whether a character is never written as it is: control characters (C0, delete, C1), marks of direction, and separators of
/// lines.
pub fn is_escaped(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Adds a character to a text on one line: white space as a space, and what could do harm as `\u{1b}`.
pub fn push(line: &mut String, c: char) {
    match c {
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}' => line.push(' '),
        c if is_escaped(c) => line.extend(c.escape_unicode()),
        c => line.push(c),
    }
}

/// The text on one line.
pub fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    text.chars().for_each(|c| push(&mut line, c));
    line
}

/// The text on as many lines as it has, with its tabs.
pub fn on_lines(text: &str) -> String {
    let mut lines = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => lines.push(c),
            c if is_escaped(c) => lines.extend(c.escape_unicode()),
            c => lines.push(c),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_do_harm_is_escaped() {
        let text = "a\tb\u{1b}[31mc\u{9b}é\u{202e}d\u{7f}\n\\x";
        assert_eq!(on_one_line(text), r"a b\u{1b}[31mc\u{9b}é\u{202e}d\u{7f} \x");
        assert_eq!(on_lines(text), "a\tb\\u{1b}[31mc\\u{9b}é\\u{202e}d\\u{7f}\n\\x");
        for c in ('\0'..='\u{ffff}').filter(|&c| is_escaped(c)) {
            assert!(!on_one_line(&format!("x{c}y")).contains(is_escaped), "{}", c.escape_unicode());
        }
        for c in ['\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{200e}', '\u{200f}', '\u{80}', '\u{9f}', '\0'] {
            assert!(is_escaped(c));
        }
        assert!(!" é玻🙂\u{200d}\u{301}".contains(is_escaped));
    }
}

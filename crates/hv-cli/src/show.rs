//! What people see: the progress bar, and text that is safe on a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for a known number of bytes, with rate and time left; a counter where the number is 0. On standard error,
/// and only where that is a terminal.
pub fn bytes_bar(bytes: u64) -> ProgressBar {
    let (bar, template) = match bytes {
        0 => (ProgressBar::no_length(), "{msg}: {bytes}, {binary_bytes_per_sec}"),
        bytes => (
            ProgressBar::new(bytes),
            "{msg} {wide_bar} {percent}% of {total_bytes}, {binary_bytes_per_sec}, {eta} left",
        ),
    };
    // The template is fixed, and a test tries it.
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// The text on one line, without the control characters that could steer a terminal.
pub fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_spaces() {
        assert_eq!(on_one_line("a\tb\u{1b}[31mc\u{9b}é"), "a b [31mc é");
    }

    #[test]
    fn templates_are_valid() {
        for template in
            ["{msg}: {bytes}, {binary_bytes_per_sec}", "{msg} {wide_bar} {percent}% of {total_bytes}, {eta} left"]
        {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
    }
}

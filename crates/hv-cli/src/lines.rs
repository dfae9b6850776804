//! Lines of a file as text, whatever is in it.

use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::contents::{Format, not_text};
use crate::failure::Failure;
use crate::names::{bytes_of, shown};

/// The longest line that is read: what an episode can hold.
const MAX_LINE: usize = hv_memory::MAX_BYTES;

/// A line, without its end.
#[derive(Debug, PartialEq)]
pub struct Line {
    /// Counted from 1.
    pub number: u64,
    /// Bytes in the file, its end included.
    pub bytes: u64,
    pub content: Content,
}

impl Line {
    /// Whether invalid UTF-8 was replaced in it.
    pub fn is_replaced(&self) -> bool {
        matches!(self.content, Content::Replaced(_))
    }
}

/// What a line holds.
#[derive(Debug, PartialEq)]
pub enum Content {
    Text(String),
    /// Text in which invalid UTF-8 was replaced by U+FFFD.
    Replaced(String),
    /// A NUL byte: no text in UTF-8.
    Binary,
    /// More than [`MAX_LINE`] bytes.
    TooLong,
}

/// The lines of a file or of standard input.
pub struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    number: u64,
    buffer: Vec<u8>,
}

/// Whether a file can be opened, as far as that can be told without waiting for the other end of a pipe, which would
/// also take its only reader away.
pub fn check(path: &Path) -> Result<(), Failure> {
    if is_stdin(path) {
        return Ok(());
    }
    let metadata = path.metadata().map_err(|error| cannot_read(path, &error))?;
    if metadata.is_dir() {
        return Err(cannot_read(path, &"it is a folder; give files, for example with folder/*.txt"));
    }
    if metadata.is_file() {
        File::open(path).map_err(|error| cannot_read(path, &error))?;
    } else if !is_stream(&metadata) {
        return Err(cannot_read(path, &"it is neither a file, a folder nor a pipe; give one of these"));
    }
    Ok(())
}

/// Whether this is read once, as it comes: a pipe or a terminal.
fn is_stream(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        kind.is_fifo() || kind.is_char_device()
    }
    #[cfg(not(unix))]
    {
        !metadata.is_file() && !metadata.is_dir()
    }
}

impl Lines {
    /// Opens a file; `-` is standard input.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        check(path)?;
        let reader: Box<dyn BufRead> = match is_stdin(path) {
            true => Box::new(io::stdin().lock()),
            false => {
                let file = File::open(path).map_err(|error| cannot_read(path, &error))?;
                Box::new(BufReader::with_capacity(1 << 16, file))
            }
        };
        Ok(Self { path: path.to_owned(), reader, number: 0, buffer: Vec::new() })
    }

    /// What the file is that is no text.
    pub fn format(&mut self) -> Result<Option<Format>, Failure> {
        self.reader.fill_buf().map(not_text).map_err(|error| cannot_read(&self.path, &error))
    }

    /// The next line, or `None` at the end.
    pub fn next(&mut self) -> Result<Option<Line>, Failure> {
        self.read().map_err(|error| cannot_read(&self.path, &error))
    }

    fn read(&mut self) -> io::Result<Option<Line>> {
        self.buffer.clear();
        let mut bytes = (&mut self.reader).take(MAX_LINE as u64 + 2).read_until(b'\n', &mut self.buffer)?;
        if bytes == 0 {
            return Ok(None);
        }
        let ended = self.buffer.ends_with(b"\n");
        if !ended {
            bytes += self.reader.skip_until(b'\n')?;
        }
        self.number += 1;
        let line = trim(&self.buffer, self.number == 1);
        let content = if line.len() > MAX_LINE {
            Content::TooLong
        } else if line.contains(&0) {
            Content::Binary
        } else {
            match std::str::from_utf8(line) {
                Ok(text) => Content::Text(text.to_owned()),
                Err(_) => Content::Replaced(String::from_utf8_lossy(line).into_owned()),
            }
        };
        Ok(Some(Line { number: self.number, bytes: bytes as u64, content }))
    }
}

/// The line without its end, and without the byte order mark that some editors put first in a file.
fn trim(line: &[u8], first: bool) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if first { line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line) } else { line }
}

pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

pub fn cannot_read(path: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::failed(format_args!("cannot read {}: {why}", shown(&bytes_of(path))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> (Vec<Content>, u64) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let mut lines = Lines::open(file.path()).unwrap();
        let (mut found, mut bytes) = (Vec::new(), 0);
        while let Some(line) = lines.next().unwrap() {
            found.push(line.content);
            assert_eq!(line.number, found.len() as u64);
            bytes += line.bytes;
        }
        (found, bytes)
    }

    fn text(text: &str) -> Content {
        Content::Text(text.to_owned())
    }

    #[test]
    fn ends_marks_and_bad_bytes() {
        assert_eq!(lines(b""), (vec![], 0));
        assert_eq!(lines(b"a\n\nb"), (vec![text("a"), text(""), text("b")], 4));
        assert_eq!(lines("\u{feff}é\r\n\u{feff}x\n".as_bytes()).0, [text("é"), text("\u{feff}x")]);
        assert_eq!(lines(b"\xff a\nb\0c\nd\n").0, [Content::Replaced("\u{fffd} a".into()), Content::Binary, text("d")]);
    }

    #[test]
    fn a_line_at_the_limit_and_one_over() {
        let longest = "x".repeat(MAX_LINE);
        let bytes = format!("{longest}\n{longest}x\n{longest}xxx\r\nb\n{longest}\r\n{longest}xx");
        let (found, read) = lines(bytes.as_bytes());
        let (long, over) = (text(&longest), Content::TooLong);
        assert!(found == [long, over, Content::TooLong, text("b"), text(&longest), Content::TooLong]);
        assert_eq!(read, bytes.len() as u64);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("missing")] {
            let Err(Failure::Failed(text)) = Lines::open(&path).map(drop) else { panic!("{path:?} was opened") };
            assert!(text.starts_with(&format!("cannot read {}: ", path.display())), "{text}");
        }
    }
}

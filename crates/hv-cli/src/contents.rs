//! What a file holds that is no text in UTF-8, as its first bytes tell.

/// A kind of content that cannot be indexed as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Format {
    /// What it is: fits after "it is".
    pub what: &'static str,
    /// The command that makes text of it, with `{}` for the file; empty where there is none.
    command: &'static str,
}

/// As much of the beginning of a file is looked at, in bytes.
const SAMPLE: usize = 8 << 10;

const BINARY: Format = Format { what: "binary", command: "" };
const BZIP2: Format = format("compressed with bzip2", "bzip2 -dc {}");
const UTF_16: Format = format("text in UTF-16", "iconv -f UTF-16 -t UTF-8 {}");
const UTF_16LE: Format = format("text in UTF-16", "iconv -f UTF-16LE -t UTF-8 {}");
const UTF_16BE: Format = format("text in UTF-16", "iconv -f UTF-16BE -t UTF-8 {}");
const UTF_32: Format = format("text in UTF-32", "iconv -f UTF-32 -t UTF-8 {}");

/// The first bytes of formats.
const MAGIC: [(&[u8], Format); 12] = [
    (b"\xff\xfe\0\0", UTF_32),
    (b"\0\0\xfe\xff", UTF_32),
    (b"\xff\xfe", UTF_16),
    (b"\xfe\xff", UTF_16),
    (b"\x1f\x8b", format("compressed with gzip", "gzip -dc {}")),
    (b"\x1f\x9d", format("compressed with compress", "gzip -dc {}")),
    (b"\xfd7zXZ\0", format("compressed with xz", "xz -dc {}")),
    (b"\x28\xb5\x2f\xfd", format("compressed with zstd", "zstd -dc {}")),
    (b"\x04\x22\x4d\x18", format("compressed with lz4", "lz4 -dc {}")),
    (b"7z\xbc\xaf\x27\x1c", format("an archive of 7-Zip", "7z x -so {}")),
    (b"PK\x03\x04", format("a ZIP archive", "unzip -p {}")),
    (b"%PDF-", format("a PDF", "pdftotext {} -")),
];

const fn format(what: &'static str, command: &'static str) -> Format {
    Format { what, command }
}

impl Format {
    /// The command that makes text of a file, whose name is quoted for a shell.
    pub fn command(&self, file: &str) -> Option<String> {
        (!self.command.is_empty()).then(|| self.command.replace("{}", file))
    }
}

/// What a file is that begins so; `None` for text.
pub fn not_text(first: &[u8]) -> Option<Format> {
    let first = &first[..first.len().min(SAMPLE)];
    if is_bzip2(first) {
        return Some(BZIP2);
    }
    let magic = MAGIC.iter().find(|(magic, _)| first.starts_with(magic));
    magic.map(|&(_, format)| format).or_else(|| utf_16(first)).or_else(|| is_binary(first).then_some(BINARY))
}

/// Three letters and a digit may be text, so what follows them counts, too: a block, or the end.
fn is_bzip2(first: &[u8]) -> bool {
    let rest = first.strip_prefix(b"BZh").and_then(|rest| rest.split_first());
    rest.is_some_and(|(level, rest)| {
        level.is_ascii_digit() && (rest.starts_with(b"1AY&SY") || rest.starts_with(b"\x17\x72\x45\x38\x50\x90"))
    })
}

/// Text in UTF-16 without a mark, most of it in Latin letters: every other byte is 0, and few of the rest are.
fn utf_16(first: &[u8]) -> Option<Format> {
    let zeros = |from: usize| first.iter().skip(from).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), first.len() / 2);
    let all_but_few = |many: usize, few: usize| pairs > 1 && many * 4 >= pairs * 3 && few * 20 <= pairs;
    if all_but_few(odd, even) { Some(UTF_16LE) } else { all_but_few(even, odd).then_some(UTF_16BE) }
}

/// Whether at least every twentieth byte is a control character that texts do not have, with a zero byte among them or
/// much that is not UTF-8. A text in which a zero byte got lost stays a text.
fn is_binary(first: &[u8]) -> bool {
    let is_control = |&&byte: &&u8| byte < 32 && !matches!(byte, 8..=13 | 27) || byte == 127;
    let invalid = || first.utf8_chunks().map(|chunk| chunk.invalid().len()).sum::<usize>();
    let controls = first.iter().filter(is_control).count();
    controls > 0 && controls * 20 >= first.len() && (first.contains(&0) || invalid() * 5 >= first.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_named() {
        let utf_16 = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let noise: Vec<u8> = (0..9_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for (bytes, what, command) in [
            (b"\x1f\x8b\x08\0rest".to_vec(), "compressed with gzip", "gzip -dc F"),
            (b"BZh91AY&SY..".to_vec(), "compressed with bzip2", "bzip2 -dc F"),
            (b"\x28\xb5\x2f\xfd".to_vec(), "compressed with zstd", "zstd -dc F"),
            (utf_16("\u{feff}let there be", u16::to_le_bytes), "text in UTF-16", "iconv -f UTF-16 -t UTF-8 F"),
            (utf_16("\u{feff}let there be", u16::to_be_bytes), "text in UTF-16", "iconv -f UTF-16 -t UTF-8 F"),
            (utf_16("let there be äöü", u16::to_le_bytes), "text in UTF-16", "iconv -f UTF-16LE -t UTF-8 F"),
            (utf_16("let there be äöü", u16::to_be_bytes), "text in UTF-16", "iconv -f UTF-16BE -t UTF-8 F"),
            (b"%PDF-1.7 ...".to_vec(), "a PDF", "pdftotext F -"),
            (b"\x7fELF\x02\x01\x01\0\0\0\0\0".to_vec(), "binary", ""),
            (noise.clone(), "binary", ""),
            (vec![0; 100], "binary", ""),
        ] {
            let found = not_text(&bytes).unwrap_or_else(|| panic!("{what} is taken for text"));
            assert_eq!((found.what, found.command("F").unwrap_or_default().as_str()), (what, command));
        }
    }

    #[test]
    fn text_is_text() {
        let long = format!("{}\0", "a line of text\n".repeat(40));
        let texts: [&[u8]; 8] = [
            b"",
            b"a",
            b"BZh9 is how it begins",
            long.as_bytes(),
            "玻璃\u{feff}".as_bytes(),
            b"caf\xe9 cr\xe8me\n",
            b"\x1b[31mred\x1b[0m\ttab\r\n",
            b"8=FIX.4.2\x019=12\x0135=0\x01",
        ];
        for text in texts {
            assert_eq!(not_text(text), None, "{text:?}");
        }
    }
}

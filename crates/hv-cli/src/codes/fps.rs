//! chemfp's FPS format: lines of a fingerprint in hexadecimal, a tab, and its name.

use std::io::{BufRead, BufReader, Read};

use hv_memory::HV16;

use super::block::{Block, Why, text};

/// The longest line that is read.
const MAX_LINE: u64 = 1 << 20;

/// Fingerprints, read one after the other.
pub struct Fps {
    reader: BufReader<Box<dyn Read + Send>>,
    /// Bytes of a fingerprint, from the first one on.
    width: Option<usize>,
    /// The bits that the header says.
    bits: Option<u16>,
    number: u64,
    line: Vec<u8>,
    /// Whether `line` is still to be used.
    waiting: bool,
}

impl Fps {
    /// Reads the header, up to the first fingerprint.
    pub fn new(reader: Box<dyn Read + Send>) -> Result<Self, Why> {
        let reader = BufReader::new(reader);
        let mut fps = Self { reader, width: None, bits: None, number: 0, line: Vec::new(), waiting: false };
        while fps.read_line()? {
            if !fps.line.starts_with(b"#") {
                fps.waiting = true;
                fps.width = Some(fps.fingerprint()?.0 / 2);
                break;
            }
            fps.header()?;
        }
        if let (Some(bits), Some(width)) = (fps.bits, fps.width)
            && usize::from(bits).div_ceil(8) != width
        {
            return Err(format!(
                "its header says {bits} bits, but its fingerprints have {width} bytes; write it again"
            ));
        }
        Ok(fps)
    }

    /// The bits of a fingerprint: 8 for each byte of the first one, or of what the header says where there is none.
    pub fn bits(&self) -> Option<u16> {
        let width = self.width.map(|width| 8 * width as u16);
        width.or(self.bits.map(|bits| bits.next_multiple_of(8)))
    }

    /// A line that starts with `#`.
    fn header(&mut self) -> Result<(), Why> {
        if self.number == 1 && self.line != b"#FPS1" {
            let line = String::from_utf8_lossy(&self.line);
            return Err(format!("it starts with the magic {line:?}, and a file of fingerprints with \"#FPS1\""));
        }
        if let Some(bits) = self.line.strip_prefix(b"#num_bits=") {
            let bits = String::from_utf8_lossy(bits);
            let number = bits.trim().parse().ok().filter(|bits| (1..=HV16::DIM as u16).contains(bits));
            self.bits =
                Some(number.ok_or_else(|| format!("its header says {bits} bits; fingerprints have 1 to 2048"))?);
        }
        Ok(())
    }

    /// The next fingerprints, at most `most`.
    pub fn read(&mut self, most: usize) -> Result<Block, Why> {
        let mut block = Block::default();
        while block.codes.len() < most {
            if !self.waiting && !self.read_line()? {
                break;
            }
            self.waiting = false;
            let (end, code) = self.fingerprint()?;
            if Some(end / 2) != self.width {
                let bytes = self.width.unwrap_or_default();
                return Err(format!("line {} has {} bytes, and the first has {bytes}", self.number, end / 2));
            }
            let name = self.line.get(end + 1..).unwrap_or_default().split(|&byte| byte == b'\t').next();
            block.codes.push(code);
            block.names.push(String::from_utf8_lossy(name.unwrap_or_default()).into_owned());
        }
        Ok(block)
    }

    /// The fingerprint of the line, and where it ends in the line.
    fn fingerprint(&self) -> Result<(usize, HV16), Why> {
        let end = self.line.iter().position(|&byte| byte == b'\t').unwrap_or(self.line.len());
        let wrong = |why: String| format!("line {} {why}", self.number);
        if end == 0 || end % 2 == 1 || end / 2 > HV16::BYTES {
            let most = 2 * HV16::BYTES;
            return Err(wrong(format!(
                "has a fingerprint of {end} characters; give an even number of them, 2 to {most}"
            )));
        }
        let mut code = HV16::ZERO;
        for (byte, digits) in code.0.iter_mut().zip(self.line[..end].chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16);
            let digits = digit(digits[0]).zip(digit(digits[1]));
            let (high, low) =
                digits.ok_or_else(|| wrong("is no fingerprint in hexadecimal, a tab and a name".to_owned()))?;
            *byte = (high << 4 | low) as u8;
        }
        Ok((end, code))
    }

    /// Reads the next line into `line`, without its end.
    fn read_line(&mut self) -> Result<bool, Why> {
        self.line.clear();
        let bytes = (&mut self.reader).take(MAX_LINE).read_until(b'\n', &mut self.line).map_err(text)?;
        self.number += 1;
        if bytes as u64 == MAX_LINE {
            return Err(format!("line {} is longer than {MAX_LINE} bytes", self.number));
        }
        if self.line.ends_with(b"\n") {
            self.line.pop();
        }
        if self.line.ends_with(b"\r") {
            self.line.pop();
        }
        Ok(bytes > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bits, the first two bytes of each fingerprint, and the names.
    type Content = (Option<u16>, Vec<(u8, u8)>, Vec<String>);

    fn read(content: &'static [u8]) -> Result<Content, Why> {
        let mut fps = Fps::new(Box::new(content))?;
        let block = fps.read(10)?;
        Ok((fps.bits(), block.codes.iter().map(|code| (code.0[0], code.0[1])).collect(), block.names))
    }

    #[test]
    fn names_and_bits() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let found = read(b"#FPS1\n#num_bits=12\n#x\nff01\ta b\tmore\r\n0aBC\t\n0000").unwrap();
        assert_eq!(found, (Some(16), vec![(0xff, 1), (0x0a, 0xbc), (0, 0)], names(&["a b", "", ""])));
        assert_eq!(read(b"01\tx\n").unwrap(), (Some(8), vec![(1, 0)], names(&["x"])));
        assert_eq!(read(b"").unwrap(), (None, vec![], vec![]));
        assert_eq!(read(b"#FPS1\n#num_bits=166\n").unwrap(), (Some(168), vec![], vec![]));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let why = |content| read(content).unwrap_err();
        assert!(why(b"#FPS2\n01\tx\n").contains("\"#FPS2\""));
        assert!(why(b"#FPS1\n#num_bits=0\n").contains("says 0 bits"));
        assert!(why(b"#FPS1\n#num_bits=17\n0101\tx\n").contains("17 bits"));
        assert!(why(b"#FPS1\n01\tx\n0101\ty\n").contains("line 3 has 2 bytes"));
        assert!(why(b"#FPS1\n01\tx\n\n").contains("line 3 has a fingerprint of 0"));
        assert!(why(b"0g\tx\n").contains("line 1 is no fingerprint"));
        assert!(why(b"012\tx\n").contains("3 characters"));
    }
}

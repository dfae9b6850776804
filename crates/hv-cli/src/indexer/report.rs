//! What was done with each file, for people.

use std::collections::BTreeMap;
use std::io::Write;

use indicatif::{HumanBytes, HumanCount};

use crate::contents::Format;
use crate::failure::Failure;
use crate::numbers::counted;
use crate::units::Unit;

/// At most this many files are named.
const NAMED: usize = 10;

/// Why a line was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    Empty,
    NoTab,
    Binary,
    TooLong,
    TooLongEscaped,
}

impl Skip {
    fn reason(self) -> &'static str {
        match self {
            Self::Empty => " without a letter or digit",
            Self::NoTab => " without a tab between key and text (--tsv)",
            Self::Binary => ": contains NUL bytes (binary, or UTF-16?); hv reads UTF-8",
            Self::TooLong => " longer than an episode can hold (1 MiB)",
            Self::TooLongEscaped => " longer than an episode can hold (1 MiB) once control characters are escaped",
        }
    }
}

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    Format(Format),
    Store,
    Other,
}

/// How many lines something happened to, and where it did first.
#[derive(Default)]
struct Tally {
    lines: u64,
    first: Option<(usize, u64, String)>,
}

impl Tally {
    /// Counts a line of the file of this number. Lines come in any order.
    fn add(&mut self, file: usize, source: &str, line: u64) {
        if self.first.as_ref().is_none_or(|(of, first, _)| (file, line) < (*of, *first)) {
            self.first = Some((file, line, source.to_owned()));
        }
        self.lines += 1;
    }

    /// How many of these there are, what they are, and which is the first.
    fn describe(&self, noun: &str, what: &str) -> String {
        let (_, line, source) = self.first.as_ref().map_or((0, 0, ""), |(file, line, source)| (*file, *line, source));
        format!("{}{what} (first: {source}:{line})", counted(self.lines, noun))
    }
}

/// How many files something happened to, and the first of them.
#[derive(Default)]
struct Names {
    count: u64,
    first: Vec<String>,
}

impl Names {
    fn add(&mut self, name: &str) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(name.to_owned());
        }
    }

    fn list(&self) -> String {
        let more = self.count - self.first.len() as u64;
        let more = if more > 0 { format!(" and {} more", HumanCount(more)) } else { String::new() };
        self.first.join(", ") + &more
    }
}

/// What the new version of a file is to the old.
pub struct Replaced {
    pub new: u64,
    pub gone: u64,
    pub kept: u64,
    /// Lines that were forgotten before, and are still in the file.
    pub forgotten: u64,
}

/// What was done.
#[derive(Default)]
pub struct Report {
    unit: Unit,
    pub seconds: f64,
    pub stored: u64,
    pub bytes: u64,
    /// Files and streams that were read to be stored.
    pub files: usize,
    invalid: Tally,
    skipped: BTreeMap<Skip, Tally>,
    /// Lines on the files that were replaced, the first of them.
    replaced: Vec<String>,
    replaced_count: usize,
    forgotten: u64,
    unchanged: Names,
    /// Files that were stored again next to what was there.
    again: Names,
    left_out: BTreeMap<LeftOut, Names>,
    /// How many files and folders could not be read, and why the first could not.
    unread: (u64, String),
}

impl Report {
    /// Nothing yet.
    pub fn new(unit: Unit) -> Self {
        Self { unit, ..Self::default() }
    }

    pub fn skip(&mut self, skip: Skip, file: usize, source: &str, line: u64) {
        self.skipped.entry(skip).or_default().add(file, source, line);
    }

    pub fn invalid(&mut self, file: usize, source: &str, line: u64) {
        self.invalid.add(file, source, line);
    }

    pub fn replaced(&mut self, name: &str, Replaced { new, gone, kept, .. }: &Replaced) {
        self.replaced_count += 1;
        if self.replaced.len() < NAMED {
            let noun = self.unit.name();
            let [new, gone, kept] = [new, gone, kept].map(|&count| counted(count, noun));
            self.replaced.push(format!("replaced {name}: {new} new, {gone} gone, {kept} unchanged"));
        }
    }

    pub fn forgotten(&mut self, lines: u64) {
        self.forgotten += lines;
    }

    pub fn unchanged(&mut self, name: &str) {
        self.unchanged.add(name);
    }

    pub fn again(&mut self, name: &str) {
        self.again.add(name);
    }

    pub fn left_out(&mut self, why: LeftOut, name: &str) {
        self.left_out.entry(why).or_default().add(name);
    }

    pub fn unread(&mut self, why: &str) {
        if self.unread.0 == 0 {
            why.clone_into(&mut self.unread.1);
        }
        self.unread.0 += 1;
    }

    /// What could not be read, if there was such a thing.
    pub fn what_was_unread(&self) -> Option<String> {
        match &self.unread {
            (0, _) => None,
            (1, why) => Some(why.clone()),
            (count, first) => Some(format!("cannot read {} files or folders (first: {first})", HumanCount(*count))),
        }
    }

    /// Whether every file was there already, as it is.
    fn nothing_new(&self) -> bool {
        self.stored == 0 && self.replaced_count == 0 && self.unchanged.count > 0
    }

    /// Whether there was nothing to store.
    pub fn is_empty(&self) -> bool {
        self.stored == 0 && self.replaced_count == 0 && self.unchanged.count == 0
    }

    /// Writes it. `store` is quoted for a shell.
    pub fn write(&self, store: &str, out: &mut impl Write) -> Result<(), Failure> {
        if !self.nothing_new() {
            let (lines, files) = (counted(self.stored, self.unit.name()), counted(self.files as u64, "file"));
            let (bytes, seconds) = (HumanBytes(self.bytes), self.seconds);
            let rate = HumanCount((self.stored as f64 / seconds.max(1e-6)) as u64);
            writeln!(out, "stored {lines} from {files} ({bytes}) in {seconds:.2} s: {rate} episodes a second")?;
        }
        self.replaced.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        if self.replaced_count > self.replaced.len() {
            let more = counted((self.replaced_count - self.replaced.len()) as u64, "more file");
            writeln!(out, "replaced {more}")?;
        }
        if self.unchanged.count > 0 {
            let files = counted(self.unchanged.count, "file");
            let all = if self.nothing_new() { "note: everything was there already: " } else { "" };
            writeln!(out, "{all}skipped {files} without a change: {}", self.unchanged.list())?;
        }
        if self.forgotten > 0 {
            let lines = counted(self.forgotten, self.unit.name());
            writeln!(out, "left out {lines} that hv forget has dropped; --again stores all of a file")?;
        }
        self.write_notes(store, out)
    }

    /// Writes what was left out, and why.
    pub fn write_notes(&self, store: &str, out: &mut impl Write) -> Result<(), Failure> {
        if self.invalid.lines > 0 {
            writeln!(out, "replaced invalid UTF-8 by \u{fffd} in {}", self.invalid.describe("line", ""))?;
        }
        for (skip, tally) in &self.skipped {
            let noun = if *skip == Skip::Binary { "line" } else { self.unit.name() };
            writeln!(out, "skipped {}", tally.describe(noun, skip.reason()))?;
        }
        if self.again.count > 0 {
            let (was, names) = match self.again.count {
                1 => (format!("{} was", self.again.list()), String::new()),
                count => (format!("{} files were", HumanCount(count)), format!(": {}", self.again.list())),
            };
            writeln!(
                out,
                "note: {was} indexed into this store before; lines that were stored then are there twice now{names}"
            )?;
        }
        for (why, names) in &self.left_out {
            writeln!(out, "{}", left_out(*why, names, store))?;
        }
        Ok(())
    }
}

/// A note on files that were not read.
fn left_out(why: LeftOut, names: &Names, store: &str) -> String {
    let first = names.first.first().map_or("", String::as_str);
    let files = |what: &str| match names.count {
        1 => format!("skipped {first}: it is {what}"),
        count => format!("skipped {} files: each is {what} (first: {first})", HumanCount(count)),
    };
    match why {
        LeftOut::Format(format) => {
            let text = files(format.what);
            match (format.command(&quoted(first)), first) {
                (None, _) => text,
                (Some(command), "-") => format!("{text}; index it with: ... | {command} | hv index {store} -"),
                (Some(command), _) => format!("{text}; index it with: {command} | hv index {store} -"),
            }
        }
        LeftOut::Store => files("a store of hv"),
        LeftOut::Other => files("a link, or neither a file nor a folder"),
    }
}

/// A shown name, quoted for a shell.
fn quoted(shown: &str) -> String {
    crate::names::quoted(&crate::names::given(shown))
}

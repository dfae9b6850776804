//! The sound stores that are changed.

use std::io::Read;
use std::sync::OnceLock;

use hv_memory::EpisodicMemory;

use super::content::Content;
use crate::folders::{Files, temporary, write_files};

/// A sound store: its files, and what it holds.
pub struct Base {
    /// The files, by name.
    pub files: Files,
    pub(super) content: Content,
}

/// A store of some dozen episodes, one with a full block, and one of format 2.
const PACKED: [&[u8]; BASES] = [
    include_bytes!("../../stores/few.tar.gz"),
    include_bytes!("../../stores/block.tar.gz"),
    include_bytes!("../../../crates/hv-memory/tests/fixtures/format-2.tar.gz"),
];

/// The number of stores.
pub(super) const BASES: usize = 3;

/// A store, unpacked and read once: 0 has some dozen episodes, 1 a full block, and 2 is of format 2.
pub fn base(number: usize) -> &'static Base {
    static READ: [OnceLock<Base>; BASES] = [const { OnceLock::new() }; BASES];
    READ[number].get_or_init(|| Base::unpacked(PACKED[number]))
}

impl Base {
    fn unpacked(packed: &[u8]) -> Self {
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed));
        let mut files = Files::new();
        for entry in archive.entries().expect("an archive") {
            let mut entry = entry.expect("an entry");
            let path = entry.path().expect("a path").into_owned();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            if let Some(name) = name.filter(|_| entry.header().entry_type().is_file()) {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).expect("a file");
                files.insert(name, bytes);
            }
        }
        let folder = temporary();
        write_files(folder.path(), &files);
        let memory = EpisodicMemory::open_read_only(folder.path()).expect("the store is sound");
        Self { content: Content::of(&memory), files }
    }
}

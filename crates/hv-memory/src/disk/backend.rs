//! redb on the file layer: on the file itself, or on an overlay that leaves the file untouched.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use redb::StorageBackend;

use super::files::StoreFile;

/// The file itself.
#[derive(Debug)]
pub(crate) struct Direct {
    pub file: Arc<dyn StoreFile>,
    /// Set when a sync fails. What the file reads as may then be in the system's cache and nowhere else, and no later
    /// sync would write it.
    pub suspect: Arc<AtomicBool>,
}

impl StorageBackend for Direct {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_at(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync().inspect_err(|_| self.suspect.store(true, Ordering::Relaxed))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, data)
    }
}

const PAGE: u64 = 4096;

/// The file below, and in memory above it the pages that were written. An integrity check repairs what it can;
/// on this it may do so before anyone has decided that the file is worth it.
#[derive(Debug)]
pub(crate) struct Overlay {
    file: Arc<dyn StoreFile>,
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    pages: BTreeMap<u64, Box<[u8]>>,
    /// The length as redb sees it.
    len: u64,
    /// Up to here the file shows through; beyond are zeros.
    visible: u64,
}

impl Overlay {
    pub(crate) fn new(file: Arc<dyn StoreFile>) -> io::Result<Self> {
        let len = file.len()?;
        Ok(Self { file, written: Mutex::new(Written { pages: BTreeMap::new(), len, visible: len }) })
    }

    fn written(&self) -> std::sync::MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the file shows from `offset`, zeros where it is too short.
    fn read_below(&self, visible: u64, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let there = visible.saturating_sub(offset).min(out.len() as u64) as usize;
        let (below, beyond) = out.split_at_mut(there);
        beyond.fill(0);
        if below.is_empty() { Ok(()) } else { self.file.read_at(offset, below) }
    }
}

/// The parts of `offset..offset + len` in each page: page, start in the page, start in the range, length.
fn pieces(offset: u64, len: usize) -> impl Iterator<Item = (u64, usize, usize, usize)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        let at = offset + done as u64;
        let start = (at % PAGE) as usize;
        let take = (PAGE as usize - start).min(len - done);
        let piece = (take > 0).then_some((at / PAGE, start, done, take));
        done += take;
        piece
    })
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.written().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let written = self.written();
        if offset.checked_add(out.len() as u64).is_none_or(|end| end > written.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.read_below(written.visible, offset, out)?;
        for (page, start, from, take) in pieces(offset, out.len()) {
            if let Some(bytes) = written.pages.get(&page) {
                out[from..from + take].copy_from_slice(&bytes[start..start + take]);
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut written = self.written();
        if len < written.len {
            written.visible = written.visible.min(len);
            drop(written.pages.split_off(&len.div_ceil(PAGE)));
            if let Some(last) = written.pages.get_mut(&(len / PAGE)) {
                last[(len % PAGE) as usize..].fill(0);
            }
        }
        written.len = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let end = offset.checked_add(data.len() as u64).ok_or(io::ErrorKind::FileTooLarge)?;
        let mut written = self.written();
        let visible = written.visible;
        for (page, start, from, take) in pieces(offset, data.len()) {
            let bytes = match written.pages.entry(page) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => {
                    let mut bytes = vec![0; PAGE as usize];
                    self.read_below(visible, page * PAGE, &mut bytes)?;
                    entry.insert(bytes.into())
                }
            };
            bytes[start..start + take].copy_from_slice(&data[from..from + take]);
        }
        written.len = written.len.max(end);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redb::backends::InMemoryBackend;

    /// A file in memory that fails the test when it is written to.
    #[derive(Debug)]
    struct Fixed(Vec<u8>);

    impl StoreFile for Fixed {
        fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
            let from = self.0.get(offset as usize..offset as usize + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            out.copy_from_slice(from);
            Ok(())
        }

        fn write_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
            panic!("the overlay wrote to the file")
        }

        fn len(&self) -> io::Result<u64> {
            Ok(self.0.len() as u64)
        }

        fn set_len(&self, _: u64) -> io::Result<()> {
            panic!("the overlay changed the file's length")
        }

        fn sync(&self) -> io::Result<()> {
            panic!("the overlay synced the file")
        }
    }

    #[test]
    fn the_overlay_behaves_as_a_file_and_leaves_the_one_below_alone() {
        let bytes: Vec<u8> = (0..20_000u32).map(|i| i as u8).collect();
        let plain = InMemoryBackend::new();
        plain.set_len(bytes.len() as u64).unwrap();
        plain.write(0, &bytes).unwrap();
        let overlay = Overlay::new(Arc::new(Fixed(bytes))).unwrap();
        let mut random = 1u64;
        let mut next = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        for round in 0..3_000 {
            if next(4) == 0 {
                let len = 5_000 + next(30_000);
                plain.set_len(len).unwrap();
                overlay.set_len(len).unwrap();
            }
            let len = plain.len().unwrap();
            assert_eq!(overlay.len().unwrap(), len);
            let at = next(len - 1);
            let piece = vec![round as u8; 1 + next((len - at).min(9_000)) as usize];
            plain.write(at, &piece[..1]).unwrap();
            overlay.write(at, &piece[..1]).unwrap();
            if next(3) == 0 {
                plain.write(at, &piece).unwrap();
                overlay.write(at, &piece).unwrap();
            }
            let at = next(len);
            let (mut a, mut b) = (vec![0; (len - at) as usize], vec![1; (len - at) as usize]);
            plain.read(at, &mut a).unwrap();
            overlay.read(at, &mut b).unwrap();
            assert!(a == b, "round {round}");
            assert!(overlay.read(at, &mut vec![0; (len - at) as usize + 1]).is_err());
        }
        assert!(overlay.write(u64::MAX, &[1]).is_err() && overlay.read(u64::MAX, &mut [1]).is_err());
    }
}

//! What LOCK holds: the number of the last commit, and the process that writes.

use super::decoder::Decoder;

/// Where the note of the process begins, after that of the commit.
pub(crate) const PROCESS_AT: u64 = 12;

/// Bytes of both notes.
pub(crate) const LOCK_BYTES: usize = 20;

/// The note of a commit: its number, and the checksum of that.
pub(crate) fn commit_note(sequence: u64) -> [u8; 12] {
    let number = sequence.to_le_bytes();
    let mut note = [0; 12];
    note[..8].copy_from_slice(&number);
    note[8..].copy_from_slice(&crc32fast::hash(&number).to_le_bytes());
    note
}

/// The number of the last commit, if LOCK holds what was written.
pub(crate) fn noted_commit(lock: &[u8]) -> Option<u64> {
    let sequence = Decoder(lock).u64()?;
    lock.starts_with(&commit_note(sequence)).then_some(sequence)
}

/// The note of a process: the system's number of it, and the checksum of that.
pub(crate) fn process_note(process: u32) -> [u8; 8] {
    let number = process.to_le_bytes();
    let mut note = [0; 8];
    note[..4].copy_from_slice(&number);
    note[4..].copy_from_slice(&crc32fast::hash(&number).to_le_bytes());
    note
}

/// The process that was the last to write, if LOCK holds what was written.
pub(crate) fn noted_process(lock: &[u8]) -> Option<u32> {
    let note = lock.get(PROCESS_AT as usize..LOCK_BYTES)?;
    let process = u32::from_le_bytes(note.first_chunk().copied()?);
    (process_note(process) == *note).then_some(process)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_is_a_note() {
        let lock = [&commit_note(77)[..], &process_note(1_234)].concat();
        assert_eq!((lock.len(), noted_commit(&lock), noted_process(&lock)), (LOCK_BYTES, Some(77), Some(1_234)));
        assert_eq!((noted_commit(&lock[..12]), noted_process(&lock[..19])), (Some(77), None));
        assert_eq!((noted_commit(&[0; LOCK_BYTES]), noted_process(&[0; LOCK_BYTES])), (None, None));
        for at in 0..LOCK_BYTES {
            let mut lock = lock.clone();
            lock[at] ^= 1;
            let (commit, process) = (noted_commit(&lock), noted_process(&lock));
            assert_eq!((commit.is_none(), process.is_none()), (at < 12, at >= 12), "byte {at}");
        }
    }
}

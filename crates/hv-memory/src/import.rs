//! Importing: a memory from what another has exported.

use std::path::Path;

use hv_parallel::Progress;

use crate::arena::{Payload, State, collected};
use crate::disk::{Contents, Put};
use crate::error::MemoryError;
use crate::exchange;
use crate::memory::EpisodicMemory;

impl EpisodicMemory {
    /// Reads what [`export`](Self::export) wrote, or another program in the same form, into a memory that was never
    /// used, in one durable step. Returns how many episodes there are.
    ///
    /// The note of the export takes the place of one that was set before. Payloads go to the folder as they are read, so
    /// that in memory there is little more than what stays there, but for the retrievals.
    ///
    /// # Errors
    ///
    /// [`NotEmpty`](MemoryError::NotEmpty), [`Malformed`](MemoryError::Malformed), and as [`store`](Self::store). On
    /// an error nothing is imported.
    pub fn import(&self, folder: impl AsRef<Path>) -> Result<usize, MemoryError> {
        self.import_with(folder, &Progress::new())
    }

    /// [`import`](Self::import) that counts how far it is, in episodes.
    ///
    /// # Errors
    ///
    /// As [`import`](Self::import).
    pub fn import_with(&self, folder: impl AsRef<Path>, progress: &Progress) -> Result<usize, MemoryError> {
        let mut writer = self.shared.writer()?;
        let base = self.shared.base(&mut writer)?;
        if base.next_id > 0 || base.rows.len() > 0 {
            return Err(MemoryError::NotEmpty { next_id: base.next_id, rows: base.rows.len() });
        }
        let read = |put: Put<'_>| exchange::import(folder.as_ref(), put, progress);
        let state = match &mut writer.disk {
            Some(disk) => disk.replace(&base, &mut |_| (), read)?,
            None => {
                let Contents { state, retrievals, rows } = read(&mut |_, _, bytes| Ok(Payload::in_memory(bytes)))?;
                let log = base.log.emptied().append(&collected(&retrievals)?)?;
                let mut all = Vec::new();
                rows(&mut |(key, value)| {
                    all.push((key, Some(value)));
                    Ok(())
                })?;
                State { log, rows: state.rows.changed(&all), ..state }
            }
        };
        let len = state.len();
        self.shared.replaced(&mut writer, state);
        progress.finish();
        Ok(len)
    }
}

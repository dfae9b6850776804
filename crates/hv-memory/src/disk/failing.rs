//! A disk for tests that fails on demand: power is lost at a chosen sync, or an operation fails and later ones work.
//!
//! [`device`] says what survives of what was written and not synced when power is lost. What is done to the disk can be
//! recorded ([`trace`]), so that a test can lose power at every point of it.

mod device;
mod trace;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::files::{Folder, Sharing, StoreFile};
use super::held::Access;
use super::names::LOCK;
use device::{Change, Draw, Names};
pub(crate) use device::{Device, Image};
pub(crate) use trace::{Event, Trace};

/// When and how to fail; operations are writes, changes of length and syncs, of files and of the folder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Plan {
    Never,
    /// Power is lost at the sync of this number, from 0: it and everything after it fails.
    PowerLossAtSync(usize),
    /// The operation of this number fails, as on a full disk or a bad one; the others work.
    FailOnce(usize),
    /// The operations of these two numbers fail, the smaller first; the others work.
    FailTwice(usize, usize),
    /// The sync of this number fails; everything else works.
    FailSync(usize),
    /// Everything fails.
    FailAll,
    /// Removing a file is a panic.
    PanicAtRemoval,
}

#[derive(Debug)]
struct World {
    plan: Plan,
    operations: usize,
    syncs: usize,
    off: bool,
    locked: bool,
    /// Whether anything was changed while nobody held the lock.
    changed_unlocked: bool,
    /// What is read, by number.
    files: Vec<Arc<Vec<u8>>>,
    names: Names,
    device: Device,
    trace: Option<Trace>,
}

/// The lock of such a folder, held as long as this lives.
#[derive(Debug)]
struct FailingLock(FailingFile);

/// A folder on such a disk.
#[derive(Clone, Debug)]
pub(crate) struct FailingFolder(Arc<Mutex<World>>);

#[derive(Debug)]
struct FailingFile {
    world: Arc<Mutex<World>>,
    number: usize,
}

impl FailingFolder {
    pub(crate) fn new(plan: Plan) -> Self {
        Self::holding(plan, Vec::new(), Names::new())
    }

    fn holding(plan: Plan, files: Vec<Arc<Vec<u8>>>, names: Names) -> Self {
        let world = World {
            plan,
            operations: 0,
            syncs: 0,
            off: false,
            locked: false,
            changed_unlocked: false,
            device: Device::synced(&files, &names),
            files,
            names,
            trace: None,
        };
        Self(Arc::new(Mutex::new(world)))
    }

    /// A disk that holds files, all synced.
    pub(crate) fn with_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self::with_shared_files(files.into_iter().map(|(name, bytes)| (name, Arc::new(bytes))).collect())
    }

    /// [`with_files`](Self::with_files), of files that are copied when they change.
    pub(crate) fn with_shared_files(files: BTreeMap<String, Arc<Vec<u8>>>) -> Self {
        let names = files.keys().cloned().zip(0..).collect();
        Self::holding(Plan::Never, files.into_values().collect(), names)
    }

    /// Another such disk with the same files, all synced.
    pub(crate) fn copy(&self) -> Self {
        let world = self.0.lock().unwrap();
        Self::holding(Plan::Never, world.files.clone(), world.names.clone())
    }

    /// Records what is done from now on.
    pub(crate) fn record(&self) {
        let mut world = self.0.lock().unwrap();
        world.trace = Some(Trace { start: world.device.clone(), events: Vec::new() });
    }

    /// Puts a mark of the test into the record.
    pub(crate) fn mark(&self, number: usize) {
        self.0.lock().unwrap().happened(Event::Mark(number));
    }

    /// Ends the record, and returns it.
    pub(crate) fn recorded(&self) -> Trace {
        self.0.lock().unwrap().trace.take().unwrap_or_default()
    }

    /// The files as they read now, by name.
    pub(crate) fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        let world = self.0.lock().unwrap();
        world.names.iter().map(|(name, &number)| (name.clone(), world.files[number].to_vec())).collect()
    }

    /// Counts operations from 0 again, and fails by a plan.
    pub(crate) fn set_plan(&self, plan: Plan) {
        let mut world = self.0.lock().unwrap();
        (world.plan, world.operations, world.syncs) = (plan, 0, 0);
    }

    /// Whether the plan has struck.
    pub(crate) fn struck(&self) -> bool {
        let world = self.0.lock().unwrap();
        match world.plan {
            Plan::Never | Plan::PanicAtRemoval => false,
            Plan::PowerLossAtSync(_) => world.off,
            Plan::FailAll => world.operations > 0,
            Plan::FailOnce(number) | Plan::FailTwice(number, _) => world.operations > number,
            Plan::FailSync(number) => world.syncs > number,
        }
    }

    /// How many operations there were since the plan was set.
    pub(crate) fn operations(&self) -> usize {
        self.0.lock().unwrap().operations
    }

    /// Whether anything was changed while nobody held the lock.
    pub(crate) fn changed_unlocked(&self) -> bool {
        self.0.lock().unwrap().changed_unlocked
    }

    /// What may be on the disk after power was lost now; `draw` decides what survives of what was not synced.
    pub(crate) fn after_power_loss(&self, draw: Draw<'_>) -> Self {
        let image = self.0.lock().unwrap().device.state(draw);
        Self::with_shared_files(image.files)
    }

    /// The number of a file.
    fn file(&self, name: &str, access: Access) -> io::Result<usize> {
        let mut world = self.0.lock().unwrap();
        match (world.names.get(name), access) {
            (Some(&number), Access::Create) => {
                world.change(number, Change::Len(0))?;
                Ok(number)
            }
            (Some(&number), _) => Ok(number),
            (None, Access::Create) => {
                let number = world.files.len();
                world.rename_with(|names| names.insert(name.to_owned(), number))?;
                world.files.push(Arc::default());
                Ok(number)
            }
            (None, _) => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl World {
    /// Counts an operation; an error if it has to fail.
    fn step(&mut self, is_sync: bool) -> io::Result<()> {
        let strikes = match self.plan {
            Plan::Never | Plan::PanicAtRemoval => false,
            Plan::PowerLossAtSync(number) => is_sync && self.syncs == number,
            Plan::FailAll => true,
            Plan::FailOnce(number) => self.operations == number,
            Plan::FailTwice(first, second) => [first, second].contains(&self.operations),
            Plan::FailSync(number) => is_sync && self.syncs == number,
        };
        self.changed_unlocked |= !self.locked;
        self.operations += 1;
        self.syncs += usize::from(is_sync);
        self.off |= strikes && matches!(self.plan, Plan::PowerLossAtSync(_));
        match self.plan {
            // A bad disk in place of a full one.
            Plan::FailOnce(number) if strikes && number % 2 == 1 => Err(io::Error::other("input/output error")),
            _ if self.off || strikes => Err(io::ErrorKind::StorageFull.into()),
            _ => Ok(()),
        }
    }

    fn happened(&mut self, event: Event) {
        self.device.take(&event, &mut |_| 0);
        if let Some(trace) = &mut self.trace {
            trace.events.push(event);
        }
    }

    fn change(&mut self, file: usize, change: Change) -> io::Result<()> {
        let result = self.step(false);
        let change = match (&result, self.plan, change) {
            (Ok(()), _, change) => change,
            // A write that fails on a full disk may have written a part.
            (Err(_), Plan::FailOnce(_) | Plan::FailTwice(..), Change::Write(at, bytes)) => {
                Change::Write(at, bytes[..bytes.len() / 2].into())
            }
            _ => return result,
        };
        change.apply(Arc::make_mut(&mut self.files[file]));
        self.happened(Event::Changed(file, change));
        result
    }

    fn rename_with(&mut self, change: impl FnOnce(&mut Names) -> Option<usize>) -> io::Result<()> {
        self.step(false)?;
        change(&mut self.names);
        self.happened(Event::Named(self.names.clone()));
        Ok(())
    }
}

impl StoreFile for FailingFile {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let world = self.world.lock().unwrap();
        let from = offset as usize;
        let bytes = world.files[self.number].get(from..from + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.world.lock().unwrap().change(self.number, Change::Write(offset as usize, bytes.into()))
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.world.lock().unwrap().files[self.number].len() as u64)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.world.lock().unwrap().change(self.number, Change::Len(len as usize))
    }

    fn sync(&self) -> io::Result<()> {
        let mut world = self.world.lock().unwrap();
        let result = world.step(true);
        if world.off {
            return result;
        }
        // After a failure what was written is forgotten, and a later sync reports success without it.
        world.happened(if result.is_ok() { Event::Synced(self.number) } else { Event::SyncFailed(self.number) });
        result
    }
}

impl Folder for FailingFolder {
    fn path(&self) -> &Path {
        Path::new("/failing")
    }

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.0.lock().unwrap().names.keys().cloned().collect())
    }

    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn StoreFile>> {
        Ok(Arc::new(FailingFile { world: Arc::clone(&self.0), number: self.file(name, access)? }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.lock().unwrap().rename_with(|names| {
            let number = names.remove(from)?;
            names.insert(to.to_owned(), number)
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let plan = self.0.lock().unwrap().plan;
        assert!(plan != Plan::PanicAtRemoval, "{name} was to be removed");
        self.0.lock().unwrap().rename_with(|names| names.remove(name))
    }

    fn sync(&self) -> io::Result<()> {
        let mut world = self.0.lock().unwrap();
        world.step(true)?;
        world.happened(Event::FolderSynced);
        Ok(())
    }

    fn sync_name(&self) -> io::Result<()> {
        self.0.lock().unwrap().step(true)
    }

    fn lock(&self, sharing: Sharing) -> io::Result<Option<Arc<dyn StoreFile>>> {
        if sharing == Sharing::Readers && !self.0.lock().unwrap().names.contains_key(LOCK) {
            return Err(io::ErrorKind::NotFound.into());
        }
        if std::mem::replace(&mut self.0.lock().unwrap().locked, true) {
            return Ok(None);
        }
        let lock = |number| FailingLock(FailingFile { world: Arc::clone(&self.0), number });
        let there = self.0.lock().unwrap().names.get(LOCK).copied();
        let number = there.map_or_else(|| self.file(LOCK, Access::Create), Ok);
        number.inspect_err(|_| self.0.lock().unwrap().locked = false).map(|number| Some(Arc::new(lock(number)) as _))
    }
}

impl Drop for FailingLock {
    fn drop(&mut self) {
        self.0.world.lock().unwrap().locked = false;
    }
}

impl StoreFile for FailingLock {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_at(offset, out)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_at(offset, bytes)
    }

    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync()
    }
}

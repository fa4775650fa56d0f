//! A machine for tests: a disk that knows what was synced, whose power can be cut and whose room
//! can run out.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers, in tests")]

use std::io::{self, ErrorKind};
use std::ops::{Bound, Range};
use std::sync::{Arc, Mutex, MutexGuard};

use ::redb::{BackendError, StorageBackend};

use super::{Access, Source};
use crate::store::StoreError;

#[derive(Clone, Debug)]
enum Write {
    At(u64, Vec<u8>),
    Len(u64),
}

impl Write {
    /// In bytes; a change of the length has none, and is there or is not.
    fn size(&self) -> usize {
        match self {
            Self::At(_, data) => data.len(),
            Self::Len(_) => 0,
        }
    }

    fn part(&self, part: Range<usize>) -> Self {
        match self {
            Self::At(offset, data) => {
                Self::At(offset + u64::try_from(part.start).unwrap(), data[part].to_vec())
            }
            Self::Len(len) => Self::Len(*len),
        }
    }
}

/// A disk that keeps apart what was synced.
#[derive(Debug, Default)]
pub(super) struct Disk {
    synced: Vec<u8>,
    pending: Vec<Write>,
    now: Vec<u8>,
    pub(super) syncs: u64,
    pub(super) writes: u64,
    /// At this sync the power goes, before anything reaches the medium.
    power_until_sync: Option<u64>,
    /// From this write on there is no room.
    pub(super) room_until_write: Option<u64>,
    /// This sync says that it failed. What it was of is read as if it were there, and no later sync
    /// brings it to the medium, unless it is written again: as on Linux.
    pub(super) fails_at_sync: Option<u64>,
    /// From this write on the file system is read-only.
    pub(super) read_only_from_write: Option<u64>,
}

impl Disk {
    fn is_off(&self) -> bool {
        self.power_until_sync.is_some_and(|last| self.syncs >= last)
    }

    fn checked(&self) -> io::Result<()> {
        if self.is_off() { Err(io::Error::other("no power")) } else { Ok(()) }
    }

    fn write(&mut self, write: Write) -> io::Result<()> {
        self.checked()?;
        self.writes += 1;
        if self.room_until_write.is_some_and(|last| self.writes >= last) {
            return Err(ErrorKind::StorageFull.into());
        }
        if self.read_only_from_write.is_some_and(|last| self.writes >= last) {
            return Err(ErrorKind::ReadOnlyFilesystem.into());
        }
        apply(&mut self.now, &write);
        self.pending.push(write);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.checked()?;
        self.syncs += 1;
        self.checked()?;
        let written = std::mem::take(&mut self.pending);
        if self.fails_at_sync == Some(self.syncs) {
            return Err(io::Error::other("the device does not answer"));
        }
        for write in &written {
            apply(&mut self.synced, write);
        }
        Ok(())
    }

    /// Turns the power on again. Of what was not synced, what `arrived` says is there all the same:
    /// it is asked for the parts of each write, by its number and its length.
    fn restart(&mut self, mut arrived: impl FnMut(usize, usize) -> Vec<Range<usize>>) {
        for (number, write) in std::mem::take(&mut self.pending).into_iter().enumerate() {
            for part in arrived(number, write.size()) {
                apply(&mut self.synced, &write.part(part));
            }
        }
        self.now.clone_from(&self.synced);
        self.power_until_sync = None;
    }
}

fn apply(bytes: &mut Vec<u8>, write: &Write) {
    match write {
        Write::Len(len) => bytes.resize(usize::try_from(*len).unwrap(), 0),
        Write::At(offset, data) => {
            let offset = usize::try_from(*offset).unwrap();
            let end = offset + data.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[offset..end].copy_from_slice(data);
        }
    }
}

/// All of a write of this size, as its parts.
pub(super) fn whole(size: usize) -> Vec<Range<usize>> {
    std::iter::once(0..size).collect()
}

/// The disk, as one process at a time sees it: its locks are always free.
#[derive(Clone, Debug, Default)]
pub(crate) struct Machine(Arc<Mutex<Disk>>);

impl Machine {
    pub(super) fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap()
    }

    /// Cuts the power at the sync, counted from now.
    pub(crate) fn cut_at(&self, sync: u64) {
        let mut disk = self.disk();
        disk.power_until_sync = Some(disk.syncs + sync);
    }

    /// Whether the power was cut.
    pub(crate) fn is_off(&self) -> bool {
        self.disk().is_off()
    }

    /// Another machine with what is left on this one's disk. Whoever still uses this one goes on
    /// without power.
    pub(crate) fn restarted(&self, mut kept: impl FnMut() -> bool) -> Self {
        self.restarted_with(|_, size| if kept() { whole(size) } else { Vec::new() })
    }

    /// The same, where writes that were not synced can have arrived in parts.
    pub(super) fn restarted_with(
        &self,
        arrived: impl FnMut(usize, usize) -> Vec<Range<usize>>,
    ) -> Self {
        let disk = self.disk();
        let mut disk =
            Disk { synced: disk.synced.clone(), pending: disk.pending.clone(), ..Disk::default() };
        disk.restart(arrived);
        Self(Arc::new(Mutex::new(disk)))
    }

    /// The bytes of each write that is not synced.
    pub(super) fn pending(&self) -> Vec<usize> {
        self.disk().pending.iter().map(Write::size).collect()
    }
}

impl Source for Machine {
    fn open(&self, _: Access) -> Result<Box<dyn StorageBackend>, StoreError> {
        Ok(Box::new(self.clone()))
    }
}

impl StorageBackend for Machine {
    fn len(&self) -> io::Result<u64> {
        let disk = self.disk();
        disk.checked()?;
        Ok(u64::try_from(disk.now.len()).unwrap())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let disk = self.disk();
        disk.checked()?;
        let rest = disk.now.get(usize::try_from(offset).unwrap()..);
        let data = rest.and_then(|rest| rest.get(..out.len()));
        out.copy_from_slice(data.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk().write(Write::Len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk().sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk().write(Write::At(offset, data.to_vec()))
    }

    fn try_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn try_lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn unlock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn query_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(false)
    }
}

/// Something like chance, the same in every run.
pub(crate) fn coin(mut seed: u64) -> impl FnMut() -> bool {
    move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 63 == 1
    }
}

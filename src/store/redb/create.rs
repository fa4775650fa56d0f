//! Making a store: whole, or not at all, and never over something that is there.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::redb::StorageBackend;
use ::redb::backends::FileBackend;
use rustix::fs::{CWD, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::backend::Empty;
use super::deadline::Deadline;
use super::file::{self, Identity, directory_of};
use super::guard::contained;
use super::handle::Writer;
use super::write::Changes;
use super::{Options, failure, leftovers};
use crate::store::{RowsMut, StoreError, Table};

/// Fills the new store with its first rows.
pub(super) type Init<'a> = dyn FnMut(&mut dyn RowsMut) -> Result<(), StoreError> + 'a;

/// Makes the file under a temporary name and puts it in its place when it is durable.
///
/// # Errors
/// `Exists` where there is something at the path that is to stay; `Permissions`; what `init`
/// returns.
pub(super) fn create(
    path: &Path,
    options: Options,
    over: &Over,
    init: &mut Init<'_>,
) -> Result<(), StoreError> {
    make_directory(directory_of(path))?;
    file::check_directory(path)?;
    if *over == Over::Nothing && Identity::at(path)?.is_some() {
        return Err(StoreError::Exists(path.to_owned()));
    }
    let made = make(path, options, over, init);
    leftovers::remove(path, None);
    match made {
        // Whoever was first clears up, and may take our temporary file away.
        Err(_) if *over == Over::Nothing && matches!(Identity::at(path), Ok(Some(_))) => {
            Err(StoreError::Exists(path.to_owned()))
        }
        made => made,
    }
}

fn make(path: &Path, options: Options, over: &Over, init: &mut Init<'_>) -> Result<(), StoreError> {
    let temporary = Temporary::new(path)?;
    initialise(temporary.storage()?, options, init)?;
    temporary.file.sync_all().map_err(failure::io)?;
    match over {
        Over::Nothing => temporary.place(path)?,
        Over::File => temporary.replace(path)?,
        Over::Aside(aside) => temporary.exchange(path, aside)?,
    }
    sync_directory(directory_of(path))
}

/// Makes the tables and their first rows, in one durable transaction, and closes the storage.
///
/// # Errors
/// Where the storage fails, and what `init` returns.
pub(super) fn initialise(
    storage: Arc<dyn StorageBackend>,
    options: Options,
    init: &mut Init<'_>,
) -> Result<(), StoreError> {
    let deadline = Deadline::after(options.deadline);
    let _scope = deadline.enter();
    let writer = Writer::open(storage, Empty::Initialise, options)?;
    let txn = writer.begin(deadline)?;
    let mut rows = Changes::new(&txn);
    for table in Table::ALL {
        rows.make(table)?;
    }
    init(&mut rows)?;
    rows.close()?;
    contained(|| txn.commit().map_err(failure::of))?;
    writer.close()
}

/// What becomes of a file that has the name already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// It stays, and nothing is made.
    Nothing,
    /// It goes.
    File,
    /// It gets this name, in the same directory, where nothing lies yet.
    Aside(PathBuf),
}

/// A file that is removed unless it is put in its place.
#[derive(Debug)]
pub(super) struct Temporary {
    path: PathBuf,
    file: File,
    placed: bool,
}

impl Temporary {
    /// A new and empty one beside a path, for its owner alone.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub(super) fn new(beside: &Path) -> Result<Self, StoreError> {
        let path = leftovers::name_beside(beside)
            .map_err(|error| StoreError::Io(io::Error::other(error.to_string())))?;
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::open(&path, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|error| failure::io(error.into()))?;
        let temporary = Self { path, file: File::from(file), placed: false };
        leftovers::mark(&temporary.file);
        // The umask may have taken our own bits away.
        temporary.file.set_permissions(Permissions::from_mode(0o600)).map_err(StoreError::Io)?;
        Ok(temporary)
    }

    /// The file, to be read and written.
    ///
    /// # Errors
    /// Where the system has no more handles.
    pub(super) fn storage(&self) -> Result<Arc<dyn StorageBackend>, StoreError> {
        let file = self.file.try_clone().map_err(StoreError::Io)?;
        Ok(Arc::new(FileBackend::new(file).map_err(failure::of)?))
    }

    /// Gives the file its name, whatever has it.
    fn replace(mut self, path: &Path) -> Result<(), StoreError> {
        fs::rename(&self.path, path).map_err(failure::io)?;
        self.placed = true;
        Ok(())
    }

    /// Gives the file its name, and another one to the file that had it: both in one step where
    /// the file system can. A crash before that step leaves the new file under the other name.
    fn exchange(self, path: &Path, aside: &Path) -> Result<(), StoreError> {
        if Identity::at(path)?.is_none() {
            return self.place(path);
        }
        self.place(aside)?;
        match rustix::fs::renameat_with(CWD, aside, CWD, path, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(()),
            // File systems that cannot: for a moment nothing has the name.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                let between = leftovers::name_beside(path)
                    .map_err(|error| StoreError::Io(io::Error::other(error.to_string())))?;
                fs::rename(aside, &between).map_err(failure::io)?;
                fs::rename(path, aside).map_err(failure::io)?;
                fs::rename(&between, path).map_err(failure::io)
            }
            Err(error) => Err(failure::io(error.into())),
        }
    }

    /// Gives the file its name, unless that is taken.
    fn place(mut self, path: &Path) -> Result<(), StoreError> {
        match rustix::fs::renameat_with(CWD, &self.path, CWD, path, RenameFlags::NOREPLACE) {
            Ok(()) => self.placed = true,
            // File systems that cannot; a link does not replace either.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                fs::hard_link(&self.path, path).map_err(failure::io)?;
            }
            Err(error) => return Err(failure::io(error.into())),
        }
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.placed {
            // What stays behind is in nobody's way, and removed by the next one.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn make_directory(directory: &Path) -> Result<(), StoreError> {
    if directory.is_dir() {
        return Ok(());
    }
    let above = directory_of(directory);
    fs::create_dir_all(above).map_err(failure::io)?;
    match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(failure::io(error)),
    }
    fs::set_permissions(directory, Permissions::from_mode(0o700)).map_err(StoreError::Io)?;
    sync_directory(above)
}

fn sync_directory(directory: &Path) -> Result<(), StoreError> {
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(failure::io)
}

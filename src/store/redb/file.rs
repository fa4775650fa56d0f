//! Opening the file of a store, if it is ours alone.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::leftovers;
use super::source::Access;
use crate::store::StoreError;

/// Which file it is, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// Of an open file.
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    /// Of what lies at the path, if anything does. A symbolic link is what it is.
    ///
    /// # Errors
    /// Where the path cannot be looked at.
    pub(super) fn at(path: &Path) -> Result<Option<Self>, StoreError> {
        match fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(Self::of(&metadata))),
            Err(error) if is_absence(&error) => Ok(None),
            Err(error) => Err(StoreError::Io(error)),
        }
    }
}

/// Opens the file, if nobody but its owner, who is us, can read, write or replace it.
///
/// # Errors
/// `Absent`; `Permissions` with what to do; `Damaged` where it is empty.
pub(super) fn open(path: &Path, access: Access) -> Result<(File, Identity), StoreError> {
    check_directory(path)?;
    let mode = match access {
        Access::Read => OFlags::RDONLY,
        Access::Write => OFlags::RDWR,
    };
    // Not blocking: a pipe put in the file's place must not hold us up.
    let flags = mode | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(Errno::NOENT | Errno::NOTDIR) => return Err(StoreError::Absent(path.to_owned())),
        Err(Errno::LOOP) => {
            return Err(refuse(path, "is a symbolic link: name the file itself"));
        }
        Err(Errno::ISDIR | Errno::NXIO) => return Err(refuse(path, "is not a regular file")),
        Err(Errno::ACCESS | Errno::PERM) => {
            return Err(refuse(path, "cannot be opened by this user: see `ls -l`"));
        }
        Err(error) => return Err(StoreError::Io(error.into())),
    };
    let metadata = file.metadata().map_err(StoreError::Io)?;
    check_file(path, &file, &metadata)?;
    Ok((file, Identity::of(&metadata)))
}

/// Refuses a directory in which others can replace the file.
///
/// # Errors
/// `Permissions`; `Absent` where there is no such directory.
pub(super) fn check_directory(path: &Path) -> Result<(), StoreError> {
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let directory = directory_of(path);
    let metadata = match fs::metadata(directory) {
        Ok(metadata) => metadata,
        Err(error) if is_absence(&error) => return Err(StoreError::Absent(path.to_owned())),
        Err(error) => return Err(StoreError::Io(error)),
    };
    let mode = metadata.mode();
    if mode & WRITABLE_BY_OTHERS != 0 && mode & STICKY == 0 {
        return Err(StoreError::Permissions(format!(
            "others can replace files in `{0}`: run `chmod go-w {0}`",
            directory.display()
        )));
    }
    Ok(())
}

/// The directory that the file lies in.
pub(super) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Whether the error says that there is nothing.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn check_file(path: &Path, file: &File, metadata: &Metadata) -> Result<(), StoreError> {
    const OPEN_TO_OTHERS: u32 = 0o077;
    if !metadata.is_file() {
        return Err(refuse(path, "is not a regular file"));
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(refuse(path, "belongs to another user: run as that user, or copy the store"));
    }
    if metadata.mode() & OPEN_TO_OTHERS != 0 {
        return Err(StoreError::Permissions(format!(
            "`{0}` is open to other users: run `chmod 600 {0}`",
            path.display()
        )));
    }
    if metadata.nlink() > 1 {
        // A crash while the store was made can leave its temporary name behind.
        leftovers::remove(path, Some(Identity::of(metadata)));
        if file.metadata().map_err(StoreError::Io)?.nlink() > 1 {
            return Err(refuse(path, "has a second name (a hard link): remove the other one"));
        }
    }
    if metadata.len() == 0 {
        return Err(StoreError::Damaged(format!("`{}` is empty", path.display())));
    }
    Ok(())
}

fn refuse(path: &Path, why: &str) -> StoreError {
    StoreError::Permissions(format!("`{}` {why}", path.display()))
}

//! Reading what others wrote: bounded, never a device or a pipe, never out of the user's folders.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use zeroize::Zeroizing;

/// The most that is read of a file.
pub(super) const MOST: usize = 8 * 1024 * 1024;

/// A file's text. Zeroed when dropped, since it may hold keys.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Whether the file goes on.
    pub(super) is_cut: bool,
    /// Which file it is, whatever it is called.
    pub(super) identity: (u64, u64),
}

/// Why there is nothing to search.
#[derive(Debug)]
pub(super) enum Unread {
    /// There is nothing at the path.
    Absent,
    /// It is a folder.
    Folder(PathBuf),
    /// It is a pipe, a socket or a device.
    NoFile,
    /// A link leads out of the folders that may be searched.
    Outside,
    /// It cannot be read.
    Failed(io::Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Absent,
            _ => Self::Failed(error),
        }
    }
}

/// Reads a file that lies, links followed, within one of `roots`, which have no links in them.
///
/// # Errors
/// What keeps it from being read.
pub(super) fn read(path: &Path, roots: &[PathBuf]) -> Result<Content, Unread> {
    let real = std::fs::canonicalize(path)?;
    if !roots.iter().any(|root| real.starts_with(root)) {
        return Err(Unread::Outside);
    }
    // Not blocking: a pipe must not hold us up, and no link is followed any more.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let metadata = std::fs::symlink_metadata(&real)?;
    if metadata.is_dir() {
        return Err(Unread::Folder(real));
    }
    if !metadata.is_file() {
        // Opening a device may do something.
        return Err(Unread::NoFile);
    }
    let file = rustix::fs::open(&real, flags | OFlags::NOCTTY, Mode::empty());
    let mut file = File::from(file.map_err(io::Error::from)?);
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(Unread::NoFile);
    }
    let identity = (metadata.dev(), metadata.ino());
    let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX).min(MOST);
    let (bytes, is_cut) = bounded(&mut file, size)?;
    Ok(Content { bytes, is_cut, identity })
}

/// Reads as many bytes, and says whether there are more.
fn bounded(file: &mut File, size: usize) -> io::Result<(Zeroizing<Vec<u8>>, bool)> {
    // The buffer never grows: that would leave copies behind. Files of the kernel's have no size.
    let size = if size == 0 { 64 * 1024 } else { size };
    let mut bytes = Zeroizing::new(vec![0; size.saturating_add(1)]);
    let mut len: usize = 0;
    while let Some(room) = bytes.get_mut(len..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => break,
            Ok(count) => len = len.saturating_add(count),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let is_cut = len > size;
    bytes.truncate(len.min(size));
    Ok((bytes, is_cut))
}

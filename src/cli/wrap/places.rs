//! Where the files lie that go before the environment, or beside it.

use std::fmt;
use std::path::Path;

/// The folders that matter, and a way to read files.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    /// The home directory, where there is one.
    pub home: Option<&'a Path>,
    /// The folder that the command starts in.
    pub folder: &'a Path,
    /// A file's text; none where there is none, or it cannot be read.
    pub read: &'a dyn Fn(&Path) -> Option<String>,
}

impl Places<'_> {
    pub(super) fn read(&self, path: &Path) -> Option<String> {
        (self.read)(path)
    }
}

impl fmt::Debug for Places<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places").field("home", &self.home).field("folder", &self.folder).finish()
    }
}

//! `till key mint --id-file`: the ids of new keys, for whoever is to end them.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::super::exit::Exit;
use super::super::failure::Failure;

/// The file, opened before there is a key to name in it.
#[derive(Debug)]
pub struct IdFile {
    path: PathBuf,
    file: File,
}

impl IdFile {
    /// Opens the file; what it held is gone.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|error| unwritable(path, error))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Writes the ids, one a line.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn write(mut self, ids: impl Iterator<Item = String>) -> Result<(), Failure> {
        let lines: String = ids.flat_map(|id| [id, "\n".to_owned()]).collect();
        self.file.write_all(lines.as_bytes()).map_err(|error| unwritable(&self.path, error))
    }
}

fn unwritable(path: &Path, error: std::io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("`{}` cannot be written", path.display()))
        .why(error)
        .hint("name another file with `--id-file`")
}

//! The prices as a running proxy goes by them: those in the binary, with an operator's files over
//! them, which may change while it runs.

use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::provider::price::{PriceFault, PriceTable};

/// How long the files are taken to be what they were.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// A price file, by its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Whether it must be there: somebody named it.
    pub required: bool,
}

/// Why the prices cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PriceListFault {
    /// A file cannot be read.
    #[error("the price file `{}` cannot be read: {why}", path.display())]
    Io {
        /// Where it lies.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// A file is malformed.
    #[error("the price file `{}` is malformed: {why}", path.display())]
    Malformed {
        /// Where it lies.
        path: PathBuf,
        /// What is wrong with it, and where.
        why: PriceFault,
    },
}

impl PriceFile {
    /// What is in it; none where it is not there and need not be.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(&self) -> Result<Option<String>, PriceListFault> {
        self.optional(std::fs::read_to_string(&self.path))
    }

    /// What it looks like from outside.
    fn stamp(&self) -> Result<Option<Stamp>, PriceListFault> {
        let stamp = |path: &Path| {
            let metadata = std::fs::metadata(path)?;
            let changed_at = metadata.modified()?;
            Ok(Stamp { changed_at, bytes: metadata.len(), inode: metadata.ino() })
        };
        self.optional(stamp(&self.path))
    }

    /// The malformed file that this is.
    #[must_use]
    pub fn malformed(&self, why: PriceFault) -> PriceListFault {
        PriceListFault::Malformed { path: self.path.clone(), why }
    }

    fn optional<T>(&self, read: io::Result<T>) -> Result<Option<T>, PriceListFault> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) if error.kind() == ErrorKind::NotFound && !self.required => Ok(None),
            Err(why) => Err(PriceListFault::Io { path: self.path.clone(), why }),
        }
    }
}

/// The price table that requests are held and charged by, whichever thread asks.
#[derive(Debug)]
pub struct PriceList {
    files: Vec<PriceFile>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    table: Arc<PriceTable>,
    /// Of each file, when it was read last; none where it was not there or could not be looked at.
    stamps: Vec<Option<Stamp>>,
    looked_at: Instant,
}

/// What tells one version of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    changed_at: SystemTime,
    bytes: u64,
    inode: u64,
}

impl PriceList {
    /// The prices in the binary with these files over them, the last one on top.
    ///
    /// # Errors
    /// Where a file is malformed or cannot be read.
    pub fn open(files: Vec<PriceFile>) -> Result<Self, PriceListFault> {
        let stamps = stamps(&files);
        let table = Arc::new(layered(&files)?);
        let state = Mutex::new(State { table, stamps, looked_at: Instant::now() });
        Ok(Self { files, state })
    }

    /// The prices in the binary alone.
    #[must_use]
    pub fn builtin() -> Self {
        let table = Arc::new(PriceTable::builtin().clone());
        let state = State { table, stamps: Vec::new(), looked_at: Instant::now() };
        Self { files: Vec::new(), state: Mutex::new(state) }
    }

    /// The table as the files have it now, at most a second late. Where one of them has become
    /// malformed, the table stays as it was, and the log says so once.
    #[must_use]
    pub fn current(&self) -> Arc<PriceTable> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.files.is_empty() && state.looked_at.elapsed() >= TRUSTED_FOR {
            self.look(&mut state);
        }
        Arc::clone(&state.table)
    }

    fn look(&self, state: &mut State) {
        state.looked_at = Instant::now();
        // Taken before the files are read: a change in between is seen the next time.
        let stamps = stamps(&self.files);
        if stamps == state.stamps {
            return;
        }
        state.stamps = stamps;
        match layered(&self.files) {
            Ok(table) => {
                state.table = Arc::new(table);
                tracing::info!("the prices were read again");
            }
            Err(fault) => tracing::error!("{fault}; the prices stay as they were"),
        }
    }
}

fn stamps(files: &[PriceFile]) -> Vec<Option<Stamp>> {
    files.iter().map(|file| file.stamp().ok().flatten()).collect()
}

fn layered(files: &[PriceFile]) -> Result<PriceTable, PriceListFault> {
    let mut table = PriceTable::builtin().clone();
    for file in files {
        if let Some(text) = file.read()? {
            table = table.overridden(&text).map_err(|fault| file.malformed(fault))?;
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: PathBuf, required: bool) -> PriceFile {
        PriceFile { path, required }
    }

    /// Whether the model is there, the files having been looked at a while ago.
    fn has(list: &PriceList, model: &str) -> bool {
        let mut state = list.state.lock().unwrap();
        state.looked_at = state.looked_at.checked_sub(TRUSTED_FOR).unwrap();
        drop(state);
        list.current().find("own", model).is_some()
    }

    #[test]
    fn a_file_is_read_again_when_it_changes_and_kept_when_it_breaks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("prices.json");
        let list = PriceList::open(vec![file(path.clone(), false)]).unwrap();
        assert!(!has(&list, "a"));
        std::fs::write(&path, r#"{"own": {"a": {}}}"#).unwrap();
        assert!(list.current().find("own", "a").is_none(), "it is not looked at all the time");
        assert!(has(&list, "a"));
        std::fs::write(&path, r#"{"own": {"#).unwrap();
        assert!(has(&list, "a"));
        std::fs::write(&path, r#"{"own": {"bc": {}}}"#).unwrap();
        assert!(has(&list, "bc") && !has(&list, "a"));
        std::fs::remove_file(&path).unwrap();
        assert!(!has(&list, "bc"));
        assert!(list.current().find("openai", "gpt-4o").is_some());
    }

    #[test]
    fn the_last_file_is_on_top_and_a_broken_one_is_refused_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
        std::fs::write(&first, r#"{"own": {"a": {"max_output_tokens": 1}}}"#).unwrap();
        std::fs::write(&second, r#"{"own": {"a": {"max_output_tokens": 2}}}"#).unwrap();
        let files = vec![file(first.clone(), false), file(second.clone(), true)];
        let table = PriceList::open(files.clone()).unwrap().current();
        assert_eq!(table.find("own", "a").unwrap().price.max_output, Some(2));
        std::fs::write(&first, "{\n5}").unwrap();
        let fault = PriceList::open(files.clone()).unwrap_err().to_string();
        assert!(fault.contains("first` is malformed") && fault.contains("line 2"), "{fault}");
        std::fs::remove_file(&first).unwrap();
        std::fs::remove_file(&second).unwrap();
        let fault = PriceList::open(files).unwrap_err().to_string();
        assert!(fault.contains("second` cannot be read"), "{fault}");
    }
}

//! The file of the prices that were set: read, changed and written by one process at a time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::provider::json::Node;
use crate::provider::price::PriceTable;
use crate::proxy::price_list::PriceFile;

use super::super::exit::Exit;
use super::super::failure::Failure;

/// The rows of the file, each as the JSON that it is.
#[derive(Debug)]
pub(super) struct PriceBook {
    path: PathBuf,
    rows: BTreeMap<String, BTreeMap<String, String>>,
    /// The file's directory, locked as long as this lives.
    directory: File,
}

impl PriceBook {
    /// Reads the file, which need not be there, and keeps others from changing it.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |error| unwritable(path, error);
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let directory = directory.unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
        let directory = File::open(directory).map_err(failed)?;
        directory.lock().map_err(failed)?;
        let file = PriceFile { path: path.to_owned(), required: false };
        let text = file.read()?.unwrap_or_else(|| "{}".to_owned());
        let mut book = Self { path: path.to_owned(), rows: BTreeMap::new(), directory };
        book.table(&text)?;
        let document = Node::parse(text.as_bytes()).map_err(|fault| book.malformed(fault))?;
        for provider in document.members() {
            for model in provider.node.members() {
                let row = text.get(model.node.span.clone()).unwrap_or_default();
                book.put(&provider.name, &model.name, row.to_owned());
            }
        }
        Ok(book)
    }

    /// A row, as JSON.
    pub(super) fn row(&self, provider: &str, model: &str) -> Option<&str> {
        self.rows.get(provider)?.get(model).map(String::as_str)
    }

    /// Puts a row in, or in another's place.
    pub(super) fn put(&mut self, provider: &str, model: &str, row: String) {
        self.rows.entry(provider.to_owned()).or_default().insert(model.to_owned(), row);
    }

    /// Takes a row out; whether there was one.
    pub(super) fn take(&mut self, provider: &str, model: &str) -> bool {
        let Some(models) = self.rows.get_mut(provider) else { return false };
        let there = models.remove(model).is_some();
        if models.is_empty() {
            self.rows.remove(provider);
        }
        there
    }

    /// Writes the file anew, all or nothing, and returns what it says.
    pub(super) fn save(&self) -> Result<PriceTable, Failure> {
        let text = self.text();
        let table = self.table(&text)?;
        self.replace(&text).map_err(|error| unwritable(&self.path, error))?;
        Ok(table)
    }

    /// The failure of a file that cannot be understood.
    pub(super) fn malformed(&self, why: impl std::fmt::Display) -> Failure {
        Failure::new(Exit::Failed, format!("the price file `{}` is malformed", self.path.display()))
            .why(why)
            .hint("put it right, or remove it")
    }

    fn table(&self, text: &str) -> Result<PriceTable, Failure> {
        PriceTable::default().overridden(text).map_err(|fault| self.malformed(fault))
    }

    fn replace(&self, text: &str) -> io::Result<()> {
        let mut temporary = self.path.clone().into_os_string();
        temporary.push(".new");
        // Of a process that died while it wrote: the lock says that none does now.
        match std::fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, &self.path)?;
        self.directory.sync_all()
    }

    /// The whole file, with a line for each row.
    fn text(&self) -> String {
        let name = |name: &str| serde_json::Value::from(name).to_string();
        let mut text = String::from("{");
        for (place, (provider, models)) in self.rows.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            // Writing to a string cannot fail.
            let _ = write!(text, "{comma}\n  {}: {{", name(provider));
            for (place, (model, row)) in models.iter().enumerate() {
                let comma = if place == 0 { "" } else { "," };
                let _ = write!(text, "{comma}\n    {}: {row}", name(model));
            }
            text.push_str("\n  }");
        }
        text.push_str("\n}\n");
        text
    }
}

fn unwritable(path: &Path, error: io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("the price file `{}` cannot be written", path.display()))
        .why(error)
        .hint("make the store's directory yours, or name another store with `--store`")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn rows_come_and_go_and_the_others_stay_as_they_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("till").join("prices.json");
        let mut book = PriceBook::open(&path).unwrap();
        book.put("own", "m\"", r#"{"input_cost_per_token":1.50e-6,"mine":[1, 2]}"#.to_owned());
        book.put("own", "n", "{}".to_owned());
        book.save().unwrap();
        drop(book);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let mut book = PriceBook::open(&path).unwrap();
        assert!(book.take("own", "n") && !book.take("own", "n") && !book.take("other", "n"));
        assert!(book.row("own", "m\"").unwrap().contains("1.50e-6"));
        assert!(book.save().unwrap().find("own", "m\"").is_some());
        assert!(book.take("own", "m\""));
        assert_eq!(book.save().unwrap(), PriceTable::default());
        drop(book);
        std::fs::write(&path, "{\n5}").unwrap();
        let failure = PriceBook::open(&path).unwrap_err().to_string();
        assert!(failure.contains("line 2"), "{failure}");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}

//! The search for keys in files and folders.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::places::{HISTORIES, OF_HOME, Places};
use super::read::{Content, Unread, read};
use super::shown::{shown, word};
use crate::provider::leak::{Kind, leaks};
use crate::report::doctor::{Check, Finding};

/// The most files and bytes of one folder, and how deep it may be.
const MOST_FILES: usize = 20_000;
const MOST_BYTES: usize = 256 * 1024 * 1024;
const DEEPEST: usize = 24;

/// Folders that are passed over: what is in them was written by tools, for tools.
const PASSED_OVER: [&str; 6] = [".git", ".hg", ".svn", "__pycache__", "node_modules", "target"];

/// What mends a key that till does not forward with.
pub(super) const NOT_TO_SEAL: &str = "till does not forward with it: take it out where nothing needs \
                                      it, log out where a tool has put it, and replace it where it \
                                      was made";

/// Bytes at the start that tell text from anything else.
const HEAD: usize = 8 * 1024;

/// A search that goes on.
#[derive(Debug)]
pub(super) struct Search<'a> {
    places: &'a Places,
    /// Folders that links may lead to.
    roots: Vec<PathBuf>,
    findings: Vec<Finding>,
    seen: HashSet<(u64, u64)>,
    files: usize,
}

impl<'a> Search<'a> {
    /// A search that has found nothing yet.
    pub(super) fn new(places: &'a Places) -> Self {
        let folders = places.folders();
        let roots = places.home.iter().map(PathBuf::as_path).chain(folders.last().copied());
        let roots = roots.filter_map(|root| std::fs::canonicalize(root).ok()).collect();
        Self { places, roots, findings: Vec::new(), seen: HashSet::new(), files: 0 }
    }

    /// Searches the usual places.
    pub(super) fn usual(&mut self) {
        for folder in self.places.folders() {
            for path in Places::of_project(folder) {
                self.place(&path, Check::KeyInFile);
            }
        }
        let Some(home) = &self.places.home else { return };
        for name in HISTORIES {
            self.place(&home.join(name), Check::KeyInHistory);
        }
        for name in OF_HOME {
            self.place(&home.join(name), Check::KeyInFile);
        }
    }

    /// Searches what the user names, which may lie anywhere.
    ///
    /// # Errors
    /// Where it is not there.
    pub(super) fn further(&mut self, path: &Path) -> Result<(), Failure> {
        let real = std::fs::canonicalize(path).map_err(|error| {
            Failure::new(Exit::NotFound, format!("`{}` cannot be searched", path.display()))
                .why(error)
                .hint("name a file or a folder that is there with `--path`")
        })?;
        self.roots.push(real.clone());
        let name = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let check = if name.contains("history") { Check::KeyInHistory } else { Check::KeyInFile };
        match read(&real, &self.roots) {
            Err(Unread::NoFile) => self.say(Check::FileUnreadable, path, "no file"),
            other => self.take(path, check, other),
        }
        Ok(())
    }

    /// What was found, and in how many files.
    pub(super) fn done(self) -> (Vec<Finding>, usize) {
        (self.findings, self.files)
    }

    fn place(&mut self, path: &Path, check: Check) {
        let read = read(path, &self.roots);
        self.take(path, check, read);
    }

    fn take(&mut self, path: &Path, check: Check, read: Result<Content, Unread>) {
        match read {
            Ok(content) => self.content(path, check, &content),
            Err(Unread::Absent | Unread::NoFile) => {}
            Err(Unread::Folder(folder)) => self.folder(&folder),
            Err(Unread::Outside) => self.say(Check::LinkNotFollowed, path, ""),
            Err(Unread::Failed(error)) => {
                self.say(Check::FileUnreadable, path, &error.kind().to_string());
            }
        }
    }

    /// Searches a folder and those in it. Links are passed over: what they lead to within the
    /// folder is found without them.
    fn folder(&mut self, root: &Path) {
        let (mut files, mut bytes) = (0_usize, 0_usize);
        let mut is_cut = false;
        let mut folders = VecDeque::from([(root.to_owned(), 0_usize)]);
        while let Some((folder, depth)) = folders.pop_front() {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries.flatten(),
                Err(error) => {
                    self.say(Check::FileUnreadable, &folder, &error.kind().to_string());
                    continue;
                }
            };
            let mut entries: Vec<_> = entries.collect();
            entries.sort_by_key(std::fs::DirEntry::file_name);
            for entry in entries {
                let Ok(kind) = entry.file_type() else { continue };
                let path = entry.path();
                if kind.is_dir() {
                    if depth >= DEEPEST {
                        is_cut = true;
                    } else if !PASSED_OVER.iter().any(|name| entry.file_name() == *name) {
                        folders.push_back((path, depth.saturating_add(1)));
                    }
                } else if kind.is_file() {
                    if files >= MOST_FILES || bytes >= MOST_BYTES {
                        is_cut = true;
                        break;
                    }
                    files = files.saturating_add(1);
                    let read = read(&path, &self.roots);
                    let read = read.inspect(|it| bytes = bytes.saturating_add(it.bytes.len()));
                    if read.as_ref().is_ok_and(is_binary) {
                        continue;
                    }
                    self.take(&path, Check::KeyInFile, read);
                }
            }
        }
        if is_cut {
            self.say(Check::SearchCutShort, root, "");
        }
    }

    fn content(&mut self, path: &Path, check: Check, content: &Content) {
        if !self.seen.insert(content.identity) {
            return;
        }
        self.files = self.files.saturating_add(1);
        if content.is_cut {
            self.say(Check::FileInPart, path, "");
        }
        self.findings.extend(in_text(&content.bytes, check, &shown(path, self.places)));
    }

    fn say(&mut self, check: Check, path: &Path, more: &str) {
        let more = if more.is_empty() { String::new() } else { format!(" ({more})") };
        let place = format!("{}{more}", shown(path, self.places));
        self.findings.push(Finding::new(check, place, &word(path, self.places)));
    }
}

/// The keys of one text, each once, with the line where it first stands.
fn in_text(text: &[u8], check: Check, name: &str) -> Vec<Finding> {
    let mut keys: Vec<(&[u8], Kind, usize, usize)> = Vec::new();
    let (mut line, mut counted) = (1_usize, 0_usize);
    for leak in leaks(text) {
        let between = text.get(counted..leak.at.start).unwrap_or_default();
        line = line.saturating_add(memchr::memchr_iter(b'\n', between).count());
        counted = leak.at.start;
        let key = text.get(leak.at.clone()).unwrap_or_default();
        match keys.iter_mut().find(|(known, ..)| *known == key) {
            Some((_, _, _, more)) => *more = more.saturating_add(1),
            None => keys.push((key, leak.kind, line, 0)),
        }
    }
    let finding = |(key, kind, line, more): (&[u8], Kind, usize, usize)| {
        let (check, provider) = match kind {
            Kind::Real(provider) => (check, provider),
            Kind::Proxy => (Check::ProxyKeyInFile, None),
            Kind::Admin => (Check::AdminTokenInFile, None),
        };
        let whose = match kind {
            Kind::Real(Some(provider)) => format!(", {provider}"),
            _ => String::new(),
        };
        let again = if more > 0 { format!(" and {more} more times") } else { String::new() };
        let place = format!("{name}:{line}{again}{whose}");
        let found = Finding::new(check, place, provider.unwrap_or_default());
        let found = found.ending_in(last4(key));
        if kind == Kind::Real(None) { found.mended_by(NOT_TO_SEAL) } else { found }
    };
    keys.into_iter().map(finding).collect()
}

/// The last four characters of a key, which is ASCII.
pub(super) fn last4(key: &[u8]) -> String {
    let tail = key.len().checked_sub(4).and_then(|at| key.get(at..)).unwrap_or_default();
    String::from_utf8_lossy(tail).into_owned()
}

fn is_binary(content: &Content) -> bool {
    content.bytes.iter().take(HEAD).any(|byte| *byte == 0)
}

//! A copy of what an older till wrote, and what it said of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::home::{Home, Key};

/// The store in a home of its own, with what belongs to it.
#[derive(Debug)]
pub(super) struct Old {
    pub(super) home: Home,
    folder: PathBuf,
    secrets: Value,
    expected: Value,
}

/// Where the files of a format lie.
pub(super) fn folder_of(format: u32) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
    fixtures.join(format.to_string())
}

impl Old {
    pub(super) fn of(format: u32) -> Self {
        let folder = folder_of(format);
        let read = |name: &str| -> Value {
            serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
        };
        let (secrets, expected) = (read("secrets.json"), read("expected.json"));
        let home = Home::with_copy_of(&folder.join("till.redb"), &folder.join("key-file"));
        fs::copy(folder.join("prices.json"), home.prices()).unwrap();
        // The anchor of that time, under the name that it had.
        let state = home.path("state/till");
        fs::create_dir_all(&state).unwrap();
        let anchor = expected["anchor"].as_str().unwrap();
        fs::copy(folder.join("anchor"), state.join(anchor)).unwrap();
        Self { home, folder, secrets, expected }
    }

    /// A file that was made beside it.
    pub(super) fn file(&self, name: &str) -> String {
        let to = self.home.path(name);
        fs::copy(self.folder.join(name), &to).unwrap();
        let own = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600);
        fs::set_permissions(&to, own).unwrap();
        to.to_str().unwrap().to_owned()
    }

    pub(super) fn secret(&self, name: &str) -> String {
        self.secrets[name].as_str().unwrap().to_owned()
    }

    /// The proxy key that was made under this name.
    pub(super) fn key(&self, name: &str) -> Key {
        Key::of(&self.secrets["keys"][name])
    }

    pub(super) fn expected(&self, name: &str) -> Value {
        self.expected[name].clone()
    }

    /// Commands, and what each printed.
    pub(super) fn looks(&self) -> Vec<(String, Value)> {
        let looks = self.expected["looks"].as_object().unwrap();
        looks.iter().map(|(line, shown)| (line.clone(), shown.clone())).collect()
    }

    /// The log as it was.
    pub(super) fn events(&self) -> Value {
        let lines = fs::read_to_string(self.folder.join("events.jsonl")).unwrap();
        Value::Array(lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }
}

/// Whether everything that was shown is shown now; a later version may show more.
#[track_caller]
pub(super) fn holds_all_of(shown: &Value, now: &Value, place: &str) {
    match (shown, now) {
        (Value::Object(shown), Value::Object(_)) => {
            for (name, value) in shown {
                holds_all_of(value, &now[name], &format!("{place}.{name}"));
            }
        }
        (Value::Array(shown), Value::Array(now)) => {
            assert_eq!(shown.len(), now.len(), "{place}");
            for (n, (shown, now)) in shown.iter().zip(now).enumerate() {
                holds_all_of(shown, now, &format!("{place}[{n}]"));
            }
        }
        _ => assert_eq!(shown, now, "{place}"),
    }
}

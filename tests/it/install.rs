//! `install.sh`: installs what was verified, whole or not at all, and takes it away again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::skip::skip;

const NAME: &str = "till-9.9.9-x86_64-unknown-linux-gnu";
const INSTALLED: [(&str, u32); 5] = [
    ("bin/till", 0o755),
    ("share/bash-completion/completions/till", 0o644),
    ("share/zsh/site-functions/_till", 0o644),
    ("share/fish/vendor_completions.d/till.fish", 0o644),
    ("share/man/man1/till.1", 0o644),
];

#[test]
fn a_verified_archive_is_installed_and_removed() {
    let stage = Stage::new();
    stage.archive("9.9.9", &["till.1", "till-old.1"]);
    let said = stage.install(&["--archive", &stage.archive_path()], 0);
    assert!(said.contains("installed till 9.9.9"), "{said}");
    for (file, mode) in INSTALLED {
        let found = fs::metadata(stage.prefix().join(file)).expect(file).permissions().mode();
        assert_eq!(found & 0o7777, mode, "{file}");
    }
    assert_eq!(stage.version(), "till 9.9.9");

    // A newer version takes its place; what it no longer has goes.
    stage.archive("9.9.10", &["till.1"]);
    stage.install(&["--archive", &stage.archive_path()], 0);
    assert_eq!(stage.version(), "till 9.9.10");
    assert!(!stage.prefix().join("share/man/man1/till-old.1").exists());
    assert!(stage.leftovers().is_empty(), "{:?}", stage.leftovers());

    let foreign = stage.prefix().join("share/man/man1/till-foreign.1");
    fs::write(&foreign, "another program's").unwrap();
    stage.install(&["--uninstall"], 0);
    for (file, _) in INSTALLED {
        assert!(!stage.prefix().join(file).exists(), "{file}");
    }
    assert!(foreign.exists());
    assert!(!stage.prefix().join("share/till").exists());
    // The directories that it made go with it, but for those that hold something.
    fs::remove_file(&foreign).unwrap();
    for directory in ["bin", "share/zsh", "share/bash-completion", "share/fish"] {
        assert!(!stage.prefix().join(directory).exists(), "{directory}");
    }
    assert!(stage.prefix().join("share/man/man1").exists());
    let said = stage.install(&["--uninstall"], 1);
    assert!(said.contains("not installed") && said.contains("--prefix"), "{said}");
}

/// What was there before stays, and nothing else.
#[test]
fn an_uninstall_leaves_the_prefix_as_it_was() {
    let stage = Stage::new();
    stage.archive("9.9.9", &["till.1"]);
    stage.install(&["--archive", &stage.archive_path()], 0);
    // A second run made none of the directories, and forgets none.
    stage.install(&["--archive", &stage.archive_path()], 0);
    stage.install(&["--uninstall"], 0);
    assert!(!stage.prefix().exists());

    fs::create_dir_all(stage.prefix().join("share/man")).unwrap();
    stage.install(&["--archive", &stage.archive_path()], 0);
    stage.install(&["--uninstall"], 0);
    let left = |folder: PathBuf| {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>()
    };
    assert_eq!(left(stage.prefix()), ["share"]);
    assert_eq!(left(stage.prefix().join("share")), ["man"]);
    assert!(left(stage.prefix().join("share/man")).is_empty());
}

#[test]
fn a_wrong_checksum_installs_nothing() {
    let stage = Stage::new();
    stage.archive("9.9.9", &["till.1"]);
    stage.install(&["--archive", &stage.archive_path()], 0);
    stage.archive("9.9.10", &["till.1"]);
    let right = stage.checksum();
    let wrong = "0".repeat(64);

    fs::write(stage.checksum_path(), format!("{wrong}  {NAME}.tar.gz\n")).unwrap();
    let said = stage.install(&["--archive", &stage.archive_path()], 1);
    assert!(said.contains(&right) && said.contains(&wrong) && said.contains("hint"), "{said}");
    stage.install(&["--archive", &stage.archive_path(), "--sha256", &wrong], 1);
    stage.install(&["--archive", &stage.archive_path(), "--sha256", &right[1..]], 1);
    fs::write(stage.checksum_path(), "").unwrap();
    stage.install(&["--archive", &stage.archive_path()], 1);
    fs::remove_file(stage.checksum_path()).unwrap();
    let said = stage.install(&["--archive", &stage.archive_path()], 1);
    assert!(said.contains("--sha256"), "{said}");
    assert_eq!(stage.version(), "till 9.9.9", "nothing was replaced");
    assert!(stage.leftovers().is_empty(), "{:?}", stage.leftovers());

    let upper = right.to_uppercase();
    stage.install(&["--archive", &stage.archive_path(), "--sha256", &upper], 0);
    assert_eq!(stage.version(), "till 9.9.10");
}

#[test]
fn what_is_not_whole_installs_nothing() {
    let stage = Stage::new();
    let archive = stage.archive_path();
    let cases: [(&str, Spoil); 5] = [
        ("there is no file", |_| {}),
        ("is no tar.gz file", |stage| {
            fs::write(stage.archive_path(), "nonsense").unwrap();
            stage.write_checksum();
        }),
        ("is missing", |stage| {
            stage.archive("9.9.9", &["till.1"]);
            fs::remove_file(stage.content().join("completions/_till")).unwrap();
            stage.pack(&[NAME]);
        }),
        ("does not run on this machine", |stage| {
            stage.archive("9.9.9", &["till.1"]);
            fs::write(stage.content().join("till"), "\x7fELF of another machine").unwrap();
            stage.pack(&[NAME]);
        }),
        ("outside of its folder", |stage| {
            stage.archive("9.9.9", &["till.1"]);
            fs::write(stage.folder.path().join("stray"), "x").unwrap();
            stage.pack(&[NAME, "stray"]);
        }),
    ];
    for (says, prepare) in cases {
        prepare(&stage);
        let said = stage.install(&["--archive", &archive], 1);
        assert!(said.contains(says) && said.starts_with("error: "), "{says}: {said}");
        assert!(!stage.prefix().exists(), "{says}");
        assert!(stage.leftovers().is_empty(), "{says}: {:?}", stage.leftovers());
    }
}

#[test]
fn misuse_is_told() {
    let stage = Stage::new();
    for (args, says) in [
        (&["--frobnicate"][..], "--frobnicate"),
        (&["--archive"], "needs a value"),
        (&["--uninstall", "--archive", "x"], "--uninstall"),
        (&["--sha256", "00"], "--archive"),
    ] {
        let said = stage.install(args, 2);
        assert!(said.contains(says) && said.contains("--help"), "{said}");
    }
    let said = stage.install(&["--help"], 0);
    assert!(said.contains("--prefix") && said.contains("--uninstall"), "{said}");
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let mut shellcheck = Command::new("shellcheck");
    let Ok(output) = shellcheck.args(["--shell=sh"]).arg(script()).output() else {
        skip("`shellcheck` is not installed");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Makes an archive that is not whole.
type Spoil = fn(&Stage);

/// A folder with an archive in the making, and a prefix to install in.
struct Stage {
    folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Packs a release: a program that only knows its version, completions and pages.
    fn archive(&self, version: &str, pages: &[&str]) {
        let content = self.content();
        let _ = fs::remove_dir_all(&content);
        fs::create_dir_all(content.join("completions")).unwrap();
        fs::create_dir_all(content.join("man")).unwrap();
        let program = content.join("till");
        fs::write(&program, format!("#!/bin/sh\necho till {version}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        for file in ["till.bash", "_till", "till.fish"] {
            fs::write(content.join("completions").join(file), file).unwrap();
        }
        for page in pages {
            fs::write(content.join("man").join(page), page).unwrap();
        }
        self.pack(&[NAME]);
    }

    fn pack(&self, names: &[&str]) {
        let mut tar = Command::new("tar");
        tar.current_dir(self.folder.path()).arg("-czf").arg(self.archive_path()).args(names);
        assert!(tar.status().expect("tar").success());
        self.write_checksum();
    }

    fn write_checksum(&self) {
        let line = format!("{}  {NAME}.tar.gz\n", self.checksum());
        fs::write(self.checksum_path(), line).unwrap();
    }

    fn checksum(&self) -> String {
        let output = Command::new("sha256sum").arg(self.archive_path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
    }

    /// Runs the script with the prefix and expects this exit code; returns all that it said.
    #[track_caller]
    fn install(&self, args: &[&str], code: i32) -> String {
        let mut command = Command::new("sh");
        command.arg(script()).arg("--prefix").arg(self.prefix()).args(args);
        let output = command.current_dir(self.folder.path()).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        said
    }

    fn version(&self) -> String {
        let output = Command::new(self.prefix().join("bin/till")).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Files that were staged and forgotten.
    fn leftovers(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.prefix()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "till-new") {
                    found.push(path);
                }
            }
        }
        found
    }

    fn prefix(&self) -> PathBuf {
        self.folder.path().join("the prefix")
    }

    fn content(&self) -> PathBuf {
        self.folder.path().join(NAME)
    }

    fn archive_path(&self) -> String {
        self.folder.path().join(format!("{NAME}.tar.gz")).to_str().unwrap().to_owned()
    }

    fn checksum_path(&self) -> String {
        format!("{}.sha256", self.archive_path())
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh")
}

//! A machine's `/`, as far as the services of `recipes/systemd/` use it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;

use tempfile::TempDir;

use super::executable;
use super::yaml::{has, path, text};
use crate::support::run::Run;
use crate::support::skip::skip;

/// The services.
pub(super) const UNITS: [&str; 2] = ["till-proxy", "till-admin"];
/// Whom they run as here.
pub(super) const USER: u32 = 10_002;

/// The settings of a unit's `[Service]`, in their order.
pub(super) fn settings(file: &str) -> Vec<(String, String)> {
    let text = text(&format!("systemd/{file}"));
    let (_, service) = text.split_once("[Service]\n").expect("a service");
    let service = service.split("\n[").next().unwrap_or_default();
    let lines = service.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

pub(super) fn all<'a>(settings: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    settings.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect()
}

/// A machine's `/`, as far as the services use it.
pub(super) struct Root {
    dir: TempDir,
}

impl Root {
    /// None, said aloud, where nobody can become another user.
    pub(super) fn new() -> Option<Self> {
        if !has("setpriv") {
            return None;
        }
        if !rustix::process::geteuid().is_root() {
            skip("recipes: only root can start a service as another user");
            return None;
        }
        let dir = tempfile::Builder::new().prefix("till-root-").tempdir().unwrap();
        let root = Self { dir };
        fs::set_permissions(root.at("/"), fs::Permissions::from_mode(0o755)).unwrap();
        for folder in ["/usr/local/bin", "/etc/till", "/run/credentials", "/var/lib/till"] {
            fs::create_dir_all(root.at(folder)).unwrap();
        }
        executable::put_till(&root.at("/usr/local/bin/till"));
        fs::write(root.at("/etc/till/passphrase"), "correct horse battery staple\n").unwrap();
        fs::set_permissions(root.at("/etc/till/passphrase"), fs::Permissions::from_mode(0o600))
            .unwrap();
        chown(root.at("/var/lib/till"), Some(USER), Some(USER)).unwrap();
        fs::set_permissions(root.at("/var/lib/till"), fs::Permissions::from_mode(0o700)).unwrap();
        Some(root)
    }

    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path.trim_start_matches('/'))
    }

    /// The text with this root's paths.
    fn here(&self, text: &str) -> String {
        let root = self.dir.path().display();
        ["/usr/", "/etc/", "/var/"].iter().fold(text.to_owned(), |text, folder| {
            let after = |before: &str| format!("{before}{folder}");
            text.replace(&after("="), &format!("={root}{folder}"))
                .replace(&after(":"), &format!(":{root}{folder}"))
                .replace(&after(" "), &format!(" {root}{folder}"))
                .replace(&after("\n"), &format!("\n{root}{folder}"))
        })
    }

    /// Loads the credentials as systemd does: copies that the user alone may read, by an ACL, which
    /// shows as the group's access.
    fn load(&self, credentials: &[&str]) -> PathBuf {
        let folder = self.at("/run/credentials");
        for credential in credentials {
            let (name, from) = credential.split_once(':').expect("a name and a path");
            let to = folder.join(name);
            let _ = fs::remove_file(&to);
            fs::copy(self.at(from), &to).unwrap();
            chown(&to, Some(USER), Some(USER)).unwrap();
            fs::set_permissions(&to, fs::Permissions::from_mode(0o440)).unwrap();
        }
        folder
    }

    /// A service's command, perhaps with something before it, as its user.
    pub(super) fn service(&self, unit: &str, before: &[&str]) -> Run {
        let settings = settings(&format!("{unit}.service"));
        let command = all(&settings, "ExecStart");
        let [command] = command[..] else { panic!("{command:?}") };
        self.start(&settings, &format!("{command} --listen 127.0.0.1:0"), before)
    }

    /// The same with the drop-in for TLS.
    pub(super) fn service_with_tls(&self, unit: &str) -> Run {
        let mut settings = settings(&format!("{unit}.service"));
        settings.extend(self::settings(&format!("{unit}-tls.conf")));
        // What is empty takes away what was there before.
        let commands = all(&settings, "ExecStart");
        let [_, "", command] = commands[..] else { panic!("{commands:?}") };
        let (before, rest) = command.split_once("--listen 0.0.0.0:").expect("an address");
        let (_, rest) = rest.split_once(' ').expect("a port");
        let command = format!("{before}--listen 127.0.0.1:0 {rest}");
        self.start(&settings, &command, &[])
    }

    fn start(&self, settings: &[(String, String)], command: &str, before: &[&str]) -> Run {
        let folder = self.load(&all(settings, "LoadCredential"));
        let command = self.here(&format!(" {command}"));
        let command = command.replace("%d", folder.to_str().unwrap());
        let mut run = Run::program(before.first().unwrap_or(&"setpriv"));
        if let Some((_, rest)) = before.split_first() {
            run = rest.iter().fold(run, |run, word| run.arg(word)).arg("setpriv");
        }
        for flag in as_user() {
            run = run.arg(&flag);
        }
        for word in command.split_whitespace() {
            run = run.arg(word);
        }
        for assignment in all(settings, "Environment").iter().flat_map(|line| line.split(' ')) {
            let (name, value) = assignment.split_once('=').expect("an assignment");
            run = run.env(name, self.here(&format!("={value}")).trim_start_matches('='));
        }
        run.env("CREDENTIALS_DIRECTORY", folder)
    }
}

fn as_user() -> Vec<String> {
    let user = format!("--reuid={USER}");
    let group = format!("--regid={USER}");
    let none = ["--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"];
    [user, group].into_iter().chain(none.map(str::to_owned)).collect()
}

/// `as-till`, with a `systemd-run` that does what its properties say.
pub(super) struct AsTill<'a> {
    root: &'a Root,
    script: PathBuf,
}

const SYSTEMD_RUN: &str = r#"#!/usr/bin/env bash
set -eu
flags=()
while [ "$1" != -- ]; do
  case $1 in
    --quiet | --wait | --collect | --pipe) ;;
    --property=User=till) flags+=("--reuid=$SERVICE_USER") ;;
    --property=Group=till) flags+=("--regid=$SERVICE_USER") ;;
    --property=LoadCredential=*)
      credential=${1#--property=LoadCredential=}
      install -o "$SERVICE_USER" -m 0440 "${credential#*:}" "$CREDENTIALS/${credential%%:*}" ;;
    --property=StateDirectory=till | --property=StateDirectoryMode=0700) ;;
    --property=UMask=*) umask "${1##*=}" ;;
    --property=LimitCORE=0) ulimit -c 0 ;;
    --property=LimitMEMLOCK=64M) ;;
    --setenv=*) export "${1#--setenv=}" ;;
    *) echo "unknown: $1" >&2; exit 9 ;;
  esac
  shift
done
shift
CREDENTIALS_DIRECTORY=$CREDENTIALS exec setpriv "${flags[@]}" --clear-groups -- "$@"
"#;

impl<'a> AsTill<'a> {
    pub(super) fn new(root: &'a Root) -> Self {
        let script = root.at("/as-till");
        fs::write(&script, root.here(&text("systemd/as-till"))).unwrap();
        let stand_in = root.at("/usr/local/bin/systemd-run");
        executable::put(&stand_in, SYSTEMD_RUN);
        let mode = fs::metadata(path("systemd/as-till")).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "it is to be started");
        Self { root, script }
    }

    pub(super) fn run(&self, line: &str) -> Run {
        let bin = self.root.at("/usr/local/bin");
        let system = std::env::var("PATH").unwrap_or_default();
        let run = Run::program("sh").arg(self.script.to_str().unwrap());
        let run = line.split(' ').fold(run, Run::arg);
        run.env("PATH", format!("{}:{system}", bin.display()))
            .env("SERVICE_USER", USER.to_string())
            .env("CREDENTIALS", self.root.at("/run/credentials"))
    }
}

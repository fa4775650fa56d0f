//! The command's process: found as a shell finds it, and started as if till were not there.

use std::ffi::{CString, OsStr, OsString};
use std::fmt;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use nix::errno::Errno;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::{SigSet, Signal};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, setrlimit};

use super::signals::Held;

/// Where programs are looked for without a `PATH`, as execvp(3) does.
const DEFAULT_PATH: &str = "/bin:/usr/bin";
/// What runs a file that is no program for the kernel, as execvp(3) has it.
const SHELL: &str = "/bin/sh";

/// Held while the process's limit of descriptors is the child's.
static ALONE: Mutex<()> = Mutex::new(());

/// What is to be run. Its `Debug` shows of the environment names alone.
#[derive(Clone)]
pub struct Command {
    /// The program, by path or by a name that is looked up in the environment's `PATH`.
    pub program: OsString,
    /// Its arguments, its name not among them.
    pub arguments: Vec<OsString>,
    /// All variables that it gets.
    pub environment: Vec<(OsString, OsString)>,
}

/// Why a command did not start.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// There is no such program: exit code 127.
    #[error("`{}` is not there", .0.display())]
    NotFound(OsString),
    /// There is a file, and it cannot be executed: exit code 126.
    #[error("`{}` cannot be executed: {why}", .path.display())]
    NotExecutable {
        /// The file.
        path: PathBuf,
        /// What the system says to it.
        why: String,
    },
    /// The system starts nothing now: exit code 125.
    #[error("no process can be started: {0}")]
    Refused(#[from] io::Error),
}

impl Command {
    /// Starts it in this process's group, with its terminal and folder, the descriptors that this
    /// process was given, and what it had before it held signals back.
    pub(super) fn spawn(&self, held: &Held) -> Result<Pid, SpawnError> {
        let launch = Launch::new(self, held)?;
        let mut refused = None;
        for path in self.candidates() {
            match launch.file(&path, &held.open_files) {
                Ok(pid) => return Ok(pid),
                // It is looked for elsewhere, and said where it is nowhere else.
                Err(Errno::EACCES) => {
                    refused.get_or_insert((path, Errno::EACCES.desc()));
                }
                Err(Errno::ENOENT) if path.is_file() => {
                    refused.get_or_insert((path, "its interpreter is not there"));
                }
                Err(Errno::ENOENT | Errno::ENOTDIR) => {}
                Err(errno @ (Errno::EAGAIN | Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE)) => {
                    return Err(SpawnError::Refused(errno.into()));
                }
                Err(errno) => return Err(not_executable(path, errno.desc())),
            }
        }
        Err(match refused {
            Some((path, why)) => not_executable(path, why),
            None => SpawnError::NotFound(self.program.clone()),
        })
    }

    /// The files that the name may mean, in order.
    fn candidates(&self) -> Vec<PathBuf> {
        if self.program.is_empty() || self.program.as_bytes().contains(&b'/') {
            return vec![PathBuf::from(&self.program)];
        }
        let path = self.environment.iter().find(|(name, _)| name == "PATH");
        let path = path.map_or(OsStr::new(DEFAULT_PATH), |(_, value)| value.as_os_str());
        std::env::split_paths(path).map(|folder| folder.join(&self.program)).collect()
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.environment.iter().map(|(name, _)| name).collect();
        f.debug_struct("Command")
            .field("program", &self.program)
            .field("arguments", &self.arguments)
            .field("environment", &names)
            .finish()
    }
}

/// What starting one file or another has in common.
struct Launch {
    program: CString,
    arguments: Vec<CString>,
    environment: Vec<CString>,
    actions: PosixSpawnFileActions,
    attributes: PosixSpawnAttr,
}

impl Launch {
    fn new(command: &Command, held: &Held) -> io::Result<Self> {
        let variables = command.environment.iter().map(|(name, value)| {
            let mut text = name.clone();
            text.push("=");
            text.push(value);
            c_string(text)
        });
        let mut attributes = PosixSpawnAttr::init()?;
        // Rust ignores it in this process from the start; the rest is as till got it.
        attributes.set_sigdefault(&SigSet::from(Signal::SIGPIPE))?;
        attributes.set_sigmask(&held.before)?;
        attributes.set_flags(
            PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF | PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK,
        )?;
        Ok(Self {
            program: c_string(command.program.clone())?,
            arguments: command.arguments.iter().cloned().map(c_string).collect::<Result<_, _>>()?,
            environment: variables.collect::<Result<_, _>>()?,
            actions: PosixSpawnFileActions::init()?,
            attributes,
        })
    }

    /// Starts this file; as a script for the shell, where it is no program.
    fn file(&self, path: &Path, open_files: &Rlimit) -> nix::Result<Pid> {
        // The limit is inherited; whoever counts its descriptors relies on the one it had.
        let _alone = ALONE.lock();
        let own = getrlimit(Resource::Nofile);
        let _ = setrlimit(Resource::Nofile, Rlimit { current: open_files.current, ..own });
        let started = match self.spawn(path, &[&self.program]) {
            Err(Errno::ENOEXEC) => {
                let script = c_string(path.into()).map_err(|_| Errno::EINVAL)?;
                let shell = c_string(SHELL.into()).map_err(|_| Errno::EINVAL)?;
                self.spawn(Path::new(SHELL), &[&shell, &script])
            }
            other => other,
        };
        let _ = setrlimit(Resource::Nofile, own);
        started
    }

    fn spawn(&self, path: &Path, first: &[&CString]) -> nix::Result<Pid> {
        let arguments: Vec<&CString> = first.iter().copied().chain(&self.arguments).collect();
        let pid =
            posix_spawn(path, &self.actions, &self.attributes, &arguments, &self.environment)?;
        Pid::from_raw(pid.as_raw()).ok_or(Errno::ESRCH)
    }
}

fn not_executable(path: PathBuf, why: &str) -> SpawnError {
    SpawnError::NotExecutable { path, why: why.to_owned() }
}

fn c_string(text: OsString) -> io::Result<CString> {
    CString::new(text.into_vec()).map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{WaitOptions, waitpid};
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn command(program: &str, arguments: &[&str], path: &Path) -> Command {
        Command {
            program: program.into(),
            arguments: arguments.iter().map(Into::into).collect(),
            environment: vec![("PATH".into(), path.into()), ("TOLD".into(), "yes".into())],
        }
    }

    fn held() -> Held {
        Held { before: SigSet::empty(), open_files: getrlimit(Resource::Nofile) }
    }

    fn code(command: &Command, held: &Held) -> i32 {
        let pid = command.spawn(held).unwrap();
        waitpid(Some(pid), WaitOptions::empty()).unwrap().unwrap().1.exit_status().unwrap()
    }

    fn write(path: &Path, text: &str, mode: u32) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_program_is_looked_up_in_the_path_of_its_own_environment() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("first"), folder.path().join("second"));
        for folder in [&first, &second] {
            fs::create_dir(folder).unwrap();
        }
        write(&first.join("agent"), "#!/bin/sh\nexit 9", 0o644);
        write(
            &second.join("agent"),
            "#!/bin/sh\n[ \"$TOLD $1\" = 'yes two words' ]; exit 3$?",
            0o755,
        );
        // No program for the kernel: the shell's.
        write(&second.join("bare"), "[ \"$TOLD $1\" = 'yes a' ]; exit 4$?", 0o755);
        write(&second.join("old"), "#!/no/such/interpreter\n", 0o755);
        let path = std::env::join_paths([&first, &second]).unwrap();
        let path = Path::new(&path);
        assert_eq!(code(&command("agent", &["two words"], path), &held()), 30);
        assert_eq!(code(&command("bare", &["a"], path), &held()), 40);
        let direct = second.join("agent");
        assert_eq!(code(&command(direct.to_str().unwrap(), &[], Path::new("")), &held()), 31);

        let message = |command: &Command| command.spawn(&held()).unwrap_err().to_string();
        let shown = second.join("old").display().to_string();
        assert_eq!(
            message(&command("old", &[], path)),
            format!("`{shown}` cannot be executed: its interpreter is not there")
        );
        assert_eq!(message(&command("none", &[], path)), "`none` is not there");
        assert_eq!(message(&command("", &[], path)), "`` is not there");
        assert_eq!(message(&command("/etc/passwd/x", &[], path)), "`/etc/passwd/x` is not there");
        let plain = first.join("agent").display().to_string();
        assert_eq!(
            message(&command("agent", &[], &first)),
            format!("`{plain}` cannot be executed: Permission denied")
        );
        assert_eq!(message(&command("/", &[], path)), "`/` cannot be executed: Permission denied");
    }

    #[test]
    fn without_a_path_the_system_s_folders_are_searched() {
        let mut command = command("sh", &["-c", "exit 5"], Path::new("/none"));
        assert!(matches!(command.spawn(&held()), Err(SpawnError::NotFound(_))));
        command.environment.clear();
        assert_eq!(code(&command, &held()), 5);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_child_has_the_signals_limits_and_descriptors_that_it_would_have_had() {
        let folder = tempfile::tempdir().unwrap();
        let own = {
            let _alone = ALONE.lock().unwrap();
            getrlimit(Resource::Nofile)
        };
        let held = Held {
            before: SigSet::from(Signal::SIGUSR2),
            open_files: Rlimit { current: Some(700), ..own },
        };
        let names = ["status", "limits", "environ"];
        let mut arguments = names.map(|name| format!("/proc/self/{name}")).to_vec();
        arguments.push(folder.path().to_str().unwrap().to_owned());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let path = Path::new("/bin:/usr/bin");
        assert_eq!(code(&command("cp", &arguments, path), &held), 0);
        let [status, limits, environment] =
            names.map(|name| fs::read_to_string(folder.path().join(name)).unwrap());
        assert!(status.contains("SigBlk:\t0000000000000800"), "{status}");
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:\t")).unwrap();
        assert_eq!(u64::from_str_radix(ignored, 16).unwrap() & 0x1000, 0, "SIGPIPE: {status}");
        let open_files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
        assert_eq!(open_files.split_whitespace().nth(3), Some("700"));
        assert_eq!(environment, "PATH=/bin:/usr/bin\0TOLD=yes\0");
        let _alone = ALONE.lock().unwrap();
        assert_eq!(getrlimit(Resource::Nofile), own);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_child_has_the_descriptors_that_till_was_given_and_no_others() {
        use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
        use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};

        let given = |least| {
            let given = fcntl_dupfd_cloexec(tempfile::tempfile().unwrap(), least).unwrap();
            fcntl_setfd(&given, FdFlags::empty()).unwrap();
            given
        };
        let (pipe, far, secret) = (given(300), given(900), given(300));
        let secret = OwnedFd::into_raw_fd(secret);
        let held = Held::new(&[secret, secret, 0]).unwrap();
        // Above the child's limit as well, as a shell that lowers it has them.
        let held = Held { open_files: Rlimit { current: Some(700), ..held.open_files }, ..held };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _in_runtime = runtime.enter();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let file = tempfile::tempfile().unwrap();
        let is_there = |number: std::os::fd::RawFd| {
            let name = format!("/proc/self/fd/{number}");
            code(&command("test", &["-e", &name], Path::new("/bin:/usr/bin")), &held) == 0
        };
        assert!(is_there(0) && is_there(pipe.as_raw_fd()) && is_there(far.as_raw_fd()));
        assert!(!is_there(secret));
        assert!(!is_there(listener.as_raw_fd()) && !is_there(file.as_raw_fd()));
        for entry in fs::read_dir("/proc/self/fd").unwrap() {
            let number = entry.unwrap().file_name().into_string().unwrap();
            let target = fs::read_link(format!("/proc/self/fd/{number}")).unwrap_or_default();
            if target.to_string_lossy().starts_with("anon_inode:") {
                assert!(!is_there(number.parse().unwrap()), "{}", target.display());
            }
        }
    }
}

//! The process begins anew, with a clean environment, and hands its keys to itself.
//!
//! What `/proc/PID/environ` shows is what a process was started with, for as long as it lives. So
//! till replaces itself by itself: the same process number, the same arguments, and an environment
//! without keys. They pass through memory that has no name in any file system, and that cannot be
//! changed once it is written.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::io::{FdFlags, fcntl_setfd};
use zeroize::Zeroizing;

use super::parcel::Parcel;

/// The variable that holds the descriptor's number. It is till's own, between its two lives.
pub const VARIABLE: &str = "TILL_REBORN_FD";

/// Replaces this process by this binary anew, with this environment and the arguments that it was
/// called with, its own name first. Returns only where that fails.
#[must_use]
pub fn exec(
    parcel: &Parcel,
    environment: Vec<(OsString, OsString)>,
    arguments: Vec<OsString>,
) -> io::Error {
    match prepare(parcel, environment, arguments) {
        // The descriptor stays open until the new life has it.
        Ok((mut command, _descriptor)) => command.exec(),
        Err(error) => error,
    }
}

/// What the former life handed over; none in a first life. Takes the variable out of the
/// environment and closes the descriptor, so that no child has either.
///
/// To be called once, before anything else opens descriptors, by a process that others cannot look
/// into.
///
/// # Errors
/// Where the variable was set by something else, or what it leads to cannot be read.
pub fn receive(environment: &mut Vec<(OsString, OsString)>) -> io::Result<Option<Parcel>> {
    let mut found = None;
    environment.retain(|(name, value)| {
        let ours = name == VARIABLE;
        if ours {
            found = Some(value.clone());
        }
        !ours
    });
    let Some(value) = found else { return Ok(None) };
    let number = descriptor(&value).ok_or_else(|| foreign("it is no descriptor's number"))?;
    let bytes = read(number)?;
    nix::unistd::close(number)?;
    platform::restore_name();
    Parcel::unpack(&bytes, std::process::id()).map(Some).map_err(foreign)
}

fn prepare(
    parcel: &Parcel,
    environment: Vec<(OsString, OsString)>,
    arguments: Vec<OsString>,
) -> io::Result<(Command, OwnedFd)> {
    let bytes = parcel.pack(std::process::id()).ok_or(io::ErrorKind::FileTooLarge)?;
    let descriptor = platform::hold(&bytes)?;
    let mut command = Command::new(platform::own_binary()?);
    let mut arguments = arguments.into_iter();
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    command.args(arguments).env_clear().envs(environment);
    command.env(VARIABLE, descriptor.as_raw_fd().to_string());
    fcntl_setfd(&descriptor, FdFlags::empty())?;
    Ok((command, descriptor))
}

/// A number that cannot be one of the three that every process has.
fn descriptor(value: &OsStr) -> Option<RawFd> {
    value.to_str()?.parse().ok().filter(|number| *number > 2)
}

fn read(number: RawFd) -> io::Result<Zeroizing<Vec<u8>>> {
    let path = platform::path(number);
    // Before it is opened: opening another's pipe could wait for ever.
    let length = platform::expect_ours(&std::fs::metadata(&path).map_err(foreign)?)?;
    let mut file = File::open(&path).map_err(foreign)?;
    platform::expect_sealed(&file)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    let limit = u64::try_from(length).unwrap_or(u64::MAX);
    file.by_ref().take(limit).read_to_end(&mut bytes).map_err(foreign)?;
    Ok(bytes)
}

fn foreign(why: impl std::fmt::Display) -> io::Error {
    let text = format!("`{VARIABLE}` was set by something else than till: {why}");
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

#[cfg(target_os = "linux")]
mod platform {
    use std::fs::{File, Metadata};
    use std::io::{self, Write};
    use std::os::fd::{OwnedFd, RawFd};
    use std::os::unix::fs::MetadataExt;
    use std::path::PathBuf;

    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, memfd_create};
    use rustix::io::Errno;

    use super::foreign;

    /// Nothing of it can change any more.
    const SEALS: SealFlags =
        SealFlags::SEAL.union(SealFlags::SHRINK).union(SealFlags::GROW).union(SealFlags::WRITE);

    /// Memory that holds these bytes, sealed.
    pub(super) fn hold(bytes: &[u8]) -> io::Result<OwnedFd> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let memory = match memfd_create(c"till-parcel", flags | MemfdFlags::NOEXEC_SEAL) {
            // Kernels before 6.3 do not know the flag; some later ones insist on it.
            Err(Errno::INVAL) => memfd_create(c"till-parcel", flags),
            other => other,
        }?;
        let mut memory = File::from(memory);
        memory.write_all(bytes)?;
        fcntl_add_seals(&memory, SEALS)?;
        Ok(memory.into())
    }

    /// The file that runs, even where another has taken its name.
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere the system may not know")]
    pub(super) fn own_binary() -> io::Result<PathBuf> {
        Ok(PathBuf::from("/proc/self/exe"))
    }

    pub(super) fn path(number: RawFd) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{number}"))
    }

    /// Whether this can be such memory, and how many bytes it holds.
    pub(super) fn expect_ours(metadata: &Metadata) -> io::Result<usize> {
        if !metadata.is_file() || metadata.nlink() != 0 {
            return Err(foreign("its descriptor is none of till's"));
        }
        usize::try_from(metadata.len()).map_err(foreign)
    }

    pub(super) fn expect_sealed(file: &File) -> io::Result<()> {
        match fcntl_get_seals(file) {
            Ok(seals) if seals.contains(SEALS) => Ok(()),
            Ok(_) | Err(_) => Err(foreign("its descriptor is none of till's")),
        }
    }

    /// Process lists show what was started, which was `exe`.
    pub(super) fn restore_name() {
        // It is for the eye alone.
        let _ = rustix::thread::set_name(c"till");
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use std::fs::{File, Metadata};
    use std::io::{self, Write};
    use std::os::fd::{OwnedFd, RawFd};
    use std::os::unix::fs::FileTypeExt;
    use std::path::PathBuf;

    use super::foreign;

    /// No pipe holds more bytes without a reader.
    const ROOM: usize = 64 * 1024;

    /// A pipe that holds these bytes, and that nobody can write to any more.
    pub(super) fn hold(bytes: &[u8]) -> io::Result<OwnedFd> {
        let (reader, mut writer) = io::pipe()?;
        // What the pipe has no room for is an error, and no wait.
        rustix::io::ioctl_fionbio(&writer, true)?;
        writer.write_all(bytes)?;
        Ok(reader.into())
    }

    pub(super) fn own_binary() -> io::Result<PathBuf> {
        std::env::current_exe()
    }

    pub(super) fn path(number: RawFd) -> PathBuf {
        PathBuf::from(format!("/dev/fd/{number}"))
    }

    /// Whether this can be such a pipe, and how many bytes it may hold.
    pub(super) fn expect_ours(metadata: &Metadata) -> io::Result<usize> {
        if metadata.file_type().is_fifo() {
            Ok(ROOM)
        } else {
            Err(foreign("its descriptor is none of till's"))
        }
    }

    /// One that somebody can write to has no end yet: reading it fails, where it would wait.
    pub(super) fn expect_sealed(file: &File) -> io::Result<()> {
        Ok(rustix::io::ioctl_fionbio(file, true)?)
    }

    pub(super) fn restore_name() {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::IntoRawFd;

    fn environment(value: &str) -> Vec<(OsString, OsString)> {
        vec![("HOME".into(), "/".into()), (VARIABLE.into(), value.into())]
    }

    fn parcel() -> Parcel {
        Parcel(vec![("OPENAI_API_KEY".into(), Zeroizing::new(vec![7; 40]))])
    }

    #[test]
    fn the_next_life_gets_the_parcel_and_no_trace_stays() {
        let bytes = parcel().pack(std::process::id()).unwrap();
        let number = platform::hold(&bytes).unwrap().into_raw_fd();
        let mut environment = environment(&number.to_string());
        assert_eq!(receive(&mut environment).unwrap(), Some(parcel()));
        assert_eq!(environment, [("HOME".into(), "/".into())]);
        assert_eq!(receive(&mut environment).unwrap(), None);
    }

    #[test]
    fn the_command_has_the_environment_that_it_was_given_and_no_secret() {
        let given = vec![("HOME".into(), "/root".into())];
        let (command, descriptor) =
            prepare(&parcel(), given, vec!["till".into(), "run".into()]).unwrap();
        let number = descriptor.as_raw_fd().to_string();
        let environment: Vec<_> = command.get_envs().collect();
        let expected = [("HOME", "/root"), (VARIABLE, &number)];
        assert_eq!(
            environment,
            expected.map(|(name, value)| (OsStr::new(name), Some(OsStr::new(value))))
        );
        assert_eq!(command.get_args().collect::<Vec<_>>(), ["run"]);
    }

    #[test]
    fn what_another_has_set_is_refused() {
        let file = tempfile::tempfile().unwrap();
        let (pipe, _writer) = io::pipe().unwrap();
        let foreign = Parcel::default().pack(0).unwrap();
        let foreign = platform::hold(&foreign).unwrap();
        let missing = "4000000".to_owned();
        let mut values = vec![String::new(), "0".to_owned(), "-7".to_owned(), missing];
        values.extend([file.as_raw_fd(), pipe.as_raw_fd()].map(|number| number.to_string()));
        values.push(foreign.into_raw_fd().to_string());
        for value in values {
            let error = receive(&mut environment(&value)).unwrap_err().to_string();
            let begin = format!("`{VARIABLE}` was set by something else than till: ");
            assert!(error.starts_with(&begin), "`{value}`: {error}");
        }
    }
}

//! The environment of a run: the one that till was started with, which it does not keep in its own,
//! and that of an `--env-file`.

use std::ffi::OsString;
use std::os::fd::RawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::super::context::Context;
use super::super::environment::Environment;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::wrap::dotenv;
use super::super::wrap::parcel::Parcel;
use super::super::wrap::rebirth::{exec, receive};
use super::run_args::RunArgs;

/// Variables that the process itself needs from its start on, and that hold nothing secret.
const OWN: [&str; 8] = ["PATH", "HOME", "TERM", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"];

/// The environment that the user meant for the command.
///
/// In its first life the process replaces itself by itself with hardly any environment, so that
/// nobody can read the keys in it, and does not return; in the second it has what it handed over.
/// To be called first, by a process that others cannot look into.
///
/// # Errors
/// Where the system refuses it, or somebody else has handed something over.
pub fn reborn(arguments: Vec<OsString>, environment: &Environment) -> Result<Environment, Failure> {
    let failed = |what: &str| Failure::new(Exit::Failed, what);
    let pairs = environment.variables();
    let mut own: Vec<(OsString, OsString)> =
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let received = receive(&mut own).map_err(|error| {
        failed("what till handed to itself cannot be read")
            .why(error)
            .hint("unset `TILL_REBORN_FD`, which is till's own")
    })?;
    if let Some(parcel) = received {
        return Ok(unpacked(parcel));
    }
    let parcel = Parcel(own.iter().map(|(name, value)| packed(name, value)).collect());
    own.retain(|(name, _)| OWN.iter().any(|known| name == known));
    let error = exec(&parcel, own, arguments);
    Err(failed("till cannot begin anew without the keys in its environment").why(error))
}

/// The environment, with what the file adds to it.
///
/// # Errors
/// Where the file cannot be read.
pub(super) fn asked_environment(
    context: &Context,
    file: Option<&Path>,
) -> Result<Environment, Failure> {
    let mut environment = context.environment.clone();
    let Some(path) = file else { return Ok(environment) };
    let unreadable = || Failure::new(Exit::Failed, format!("`{}` cannot be read", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| {
        unreadable().why(error).hint("name a file of `NAME=VALUE` lines with `--env-file`")
    })?;
    let text = Zeroizing::new(text);
    let pairs = dotenv::parse(&text)
        .map_err(|error| unreadable().why(error).hint("correct the line, or leave it out"))?;
    for (name, value) in pairs {
        environment.set(name, value);
    }
    Ok(environment)
}

/// The descriptors that till has read secrets from, and that the command must not have.
pub(super) fn secret_descriptors(context: &Context, args: &RunArgs) -> Vec<RawFd> {
    let secrets = &context.globals.secrets;
    let variable = |name: &str| context.environment.get(name).map(str::to_owned);
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let files = [
        path(&secrets.passphrase_file),
        path(&secrets.key_file),
        path(&args.env_file),
        variable("TILL_PASSPHRASE_FILE"),
        variable("TILL_KEY_FILE"),
    ];
    let number = |path: String| {
        let folders = ["/dev/fd/", "/proc/self/fd/"];
        folders.iter().find_map(|folder| path.strip_prefix(folder)?.parse().ok())
    };
    let given = secrets.passphrase_fd.map(|number| number.to_string());
    let numbers = given.or_else(|| variable("TILL_PASSPHRASE_FD"));
    let numbers = numbers.and_then(|number| number.parse().ok());
    files.into_iter().flatten().filter_map(number).chain(numbers).collect()
}

/// A variable as a pair of a parcel, whose names are text: both stand in the value.
fn packed(name: &OsString, value: &OsString) -> (String, Zeroizing<Vec<u8>>) {
    let pair = [name.as_bytes(), b"=", value.as_bytes()].concat();
    (String::new(), Zeroizing::new(pair))
}

fn unpacked(parcel: Parcel) -> Environment {
    let mut environment = Environment::default();
    for (_, pair) in parcel.0 {
        // No name has an equals sign, but that it may begin with one.
        let place = pair.iter().skip(1).position(|byte| *byte == b'=');
        if let Some(place) = place.map(|place| place.saturating_add(1)) {
            let (name, value) = pair.split_at_checked(place).unwrap_or_default();
            let value = value.get(1..).unwrap_or_default();
            environment.set(OsString::from_vec(name.to_vec()), OsString::from_vec(value.to_vec()));
        }
    }
    environment
}

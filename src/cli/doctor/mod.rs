//! What `till doctor` looks at, one file for each group of checks, and how it says what it found.
//!
//! No key leaves this module: findings have a place and four characters.

mod environment;
mod json;
mod machine;
mod permissions;
mod places;
mod read;
mod search;
mod shown;
mod store;
mod text;
mod unlock;

use std::path::PathBuf;

use rustix::process::{Resource, getrlimit};

use super::context::Context;
use super::failure::Failure;
use super::harden::harden;
use crate::report::doctor::Finding;
use places::Places;
use search::Search;

pub use json::Report;
pub use text::render;

/// What was found, the worst first, and how many files were searched.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The findings.
    pub findings: Vec<Finding>,
    /// Files that were searched for keys.
    pub files: usize,
}

/// Looks at the environment, the files, the machine and the store. `further` are files and folders
/// to search beside the usual ones, `folder` the one that the command was started in.
///
/// # Errors
/// Where one of `further` is not there.
pub fn examine(
    context: &Context,
    folder: PathBuf,
    further: &[PathBuf],
) -> Result<Examined, Failure> {
    // Before this process gives up its own core files.
    let cores = getrlimit(Resource::Core).current != Some(0);
    harden(&context.terminal, context.cores);
    let places = Places::of(&context.environment, folder);
    let mut search = Search::new(&places);
    search.usual();
    for path in further {
        search.further(path)?;
    }
    let (mut findings, files) = search.done();
    findings.extend(environment::of_environment(&context.environment));
    let unlock = unlock::of_sources(context, &places);
    findings.extend(unlock);
    let permissions = permissions::of_files(context, &places);
    findings.extend(store::of_store(context, &places, &permissions));
    findings.extend(permissions);
    findings.extend(machine::of_machine(cores));
    // In the order of the table, whose worst come first; a stable sort keeps the places' own.
    findings.sort_by_key(|finding| finding.check);
    Ok(Examined { findings, files })
}

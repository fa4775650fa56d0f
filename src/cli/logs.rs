//! The log of a long-running process: lines on stderr, never a credential, a body or a query.

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use super::context::Context;

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// Starts the log: warnings with `--quiet`, denials and starts without, every request with `-v`,
/// everything of till's own with `-vv`.
pub fn start(context: &Context, format: LogFormat) {
    let level = match (context.globals.quiet, context.globals.verbose) {
        (true, _) => LevelFilter::WARN,
        (false, 0) => LevelFilter::INFO,
        (false, 1) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    // Other crates' lines may show what they are given: only till's own are written.
    let own = tracing_subscriber::filter::Targets::new().with_target("till", level);
    let registry = tracing_subscriber::registry().with(own);
    let colour = context.terminal.color && context.terminal.stderr_is_tty;
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(colour);
    // A subscriber that is there already stays: the log starts once in a process.
    let _ = match format {
        LogFormat::Text => registry.with(lines).try_init(),
        LogFormat::Json => registry.with(lines.json()).try_init(),
    };
}

//! till hands out proxy keys in place of real API keys.

use std::process::ExitCode;

fn main() -> ExitCode {
    till::cli::run(std::env::args_os())
}

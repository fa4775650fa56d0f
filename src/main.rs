//! till hands out proxy keys in place of real API keys.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before memory is asked for, which can fail and end the process: the environment may hold keys.
    till::cli::conceal();
    till::cli::run(std::env::args_os())
}

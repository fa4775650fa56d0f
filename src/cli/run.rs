//! From the arguments to the exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use super::args::{Cli, Command};
use super::commands::{
    admin, alert, backup, check, completions, demo, doctor, init, key, left, log, man, master,
    passwd, prices, provider, proxy, rekey, restore, run as run_command, run_environment, stop,
    unlock, usage, watch,
};
use super::context::Context;
use super::environment::Environment;
use super::exit::Exit;
use super::failure::Failure;
use super::harden::{Cores, harden};
use super::masked::refuse_keys;
use super::terminal::Terminal;

/// Runs the program with these arguments, the first being its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let runs = arguments.iter().skip(1).any(|word| word == "run");
    if let Err(failure) = refuse_keys(&arguments) {
        Terminal::of_process(&Environment::of_process(), false, false).fail(&failure);
        return failure.exit.into();
    }
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no failures; where they cannot be printed nobody reads them.
            let _ = error.print();
            if runs && error.kind() == ErrorKind::UnknownArgument {
                let terminal = Terminal::of_process(&Environment::of_process(), false, false);
                terminal
                    .say("hint: write the command after `--`, as in `till run -- python agent.py`");
            }
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    crate::store::redb::quiet_damage();
    let environment = Environment::of_process();
    let globals = cli.globals;
    let terminal = Terminal::of_process(&environment, globals.quiet, globals.no_input);
    if let Command::Run(args) = &cli.command {
        // Before anything reads the keys that are in the environment.
        let cores = Cores::NotOfThis;
        harden(&terminal, cores);
        return match run_environment::reborn(arguments, &environment) {
            Ok(environment) => {
                run_command::run(&Context { environment, terminal, globals, cores }, args).into()
            }
            Err(failure) => {
                terminal.fail(&failure);
                run_command::FAILED.into()
            }
        };
    }
    let context = Context { environment, terminal, globals, cores: Cores::Never };
    match dispatch(&context, &cli.command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            let failure = match context.store_path() {
                Ok(path) => failure.located(&path),
                Err(_) => failure,
            };
            context.terminal.fail(&failure);
            failure.exit.into()
        }
    }
}

fn dispatch(context: &Context, command: &Command) -> Result<Exit, Failure> {
    let done = match command {
        // What it finds decides how it ends.
        Command::Doctor(args) => return doctor::run(context, args),
        Command::Check(args) => return check::run(context, args),
        Command::Watch(args) => return watch::run(context, args),
        Command::Init(args) => init::run(context, args),
        Command::Passwd(args) => passwd::run(context, args),
        Command::Rekey(args) => rekey::run(context, args),
        Command::Unlock(command) => unlock::run(context, command),
        Command::Master(command) => master::run(context, command),
        Command::Provider(command) => provider::run(context, command),
        Command::Key(command) => key::run(context, command),
        Command::Prices(command) => prices::run(context, command),
        Command::Admin(command) => admin::run(context, command),
        Command::Alert(command) => alert::run(context, command),
        Command::Stop(args) => stop::run(context, args),
        // It ends as its command does, and is not one of these.
        Command::Run(_) => Ok(()),
        Command::Proxy(args) => proxy::run(context, args),
        Command::Left(args) => left::run(context, args),
        Command::Log(args) => log::run(context, args),
        Command::Usage(args) => usage::run(context, args),
        Command::Backup(args) => backup::run(context, args),
        Command::Restore(args) => restore::run(context, args),
        Command::Demo(args) => demo::run(context, args),
        Command::Completions(args) => completions::run(context, args),
        Command::Man(args) => man::run(context, args),
    };
    done.map(|()| Exit::Done)
}

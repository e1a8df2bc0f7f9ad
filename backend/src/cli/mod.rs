//! The command line: a file per subcommand.

mod account;
mod admit;
mod bundle;
mod convert;
mod eval;
mod exit;
mod input;
mod logs;
mod output;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cli::exit::Exit;

/// What is printed below the list of commands.
const EXIT_CODES: &str = "\
Exit codes:
  0  done; for `admit`: everything is allowed
  1  `admit`: something is denied
  2  the command line is wrong
  3  an input is wrong: the diagnostics on standard error say where
  4  the work failed for another reason, such as a full disk";

/// Kyverno policies as ValidatingAdmissionPolicies, and what a cluster does with them.
#[derive(Debug, Parser)]
#[command(name = "vapwright", version, after_help = EXIT_CODES, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    logs: logs::LogArguments,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the page and the API
    Serve(serve::Arguments),
    /// Convert Kyverno policies to admission policies with their bindings
    Convert(convert::Arguments),
    /// Say what a cluster would do with objects
    Admit(Box<admit::Arguments>),
    /// Answer cases, a JSON object a line, from standard input to standard output
    Eval(eval::Arguments),
    /// Build and publish bundles
    #[command(subcommand)]
    Bundle(bundle::Command),
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    arguments.logs.start();
    let outcome = match &arguments.command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Convert(arguments) => convert::run(arguments),
        Command::Admit(arguments) => admit::run(arguments),
        Command::Eval(arguments) => eval::run(arguments),
        Command::Bundle(command) => bundle::run(command),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => failure.report().into(),
    }
}

/// The exit of a command that went as far as it could.
type Outcome = Result<Exit, exit::Failure>;

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}

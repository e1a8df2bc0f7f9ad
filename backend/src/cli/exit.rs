//! How commands end.

use std::fmt;
use std::process::ExitCode;

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// An object is denied.
    Denied,
    /// An input is wrong.
    BadInput,
    /// The work failed.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        // 2 is what clap exits with for a wrong command line.
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Denied => 1,
            Exit::BadInput => 3,
            Exit::Failed => 4,
        })
    }
}

/// Why a command could not go on.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
    quiet: bool,
}

impl Failure {
    /// An input that cannot be read.
    pub fn input(message: impl fmt::Display) -> Self {
        Self {
            exit: Exit::BadInput,
            message: message.to_string(),
            quiet: false,
        }
    }

    /// Anything that is not the input's fault.
    pub fn other(message: impl fmt::Display) -> Self {
        Self {
            exit: Exit::Failed,
            message: message.to_string(),
            quiet: false,
        }
    }

    /// Writing to standard output failed. Who closes it, as `head` does, wants no more and no
    /// complaint.
    pub fn output(error: &std::io::Error) -> Self {
        Self {
            quiet: error.kind() == std::io::ErrorKind::BrokenPipe,
            ..Self::other(format!("standard output cannot be written: {error}"))
        }
    }

    /// Tells the user and gives the exit.
    pub fn report(self) -> Exit {
        if !self.quiet {
            eprintln!("error: {}", self.message);
        }
        self.exit
    }
}

//! Logs on standard error.

use std::io::{IsTerminal as _, stderr};

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

/// How logs are written.
#[derive(Debug, Args)]
pub struct LogArguments {
    /// The form of the logs
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, env = "VAPWRIGHT_LOG_FORMAT")]
    log_format: Format,
    /// What is logged: a level, or levels by module
    #[arg(long, global = true, default_value = "info", env = "VAPWRIGHT_LOG")]
    log: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A line for people
    Text,
    /// A JSON object a line
    Json,
}

impl LogArguments {
    /// Starts logging.
    pub fn start(&self) {
        let filter = EnvFilter::try_new(&self.log).unwrap_or_else(|_| EnvFilter::new("info"));
        let builder = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(stderr);
        match self.log_format {
            Format::Text => builder.with_ansi(stderr().is_terminal()).init(),
            Format::Json => builder.json().flatten_event(true).init(),
        }
    }
}

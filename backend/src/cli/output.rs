//! Writing to standard output, diagnostics to standard error, and files whole or not at all.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use vapwright_engine::wire::{Diagnostic, Severity};

use crate::cli::exit::{Exit, Failure};

/// Writes a text to standard output.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| Failure::output(&error))
}

/// Writes diagnostics to standard error; the exit that they ask for.
pub fn report(diagnostics: &[Diagnostic]) -> Exit {
    for diagnostic in diagnostics {
        eprintln!("{}", diagnostic.rendered);
    }
    let wrong = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    if wrong { Exit::BadInput } else { Exit::Done }
}

/// A value as JSON for people.
pub fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(Failure::other)?;
    text.push('\n');
    Ok(text)
}

/// Writes a file whole or not at all: a reader sees the old content or the new.
pub fn write_file(folder: &Path, name: &str, content: &str) -> Result<(), Failure> {
    let path = folder.join(name);
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(content.as_bytes())?;
        file.as_file().sync_all()?;
        open_to_readers(file.as_file())?;
        file.persist(&path)?;
        Ok(())
    };
    write()
        .map_err(|error| Failure::other(format!("`{}` cannot be written: {error}", path.display())))
}

/// Temporary files are for their owner alone; what is built is for everyone.
#[cfg(unix)]
fn open_to_readers(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_to_readers(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

/// Progress of long work, on a terminal only and not before it is long.
pub fn progress(what: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() || std::io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

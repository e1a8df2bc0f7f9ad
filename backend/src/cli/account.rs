//! The account of what became of each field.

use clap::ValueEnum;
use vapwright_engine::wire::{FieldOutcome, Outcome};

use crate::cli::exit::Failure;
use crate::cli::output;

/// The form of the account.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Form {
    /// A line per field
    Table,
    /// A JSON array
    Json,
}

/// Writes the account to standard error, beside the policies on standard output.
pub fn write(form: Form, fields: &[FieldOutcome]) -> Result<(), Failure> {
    match form {
        Form::Json => eprint!("{}", output::to_json(&fields)?),
        Form::Table => eprint!("{}", table(fields)),
    }
    Ok(())
}

fn table(fields: &[FieldOutcome]) -> String {
    let rows: Vec<[String; 4]> = fields.iter().map(row).collect();
    let mut widths = [0; 4];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let padding = width.saturating_sub(cell.chars().count());
            line.push_str(cell);
            line.push_str(&" ".repeat(padding + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn row(field: &FieldOutcome) -> [String; 4] {
    let place = &field.place;
    let outcome = match field.outcome {
        Outcome::Translated => "translated",
        Outcome::Approximated => "approximated",
        Outcome::Dropped => "dropped",
        Outcome::Refused => "refused",
    };
    let became = [field.policy.as_deref(), field.became.as_deref()];
    let became: Vec<&str> = became.into_iter().flatten().collect();
    let mut became = became.join(" ");
    if let Some(note) = &field.note {
        if !became.is_empty() {
            became.push_str(": ");
        }
        became.push_str(note);
    }
    [
        format!("{}:{}:{}", place.file, place.start.line, place.start.column),
        place.path.clone(),
        outcome.to_owned(),
        became,
    ]
}

//! `vapwright eval`: the case protocol on standard input and output.

use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write as _};

use clap::Args;

use crate::cli::exit::{Exit, Failure};
use crate::cli::{Outcome, output};

/// How many bytes a line may have.
const LINE_LIMIT: usize = 64 * 1024 * 1024;

/// It has no options.
#[derive(Debug, Args)]
#[command(after_help = "\
Each line in is a JSON object with an `id` and a case; each line out has the same `id` and the
answer, in the same order. A line that is no case is answered with `id` and `error`, and the exit
code is 3 at the end.")]
pub struct Arguments {}

/// Answers line by line. Answers are written before it waits for more input, so that a program
/// that sends one case at a time gets each answer at once.
pub fn run(_: &Arguments) -> Outcome {
    let mut input = BufReader::with_capacity(1 << 16, std::io::stdin().lock());
    let mut output = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let progress = output::progress("cases");
    let mut exit = Exit::Done;
    let mut line = Vec::new();
    loop {
        if input.buffer().is_empty() {
            output.flush().map_err(|error| Failure::output(&error))?;
        }
        line.clear();
        let read = input
            .by_ref()
            .take(LINE_LIMIT as u64 + 1)
            .read_until(b'\n', &mut line)
            .map_err(|error| Failure::input(format!("standard input cannot be read: {error}")))?;
        if read == 0 {
            break;
        }
        if line.len() > LINE_LIMIT {
            return Err(Failure::input(format!(
                "a line has more than {LINE_LIMIT} bytes"
            )));
        }
        let text = String::from_utf8_lossy(&line);
        if text.trim().is_empty() {
            continue;
        }
        let answer = vapwright_engine::answer_case(text.trim_end_matches(['\n', '\r']));
        if !answer.understood {
            exit = Exit::BadInput;
        }
        writeln!(output, "{}", answer.line).map_err(|error| Failure::output(&error))?;
        progress.inc(1);
    }
    output.flush().map_err(|error| Failure::output(&error))?;
    progress.finish_and_clear();
    Ok(exit)
}

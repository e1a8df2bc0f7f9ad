//! Asks the oracle what Go's package `regexp` makes of patterns.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::ops::Range;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

use super::Question;

/// Go's answer: why it refuses a pattern, or the places of all matches.
pub type Answer = Result<Vec<Range<usize>>, String>;

/// One run of the oracle answers all of these: it writes what it has when its input ends.
pub fn ask(oracle: &str, questions: &[Question]) -> io::Result<Vec<Answer>> {
    let mut child = Command::new(oracle)
        .arg("regexp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let answers = thread::scope(|scope| {
        let writer = scope.spawn(move || {
            let mut input = BufWriter::new(input);
            questions.iter().try_for_each(|question| {
                let line = json!({"pattern": question.pattern, "text": question.text});
                writeln!(input, "{line}")
            })?;
            input.flush()
        });
        let answers: io::Result<Vec<Answer>> = BufReader::new(output)
            .lines()
            .map(|line| read(&line?))
            .collect();
        writer
            .join()
            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))??;
        answers
    })?;
    let ended = child.wait()?;
    if !ended.success() || answers.len() != questions.len() {
        return Err(io::Error::other(format!(
            "{} answers to {} patterns, {ended}",
            answers.len(),
            questions.len()
        )));
    }
    Ok(answers)
}

fn read(line: &str) -> io::Result<Answer> {
    let answer: Value = serde_json::from_str(line)?;
    if let Some(error) = answer["error"].as_str() {
        return Ok(Err(error.to_owned()));
    }
    let place = |place: &Value| {
        let side = |at: usize| usize::try_from(place[at].as_u64()?).ok();
        Some(side(0)?..side(1)?)
    };
    let found = answer["found"].as_array();
    found
        .and_then(|found| found.iter().map(place).collect::<Option<Vec<_>>>())
        .map(Ok)
        .ok_or_else(|| io::Error::other(format!("an answer that is none: {line}")))
}

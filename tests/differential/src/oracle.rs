//! The oracle as a child that lives as long as its worker.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

/// The most memory that it may have, in KiB.
const MEMORY: u32 = 4 << 20;

/// A running oracle.
pub struct Oracle {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts the program with a limit to its memory: costs do not bound what lists take.
    pub fn start(program: &str) -> io::Result<Self> {
        let mut child = Command::new("sh")
            .args([
                "-c",
                &format!("ulimit -v {MEMORY} 2>/dev/null; exec \"$0\""),
                program,
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()) // Go tells much where it dies
            .spawn()?;
        let input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// Answers to all of these lines, while `meanwhile` runs here.
    pub fn ask<T>(
        &mut self,
        lines: &[String],
        meanwhile: impl FnOnce() -> T,
    ) -> io::Result<(Vec<String>, T)> {
        let (input, output) = (&mut self.input, &mut self.output);
        thread::scope(|scope| {
            // It answers while it reads: both pipes must be served at once.
            let writer = scope.spawn(move || {
                lines.iter().try_for_each(|line| {
                    input.write_all(line.as_bytes())?;
                    input.write_all(b"\n")
                })?;
                input.flush()
            });
            let reader = scope.spawn(move || {
                let mut answers = Vec::with_capacity(lines.len());
                while answers.len() < lines.len() {
                    let mut answer = Vec::new();
                    if output.read_until(b'\n', &mut answer)? == 0 {
                        return Err(io::Error::other(format!(
                            "it ended after {} of {} answers",
                            answers.len(),
                            lines.len()
                        )));
                    }
                    answers.push(String::from_utf8_lossy(&answer).into_owned());
                }
                Ok(answers)
            });
            let done = meanwhile();
            let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
            let answers = reader.join().map_err(gone)??;
            writer.join().map_err(gone)??;
            Ok((answers, done))
        })
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // Its input ends with this value, and with that the program; where it hangs, kill ends it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! One run of a program on one core, with its CPU time and the most memory that it had.

use std::error::Error;
use std::process::{Command, Stdio};

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::unistd::Pid;

/// The first argument with which this program measures another. The kernel knows the most memory of
/// all children together, so each run is the only child of a process of its own.
pub const MEASURE: &str = "--measure";

/// What a program took, and what it printed.
pub struct Run {
    /// Of the CPU, in the program and in the kernel: a busy machine makes the rest.
    pub seconds: f64,
    pub megabytes: f64,
    pub output: String,
}

impl Run {
    pub fn of(program: &str, arguments: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(MEASURE).arg(program).args(arguments);
        let output = command.stderr(Stdio::piped()).output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        let last = errors.lines().next_back().unwrap_or_default();
        let mut numbers = last.split(' ').map(str::parse);
        let (Some(Ok(seconds)), Some(Ok(megabytes))) = (numbers.next(), numbers.next()) else {
            return Err(format!("{program}: {errors}").into());
        };
        Ok(Self {
            seconds,
            megabytes,
            output: String::from_utf8(output.stdout)?,
        })
    }
}

/// Runs a program on one core; the last line of standard error says seconds and megabytes.
pub fn measure(program: &[String]) -> Result<(), Box<dyn Error>> {
    let [program, arguments @ ..] = program else {
        return Err("nothing to measure".into());
    };
    one_core()?;
    let status = Command::new(program).args(arguments).status()?;
    // both end with 1 where something is refused
    if !matches!(status.code(), Some(0 | 1)) {
        return Err(format!("{program} ended with {status}").into());
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    let all = seconds(usage.user_time()) + seconds(usage.system_time());
    eprintln!("{all} {}", usage.max_rss() as f64 / 1e3);
    Ok(())
}

/// Leaves this process, and those that it starts, the last of its cores.
fn one_core() -> nix::Result<()> {
    let own = Pid::from_raw(0);
    let allowed = sched_getaffinity(own)?;
    let mut one = CpuSet::new();
    let last = (0..CpuSet::count())
        .rev()
        .find(|core| allowed.is_set(*core) == Ok(true));
    one.set(last.unwrap_or_default())?;
    sched_setaffinity(own, &one)
}

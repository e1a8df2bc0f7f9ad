//! The program's entry.

use std::process::ExitCode;

/// Reading and judging objects is many small allocations, of which the system's allocator takes a
/// third of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    vapwright::cli::main()
}

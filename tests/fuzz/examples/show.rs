//! Prints what inputs of `check` and `evaluate` stand for.

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        println!("{path}: {:#?}", vapwright_fuzz::input::Input::read(&bytes));
    }
    Ok(())
}

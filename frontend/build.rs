//! Puts the shipped policies and examples of `policies/` into the page.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", policies.display());
    let mut files = Vec::new();
    collect(&policies, &mut files)?;
    files.sort();
    let mut code = String::from("&[\n");
    for file in files {
        let name = file
            .strip_prefix(&policies)
            .unwrap_or(&file)
            .to_string_lossy()
            .replace('\\', "/");
        let path = fs::canonicalize(&file)?;
        let _ = writeln!(
            code,
            "    ({name:?}, include_str!({:?})),",
            path.to_string_lossy()
        );
    }
    code.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    fs::write(PathBuf::from(out).join("policies.rs"), code)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|end| end == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}

//! Reading files, folders and standard input.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use vapwright_engine::wire::{Diagnostic, SourceFile};
use walkdir::WalkDir;

use crate::cli::exit::Failure;

/// What files of a folder are read.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// Reads what the arguments name: files, folders with everything in them, `-` for standard input.
/// Each file once, however often it is named.
pub fn read_all(paths: &[PathBuf]) -> Result<Vec<SourceFile>, Failure> {
    let mut sources: Vec<SourceFile> = Vec::new();
    for path in paths {
        for file in files(path)? {
            let name = file.display().to_string();
            if !sources.iter().any(|source| source.name == name) {
                sources.push(read(&file)?);
            }
        }
    }
    Ok(sources)
}

/// The diagnostics without those about files of a folder that hold no policy: whoever names a folder
/// of policies means the policies in it, not the test resources beside them.
pub fn leave_out_bystanders(diagnostics: &[Diagnostic], paths: &[PathBuf]) -> Vec<Diagnostic> {
    let named = |file: &str| paths.iter().any(|path| path.display().to_string() == file);
    let bystander = |diagnostic: &Diagnostic| {
        let file = diagnostic.place.as_ref().map(|place| place.file.as_str());
        diagnostic.code == "not-a-policy" && file.is_some_and(|file| !named(file))
    };
    diagnostics
        .iter()
        .filter(|diagnostic| !bystander(diagnostic))
        .cloned()
        .collect()
}

/// Reads one file, or standard input.
pub fn read(path: &Path) -> Result<SourceFile, Failure> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    if is_standard_input(path) {
        std::io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::input(format!("standard input cannot be read: {error}")))?;
    } else {
        bytes = std::fs::read(path)
            .map_err(|error| Failure::input(format!("`{name}` cannot be read: {error}")))?;
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error
            .as_bytes()
            .iter()
            .take(good)
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        Failure::input(format!("`{name}` is not UTF-8 in line {line}"))
    })?;
    Ok(SourceFile { name, text })
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The files below a folder, sorted; hidden ones (tests that Kyverno keeps beside its policies,
/// editors' files) are left out. A file that is named itself is read whatever it is called.
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if is_standard_input(path) || !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let visible = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
    };
    let mut files = Vec::new();
    for entry in WalkDir::new(path)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(visible)
    {
        let entry = entry.map_err(Failure::input)?;
        let extension = entry.path().extension().and_then(|text| text.to_str());
        if entry.file_type().is_file() && extension.is_some_and(|text| EXTENSIONS.contains(&text)) {
            files.push(entry.into_path());
        }
    }
    if files.is_empty() {
        return Err(Failure::input(format!(
            "`{}` holds no *.yaml, *.yml or *.json",
            path.display()
        )));
    }
    Ok(files)
}

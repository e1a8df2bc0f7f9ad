//! What the tests of this folder share: records of a real API server.

use std::io::Read as _;
use std::path::PathBuf;

use serde_json::Value as Json;

/// The lines of a file of records; `None` where the data is not there.
pub fn lines(name: &str) -> Option<Vec<Json>> {
    let data = std::env::var_os("VAPWRIGHT_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let Ok(file) = std::fs::File::open(data.join(name)) else {
        println!("skipped: there is no {name} in {}", data.display());
        return None;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    Some(lines.collect())
}

//! Puts the page's files, compressed, into the program.
//!
//! `dist/` at the workspace's root is what Trunk built. Where it is empty (a check or a test
//! without a page), a page takes its place that says how to build the real one.
#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a panic here fails the build, not the program"
)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::{env, fs, io};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>vapwright</title>
<h1>The page is not in this program</h1>
<p>It was built without the page. <code>make build</code> builds both.
The API is at <a href=\"/api/v1/openapi.json\">/api/v1</a>.</p>
</html>
";

struct File {
    /// The path below `dist/`, with `/`.
    name: String,
    content: Vec<u8>,
}

fn main() -> io::Result<()> {
    let dist = dist()?;
    // The folder has to be there for cargo to notice that Trunk fills it.
    fs::create_dir_all(&dist)?;
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");

    let mut files = Vec::new();
    collect(&dist, &dist, &mut files)?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    if !files.iter().any(|file| file.name == "index.html") {
        if release() {
            println!("cargo::warning=no page in dist/: the program gets a placeholder");
        }
        files = vec![File {
            name: "index.html".to_owned(),
            content: PLACEHOLDER.as_bytes().to_vec(),
        }];
    }
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("page.rs"), generate(&files, &out)?)
}

fn dist() -> io::Result<PathBuf> {
    let package = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    Ok(Path::new(&package).join("..").join("dist"))
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.strip_prefix(root).map_err(io::Error::other)?;
        let name = name.to_string_lossy().replace('\\', "/");
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let content = fs::read(&path)?;
            files.push(File { name, content });
        }
    }
    Ok(())
}

/// The source of the table of files, and the hashes of what the page has inline.
fn generate(files: &[File], out: &Path) -> io::Result<String> {
    let mut source = String::from("pub(super) static ASSETS: &[Asset] = &[\n");
    // The largest file takes most of the time, and the others as long as it takes.
    let assets = thread::scope(|scope| {
        let assets = files.iter().map(|file| {
            let digest = hex(&Sha256::digest(&file.content));
            let one = |how| compress(scope, out.join(&digest), &file.content, how);
            let (brotli, gzip) = (one(BROTLI), one(GZIP));
            (file, digest, brotli, gzip)
        });
        let started: Vec<_> = assets.collect();
        let ended = started.into_iter().map(|(file, digest, brotli, gzip)| {
            let (brotli, gzip) = (joined(brotli)?, joined(gzip)?);
            Ok((file, digest, brotli, gzip))
        });
        ended.collect::<io::Result<Vec<_>>>()
    })?;
    let mut digests = Vec::new();
    for (file, digest, brotli, gzip) in assets {
        let identity = out.join(format!("{digest}.identity"));
        fs::write(&identity, &file.content)?;
        let _ = writeln!(
            source,
            "    Asset {{ name: {:?}, etag: \"\\\"{}\\\"\", identity: include_bytes!({identity:?}), \
             brotli: {}, gzip: {} }},",
            file.name,
            &digest[..32],
            included(brotli.as_deref()),
            included(gzip.as_deref()),
        );
        digests.push(digest);
    }
    forget(out, &digests)?;
    source.push_str("];\n");
    let index = files.iter().find(|file| file.name == "index.html");
    let html = index.map_or_else(String::new, |file| {
        String::from_utf8_lossy(&file.content).into_owned()
    });
    for (name, element) in [("INLINE_SCRIPTS", "script"), ("INLINE_STYLES", "style")] {
        let _ = writeln!(
            source,
            "pub(super) static {name}: &[&str] = &{:?};",
            inline_hashes(&html, element)
        );
    }
    Ok(source)
}

/// A way to compress.
#[derive(Clone, Copy)]
struct How {
    /// What its files end in.
    extension: &'static str,
    /// How well, in a release build and else: debug builds would take seconds with the best, and
    /// nobody downloads them.
    quality: [u32; 2],
    compress: fn(&[u8], u32) -> io::Result<Vec<u8>>,
}

const BROTLI: How = How {
    extension: "br",
    quality: [11, 4],
    compress: brotli,
};
const GZIP: How = How {
    extension: "gz",
    quality: [9, 1],
    compress: gzip,
};

type Compressing<'scope> = ScopedJoinHandle<'scope, io::Result<Option<PathBuf>>>;

/// Compresses a file, unless a build before did: what it is written to has the digest of the
/// content in its name. Nothing comes of it where it is not worth a header and a second copy.
fn compress<'scope>(
    scope: &'scope Scope<'scope, '_>,
    stem: PathBuf,
    content: &'scope [u8],
    how: How,
) -> Compressing<'scope> {
    let [best, fast] = how.quality;
    let quality = if release() { best } else { fast };
    let path = stem.with_extension(format!("{quality}.{}", how.extension));
    scope.spawn(move || {
        if !path.exists() {
            // renamed, so that a build that is broken off leaves no half a file under the name;
            // two files of one content are written apart
            let new = path.with_extension(format!("{:?}.new", thread::current().id()));
            fs::write(&new, (how.compress)(content, quality)?)?;
            fs::rename(new, &path)?;
        }
        let smaller = usize::try_from(fs::metadata(&path)?.len()).map_err(io::Error::other)?;
        Ok((smaller + 64 < content.len()).then_some(path))
    })
}

fn joined(compressing: Compressing<'_>) -> io::Result<Option<PathBuf>> {
    let failed = |_| io::Error::other("the compression panicked");
    compressing.join().map_err(failed)?
}

fn included(path: Option<&Path>) -> String {
    path.map_or_else(
        || "None".to_owned(),
        |path| format!("Some(include_bytes!({path:?}))"),
    )
}

/// Removes what earlier builds made of other files.
fn forget(out: &Path, digests: &[String]) -> io::Result<()> {
    for entry in fs::read_dir(out)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let of = |digest: &String| name.starts_with(digest.as_str());
        if name != "page.rs" && !digests.iter().any(of) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn release() -> bool {
    env::var("PROFILE").is_ok_and(|profile| profile == "release")
}

fn brotli(content: &[u8], quality: u32) -> io::Result<Vec<u8>> {
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, quality, 22);
    writer.write_all(content)?;
    writer.flush()?;
    Ok(writer.into_inner())
}

fn gzip(content: &[u8], quality: u32) -> io::Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(quality));
    writer.write_all(content)?;
    writer.finish()
}

/// `sha256-...` of each inline element, as a Content-Security-Policy names them.
fn inline_hashes(html: &str, element: &str) -> Vec<String> {
    let mut hashes = Vec::new();
    let mut rest = html;
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    while let Some(start) = rest.find(&open) {
        rest = &rest[start + open.len()..];
        let Some(tag_end) = rest.find('>') else { break };
        let attributes = &rest[..tag_end];
        let Some(end) = rest.find(&close) else { break };
        let content = &rest[tag_end + 1..end];
        rest = &rest[end..];
        if !attributes.contains("src=") && !content.is_empty() {
            hashes.push(format!(
                "sha256-{}",
                STANDARD.encode(Sha256::digest(content))
            ));
        }
    }
    hashes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

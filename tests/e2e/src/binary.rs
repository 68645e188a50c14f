//! Finds the `sekisho` that was built from these sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use anyhow::{Context as _, Result, bail};

/// The dev binary. `SEKISHO_BIN` names another one.
pub fn sekisho() -> Result<&'static Path> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match FOUND.get_or_init(|| find().map_err(|error| format!("{error:#}"))) {
        Ok(path) => Ok(path),
        Err(error) => bail!("the binary sekisho: {error}"),
    }
}

/// `sekisho` with these words, as a shell would start it: nothing to read, no colour.
pub fn command(words: &[&str]) -> Result<Command> {
    let mut command = Command::new(sekisho()?);
    command.args(words).stdin(std::process::Stdio::null()).env("NO_COLOR", "1").env_remove("BROWSER");
    Ok(command)
}

fn find() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("SEKISHO_BIN") {
        return Ok(named.into());
    }
    // A test runs as target/debug/deps/story-0123; the binary stands two folders up.
    let running = std::env::current_exe()?;
    let folder = running.ancestors().nth(2).context("a test outside a target folder")?;
    let path = folder.join(format!("sekisho{}", std::env::consts::EXE_SUFFIX));
    if is_stale(&path)? {
        // Cargo builds a binary for the tests of its own package only. Features as in `cargo test
        // --workspace`, so that what it built for the tests is taken as it stands.
        build(folder)?;
    }
    Ok(path)
}

fn build(folder: &Path) -> Result<()> {
    let target = folder.parent().context("a target folder without a parent")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--workspace", "--bin", "sekisho", "--target-dir"])
        .arg(target)
        .current_dir(root());
    if folder.ends_with("release") {
        command.arg("--release");
    }
    let output = command.output().context("cargo does not start")?;
    if !output.status.success() {
        bail!("does not build:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Whether a source file is younger than the binary: a test must not judge yesterday's.
fn is_stale(binary: &Path) -> Result<bool> {
    let Ok(built) = fs::metadata(binary).and_then(|metadata| metadata.modified()) else { return Ok(true) };
    let mut folders = vec![root().join("crates")];
    let mut youngest = SystemTime::UNIX_EPOCH;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                youngest = youngest.max(metadata.modified()?);
            }
        }
    }
    Ok(youngest > built)
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

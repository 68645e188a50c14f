//! What every source file of ours must look like (STYLE §3, §11, §12), as far as no lint sees it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::graph::root;

const MOST_LINES: usize = 600;

/// Rooms whose decisions are pure: they have no business with a runtime.
const PURE: &[&str] = &["crates/protocol/", "crates/jose/", "crates/core/"];

/// Text that may not stand in a source file, and what to do instead. The parts are joined so that this
/// file does not hold what it looks for.
const UNWANTED: &[(&str, &str)] = &[
    (concat!("#[", "allow("), "Use `#[expect(…, reason = \"…\")]`: it goes red when the reason is gone."),
    (concat!("#![", "allow("), "Use `#[expect(…, reason = \"…\")]` on the one item."),
    (
        concat!("#[", "ignore"),
        "A test runs or is not there; put what needs a service behind a feature of its package.",
    ),
    (concat!("todo", "!("), "Write it, or leave the door shut with an error that says so."),
    (concat!("unimplemented", "!("), "Write it, or leave the door shut with an error that says so."),
    (concat!("dbg", "!("), "Take it out; what must stay is a tracing event."),
];

/// The word for what is put off; joined for the same reason.
pub(crate) const LATER: &str = concat!("TO", "DO");

/// Each rule that a file in `crates/` or `tests/` breaks.
pub(crate) fn check_tree() -> Result<Vec<String>> {
    let root = root();
    let mut violations = Vec::new();
    let mut folders = vec![root.join("crates"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() && !is_foreign(&path) {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
                violations.extend(check_file(&name, &fs::read_to_string(&path)?));
            }
        }
    }
    Ok(violations)
}

/// Each workspace member that does not take the workspace's lints.
pub(crate) fn check_manifests() -> Result<Vec<String>> {
    let mut violations = Vec::new();
    for manifest in manifests()? {
        violations.extend(check_manifest(&manifest.display().to_string(), &fs::read_to_string(&manifest)?));
    }
    Ok(violations)
}

pub(crate) fn check_manifest(name: &str, text: &str) -> Option<String> {
    let takes_lints =
        text.split("[lints]").nth(1).is_some_and(|rest| rest.trim_start().starts_with("workspace = true"));
    (!takes_lints).then(|| {
        format!("{name}: does not take the lints of the house. Add `[lints]` with `workspace = true`.")
    })
}

/// Each rule that this file breaks.
pub(crate) fn check_file(name: &str, text: &str) -> Vec<String> {
    let mut violations = Vec::new();
    let mut add =
        |line: usize, rule: &str, fix: &str| violations.push(format!("{name}:{line}: {rule} {fix}"));
    let lines = text.lines().count();
    if lines > MOST_LINES {
        add(lines, "more than 600 lines.", "One file, one noun: split it into `name.rs` and `name/`.");
    }
    if Path::new(name).file_name().is_some_and(|file| file == "mod.rs") {
        add(1, "a file called mod.rs.", "Call it `name.rs` beside the folder `name/`.");
    }
    if !text.trim_start().starts_with("//!") {
        add(1, "no module doc.", "Begin with `//!`: one to three lines that say what is here, with the RFC.");
    }
    for (index, line) in text.lines().enumerate() {
        for (unwanted, fix) in UNWANTED.iter().filter(|(unwanted, _)| line.contains(unwanted)) {
            add(index + 1, &format!("`{unwanted}`."), fix);
        }
        if line.contains(LATER) && !names_an_issue(line) {
            add(
                index + 1,
                &format!("{LATER} without an issue."),
                "Do it, or write the issue's number: `#12`.",
            );
        }
        if PURE.iter().any(|room| name.starts_with(room)) && has_async_body(line) {
            add(
                index + 1,
                "async in a pure room.",
                "Take what it awaits as an argument, or move it to the caller.",
            );
        }
    }
    violations
}

fn names_an_issue(line: &str) -> bool {
    line.split('#').skip(1).any(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

fn has_async_body(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or(line);
    ["async fn", "async move", "async {", "async |"].iter().any(|body| code.contains(body))
}

fn is_foreign(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == "target" || name == "node_modules")
}

fn manifests() -> Result<Vec<PathBuf>> {
    let mut manifests = Vec::new();
    for group in ["crates", "tests"] {
        for entry in fs::read_dir(root().join(group))? {
            let manifest = entry?.path().join("Cargo.toml");
            if manifest.exists() {
                manifests.push(manifest);
            }
        }
    }
    Ok(manifests)
}

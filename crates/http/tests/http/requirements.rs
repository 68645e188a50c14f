//! The pages that promise a test name one that is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Requirements without a test. It may only become fewer: then lower it.
const OPEN: usize = 7;

#[test]
fn every_test_that_the_requirements_name_is_there() {
    let page = read("docs/requirements.md");
    let named: Vec<&str> = quoted(&page).filter(|name| name.contains("::")).collect();
    assert!(named.len() > 100, "{}", named.len());
    let missing: Vec<&str> = named.into_iter().filter(|name| !is_there(name)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_test_that_the_threats_name_is_there() {
    let sources = sources(&root().join("crates")).into_iter().chain(sources(&root().join("tests")));
    let all: String = sources.map(|path| fs::read_to_string(path).expect("a source")).collect();
    let page = read("docs/threats.md");
    let sentence = |name: &&str| {
        name.matches('_').count() > 2 && name.bytes().all(|it| it.is_ascii_lowercase() || it == b'_')
    };
    let named: Vec<&str> = quoted(&page).filter(sentence).collect();
    assert!(named.len() > 30, "{}", named.len());
    let missing: Vec<&str> = named.into_iter().filter(|name| !all.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_requirement_has_a_test_but_for_those_that_are_counted() {
    let page = read("docs/requirements.md");
    let (tables, open) = page.split_once("## No test yet").expect("the list of what has none");
    assert_eq!(open.lines().filter(|line| line.starts_with("- ")).count(), OPEN);
    let rows = tables.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| section"));
    for row in rows.filter(|row| !row.starts_with("| ---")) {
        let tests = row.split(" | ").nth(2).expect("three columns");
        assert!(quoted(tests).any(|name| name.contains("::")), "{row}");
    }
}

#[test]
fn every_difference_from_keycloak_is_explained() {
    let page = read("docs/keycloak-differences.md");
    let listed: BTreeMap<String, Vec<String>> =
        serde_json::from_str(include_str!("observed/differences.json")).expect("the list");
    let mut rows = 0;
    for (reason, cases) in &listed {
        let (kind, reason) = reason.split_once(": ").expect("a kind and a reason");
        // What only these tests cannot do is no difference.
        if kind == "not here" {
            continue;
        }
        rows += 1;
        let cases: Vec<String> = cases.iter().map(|case| format!("`{case}`")).collect();
        let row = format!("| {reason} | {} |", cases.join(", "));
        assert!(page.contains(&row), "{row}");
    }
    let on_page = page.lines().filter(|line| line.starts_with("| ") && line.contains('`')).count();
    assert_eq!(on_page, rows, "the page has no other row");
}

/// `room/file::test`: a function of that name in a file of that name somewhere in the room.
fn is_there(name: &str) -> bool {
    let (place, test) = name.split_once("::").expect("a file and a test");
    let (room, file) = place.split_once('/').expect("a room and a file");
    let file = format!("{file}.rs");
    let of_room = sources(&root().join("crates").join(room));
    of_room
        .iter()
        .filter(|path| path.ends_with(&file))
        .any(|path| fs::read_to_string(path).expect("a source").contains(&format!("fn {test}(")))
}

/// What stands in backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("a page")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

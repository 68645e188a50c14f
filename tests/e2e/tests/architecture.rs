//! The rules of the house that no lint sees: which room may use which, what may not be in a room's tree,
//! what may come from outside, what a source file looks like. Each rule is also shown to go red.

mod rules {
    pub(crate) mod arrows;
    pub(crate) mod graph;
    pub(crate) mod packages;
    pub(crate) mod sources;
}

use anyhow::Result;

use rules::graph::{Edges, Graph, Package};
use rules::sources::LATER;
use rules::{arrows, packages, sources};

#[test]
fn every_arrow_between_rooms_is_in_the_table() -> Result<()> {
    holds(&arrows::check_arrows(&Graph::declared()?));
    Ok(())
}

#[test]
fn no_room_has_in_its_tree_what_it_must_not_know() -> Result<()> {
    holds(&arrows::check_trees(&Graph::built(Edges::NormalAndBuild)?));
    Ok(())
}

#[test]
fn no_banned_package_is_anywhere() -> Result<()> {
    holds(&packages::check_banned(&Graph::built(Edges::All)?));
    Ok(())
}

#[test]
fn every_licence_is_one_we_may_pass_on() -> Result<()> {
    holds(&packages::check_licences(&Graph::built(Edges::All)?));
    Ok(())
}

#[test]
fn every_source_file_is_in_house_style() -> Result<()> {
    holds(&sources::check_tree()?);
    Ok(())
}

#[test]
fn every_package_takes_the_lints_of_the_house() -> Result<()> {
    holds(&sources::check_manifests()?);
    Ok(())
}

#[test]
fn what_cargo_says_is_read() -> Result<()> {
    let declared = Graph::declared()?;
    assert!(declared.uses("sekisho-jose").any(|used| used == "sekisho-protocol"));
    let built = Graph::built(Edges::NormalAndBuild)?;
    assert!(built.rooms().any(|room| room == "sekisho"));
    assert!(built.tree("sekisho-jose").contains_key("aws-lc-sys"), "an edge behind another is followed");
    Ok(())
}

#[test]
fn a_tree_is_read_by_its_depths() {
    let graph =
        Graph::parse("0|a v1 (/p)|MIT|\n1|b v2|MIT| (*)\n2|c v1|0BSD|\n1|d v1||\n\n0|d v1||\n1|c v1|0BSD|");
    assert_eq!(graph.tree("a")["c"], "a -> b -> c");
    assert_eq!(graph.uses("d").collect::<Vec<_>>(), ["c"]);
    let licences: Vec<&str> = graph.packages.iter().map(|package| package.licence.as_str()).collect();
    assert_eq!(licences, ["MIT", "MIT", "0BSD", ""]);
}

#[test]
fn an_arrow_that_is_not_in_the_table_is_refused() {
    for (from, to, word) in [
        ("sekisho-protocol", "sekisho-jose", "protocol uses jose"),
        ("sekisho-core", "sekisho-store", "core uses store"),
        ("sekisho-endpoints", "sekisho-admin", "endpoints uses admin"),
        ("sekisho-guard", "sekisho-core", "guard uses core"),
        ("sekisho-http", "sekisho-store-sqlite", "http uses store-sqlite"),
        ("sekisho-core", "sekisho", "core uses cli"),
        ("sekisho-core", "sekisho-testkit", "Make it a dev-dependency"),
        ("sekisho", "sekisho-e2e", "Make it a dev-dependency"),
        ("sekisho-lobby", "sekisho-core", "an unknown room"),
    ] {
        refuses(&arrows::check_arrows(&made_up(&[(from, to)])), word);
    }
    holds(&arrows::check_arrows(&made_up(&[("sekisho-core", "sekisho-jose"), ("sekisho", "sekisho-core")])));
}

#[test]
fn a_forbidden_package_is_found_behind_others() {
    for (room, package) in [
        ("sekisho-protocol", "tokio"),
        ("sekisho-jose", "hyper"),
        ("sekisho-core", "axum"),
        ("sekisho-store", "rusqlite"),
        ("sekisho-http", "tokio-postgres"),
        ("sekisho-guard", "rmcp"),
        ("sekisho-jobs", "sekisho-endpoints"),
    ] {
        let graph = made_up(&[(room, "harmless"), ("harmless", "between"), ("between", package)]);
        refuses(&arrows::check_trees(&graph), &format!("{room} -> harmless -> between -> {package}"));
    }
    holds(&arrows::check_trees(&made_up(&[("sekisho-store-sqlite", "rusqlite")])));
}

#[test]
fn a_banned_package_is_refused_wherever_it_stands() {
    for name in ["ring", "openssl-sys", "boring-sys", "native-tls", "rsa"] {
        refuses(&packages::check_banned(&made_up(&[("other", name)])), name);
    }
}

#[test]
fn an_expression_is_met_by_the_licences_on_the_list_only() {
    for (expression, expected) in [
        ("MIT", true),
        ("MIT OR GPL-3.0-only", true),
        ("GPL-3.0-only OR MIT", true),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("ISC AND (Apache-2.0 OR OpenSSL)", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("MPL-2.0", false),
        ("MIT AND MPL-2.0", false),
        ("GPL-3.0-only AND MIT OR AGPL-3.0", false),
        ("ISC AND (OpenSSL OR SSPL-1.0)", false),
        ("MIT)", false),
        ("", false),
    ] {
        assert_eq!(packages::is_allowed(expression), expected, "{expression}");
    }
}

#[test]
fn a_package_without_a_good_licence_is_refused() {
    for licence in [String::new(), "AGPL-3.0-only".to_owned()] {
        let mut graph = Graph::default();
        graph.packages.push(Package { name: "x".to_owned(), licence });
        refuses(&packages::check_licences(&graph), "Take another package");
    }
}

#[test]
fn a_file_out_of_style_is_refused() {
    let doc = "//! Doc.\n";
    for (name, text, word) in [
        ("crates/x/src/a.rs", "fn a() {}\n".to_owned(), "no module doc"),
        ("crates/x/src/a/mod.rs", doc.to_owned(), "mod.rs"),
        ("crates/x/src/a.rs", format!("{doc}{}", "\n".repeat(600)), "600 lines"),
        ("crates/x/src/a.rs", format!("{doc}#[{}(dead_code)]", "allow"), "expect("),
        ("crates/x/src/a.rs", format!("{doc}#![{}(dead_code)]", "allow"), "expect("),
        ("tests/x/a.rs", format!("{doc}#[{}]", "ignore"), "behind a feature"),
        ("crates/x/src/a.rs", format!("{doc}{}!()", "todo"), "Write it"),
        ("crates/x/src/a.rs", format!("{doc}// {LATER} tidy"), "without an issue"),
        ("crates/core/src/a.rs", format!("{doc}pub async fn a() {{}}"), "pure room"),
    ] {
        refuses(&sources::check_file(name, &text), word);
    }
}

#[test]
fn a_file_in_style_passes() {
    let text = format!("//! Doc.\n// {LATER}(#12): wait for it.\npub async fn a() {{}}\n");
    holds(&sources::check_file("crates/http/src/a.rs", &text));
}

#[test]
fn a_package_without_the_lints_is_refused() {
    assert!(sources::check_manifest("x", "[package]\nname = \"x\"\n").is_some());
    assert!(sources::check_manifest("x", "[lints]\nworkspace = true\n").is_none());
}

fn holds(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

fn refuses(violations: &[String], word: &str) {
    assert!(violations.iter().any(|violation| violation.contains(word)), "{word} is not in {violations:?}");
}

/// A workspace of these edges.
fn made_up(edges: &[(&str, &str)]) -> Graph {
    let roots = edges.iter().map(|(from, to)| format!("0|{from} v1|MIT|\n1|{to} v1|MIT|\n"));
    Graph::parse(&roots.collect::<String>())
}

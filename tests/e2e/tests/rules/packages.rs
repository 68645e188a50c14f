//! What may come from outside: which packages never, and under which licences.

use super::graph::Graph;

/// Packages that may not be anywhere in the workspace, not even under a test, and why.
const BANNED: &[(&str, &str)] = &[
    ("ring", "there is one cryptography library, aws-lc-rs"),
    ("openssl-sys", "there is one cryptography library, aws-lc-rs"),
    ("boring-sys", "there is one cryptography library, aws-lc-rs"),
    ("native-tls", "TLS is rustls on aws-lc-rs"),
    ("rsa", "its private-key operations leak by timing (RUSTSEC-2023-0071)"),
];

/// Licences under which we may pass code on, by their SPDX names.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Each banned package that is there.
pub(crate) fn check_banned(graph: &Graph) -> Vec<String> {
    let banned = |name: &str| BANNED.iter().find(|(banned, _)| *banned == name);
    graph
        .packages
        .iter()
        .filter_map(|package| banned(&package.name))
        .map(|(name, why)| {
            format!(
                "{name} is banned: {why}. `cargo tree -i {name}` says who brings it; switch that feature off."
            )
        })
        .collect()
}

/// Each package whose licence asks for more than the list allows.
pub(crate) fn check_licences(graph: &Graph) -> Vec<String> {
    graph
        .packages
        .iter()
        .filter(|package| !is_allowed(&package.licence))
        .map(|package| {
            format!(
                "{}: its licence \"{}\" is not met by LICENCES. Take another package.",
                package.name, package.licence
            )
        })
        .collect()
}

/// Whether an SPDX expression can be met from the list. `A/B` is the old spelling of `A OR B`.
pub(crate) fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest) && rest.is_empty()
}

fn any_of(words: &mut &[&str]) -> bool {
    let mut allowed = all_of(words);
    while take(words, "OR") {
        // Not `||`: the other side has to be read even where the answer stands.
        allowed |= all_of(words);
    }
    allowed
}

fn all_of(words: &mut &[&str]) -> bool {
    let mut allowed = licence(words);
    while take(words, "AND") {
        allowed &= licence(words);
    }
    allowed
}

fn licence(words: &mut &[&str]) -> bool {
    if take(words, "(") {
        let allowed = any_of(words);
        return take(words, ")") && allowed;
    }
    let Some((name, rest)) = words.split_first() else { return false };
    *words = rest;
    if take(words, "WITH") {
        // An exception only ever gives more than the licence it stands with.
        *words = words.split_first().map_or(&[], |(_, rest)| rest);
    }
    LICENCES.contains(name)
}

fn take(words: &mut &[&str], word: &str) -> bool {
    match words.split_first() {
        Some((first, rest)) if *first == word => {
            *words = rest;
            true
        }
        _ => false,
    }
}

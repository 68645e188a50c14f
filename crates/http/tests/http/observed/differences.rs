//! The list of answers that differ, and why.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// `reason → ids`; an id may end in `*`.
pub(super) struct Differences {
    listed: BTreeMap<String, String>,
    met: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Differences {
    pub(super) fn load() -> Self {
        let text = include_str!("differences.json");
        let reasons: BTreeMap<String, Vec<String>> = serde_json::from_str(text).expect("the list");
        let mut listed = BTreeMap::new();
        for (reason, ids) in reasons {
            for id in ids {
                assert!(listed.insert(id.clone(), reason.clone()).is_none(), "{id} is listed twice");
            }
        }
        Self { listed, met: BTreeSet::new(), wrong: Vec::new() }
    }

    /// Takes note of one case.
    pub(super) fn judge(&mut self, id: &str, difference: Option<String>) {
        let entry = self.listed.keys().find(|entry| covers(entry, id)).cloned();
        match (entry, difference) {
            (Some(entry), Some(_)) => {
                self.met.insert(entry);
            }
            (Some(entry), None) if entry == id => {
                self.wrong.push(format!("{id}: is the same, and listed as different"));
            }
            (None, Some(difference)) => self.wrong.push(format!("{id}: {difference}")),
            (_, None) => {}
        }
    }

    /// Fails with all that is not as it should be.
    pub(super) fn finish(mut self, first_words: &[&str]) {
        for entry in self.listed.keys().filter(|entry| !self.met.contains(*entry)) {
            let first = entry.trim_end_matches('*').split('.').next().unwrap_or_default();
            if first_words.contains(&first) && entry.ends_with('*') {
                self.wrong.push(format!("{entry}: nothing differs any more"));
            }
        }
        assert!(self.wrong.is_empty(), "{} differ:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

/// Where two answers differ; `None` when they do not.
pub(super) fn between(recorded: &Value, ours: &Value) -> Option<String> {
    let mut found = Vec::new();
    collect(recorded, ours, "", &mut found);
    (!found.is_empty()).then(|| found.join("; "))
}

fn collect(recorded: &Value, ours: &Value, place: &str, found: &mut Vec<String>) {
    match (recorded, ours) {
        (Value::Object(left), Value::Object(right)) => {
            let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for name in names {
                collect(&recorded[name], &ours[name], &format!("{place}/{name}"), found);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (at, (left, right)) in left.iter().zip(right).enumerate() {
                collect(left, right, &format!("{place}/{at}"), found);
            }
        }
        _ if recorded == ours => {}
        _ => found.push(format!("{place}: {recorded} recorded, {ours} ours")),
    }
}

fn covers(entry: &str, id: &str) -> bool {
    entry.strip_suffix('*').map_or(entry == id, |prefix| id.starts_with(prefix))
}

//! Changes of a realm as a person reads them: a line for each, its members below.

use sekisho_admin::realm::diff::{Change, Difference, Kind, MemberChange, Secrecy};
use serde_json::Value;

use crate::output::{self, Colour};

/// A change with its members.
pub(super) fn change(change: &Change) -> String {
    let mut lines = vec![heading(change)];
    for MemberChange { member, difference } in &change.members {
        lines.push(format!("    {}: {}", one_line(member), told(change.kind, difference)));
    }
    lines.join("\n")
}

/// Its first line.
pub(super) fn heading(change: &Change) -> String {
    let (sign, colour) = match change.kind {
        Kind::Create => ("+", Colour::Green),
        Kind::Update => ("~", Colour::Yellow),
        Kind::Delete => ("-", Colour::Red),
    };
    output::coloured(&format!("{sign} {} {}", change.what, one_line(&change.name)), colour).into_owned()
}

/// What the file asks for in vain.
pub(super) fn kept(change: &Change) -> String {
    let members: Vec<String> = change.members.iter().map(|member| one_line(&member.member)).collect();
    format!(
        "{} {}: {} stays as it is, by a client policy or by what else is set for the client",
        change.what,
        one_line(&change.name),
        members.join(", ")
    )
}

fn told(kind: Kind, difference: &Difference) -> String {
    match difference {
        Difference::Secret { secret: Secrecy::Set } => "set".to_owned(),
        Difference::Secret { secret: Secrecy::Changed } => "changed".to_owned(),
        Difference::Secret { secret: Secrecy::Removed } => "removed".to_owned(),
        Difference::Value { before: Some(Value::Array(before)), after: Some(Value::Array(after)) } => {
            lists(before, after)
        }
        Difference::Value { before: None, after: Some(after) } if kind == Kind::Create => value(after),
        Difference::Value { before, after } => {
            let shown = |side: &Option<Value>| side.as_ref().map_or_else(|| "(none)".to_owned(), value);
            format!("{} → {}", shown(before), shown(after))
        }
    }
}

/// What comes and what goes; whole lists where only their order differs.
fn lists(before: &[Value], after: &[Value]) -> String {
    let gone = before.iter().filter(|one| !after.contains(one)).map(|one| format!("-{}", value(one)));
    let new = after.iter().filter(|one| !before.contains(one)).map(|one| format!("+{}", value(one)));
    let changes: Vec<String> = gone.chain(new).collect();
    if changes.is_empty() { format!("{} → {}", joined(before), joined(after)) } else { changes.join(" ") }
}

fn value(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() => one_line(text),
        Value::Array(elements) => joined(elements),
        _ => one_line(&value.to_string()),
    }
}

fn joined(elements: &[Value]) -> String {
    if elements.is_empty() {
        return "(none)".to_owned();
    }
    elements.iter().map(value).collect::<Vec<_>>().join(", ")
}

fn one_line(text: &str) -> String {
    output::printable(text).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(kind: Kind, before: Value, after: Value) -> String {
        let side = |value: Value| (!value.is_null()).then_some(value);
        told(kind, &Difference::Value { before: side(before), after: side(after) })
    }

    #[test]
    fn a_difference_fits_a_line() {
        for (kind, before, after, text) in [
            (Kind::Update, json!(true), json!(false), "true → false"),
            (Kind::Update, json!(null), json!("x"), "(none) → x"),
            (Kind::Update, json!("x"), json!(null), "x → (none)"),
            (Kind::Update, json!("x"), json!(""), r#"x → """#),
            (Kind::Create, json!(null), json!(["a", "b"]), "a, b"),
            (Kind::Update, json!(["a", "b"]), json!(["b", "c"]), "-a +c"),
            (Kind::Update, json!(["a", "b"]), json!(["b", "a"]), "a, b → b, a"),
            (Kind::Update, json!("a\u{1b}[2J"), json!("b\nc"), "a\u{fffd}[2J → b c"),
        ] {
            assert_eq!(of(kind, before.clone(), after.clone()), text, "{before} {after}");
        }
    }
}

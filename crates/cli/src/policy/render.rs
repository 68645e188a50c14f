//! Explanations as lines that a person reads.

use sekisho_admin::policy::{Difference, DryRun, Rule};
use sekisho_core::policy::explain::{ExplainedPolicy, Explanation, Outcome, Reach};

use crate::output::{instant, printable};

/// Clients of one line.
const NAMED: usize = 20;

/// What comes of it, then each policy with its votes and answers.
pub(super) fn explanation(client_id: &str, explained: &Explanation) -> Vec<String> {
    let mut lines = outcome(client_id, explained);
    if explained.policies.is_empty() {
        lines.push("  the realm has no client policies".to_owned());
    }
    for policy in &explained.policies {
        lines.push(String::new());
        lines.extend(of_policy(policy));
    }
    one_by_one(lines)
}

fn outcome(client_id: &str, explained: &Explanation) -> Vec<String> {
    let what = format!("{} of {client_id}", explained.event);
    match &explained.outcome {
        Outcome::Pass => vec![format!("{what}: let pass")],
        Outcome::Unknown => vec![
            format!("{what}: cannot be told"),
            "  it depends on what only the outside knows, which is not asked here".to_owned(),
        ],
        Outcome::Refuse { policy, profile, conditions, executor, error, text } => vec![
            format!("{what}: refused"),
            format!("  error      {error}: {text}"),
            format!("  policy     {policy}"),
            format!("  profile    {profile}"),
            format!("  condition  {}", conditions.join(", ")),
            format!("  executor   {executor}"),
        ],
    }
}

fn of_policy(policy: &ExplainedPolicy) -> Vec<String> {
    let origin = if policy.global { " of the server" } else { "" };
    let applies = match (policy.enabled, policy.applies) {
        (false, _) => "is switched off",
        (true, "yes") => "applies",
        (true, "perhaps") => "may apply: what is not known refuses, and changes nothing",
        (true, _) => "does not apply",
    };
    let mut lines = vec![format!("policy {}{origin} {applies}", policy.policy)];
    for condition in &policy.conditions {
        let negative = if condition.negative { " (turned round)" } else { "" };
        lines.push(format!("  {:<8} {}{negative}: {}", condition.vote, condition.condition, condition.why));
    }
    for executor in &policy.executors {
        let text = executor.text.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        lines.push(format!("  {:<8} {}/{}{text}", executor.answer, executor.profile, executor.executor));
    }
    lines
}

/// A line each: names from outside cannot make one look like two.
fn one_by_one(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| printable(&line).replace(['\n', '\t'], " ")).collect()
}

/// Which clients each policy is about.
pub(super) fn reach(reached: &[Reach]) -> Vec<String> {
    let mut lines = Vec::new();
    for policy in reached {
        let off = if policy.enabled { "" } else { " (switched off)" };
        lines.push(format!("policy {}{off}", policy.policy));
        lines.push(format!("  always     {}", named(&policy.always)));
        lines.push(format!("  sometimes  {}", named(&policy.sometimes)));
        lines.extend(policy.warnings.iter().map(|warning| format!("  warning    {warning}")));
        lines.extend(policy.notes.iter().map(|note| format!("  note       {note}")));
    }
    one_by_one(lines)
}

fn named(clients: &[String]) -> String {
    let more = clients.len().saturating_sub(NAMED);
    let shown: Vec<&str> = clients.iter().take(NAMED).map(String::as_str).collect();
    match (shown.is_empty(), more) {
        (true, _) => "no client".to_owned(),
        (false, 0) => shown.join(", "),
        (false, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// What would have been answered differently.
pub(super) fn dry_run(found: &DryRun, days: u16) -> Vec<String> {
    let mut lines = vec![
        format!("recorded requests of the last {days} days"),
        format!("  judged                   {}", found.judged),
        format!("  newly refused            {}", found.newly_refused),
        format!("  newly let pass           {}", found.newly_passed),
        format!("  refused by another rule  {}", found.refused_otherwise),
        format!("  cannot be told           {}", found.unknown),
        format!("  skipped                  {}", found.skipped),
    ];
    for found in &found.differences {
        lines.push(String::new());
        lines.extend(difference(found));
    }
    let differing = found.newly_refused + found.newly_passed + found.refused_otherwise;
    let unlisted = differing.saturating_sub(found.differences.len());
    if unlisted > 0 {
        lines.push(String::new());
        lines.push(format!("and {unlisted} more, which are older"));
    }
    one_by_one(lines)
}

fn difference(difference: &Difference) -> [String; 3] {
    let rule = |rule: &Option<Rule>| match rule {
        None => "let pass".to_owned(),
        Some(rule) => format!(
            "refused by policy {}, profile {}, executor {} ({}: {})",
            rule.policy, rule.profile, rule.executor, rule.error, rule.text
        ),
    };
    let Difference { event_id, time, event, client_id, before, after } = difference;
    [
        format!("{}  {event} of {client_id}, event {event_id}", instant(*time)),
        format!("  today    {}", rule(before)),
        format!("  changed  {}", rule(after)),
    ]
}

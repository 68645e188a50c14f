//! Explanations as lines that a person reads.

use sekisho_admin::policy::{Difference, DryRun, Rule};
use sekisho_core::policy::explain::{ExplainedPolicy, Explanation, Outcome, Reach};

use crate::output::printable;

/// Clients of one line.
const NAMED: usize = 20;

/// Each policy with its votes and answers, then what comes of it.
pub(super) fn explanation(explained: &Explanation) -> Vec<String> {
    let mut lines = vec![explained.event.to_owned()];
    if explained.policies.is_empty() {
        lines.push("  no client policies".to_owned());
    }
    for policy in &explained.policies {
        lines.extend(of_policy(policy));
    }
    lines.push(match &explained.outcome {
        Outcome::Pass => "let pass".to_owned(),
        Outcome::Unknown => "not known: it depends on what only the outside knows".to_owned(),
        Outcome::Refuse { policy, profile, executor, error, text, .. } => {
            format!("refused by policy {policy}, profile {profile}, executor {executor}: {error}, {text}")
        }
    });
    lines.into_iter().map(|line| printable(&line).into_owned()).collect()
}

fn of_policy(policy: &ExplainedPolicy) -> Vec<String> {
    let origin = if policy.global { " (of the server)" } else { "" };
    let applies = match (policy.enabled, policy.applies) {
        (false, _) => "is switched off",
        (true, "yes") => "applies",
        (true, "perhaps") => "may apply: what is not known refuses, and changes nothing",
        (true, _) => "does not apply",
    };
    let mut lines = vec![format!("  policy {}{origin} {applies}", policy.policy)];
    for condition in &policy.conditions {
        let negative = if condition.negative { ", turned round" } else { "" };
        lines.push(format!("    {:<8} {}{negative}: {}", condition.vote, condition.condition, condition.why));
    }
    for executor in &policy.executors {
        let text = executor.text.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        lines.push(format!("    {:<8} {} of {}{text}", executor.answer, executor.executor, executor.profile));
    }
    lines
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
    }
    lines.into_iter().map(|line| printable(&line).into_owned()).collect()
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
        format!("judged {} recorded requests of {days} days, skipped {}", found.judged, found.skipped),
        format!("newly refused {}", found.newly_refused),
        format!("newly let pass {}", found.newly_passed),
        format!("refused by another rule {}", found.refused_otherwise),
    ];
    lines.extend(found.differences.iter().map(difference));
    lines.into_iter().map(|line| printable(&line).into_owned()).collect()
}

fn difference(difference: &Difference) -> String {
    let rule = |rule: &Option<Rule>| match rule {
        None => "let pass".to_owned(),
        Some(rule) => {
            format!("refused by {} / {} / {}: {}", rule.policy, rule.profile, rule.executor, rule.text)
        }
    };
    format!(
        "  {} {} {}: {} → {}",
        difference.event_id,
        difference.event,
        difference.client_id,
        rule(&difference.before),
        rule(&difference.after)
    )
}

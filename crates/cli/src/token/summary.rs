//! What was granted, for the person at the terminal. Read from the response, verified by nobody.

use std::fmt::Write;

use crate::client::code_flow::CodeFlow;
use crate::client::exchange::{Claims, TokenResponse};
use crate::output;

/// A few lines: scope, audience, how long; and what was asked for and not given.
pub(crate) fn of(flow: &CodeFlow, response: &TokenResponse) -> String {
    let asked = flow.scope.as_deref().unwrap_or_default();
    let claims = Claims::peek(response.access_token());
    let granted = response.scope().or_else(|| claims.as_ref()?.scope()).unwrap_or(asked);
    let audience = claims.as_ref().map_or_else(|| vec!["not readable here"], Claims::audience);
    let mut text = output::emphasis(&format!("Token for {}", flow.client.id)).into_owned();
    for (name, value) in [
        ("scope", words(granted)),
        ("audience", words(&audience.join(" "))),
        ("expires", response.expires_in().map_or_else(|| "not said".to_owned(), lifetime)),
    ] {
        let _to_a_string = write!(text, "\n  {name:<9} {}", output::printable(&value));
    }
    let missing: Vec<&str> =
        asked.split(' ').filter(|scope| !granted.split(' ').any(|given| given == *scope)).collect();
    if !missing.is_empty() {
        let _to_a_string = write!(text, "\n  not granted: {}", missing.join(" "));
    }
    text
}

fn words(text: &str) -> String {
    if text.is_empty() { "not said".to_owned() } else { text.to_owned() }
}

/// `in 5 minutes`; the largest unit that loses nothing worth knowing.
fn lifetime(seconds: u64) -> String {
    let (amount, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("in {amount} {unit}{}", if amount == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_rounded_down_to_a_unit_people_use() {
        for (seconds, expected) in [
            (0, "in 0 seconds"),
            (1, "in 1 second"),
            (119, "in 119 seconds"),
            (300, "in 5 minutes"),
            (7_199, "in 119 minutes"),
            (7_200, "in 2 hours"),
            (2_592_000, "in 30 days"),
        ] {
            assert_eq!(lifetime(seconds), expected);
        }
    }
}

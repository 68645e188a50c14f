//! Logs: to standard error, so that standard output stays for data.

use std::io::{self, IsTerminal as _};
use std::str::FromStr as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::output;

const UNDERSTOOD: &str =
    "it takes error, warn, info, debug, trace, off, or pairs such as sekisho_store=debug";
const VARIABLE: &str = "SEKISHO_LOG";

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// Starts the log of a server; SEKISHO_LOG chooses what is logged (`info`, `debug`, `sekisho_store=debug`).
pub(crate) fn start(format: Format) {
    subscribe(format, "info");
}

/// Starts a log that only speaks when something is wrong.
pub(crate) fn start_quietly() {
    subscribe(Format::Text, "error");
}

fn subscribe(format: Format, level: &str) {
    let filter = match filter() {
        Ok(chosen) => chosen.unwrap_or_else(|| EnvFilter::new(level)),
        Err(why) => {
            output::note(format!("{VARIABLE} is not understood ({why}), {level} is logged: {UNDERSTOOD}"));
            EnvFilter::new(level)
        }
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second start in one process (tests) keeps the first one's log.
    let _started = match format {
        Format::Text => builder.with_ansi(io::stderr().is_terminal()).with_target(false).finish().try_init(),
        Format::Json => builder.json().flatten_event(true).finish().try_init(),
    };
}

/// What the variable asks for; absent and empty ask for nothing.
fn filter() -> Result<Option<EnvFilter>, String> {
    let Ok(text) = std::env::var(VARIABLE) else { return Ok(None) };
    if text.is_empty() { Ok(None) } else { parse(&text).map(Some) }
}

/// A word alone must be a level: the filter itself would take a typo for the name of a module.
fn parse(text: &str) -> Result<EnvFilter, String> {
    let level = |part: &str| LevelFilter::from_str(part).is_ok();
    let plain = |part: &&str| part.chars().all(|c| c.is_ascii_alphabetic());
    if let Some(typo) = text.split(',').map(str::trim).filter(plain).find(|part| !level(part)) {
        return Err(format!("{typo:?} is not a level"));
    }
    EnvFilter::try_new(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_no_filter() {
        for (text, understood) in [
            ("debug", true),
            ("INFO", true),
            ("info,sekisho_store=debug", true),
            ("debgu", false),
            ("info,debgu", false),
            ("sekisho_store=debgu", false),
        ] {
            assert_eq!(parse(text).is_ok(), understood, "{text}");
        }
    }
}

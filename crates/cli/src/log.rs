//! Logs: to standard error, so that standard output stays for data.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

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
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(level));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second start in one process (tests) keeps the first one's log.
    let _started = match format {
        Format::Text => builder.with_ansi(io::stderr().is_terminal()).with_target(false).finish().try_init(),
        Format::Json => builder.json().flatten_event(true).finish().try_init(),
    };
}

//! What a person or a script sees: data on stdout, everything else on stderr.

use std::process::ExitCode;

/// Prints a failure with its causes on stderr; the process ends with 1.
pub(crate) fn report(failure: &anyhow::Error) -> ExitCode {
    eprintln!("error: {failure:#}");
    ExitCode::FAILURE
}

//! What a person or a script sees: data on stdout, everything else on stderr, colour only on a terminal.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use time::OffsetDateTime;

use crate::client::Refused;

/// The server or the person said no: another attempt with the same words ends the same way.
const REFUSED: u8 = 3;
/// What a shell reports for a process that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// The person pressed Ctrl-C.
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
pub(crate) struct Interrupted;

/// Does the work unless Ctrl-C comes first. The handler is in place before the work begins, hence the fixed order.
pub(crate) async fn interruptible<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::select! {
        biased;
        pressed = tokio::signal::ctrl_c() => { pressed?; Err(Interrupted.into()) }
        outcome = work => outcome,
    }
}

/// Whoever read standard output has gone, `head` say: no failure to tell.
#[derive(Debug, thiserror::Error)]
#[error("standard output is closed")]
pub(crate) struct Closed;

/// What a shell reports for a process that wrote to a pipe whose reader had gone (SIGPIPE).
const CLOSED: u8 = 141;

/// Whether the failure is that.
pub(crate) fn is_closed(failure: &anyhow::Error) -> bool {
    let mut causes = failure.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| matches!(cause.get_ref(), Some(inner) if inner.is::<Closed>()))
}

/// The exit code of a refusal that was already explained.
pub(crate) fn refused() -> ExitCode {
    ExitCode::from(REFUSED)
}

/// Prints a failure with its causes on stderr and picks the exit code.
pub(crate) fn report(failure: &anyhow::Error) -> ExitCode {
    if is_closed(failure) {
        return ExitCode::from(CLOSED);
    }
    note(format_args!("{} {failure:#}", emphasis("error:")));
    if failure.is::<Refused>() {
        refused()
    } else if failure.is::<Interrupted>() {
        ExitCode::from(INTERRUPTED)
    } else {
        ExitCode::FAILURE
    }
}

/// One line for the person. A closed stderr is no reason to stop.
pub(crate) fn note(line: impl Display) {
    let _closed = writeln!(io::stderr().lock(), "{line}");
}

/// One line of data for whoever reads stdout.
pub(crate) fn data(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(line.as_bytes()).and_then(|()| stdout.write_all(b"\n"));
    written.and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => io::Error::new(io::ErrorKind::BrokenPipe, Closed),
        _ => error,
    })
}

/// Text that came from a server, for stdout: as it is into a pipe, without control characters on a terminal.
pub(crate) fn foreign_data(text: &str) -> io::Result<()> {
    if io::stdout().is_terminal() { data(&printable(text)) } else { data(text) }
}

/// The text in bold where stderr shows colours.
pub(crate) fn emphasis(text: &str) -> Cow<'_, str> {
    if colours(io::stderr().is_terminal(), std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty())) {
        Cow::Owned(format!("\x1b[1m{text}\x1b[0m"))
    } else {
        Cow::Borrowed(text)
    }
}

/// What a change is: shown in colour, and by a sign where there is none.
#[derive(Clone, Copy)]
pub(crate) enum Colour {
    Green,
    Yellow,
    Red,
}

/// The text in a colour where stdout shows colours.
pub(crate) fn coloured(text: &str, colour: Colour) -> Cow<'_, str> {
    if !colours(io::stdout().is_terminal(), std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty())) {
        return Cow::Borrowed(text);
    }
    let code = match colour {
        Colour::Red => 31,
        Colour::Green => 32,
        Colour::Yellow => 33,
    };
    Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m"))
}

fn colours(terminal: bool, refused: bool) -> bool {
    terminal && !refused
}

/// Text from outside without what a terminal would obey: an escape sequence could rewrite the screen,
/// and with it what the person believes to have read.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let obeyed = |c: char| c.is_control() && c != '\n' && c != '\t';
    if text.contains(obeyed) { Cow::Owned(text.replace(obeyed, "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// A word as a POSIX shell reads it back, so that a printed command can be pasted whoever chose its words.
pub(crate) fn shell_word(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return Cow::Borrowed(word);
    }
    let one_line = printable(word).replace(['\n', '\t'], " ");
    Cow::Owned(format!("'{}'", one_line.replace('\'', r"'\''")))
}

/// Epoch milliseconds as people read them: `2026-01-01 00:00:00Z`.
pub(crate) fn instant(milliseconds: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(milliseconds.div_euclid(1000));
    let at = at.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (hour, minute, second) = at.to_hms();
    format!("{} {hour:02}:{minute:02}:{second:02}Z", at.date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_needs_a_terminal_and_no_objection() {
        assert!(colours(true, false));
        assert!(!colours(true, true));
        assert!(!colours(false, false));
    }

    #[test]
    fn escape_sequences_from_outside_are_not_obeyed() {
        assert_eq!(printable("Hello.\n\tdone"), "Hello.\n\tdone");
        assert_eq!(printable("\x1b[2Jnew\rline\u{9b}1m"), "\u{fffd}[2Jnew\u{fffd}line\u{fffd}1m");
    }

    #[test]
    fn a_printed_command_cannot_smuggle_another() {
        for (word, expected) in [
            ("http://localhost:8080/realms/myrealm", "http://localhost:8080/realms/myrealm"),
            ("hello world", "'hello world'"),
            ("", "''"),
            ("$(reboot)", "'$(reboot)'"),
            ("a'; reboot; '", r"'a'\''; reboot; '\'''"),
            ("a\nreboot", "'a reboot'"),
            ("https://a/?b=c&d=e", "'https://a/?b=c&d=e'"),
        ] {
            assert_eq!(shell_word(word), expected, "{word:?}");
        }
    }

    #[test]
    fn refusals_and_interruptions_have_exit_codes_of_their_own() {
        let refused = Refused { error: "access_denied".into(), description: None };
        for (failure, code) in [
            (anyhow::anyhow!("no such host"), ExitCode::FAILURE),
            (anyhow::Error::from(refused).context("login"), ExitCode::from(3)),
            (anyhow::Error::from(Interrupted), ExitCode::from(130)),
        ] {
            assert_eq!(format!("{:?}", report(&failure)), format!("{code:?}"));
        }
    }
}

//! `--hostname`: the public address that issuers begin with (OpenID Connect Discovery §3).

use std::ffi::OsStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, Command, Error};
use url::Url;

const RULE: &str = "an http or https address with a host and without user, query and fragment, \
    such as https://id.example.org";

/// What was given for `--hostname`. A variable that is there and empty names no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hostname(Option<Url>);

/// Reads `--hostname` and its variable.
#[derive(Clone)]
pub(crate) struct Parser;

impl Hostname {
    /// The address, where one was given.
    pub(crate) fn url(&self) -> Option<&Url> {
        self.0.as_ref()
    }
}

/// The address as issuers begin with it: without a slash at its end.
pub(crate) fn base(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// Reads an address.
fn parse(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && text.contains("://") && url.has_host();
    let bare = url.username().is_empty() && url.password().is_none() && !text.contains('@');
    let no_more = url.query().is_none() && url.fragment().is_none();
    (web && bare && no_more).then_some(url)
}

impl TypedValueParser for Parser {
    type Value = Hostname;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Hostname, Error> {
        self.parse_ref_(command, arg, value, ValueSource::CommandLine)
    }

    fn parse_ref_(
        &self,
        command: &Command,
        _arg: Option<&Arg>,
        value: &OsStr,
        source: ValueSource,
    ) -> Result<Hostname, Error> {
        if value.is_empty() && source == ValueSource::EnvVariable {
            return Ok(Hostname(None));
        }
        let text = value.to_string_lossy();
        let url = parse(&text).ok_or_else(|| {
            let message = format!("invalid value {text:?} for --hostname (SEKISHO_HOSTNAME): it is {RULE}");
            Error::raw(ErrorKind::ValueValidation, format!("{message}\n")).with_cmd(command)
        })?;
        Ok(Hostname(Some(url)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_issuer_can_begin_with_is_a_hostname() {
        for (text, expected) in [
            ("https://id.example.org", Some("https://id.example.org")),
            ("https://id.example.org/", Some("https://id.example.org")),
            ("https://example.org/sign-in/", Some("https://example.org/sign-in")),
            ("HTTPS://ID.example.org:443", Some("https://id.example.org")),
            ("http://localhost:8080", Some("http://localhost:8080")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("", None),
            ("foo", None),
            ("id.example.org", None),
            ("id.example.org:443", None),
            ("https:id.example.org", None),
            ("https://", None),
            ("javascript:x", None),
            ("ftp://id.example.org", None),
            ("https://ann@id.example.org", None),
            ("https://ann:word@id.example.org", None),
            ("https://@id.example.org", None),
            ("https://id.example.org/?a=b", None),
            ("https://id.example.org?", None),
            ("https://id.example.org/#a", None),
        ] {
            assert_eq!(parse(text).as_ref().map(base), expected, "{text:?}");
        }
    }

    #[test]
    fn empty_is_unset_as_a_variable_and_wrong_as_a_flag() {
        let read =
            |text: &str, source| Parser.parse_ref_(&Command::new("serve"), None, OsStr::new(text), source);
        assert_eq!(read("", ValueSource::EnvVariable).unwrap(), Hostname(None));
        for (text, source) in [("", ValueSource::CommandLine), ("foo", ValueSource::EnvVariable)] {
            let error = read(text, source).unwrap_err();
            assert_eq!((error.exit_code(), error.kind()), (2, ErrorKind::ValueValidation), "{text:?}");
            assert!(error.to_string().contains("https://id.example.org"), "{error}");
        }
    }
}

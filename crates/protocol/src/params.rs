//! Form and query parameters (OAuth 2.1 §3.1, §3.2: a parameter must not be sent twice).

use crate::Cause;

/// Names that a client may send more than once: `resource` (RFC 8707 §2) and `audience` (RFC 8693 §2.1).
const REPEATABLE: &[&str] = &["resource", "audience"];

/// No request of ours has more parameters; each is compared with those before it.
const MAX_PAIRS: usize = 200;

/// Whether this can be a form of ours: not too many pairs, and no NUL, which no database text may hold.
fn is_plausible(text: &[u8]) -> bool {
    let pairs = text.split(|byte| *byte == b'&').count();
    let nul = text.contains(&0) || text.windows(3).any(|part| part == b"%00");
    pairs <= MAX_PAIRS && !nul
}

/// Parameters of one request, each name once but for `resource` and `audience`.
#[derive(Clone, PartialEq, Eq)]
pub struct Params {
    pairs: Vec<(String, String)>,
}

impl Params {
    /// Reads `application/x-www-form-urlencoded` text: a body or a query.
    ///
    /// # Errors
    /// [`Cause::ParameterRepeated`] when a name other than `resource` and `audience` stands twice.
    pub fn parse(text: &[u8]) -> Result<Self, Cause> {
        if !is_plausible(text) {
            return Err(Cause::RequestMalformed);
        }
        let (params, repeated) = Self::parse_first(text);
        repeated.map_or(Ok(params), |name| Err(Cause::ParameterRepeated(name)))
    }

    /// The same, but keeps the first value of a repeated name and tells which name it was: the
    /// authorization endpoint must find the client before it knows where to send that error.
    pub fn parse_first(text: &[u8]) -> (Self, Option<String>) {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut repeated = None;
        for (name, value) in url::form_urlencoded::parse(text).take(MAX_PAIRS) {
            if name.contains('\0') || value.contains('\0') {
                continue;
            }
            let seen = pairs.iter().any(|(known, _)| *known == name);
            if seen && !REPEATABLE.contains(&name.as_ref()) {
                // Two client ids weigh more than any other repetition: nobody knows who asks.
                if repeated.is_none() || name == "client_id" {
                    repeated = Some(name.into_owned());
                }
            } else {
                pairs.push((name.into_owned(), value.into_owned()));
            }
        }
        (Self { pairs }, repeated)
    }

    /// No parameters at all.
    pub const fn empty() -> Self {
        Self { pairs: Vec::new() }
    }

    /// Parameters from pairs that are known to be well formed.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self { pairs: pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }

    /// The value of this name.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of this name, empty counting as absent.
    pub fn find_filled(&self, name: &str) -> Option<&str> {
        self.find(name).filter(|value| !value.is_empty())
    }

    /// The value of a name that must be there.
    ///
    /// # Errors
    /// [`Cause::ParameterMissing`] with the name.
    pub fn require(&self, name: &'static str) -> Result<&str, Cause> {
        self.find(name).ok_or(Cause::ParameterMissing(name))
    }

    /// Every value of a name that may be repeated, in order.
    pub fn all<'a>(&'a self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All pairs in the order sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_parameter_is_refused() {
        for (text, repeated) in [
            ("grant_type=a&grant_type=a", Some("grant_type")),
            ("grant_type=a&grant%5Ftype=b", Some("grant_type")),
            ("resource=a&resource=b&audience=c&audience=d", None),
            ("", None),
            ("a=1&b=2", None),
        ] {
            let outcome = Params::parse(text.as_bytes()).err();
            assert_eq!(outcome, repeated.map(|name| Cause::ParameterRepeated(name.to_owned())), "{text}");
        }
    }

    #[test]
    fn first_value_of_a_repeated_name_is_kept_for_the_authorization_endpoint() {
        let (params, repeated) = Params::parse_first(b"state=first&state=second&client_id=c");
        assert_eq!(params.find("state"), Some("first"));
        assert_eq!(repeated.as_deref(), Some("state"));
    }

    #[test]
    fn a_repeated_client_id_is_told_before_all_else() {
        let (_, repeated) = Params::parse_first(b"state=1&state=2&client_id=a&client_id=b&nonce=1&nonce=2");
        assert_eq!(repeated.as_deref(), Some("client_id"));
    }

    #[test]
    fn floods_and_nul_are_refused() {
        let flood = (0..201).map(|n| format!("n{n}=")).collect::<Vec<_>>().join("&");
        for text in [flood.as_str(), "client_id=a%00b", "client_id=a\0b"] {
            assert_eq!(Params::parse(text.as_bytes()).err(), Some(Cause::RequestMalformed), "{text:.20}");
        }
        let (params, _) = Params::parse_first(b"client_id=a%00b&state=s");
        assert_eq!((params.find("client_id"), params.find("state")), (None, Some("s")));
    }

    #[test]
    fn missing_parameter_is_named() {
        let params = Params::parse(b"code=").expect("well formed");
        assert_eq!(params.require("code"), Ok(""));
        assert_eq!(params.find_filled("code"), None);
        assert_eq!(params.require("grant_type"), Err(Cause::ParameterMissing("grant_type")));
    }
}

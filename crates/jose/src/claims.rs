//! The claims of a token (RFC 7519 §4), read by name.

use serde_json::{Map, Value};

use sekisho_protocol::Timestamp;

use crate::TokenError;

/// Claims of a token that [`crate::verify`] let through. `iss` and `exp` are there, every time is a number,
/// `aud` is a text or a list of texts.
#[derive(Clone)]
pub struct Claims {
    members: Map<String, Value>,
    issuer: String,
    expires: Timestamp,
}

/// Claims of a token that nobody looked at yet. They say whom the sender claims to be.
#[derive(Clone)]
pub struct UnverifiedClaims(Map<String, Value>);

/// The key that a token is bound to (RFC 7800), by its thumbprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation<'a> {
    /// `jkt`: the key of the DPoP proof (RFC 9449 §6.1).
    Key(&'a str),
    /// `x5t#S256`: the certificate of the connection (RFC 8705 §3.1).
    Certificate(&'a str),
    /// Bound in a way that we do not know, or in several. Nobody can show that it is theirs: refuse it.
    Unknown,
}

impl Claims {
    /// Checks the kinds of the registered claims, and that `iss` and `exp` are there.
    pub(crate) fn check(members: Map<String, Value>) -> Result<Self, TokenError> {
        let issuer = text(&members, "iss")?.ok_or(TokenError::ClaimMissing("iss"))?.to_owned();
        let expires = time(&members, "exp")?.ok_or(TokenError::ClaimMissing("exp"))?;
        for name in ["sub", "jti"] {
            text(&members, name)?;
        }
        for name in ["nbf", "iat"] {
            time(&members, name)?;
        }
        match members.get("aud") {
            None | Some(Value::String(_)) => {}
            Some(Value::Array(values)) if values.iter().all(Value::is_string) => {}
            Some(_) => return Err(TokenError::ClaimMalformed("aud")),
        }
        Ok(Self { members, issuer, expires })
    }

    /// `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `sub`.
    pub fn subject(&self) -> Option<&str> {
        self.text("sub")
    }

    /// `aud`, whether written as a text or as a list.
    pub fn audiences(&self) -> Vec<&str> {
        match self.members.get("aud") {
            Some(Value::String(audience)) => vec![audience],
            Some(Value::Array(audiences)) => audiences.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether `aud` names this audience, letter by letter.
    pub fn has_audience(&self, audience: &str) -> bool {
        match self.members.get("aud") {
            Some(Value::String(found)) => found == audience,
            Some(Value::Array(found)) => found.iter().any(|found| found.as_str() == Some(audience)),
            _ => false,
        }
    }

    /// `exp`.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// `iat`.
    pub fn issued(&self) -> Option<Timestamp> {
        time(&self.members, "iat").ok().flatten()
    }

    /// `nbf`.
    pub fn not_before(&self) -> Option<Timestamp> {
        time(&self.members, "nbf").ok().flatten()
    }

    /// `jti`.
    pub fn jti(&self) -> Option<&str> {
        self.text("jti")
    }

    /// `scope`, split at spaces (RFC 8693 §4.2).
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.text("scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty())
    }

    /// `client_id` (RFC 8693 §4.3), else `azp`, where Keycloak has it.
    pub fn client_id(&self) -> Option<&str> {
        self.text("client_id").or_else(|| self.text("azp"))
    }

    /// `sid`: the session.
    pub fn session(&self) -> Option<&str> {
        self.text("sid")
    }

    /// `typ`: Keycloak's kind of token. Not the header's `typ`.
    pub fn token_type(&self) -> Option<&str> {
        self.text("typ")
    }

    /// `cnf`: the key the token is bound to; nothing for a bearer token.
    pub fn confirmation_thumbprint(&self) -> Option<Confirmation<'_>> {
        let confirmation = self.members.get("cnf")?;
        let member = |name| confirmation.get(name).and_then(Value::as_str);
        Some(match (member("jkt"), member("x5t#S256")) {
            _ if confirmation.as_object().is_none_or(|members| members.len() != 1) => Confirmation::Unknown,
            (Some(thumbprint), None) => Confirmation::Key(thumbprint),
            (None, Some(thumbprint)) => Confirmation::Certificate(thumbprint),
            _ => Confirmation::Unknown,
        })
    }

    /// A claim that must be there as a text: an error names it when it is not.
    pub fn require(&self, name: &'static str) -> Result<&str, TokenError> {
        text(&self.members, name)?.ok_or(TokenError::ClaimMissing(name))
    }

    /// Any claim.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// All claims, in the order of the token.
    pub fn raw(&self) -> &Map<String, Value> {
        &self.members
    }

    /// All claims, to keep.
    pub fn into_raw(self) -> Map<String, Value> {
        self.members
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }
}

impl UnverifiedClaims {
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// `iss`.
    pub fn issuer(&self) -> Option<&str> {
        self.text("iss")
    }

    /// `sub`.
    pub fn subject(&self) -> Option<&str> {
        self.text("sub")
    }

    /// `client_id`, else `azp`.
    pub fn client_id(&self) -> Option<&str> {
        self.text("client_id").or_else(|| self.text("azp"))
    }

    /// `typ`: Keycloak's kind of token.
    pub fn token_type(&self) -> Option<&str> {
        self.text("typ")
    }

    /// Any claim.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All claims.
    pub fn raw(&self) -> &Map<String, Value> {
        &self.0
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, TokenError> {
    members.get(name).map(|value| value.as_str().ok_or(TokenError::ClaimMalformed(name))).transpose()
}

/// A `NumericDate` (RFC 7519 §2): a number, with or without a fraction.
fn time(members: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, TokenError> {
    members.get(name).map(|value| numeric_date(value).ok_or(TokenError::ClaimMalformed(name))).transpose()
}

fn numeric_date(value: &Value) -> Option<Timestamp> {
    if let Some(seconds) = value.as_i64() {
        return Some(Timestamp::from_seconds(seconds));
    }
    let milliseconds = (value.as_f64()? * 1000.0).floor();
    // Within what a double counts exactly: year 287,396. No clock gets there.
    let exact = milliseconds.abs() < 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 53 bits")]
    exact.then_some(Timestamp(milliseconds as i64))
}

#[cfg(test)]
mod tests;

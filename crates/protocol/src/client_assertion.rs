//! Client assertions (RFC 7521 §4.2, RFC 7523 §2.2): the parameters, and what may be wrong with one.

/// The value of `client_assertion_type`.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Why the assertion of a known client was refused. RFC 7521 §4.2.1 lets the description say it: whoever made the
/// assertion knows what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssertionFault {
    /// The client is registered to send one and did not.
    Missing,
    /// It is not a JWT, or a claim has a value of the wrong kind.
    Malformed,
    /// An algorithm that the client may not use, `none` among them.
    Algorithm,
    /// No key of the client is the one that it names.
    Key,
    /// The signature is not one of the client's key.
    Signature,
    /// The client's secret is too short for any HMAC (RFC 7518 §3.2).
    SecretShort,
    /// `aud` does not name this server.
    Audience,
    /// `aud` names several.
    Audiences,
    /// No `exp`.
    ExpiryMissing,
    /// `exp` is past or `nbf` to come.
    Inactive,
    /// `iat` is to come.
    IssuedInFuture,
    /// `iat` is longer ago than an assertion of the client may live.
    IssuedLongAgo,
    /// Without `iat`, `exp` is further away than an assertion of the client may live.
    ExpiryFar,
    /// No `jti`.
    JtiMissing,
    /// Its `jti` was used before.
    Replayed,
}

impl AssertionFault {
    /// The words of Keycloak where it has some.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Missing => "Parameter client_assertion_type is missing",
            Self::Malformed => "Client assertion is not well-formed",
            Self::Algorithm => "Invalid signature algorithm",
            Self::Key => "Unable to load public key",
            // That a secret is short is told to the operator, and to nobody who guesses at it.
            Self::Signature | Self::SecretShort => {
                "Client authentication with signed JWT failed: Signature on JWT token failed validation"
            }
            Self::Audience => "Invalid token audience",
            Self::Audiences => "Multiple audiences not allowed",
            Self::ExpiryMissing => "Token exp claim is required",
            Self::Inactive => "Token is not active",
            Self::IssuedInFuture => "Token was issued in the future",
            Self::IssuedLongAgo => "Token was issued too far in the past to be used now",
            Self::ExpiryFar => "Token expiration is too far in the future and iat claim not present in token",
            Self::JtiMissing => "Token jti claim is required",
            Self::Replayed => "Token reuse detected",
        }
    }
}

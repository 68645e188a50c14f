//! Where the keys of an issuer are: its metadata (RFC 8414 §3, OpenID Connect Discovery 1.0 §4) and the key
//! set (RFC 7517 §5) that it names.

use http::HeaderMap;
use http::header::CACHE_CONTROL;
use sekisho_jose::{JwkSet, Keys};
use sekisho_outbound::{AddressError, Client, Configured, OutboundError};
use serde::Deserialize;
use url::Url;

/// Why the keys of the issuer are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// No answer.
    #[error("the issuer does not answer: {0}")]
    Outbound(#[from] OutboundError),
    /// An answer, but not 200.
    #[error("the issuer answers with status {0}")]
    Status(u16),
    /// Neither metadata nor a key set.
    #[error("the issuer's document cannot be read")]
    Malformed,
    /// The metadata is that of another issuer (RFC 8414 §3.3).
    #[error("the issuer's metadata names another issuer")]
    IssuerMismatch,
    /// `jwks_uri` is no address, or gives up TLS where the issuer has it.
    #[error("the issuer's jwks_uri may not be used")]
    JwksUri,
    /// The set has no key that could verify a signature.
    #[error("the issuer publishes no usable key")]
    NoKeys,
    /// The fetch was cut short, as when the process shuts down.
    #[error("the fetch was interrupted")]
    Interrupted,
}

/// An issuer and the two places where its metadata may be.
pub(crate) struct Issuer {
    identifier: String,
    metadata: [Configured; 2],
    client: Client,
}

/// A key set and how long the issuer says it stays fresh.
pub(crate) struct Fetched {
    pub(crate) set: JwkSet,
    pub(crate) max_age_seconds: i64,
}

impl Issuer {
    pub(crate) fn new(identifier: &str, client: Client) -> Result<Self, AddressError> {
        Configured::parse(identifier)?;
        let url = Url::parse(identifier).map_err(|_| AddressError::Unreadable)?;
        let origin = url.origin().ascii_serialization();
        let path = url.path().trim_end_matches('/');
        let metadata = [
            Configured::parse(&format!("{origin}/.well-known/oauth-authorization-server{path}"))?,
            Configured::parse(&format!("{origin}{path}/.well-known/openid-configuration"))?,
        ];
        Ok(Self { identifier: identifier.to_owned(), metadata, client })
    }

    /// Fetches metadata, then the key set.
    pub(crate) async fn fetch(&self) -> Result<Fetched, IssuerError> {
        let jwks_uri = self.jwks_uri().await?;
        let response = self.client.get(&jwks_uri).await?;
        if response.status != http::StatusCode::OK {
            return Err(IssuerError::Status(response.status.as_u16()));
        }
        let set = JwkSet::parse(&response.body).map_err(|_| IssuerError::Malformed)?;
        if Keys::from_set(&set).is_empty() {
            return Err(IssuerError::NoKeys);
        }
        Ok(Fetched { set, max_age_seconds: max_age(&response.headers) })
    }

    /// The second place is asked when the first one answered, but not with this issuer's metadata.
    async fn jwks_uri(&self) -> Result<Configured, IssuerError> {
        let [inserted, appended] = &self.metadata;
        match self.jwks_uri_at(inserted).await {
            Err(IssuerError::Status(_) | IssuerError::Malformed | IssuerError::IssuerMismatch) => {
                self.jwks_uri_at(appended).await
            }
            found => found,
        }
    }

    async fn jwks_uri_at(&self, address: &Configured) -> Result<Configured, IssuerError> {
        #[derive(Deserialize)]
        struct Metadata {
            issuer: String,
            jwks_uri: String,
        }
        let response = self.client.get(address).await?;
        if response.status != http::StatusCode::OK {
            return Err(IssuerError::Status(response.status.as_u16()));
        }
        let metadata: Metadata =
            serde_json::from_slice(&response.body).map_err(|_| IssuerError::Malformed)?;
        if metadata.issuer != self.identifier {
            return Err(IssuerError::IssuerMismatch);
        }
        check_jwks_uri(&self.identifier, &metadata.jwks_uri)
    }
}

/// Keys over plain HTTP would let anybody on the way sign as an issuer that is reached over TLS.
fn check_jwks_uri(issuer: &str, jwks_uri: &str) -> Result<Configured, IssuerError> {
    if is_https(issuer) && !is_https(jwks_uri) {
        return Err(IssuerError::JwksUri);
    }
    Configured::parse(jwks_uri).map_err(|_| IssuerError::JwksUri)
}

fn is_https(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| url.scheme() == "https")
}

const DEFAULT_MAX_AGE: i64 = 600;
/// Below, every call would fetch; above, a key that was withdrawn would live on for too long.
const MAX_AGE: std::ops::RangeInclusive<i64> = 60..=3600;

/// `max-age` of `Cache-Control` (RFC 9111 §5.2.2), within bounds.
fn max_age(headers: &HeaderMap) -> i64 {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut seconds = DEFAULT_MAX_AGE;
    for directive in values.flat_map(|value| value.split(',')).map(str::trim) {
        if directive.eq_ignore_ascii_case("no-store") || directive.eq_ignore_ascii_case("no-cache") {
            return *MAX_AGE.start();
        }
        if let Some((name, value)) = directive.split_once('=')
            && name.eq_ignore_ascii_case("max-age")
            && let Ok(value) = value.trim_matches('"').parse::<i64>()
        {
            seconds = value;
        }
    }
    seconds.clamp(*MAX_AGE.start(), *MAX_AGE.end())
}

#[cfg(test)]
mod tests {
    use sekisho_outbound::{Address as _, Options};

    use super::*;

    #[test]
    fn metadata_is_looked_for_where_the_issuer_may_have_it() {
        let cases = [
            (
                "http://localhost:8080/realms/a",
                "http://localhost:8080/.well-known/oauth-authorization-server/realms/a",
                "http://localhost:8080/realms/a/.well-known/openid-configuration",
            ),
            (
                "https://idp.example/",
                "https://idp.example/.well-known/oauth-authorization-server",
                "https://idp.example/.well-known/openid-configuration",
            ),
        ];
        let client = Client::new(&Options::default()).unwrap();
        for (identifier, inserted, appended) in cases {
            let issuer = Issuer::new(identifier, client.clone()).unwrap();
            assert_eq!(issuer.metadata.each_ref().map(Configured::as_str), [inserted, appended]);
        }
    }

    #[test]
    fn keys_are_not_fetched_over_less_than_the_issuer_has() {
        let cases = [
            ("https://idp.example", "https://keys.example/certs", true),
            ("HTTPS://idp.example", "http://idp.example/certs", false),
            ("https://idp.example", "http://idp.example/certs", false),
            ("http://localhost:8080", "http://localhost:8080/certs", true),
            ("http://localhost:8080", "https://keys.example/certs", true),
            ("http://localhost:8080", "/certs", false),
            ("http://localhost:8080", "file:///certs", false),
        ];
        for (issuer, jwks_uri, accepted) in cases {
            assert_eq!(check_jwks_uri(issuer, jwks_uri).is_ok(), accepted, "{issuer} {jwks_uri}");
        }
    }

    #[test]
    fn the_lifetime_of_keys_is_bounded() {
        let cases = [
            ("max-age=300", 300),
            ("public, MAX-AGE=\"300\"", 300),
            ("max-age=31536000", 3600),
            ("max-age=0", 60),
            ("max-age=300, no-cache", 60),
            ("no-store", 60),
            ("max-age=-1", 60),
            ("max-age=soon", 600),
            ("public", 600),
        ];
        for (value, expected) in cases {
            let headers = HeaderMap::from_iter([(CACHE_CONTROL, value.parse().unwrap())]);
            assert_eq!(max_age(&headers), expected, "{value}");
        }
        assert_eq!(max_age(&HeaderMap::new()), 600);
    }
}

//! Clients, and whether one may use a grant.

use std::collections::HashMap;
use std::sync::Arc;

use sekisho_protocol::keycloak::ClientRepresentation;
use sekisho_protocol::{AssertionFault, Cause, GrantType, Timestamp};
use uuid::Uuid;

pub mod assertion;
pub mod complete;
mod keys;
pub mod read;
pub mod register;
pub mod registration;
pub mod registration_policy;
pub mod registration_token;
pub mod secret_life;
pub mod shape;

pub use self::keys::ClientKeys;
use crate::claims::Mapper;
use crate::policy::event::Assertion;
use crate::secret::Secret;

/// The attribute of clients that came with a realm of ours. Its starting policy is not about them, so that nobody
/// gives it to a client or takes it away.
pub const BUILT_IN: &str = "sekisho.built-in";

/// Whether a realm needs the client: without it nobody could see their account, or use a tool.
pub fn is_built_in(client_id: &str) -> bool {
    matches!(client_id, "account" | "account-console" | "admin-cli" | "broker" | "security-admin-console")
}

/// A registered client.
#[expect(clippy::struct_excessive_bools, reason = "the switches of Keycloak's representation")]
#[derive(Clone, Debug)]
pub struct Client {
    pub id: Uuid,
    pub realm: Uuid,
    pub client_id: String,
    pub name: Option<String>,
    pub enabled: bool,
    pub protocol: ClientProtocol,
    pub kind: ClientKind,
    pub authenticator: Authenticator,
    /// Only confidential clients have one.
    pub secret: Option<Secret>,
    /// The one before, which may be good for a while.
    pub rotated_secret: Option<Secret>,
    pub keys: ClientKeys,
    pub root_url: Option<String>,
    pub base_url: Option<String>,
    pub redirect_uris: Vec<String>,
    pub web_origins: Vec<String>,
    pub consent_required: bool,
    pub standard_flow: bool,
    pub direct_access_grants: bool,
    pub service_accounts: bool,
    pub full_scope_allowed: bool,
    pub not_before: i64,
    pub attributes: HashMap<String, String>,
    pub default_scopes: Vec<String>,
    pub optional_scopes: Vec<String>,
    pub mappers: Vec<Mapper>,
    pub version: i64,
    /// It registered itself, and this would be its first use.
    pub awaits_use: bool,
}

/// Keycloak's access type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    Public,
    Confidential,
    BearerOnly,
}

/// Which protocol a client is registered for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientProtocol {
    OpenidConnect,
    /// One that is stored but not served here, such as `saml`.
    Other(String),
}

/// How a confidential client is registered to authenticate; Keycloak's `clientAuthenticatorType`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authenticator {
    /// `client-secret`: `client_secret_basic` and `client_secret_post`.
    Secret,
    /// `client-jwt`: `private_key_jwt`.
    PrivateKeyJwt,
    /// `client-secret-jwt`: `client_secret_jwt`.
    SecretJwt,
    /// One that is stored but not served yet.
    Other(String),
}

/// What a client sent to prove who it is.
pub enum Presented<'a> {
    /// `client_id` alone: `none`.
    Identifier,
    /// `client_secret_basic` or `client_secret_post`.
    Secret(&'a str),
}

/// Proof that the client is who it says, as far as its kind can prove it. Made by [`authenticate`] and [`assertion::settle`] only.
#[derive(Clone, Debug)]
pub struct Authenticated<'a> {
    client: &'a Client,
    assertion: Option<Arc<Assertion>>,
}

/// Proof that an authenticated client may use the grant. Made by [`permit`] only.
#[derive(Clone, Debug)]
pub struct Permitted<'a>(Authenticated<'a>);

/// Checks what a client presented (OAuth 2.1 §2.4).
///
/// # Errors
/// [`Cause::ClientDisabled`], [`Cause::ClientProtocol`], [`Cause::ClientBearerOnly`],
/// [`Cause::ClientAuthenticationMethod`], [`Cause::ClientAuthenticationMissing`], [`Cause::ClientAssertion`] or
/// [`Cause::ClientSecretWrong`].
pub fn authenticate<'a>(
    client: &'a Client,
    presented: &Presented<'_>,
    now: Timestamp,
) -> Result<Authenticated<'a>, Cause> {
    check_served(client)?;
    match (client.kind, presented) {
        (ClientKind::BearerOnly, _) => Err(Cause::ClientBearerOnly),
        // A public client has no secret to be wrong; what it sends as one proves nothing and is not looked at.
        (ClientKind::Public, _) => Ok(Authenticated { client, assertion: None }),
        (ClientKind::Confidential, _) if client.authenticator.wants_assertion() => {
            Err(Cause::ClientAssertion(AssertionFault::Missing))
        }
        (ClientKind::Confidential, Presented::Identifier) => Err(Cause::ClientAuthenticationMissing),
        (ClientKind::Confidential, Presented::Secret(secret)) => check_secret(client, secret, now),
    }
}

/// Whether a client may send a browser here.
///
/// # Errors
/// [`Cause::ClientDisabled`], [`Cause::ClientProtocol`] or [`Cause::ClientBearerOnly`].
pub fn check_for_browser(client: &Client) -> Result<(), Cause> {
    check_served(client)?;
    if client.kind == ClientKind::BearerOnly { Err(Cause::ClientBearerOnly) } else { Ok(()) }
}

fn check_served(client: &Client) -> Result<(), Cause> {
    match (client.enabled, &client.protocol) {
        (false, _) => Err(Cause::ClientDisabled),
        (true, ClientProtocol::Other(_)) => Err(Cause::ClientProtocol),
        (true, ClientProtocol::OpenidConnect) => Ok(()),
    }
}

fn check_secret<'a>(client: &'a Client, offered: &str, now: Timestamp) -> Result<Authenticated<'a>, Cause> {
    if client.authenticator != Authenticator::Secret {
        return Err(Cause::ClientAuthenticationMethod);
    }
    if secret_life::is_good(client, offered, now) {
        Ok(Authenticated { client, assertion: None })
    } else {
        Err(Cause::ClientSecretWrong)
    }
}

/// Whether the client may use this grant.
///
/// # Errors
/// [`Cause::StandardFlowDisabled`], [`Cause::ServiceAccountPublic`], [`Cause::ServiceAccountDisabled`],
/// [`Cause::DirectGrantDisabled`], [`Cause::ConsentRequired`], or what [`check_binding`] says.
pub fn permit(authenticated: Authenticated<'_>, grant: GrantType) -> Result<Permitted<'_>, Cause> {
    let client = authenticated.client;
    check_binding(client)?;
    match grant {
        GrantType::AuthorizationCode if !client.standard_flow => Err(Cause::StandardFlowDisabled),
        GrantType::ClientCredentials if client.kind == ClientKind::Public => Err(Cause::ServiceAccountPublic),
        GrantType::ClientCredentials if !client.service_accounts => Err(Cause::ServiceAccountDisabled),
        GrantType::Password if !client.direct_access_grants => Err(Cause::DirectGrantDisabled),
        GrantType::Password if client.consent_required => Err(Cause::ConsentRequired),
        GrantType::AuthorizationCode
        | GrantType::RefreshToken
        | GrantType::ClientCredentials
        | GrantType::Password => Ok(Permitted(authenticated)),
    }
}

/// A client whose tokens must be bound gets none that are not: nothing here binds one yet.
fn check_binding(client: &Client) -> Result<(), Cause> {
    if client.is_on("dpop.bound.access.tokens") {
        Err(Cause::DpopProofMissing)
    } else if client.is_on("tls.client.certificate.bound.access.tokens") {
        Err(Cause::CertificateMissing)
    } else {
        Ok(())
    }
}

impl ClientKind {
    /// The access type that a representation describes.
    pub const fn of(client: &ClientRepresentation) -> Self {
        match (client.bearer_only, client.public_client) {
            (Some(true), _) => Self::BearerOnly,
            (_, Some(true)) => Self::Public,
            _ => Self::Confidential,
        }
    }
}

impl ClientProtocol {
    /// From Keycloak's name; a representation without one is about OpenID Connect.
    pub fn of(name: Option<&str>) -> Self {
        match name {
            None | Some("openid-connect") => Self::OpenidConnect,
            Some(other) => Self::Other(other.to_owned()),
        }
    }

    /// Keycloak's name.
    pub fn name(&self) -> &str {
        match self {
            Self::OpenidConnect => "openid-connect",
            Self::Other(name) => name,
        }
    }
}

impl Authenticator {
    /// From Keycloak's name; a representation without one means the secret.
    pub fn of(name: Option<&str>) -> Self {
        match name {
            None | Some("client-secret") => Self::Secret,
            Some("client-jwt") => Self::PrivateKeyJwt,
            Some("client-secret-jwt") => Self::SecretJwt,
            Some(other) => Self::Other(other.to_owned()),
        }
    }

    /// Keycloak's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Secret => "client-secret",
            Self::PrivateKeyJwt => "client-jwt",
            Self::SecretJwt => "client-secret-jwt",
            Self::Other(name) => name,
        }
    }

    /// Whether it is one of the two by a signed JWT.
    pub const fn wants_assertion(&self) -> bool {
        matches!(self, Self::PrivateKeyJwt | Self::SecretJwt)
    }
}

impl<'a> Authenticated<'a> {
    /// The client behind the proof.
    pub const fn client(&self) -> &'a Client {
        self.client
    }

    /// What authenticated it, where that was an assertion.
    pub fn assertion(&self) -> Option<Arc<Assertion>> {
        self.assertion.clone()
    }
}

impl<'a> Permitted<'a> {
    /// The client behind the proof.
    pub const fn client(&self) -> &'a Client {
        self.0.client
    }

    /// The assertion that authenticated it, where one did.
    pub fn assertion(&self) -> Option<&Assertion> {
        self.0.assertion.as_deref()
    }
}

impl Client {
    /// An attribute, empty counting as absent.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether an attribute is switched on.
    pub fn is_on(&self, attribute: &str) -> bool {
        self.attribute(attribute) == Some("true")
    }

    /// A number of seconds in an attribute; absent, unreadable or not positive counts as not set.
    pub fn seconds(&self, attribute: &str) -> Option<i64> {
        self.attribute(attribute)?.parse().ok().filter(|seconds| *seconds > 0)
    }

    /// The name that pages show.
    pub fn label(&self) -> &str {
        self.name
            .as_deref()
            .filter(|name| !name.is_empty() && !name.starts_with("${"))
            .unwrap_or(&self.client_id)
    }

    /// The client's own page, where it has one that a browser can open.
    pub fn home(&self) -> Option<String> {
        let base = self.base_url.as_deref().filter(|base| !base.is_empty());
        let root = self.root_url.as_deref().filter(|root| !root.is_empty());
        let home = match (root, base) {
            (Some(root), Some(base)) if base.starts_with('/') => {
                format!("{}{base}", root.trim_end_matches('/'))
            }
            (_, Some(base)) => base.to_owned(),
            (Some(root), None) => root.to_owned(),
            (None, None) => return None,
        };
        let url = url::Url::parse(&home).ok()?;
        matches!(url.scheme(), "http" | "https").then_some(home)
    }

    /// PKCE with S256 is required: of public clients always, of others where their setting says so
    /// (DESIGN §5.16).
    pub fn requires_pkce(&self) -> bool {
        self.kind == ClientKind::Public || self.attribute("pkce.code.challenge.method").is_some()
    }

    /// Refresh tokens come with the code grant unless switched off.
    pub fn uses_refresh_tokens(&self) -> bool {
        self.attribute("use.refresh.tokens") != Some("false")
    }

    /// Whether a browser page of this origin may call with the client's tokens (`webOrigins`).
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.web_origins.iter().any(|allowed| match allowed.as_str() {
            "*" => true,
            "+" => self.redirect_uris.iter().any(|uri| origin_of(uri).as_deref() == Some(origin)),
            exact => exact.trim_end_matches('/') == origin,
        })
    }

    /// The origins that a token carries as `allowed-origins`.
    pub fn allowed_origins(&self) -> Vec<String> {
        let mut origins: Vec<String> = Vec::new();
        for allowed in &self.web_origins {
            let from_redirects =
                (allowed == "+").then(|| self.redirect_uris.iter().filter_map(|uri| origin_of(uri)));
            match from_redirects {
                Some(found) => origins.extend(found),
                None => origins.push(allowed.clone()),
            }
        }
        origins.sort();
        origins.dedup();
        origins
    }
}

/// The origin of an address, if it has one.
pub(crate) fn origin_of(uri: &str) -> Option<String> {
    let origin = url::Url::parse(uri.trim_end_matches('*')).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn confidential(secret: &str) -> Client {
        Client {
            id: Uuid::from_u128(7),
            realm: Uuid::from_u128(1),
            client_id: "c".to_owned(),
            name: None,
            enabled: true,
            protocol: ClientProtocol::OpenidConnect,
            kind: ClientKind::Confidential,
            authenticator: Authenticator::Secret,
            secret: Some(Secret::new(secret)),
            rotated_secret: None,
            keys: ClientKeys::None,
            root_url: None,
            base_url: None,
            redirect_uris: vec!["https://app.example/cb".to_owned()],
            web_origins: vec!["+".to_owned()],
            consent_required: false,
            standard_flow: true,
            direct_access_grants: false,
            service_accounts: false,
            full_scope_allowed: true,
            not_before: 0,
            attributes: HashMap::new(),
            default_scopes: Vec::new(),
            optional_scopes: Vec::new(),
            mappers: Vec::new(),
            version: 1,
            awaits_use: false,
        }
    }

    #[test]
    fn client_authentication_by_kind() {
        let confidential = confidential("s");
        let disabled = Client { enabled: false, ..confidential.clone() };
        let saml = Client { protocol: ClientProtocol::Other("saml".to_owned()), ..confidential.clone() };
        let public = Client { kind: ClientKind::Public, secret: None, ..confidential.clone() };
        let bearer = Client { kind: ClientKind::BearerOnly, ..confidential.clone() };
        let no_secret = Client { secret: Some(Secret::new("")), ..confidential.clone() };
        let other =
            Client { authenticator: Authenticator::Other("client-x509".to_owned()), ..confidential.clone() };
        let jwt = Client { authenticator: Authenticator::SecretJwt, ..confidential.clone() };
        let missing = Some(Cause::ClientAssertion(AssertionFault::Missing));
        for (client, presented, outcome) in [
            (&confidential, Presented::Secret("s"), None),
            (&confidential, Presented::Secret("S"), Some(Cause::ClientSecretWrong)),
            (&confidential, Presented::Identifier, Some(Cause::ClientAuthenticationMissing)),
            (&no_secret, Presented::Secret(""), Some(Cause::ClientSecretWrong)),
            (&other, Presented::Secret("s"), Some(Cause::ClientAuthenticationMethod)),
            (&jwt, Presented::Secret("s"), missing.clone()),
            (&jwt, Presented::Identifier, missing),
            (&disabled, Presented::Secret("s"), Some(Cause::ClientDisabled)),
            (&saml, Presented::Secret("s"), Some(Cause::ClientProtocol)),
            (&bearer, Presented::Secret("s"), Some(Cause::ClientBearerOnly)),
            (&public, Presented::Identifier, None),
        ] {
            assert_eq!(authenticate(client, &presented, Timestamp(0)).err(), outcome, "{}", client.client_id);
        }
    }

    #[test]
    fn a_grant_that_is_switched_off_is_not_permitted() {
        let off = confidential("s");
        let authenticated =
            || authenticate(&off, &Presented::Secret("s"), Timestamp(0)).expect("right secret");
        assert_eq!(permit(authenticated(), GrantType::Password).err(), Some(Cause::DirectGrantDisabled));
        assert_eq!(
            permit(authenticated(), GrantType::ClientCredentials).err(),
            Some(Cause::ServiceAccountDisabled)
        );
        assert!(permit(authenticated(), GrantType::AuthorizationCode).is_ok());
    }

    #[test]
    fn a_client_that_wants_bound_tokens_gets_no_others() {
        for (attribute, cause) in [
            ("dpop.bound.access.tokens", Cause::DpopProofMissing),
            ("tls.client.certificate.bound.access.tokens", Cause::CertificateMissing),
        ] {
            let mut client = confidential("s");
            client.attributes.insert(attribute.to_owned(), "true".to_owned());
            let authenticated =
                authenticate(&client, &Presented::Secret("s"), Timestamp(0)).expect("right secret");
            assert_eq!(permit(authenticated, GrantType::AuthorizationCode).err(), Some(cause));
        }
    }

    #[test]
    fn the_clients_own_page_is_one_that_a_browser_can_open() {
        for (root, base, home) in [
            (Some("https://app.example/"), Some("/home"), Some("https://app.example/home")),
            (Some("https://app.example"), None, Some("https://app.example")),
            (None, Some("https://app.example/home"), Some("https://app.example/home")),
            (None, Some("/home"), None),
            (None, Some("javascript:alert(1)"), None),
            (Some("${authBaseUrl}"), Some("/x"), None),
            (Some(""), Some(""), None),
        ] {
            let (root_url, base_url) = (root.map(str::to_owned), base.map(str::to_owned));
            let client = Client { root_url, base_url, ..confidential("s") };
            assert_eq!(client.home().as_deref(), home);
        }
    }

    #[test]
    fn plus_stands_for_the_origins_of_the_redirect_uris() {
        let client = confidential("s");
        assert!(client.allows_origin("https://app.example"));
        for foreign in ["https://app.example.evil", "http://app.example", "null"] {
            assert!(!client.allows_origin(foreign), "{foreign}");
        }
        assert_eq!(client.allowed_origins(), ["https://app.example"]);
    }
}

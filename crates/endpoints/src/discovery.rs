//! Discovery (RFC 8414, OpenID Connect Discovery 1.0) and the JWK set: only what works is advertised.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sekisho_core::Realm;
use sekisho_jose::Algorithm;
use sekisho_jose::hash::sha256_base64url;
use sekisho_protocol::metadata::AuthorizationServerMetadata;

use crate::grant::GRANTS;

/// Of all clients, then of those that can prove something.
const AUTH_METHODS: [&str; 5] =
    ["none", "private_key_jwt", "client_secret_basic", "client_secret_post", "client_secret_jwt"];
const PROVING_METHODS: [&str; 4] =
    ["private_key_jwt", "client_secret_basic", "client_secret_post", "client_secret_jwt"];
const CLAIMS: [&str; 14] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "email",
    "acr",
    "azp",
    "nonce",
];

/// A public document as it is served.
pub struct Document {
    pub text: String,
    /// With its quotes.
    pub etag: String,
}

/// The discovery document, written.
pub fn metadata_document(realm: &Realm) -> Document {
    document(serde_json::to_string(&metadata(realm)).unwrap_or_default())
}

/// The JWK set, written.
pub fn key_document(realm: &Realm) -> Document {
    document(realm.keys.jwks.clone())
}

fn document(text: String) -> Document {
    let etag = format!("\"{}\"", sha256_base64url(text.as_bytes()));
    Document { text, etag }
}

/// The public key that Keycloak's realm document shows: the first RSA one, as DER in base64.
pub fn public_key(realm: &Realm) -> Option<String> {
    realm
        .keys
        .signing
        .iter()
        .find_map(sekisho_jose::SigningKey::rsa_public_der)
        .map(|der| BASE64_STANDARD.encode(der))
}

/// The discovery document of a realm; the same bytes at every address that serves it.
pub fn metadata(realm: &Realm) -> AuthorizationServerMetadata {
    let endpoint = |path: &str| realm.url(&format!("/protocol/openid-connect{path}"));
    let mut scopes: Vec<String> =
        realm.scopes.values().filter(|scope| scope.in_metadata).map(|scope| scope.name.clone()).collect();
    scopes.sort();
    scopes.insert(0, "openid".to_owned());
    let algorithms: Vec<_> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
    AuthorizationServerMetadata {
        issuer: realm.issuer.clone(),
        authorization_endpoint: endpoint("/auth"),
        token_endpoint: endpoint("/token"),
        introspection_endpoint: endpoint("/token/introspect"),
        userinfo_endpoint: endpoint("/userinfo"),
        end_session_endpoint: endpoint("/logout"),
        jwks_uri: endpoint("/certs"),
        registration_endpoint: realm.url("/clients-registrations/openid-connect"),
        grant_types_supported: GRANTS.iter().map(|grant| grant.grant_type.name()).collect(),
        acr_values_supported: vec!["0".to_owned(), "1".to_owned()],
        response_types_supported: vec!["code"],
        subject_types_supported: vec!["public"],
        prompt_values_supported: vec!["none", "login", "consent"],
        id_token_signing_alg_values_supported: realm.keys.algorithms().iter().map(|it| it.name()).collect(),
        response_modes_supported: vec!["query", "fragment", "form_post"],
        token_endpoint_auth_methods_supported: AUTH_METHODS.to_vec(),
        token_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
        introspection_endpoint_auth_methods_supported: PROVING_METHODS.to_vec(),
        introspection_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
        revocation_endpoint_auth_methods_supported: AUTH_METHODS.to_vec(),
        revocation_endpoint_auth_signing_alg_values_supported: algorithms,
        claims_supported: CLAIMS.to_vec(),
        claim_types_supported: vec!["normal"],
        claims_parameter_supported: false,
        scopes_supported: scopes,
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
        code_challenge_methods_supported: vec!["S256"],
        revocation_endpoint: endpoint("/revoke"),
        authorization_response_iss_parameter_supported: true,
    }
}

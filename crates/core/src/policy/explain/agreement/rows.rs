//! Requests that each executor refuses.

use sekisho_protocol::Params;
use serde_json::{Map, Value, json};

use crate::client::{Authenticator, ClientKind};
use crate::policy::event::{Assertion, Binding, EventName, Proofs, RequestObject, Subject};
use crate::policy::tests::Scene;

/// Executor, configuration, event, what is wrong with the request, error, text.
pub(super) type Row = (&'static str, &'static str, EventName, fn(&mut Scene), &'static str, &'static str);

const THUMBPRINT: &str = "jGoK1i7XxNMT";

const METADATA: &str = "invalid_client_metadata";
const INVALID: &str = "invalid_request";
const UNBOUND: &str = "Client certificate missing, or its thumbprint and one in the token did NOT match";

/// Every one.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    PROPOSALS.iter().chain(AUTHORIZATIONS).chain(TOKEN_REQUESTS)
}

const PROPOSALS: &[Row] = &[
    (
        "consent-required",
        r#"{"auto-configure": false}"#,
        EventName::Register,
        |_| {},
        "invalid_registration",
        "Client is required to enable consentRequired",
    ),
    (
        "dpop-bind-enforcer",
        "{}",
        EventName::Update,
        |_| {},
        METADATA,
        "Invalid client metadata: DPoP token is disabled",
    ),
    (
        "full-scope-disabled",
        r#"{"auto-configure": false}"#,
        EventName::Update,
        |scene| scene.result.full_scope_allowed = Some(true),
        "invalid_registration",
        "Not permitted to enable fullScopeAllowed",
    ),
    (
        "holder-of-key-enforcer",
        "{}",
        EventName::Register,
        |_| {},
        METADATA,
        "Invalid client metadata: MTLS token in disabled",
    ),
    (
        "pkce-enforcer",
        "{}",
        EventName::Register,
        |_| {},
        METADATA,
        "Invalid client metadata: code_challenge_method",
    ),
    (
        "reject-implicit-grant",
        "{}",
        EventName::Update,
        |scene| scene.result.implicit_flow_enabled = Some(true),
        METADATA,
        "Invalid client metadata: implicit flow enabled",
    ),
    (
        "reject-ropc-grant",
        "{}",
        EventName::Register,
        |scene| scene.result.direct_access_grants_enabled = Some(true),
        METADATA,
        "Invalid client metadata: resource owner password credentials grant enabled",
    ),
    (
        "secure-ciba-req-sig-algorithm",
        "{}",
        EventName::Register,
        |scene| attribute(scene, "ciba.backchannel.auth.request.signing.alg", "RS256"),
        "invalid_request",
        "not allowed signature algorithm.",
    ),
    (
        "secure-client-authenticator",
        r#"{"allowed-client-authenticators": ["client-jwt"]}"#,
        EventName::Register,
        |scene| {
            scene.sent.client_authenticator_type = Some("client-secret".to_owned());
            scene.result.client_authenticator_type = Some("client-secret".to_owned());
        },
        METADATA,
        "Invalid client metadata: token_endpoint_auth_method",
    ),
    (
        "secure-client-uris",
        "{}",
        EventName::Update,
        |scene| scene.result.root_url = Some("http://app.example".to_owned()),
        METADATA,
        "Invalid rootUrl",
    ),
    (
        "secure-client-uris-pattern",
        r#"{"allowed-patterns": ["^https://"]}"#,
        EventName::Register,
        |scene| scene.result.base_url = Some("http://app.example".to_owned()),
        METADATA,
        "Invalid baseUrl",
    ),
    (
        "secure-logout",
        "{}",
        EventName::Update,
        |scene| scene.result.frontchannel_logout = Some(true),
        "invalid_registration",
        "Front-channel logout is not allowed for this client",
    ),
    (
        "secure-redirect-uris-enforcer",
        "{}",
        EventName::Register,
        |scene| scene.result.redirect_uris = Some(vec!["http://app.example/cb".to_owned()]),
        "invalid_request",
        "Invalid Redirect Uri: invalid uri",
    ),
    (
        "secure-response-type",
        "{}",
        EventName::Register,
        |_| {},
        METADATA,
        "Invalid client metadata: ID Token as detached signature in disabled",
    ),
    (
        "secure-signature-algorithm",
        "{}",
        EventName::Update,
        |scene| attribute(scene, "request.object.signature.alg", "none"),
        "invalid_request",
        "not allowed signature algorithm.",
    ),
    (
        "tls-client-auth-ca-subject-dn",
        r#"{"ca-subject-dn": "CN=ours", "enforced": true}"#,
        EventName::Register,
        |scene| {
            scene.result.client_authenticator_type = Some("client-x509".to_owned());
            attribute(scene, "x509.casubjectdn", "CN=theirs");
        },
        "invalid_request",
        "Certificate Authority subject DN must be CN=ours",
    ),
];

const AUTHORIZATIONS: &[Row] = &[
    (
        "client-id-metadata-document",
        "{}",
        EventName::PreAuthorizationRequest,
        |scene| {
            sent(scene, &[("redirect_uri", "https://app.example/cb")]);
            scene.client_id = "c".to_owned();
        },
        INVALID,
        "Invalid Client ID: invalid scheme.",
    ),
    (
        "dpop-bind-enforcer",
        r#"{"enforce-authorization-code-binding-to-dpop": true}"#,
        EventName::AuthorizationRequest,
        |_| {},
        INVALID,
        "Missing parameter: dpop_jkt",
    ),
    (
        "intent-client-bind-checker",
        r#"{"intent-name": "intent"}"#,
        EventName::AuthorizationRequest,
        |scene| sent(scene, &[("claims", r#"{"id_token":{"intent":{}}}"#)]),
        INVALID,
        "not specifying a claim for an intent as essential claim",
    ),
    (
        "pkce-enforcer",
        "{}",
        EventName::AuthorizationRequest,
        |scene| sent(scene, &[("code_challenge_method", "plain"), ("code_challenge", "x")]),
        INVALID,
        "Invalid parameter: invalid code_challenge_method",
    ),
    (
        "reject-implicit-grant",
        "{}",
        EventName::AuthorizationRequest,
        |scene| sent(scene, &[("response_type", "id_token")]),
        INVALID,
        "Implicit/Hybrid flow is prohibited.",
    ),
    ("reject-request", "{}", EventName::PreAuthorizationRequest, |_| {}, INVALID, "Request not allowed"),
    (
        "secure-ciba-session",
        "{}",
        EventName::BackchannelAuthenticationRequest,
        |_| {},
        INVALID,
        "Missing parameter: binding_message",
    ),
    (
        "secure-ciba-signed-authn-req",
        "{}",
        EventName::BackchannelAuthenticationRequest,
        |scene| object(scene, json!({"exp": 1_767_225_601, "nbf": 1_767_225_600, "aud": "elsewhere"})),
        INVALID,
        "Invalid parameter in the 'request' object: aud",
    ),
    (
        "secure-client-authentication-assertion",
        "{}",
        EventName::PushedAuthorizationRequest,
        |scene| assertion(scene, "ES256"),
        INVALID,
        "invalid audience in client assertion",
    ),
    (
        "secure-client-uris",
        "{}",
        EventName::AuthorizationRequest,
        |scene| scene.redirect_uri = Some("http://localhost/cb".to_owned()),
        INVALID,
        "Invalid redirect_uri",
    ),
    (
        "secure-client-uris",
        "{}",
        EventName::AuthorizationRequest,
        |scene| {
            sent(scene, &[("redirect_uri", "https://app.example/cb")]);
            scene.redirect_uri = None;
        },
        INVALID,
        "no redirect_uri specified.",
    ),
    (
        "secure-par-content",
        "{}",
        EventName::PreAuthorizationRequest,
        |scene| {
            sent(scene, &[("request_uri", "urn:ietf:params:oauth:request_uri:hush"), ("state", "s")]);
            scene.pushed = Some(Params::from_pairs([("scope", "openid")]));
        },
        INVALID,
        "PAR request did not include query parameter",
    ),
    (
        "secure-redirect-uris-enforcer",
        "{}",
        EventName::PreAuthorizationRequest,
        |scene| {
            sent(scene, &[("redirect_uri", "https://app.example/cb")]);
            scene.pushed = Some(Params::from_pairs([("redirect_uri", "http://app.example/cb")]));
        },
        INVALID,
        "Invalid Redirect Uri: invalid uri",
    ),
    (
        "secure-request-object",
        r#"{"verify-nbf": false}"#,
        EventName::AuthorizationRequest,
        |scene| {
            object(scene, json!({"exp": 1_767_225_601, "aud": scene.realm.issuer, "scope": "openid"}));
            scene.pushed = Some(Params::from_pairs([("scope", "openid")]));
            sent(scene, &[("request", "hush"), ("scope", "openid email")]);
        },
        INVALID,
        "Invalid parameter. Parameters in 'request' object not matching with request parameters",
    ),
    (
        "secure-request-object",
        r#"{"encryption-required": true, "verify-nbf": false}"#,
        EventName::AuthorizationRequest,
        |scene| {
            object(scene, json!({"exp": 1_767_225_601, "aud": scene.realm.issuer, "scope": "openid"}));
            scene.pushed = Some(Params::empty());
        },
        "invalid_request_uri",
        "Request object not encrypted",
    ),
    (
        "secure-response-type",
        "{}",
        EventName::AuthorizationRequest,
        |scene| sent(scene, &[("response_type", "code")]),
        INVALID,
        "invalid response_type",
    ),
    (
        "secure-session",
        "{}",
        EventName::AuthorizationRequest,
        |scene| sent(scene, &[("scope", "openid")]),
        INVALID,
        "Missing parameter: nonce",
    ),
];

const TOKEN_REQUESTS: &[Row] = &[
    (
        "confidential-client",
        "{}",
        EventName::TokenRequest,
        |scene| scene.client.kind = ClientKind::Public,
        "invalid_client",
        "invalid client access type: public",
    ),
    (
        "downscope-assertion-grant-enforcer",
        "{}",
        EventName::TokenExchangeRequest,
        |scene| {
            sent(scene, &[("subject_token", "hush"), ("scope", "hello files")]);
            subject(scene, json!({"scope": "hello"}));
        },
        "invalid_scope",
        "Scopes [files] not present in the initial access token [hello]",
    ),
    (
        "dpop-bind-enforcer",
        "{}",
        EventName::TokenRefresh,
        |scene| {
            scene.client.kind = ClientKind::Public;
            scene.proofs.dpop = Some(Ok("another"));
            scene.bound_to = Some(Binding::Dpop(THUMBPRINT));
        },
        "invalid_grant",
        "DPoP confirmation doesn't match DPoP proof",
    ),
    (
        "dpop-bind-enforcer",
        "{}",
        EventName::TokenRevoke,
        |scene| scene.proofs.dpop = Some(Err("DPoP proof has expired")),
        "invalid_dpop_proof",
        "DPoP proof has expired",
    ),
    (
        "holder-of-key-enforcer",
        "{}",
        EventName::UserInfoRequest,
        |scene| {
            scene.proofs.certificate = Some("another");
            scene.bound_to = Some(Binding::Certificate(THUMBPRINT));
        },
        "invalid_token",
        UNBOUND,
    ),
    (
        "jwt-claim-enforcer",
        r#"{"claim-name": "team", "allowed-value": "red|blue"}"#,
        EventName::JwtAuthorizationGrant,
        |scene| {
            sent(scene, &[("assertion", "hush")]);
            subject(scene, json!({"team": "green"}));
        },
        INVALID,
        "Value for claim 'team' not allowed",
    ),
    (
        "pkce-enforcer",
        "{}",
        EventName::TokenRequest,
        |scene| sent(scene, &[("code", "hush"), ("code_verifier", "hush")]),
        "invalid_grant",
        "PKCE code verifier specified but challenge not present in authorization",
    ),
    (
        "pkce-enforcer",
        "{}",
        EventName::TokenRequest,
        |scene| scene.challenge = Some("x".to_owned()),
        "invalid_grant",
        "PKCE code verifier not specified",
    ),
    (
        "reject-ropc-grant",
        "{}",
        EventName::ResourceOwnerPasswordCredentialsRequest,
        |scene| sent(scene, &[("username", "alice"), ("password", "hush")]),
        "invalid_grant",
        "resource owner password credentials grant is prohibited.",
    ),
    (
        "secure-client-authenticator",
        r#"{"allowed-client-authenticators": ["client-jwt"]}"#,
        EventName::TokenIntrospect,
        |scene| scene.client.authenticator = Authenticator::Secret,
        INVALID,
        "Configured client authentication method not allowed for client",
    ),
    (
        "secure-signature-algorithm-signed-jwt",
        "{}",
        EventName::TokenRefresh,
        |scene| assertion(scene, "RS256"),
        INVALID,
        "not allowed signature algorithm.",
    ),
];

/// The same requests, put right by what an input must keep too: nothing is refused, now or later.
pub(super) const LET_PASS: &[Row] = &[
    (
        "dpop-bind-enforcer",
        "{}",
        EventName::UserInfoRequest,
        |scene| {
            scene.proofs.dpop = Some(Ok(THUMBPRINT));
            scene.bound_to = Some(Binding::Dpop(THUMBPRINT));
        },
        "",
        "",
    ),
    (
        "holder-of-key-enforcer",
        "{}",
        EventName::LogoutRequest,
        |scene| {
            scene.proofs.certificate = Some(THUMBPRINT);
            scene.bound_to = Some(Binding::Certificate(THUMBPRINT));
        },
        "",
        "",
    ),
    (
        "secure-client-authenticator",
        r#"{"allowed-client-authenticators": ["client-jwt"], "default-client-authenticator": "client-jwt"}"#,
        EventName::Register,
        |scene| scene.result.client_authenticator_type = Some("client-secret".to_owned()),
        "",
        "",
    ),
    (
        "secure-par-content",
        "{}",
        EventName::PreAuthorizationRequest,
        |scene| {
            sent(scene, &[("request_uri", "urn:ietf:params:oauth:request_uri:hush")]);
            scene.pushed = Some(Params::from_pairs([("scope", "openid")]));
        },
        "",
        "",
    ),
    (
        "secure-signature-algorithm-signed-jwt",
        r#"{"require-client-assertion": true}"#,
        EventName::TokenRequest,
        |scene| assertion(scene, "ES256"),
        "",
        "",
    ),
];

pub(super) fn sent(scene: &mut Scene, pairs: &[(&str, &str)]) {
    scene.params = Params::from_pairs(pairs.iter().copied());
}

pub(super) fn attribute(scene: &mut Scene, name: &str, value: &str) {
    scene.result.attributes.get_or_insert_default().insert(name.to_owned(), value.to_owned());
}

fn claims(claims: Value) -> Map<String, Value> {
    serde_json::from_value(claims).expect("an object")
}

fn object(scene: &mut Scene, said: Value) {
    scene.object = Some(RequestObject { claims: claims(said), encrypted: false });
}

pub(super) fn subject(scene: &mut Scene, said: Value) {
    let identity_provider = Some("issuer".to_owned());
    scene.subject = Some(Subject { claims: Some(claims(said)), access_token: true, identity_provider });
}

fn assertion(scene: &mut Scene, algorithm: &str) {
    let assertion = Assertion {
        algorithm: algorithm.to_owned(),
        claims: claims(json!({"iss": "c", "aud": "https://elsewhere.example"})),
    };
    scene.proofs = Proofs { assertion: Some(Box::leak(Box::new(assertion))), ..Proofs::default() };
}

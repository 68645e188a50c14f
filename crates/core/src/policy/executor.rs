//! Executors: each one file, and one line here. An executor refuses what a profile forbids, or changes what
//! it demands.

mod auth_flow_enforcer;
mod claims;
mod client_id_metadata_document;
mod client_uris;
mod confidential_client;
mod consent_required;
mod downscope_assertion_grant_enforcer;
mod dpop_bind_enforcer;
mod full_scope_disabled;
mod holder_of_key_enforcer;
mod intent_client_bind_checker;
mod jwt_claim_enforcer;
mod pkce_enforcer;
#[cfg(test)]
mod recorded;
mod registration_access_token_rotation_disabled;
mod reject_implicit_grant;
mod reject_request;
mod reject_ropc_grant;
mod saml;
mod secret_rotation;
mod secure_ciba_req_sig_algorithm;
mod secure_ciba_session;
mod secure_ciba_signed_authn_req;
mod secure_client_authentication_assertion;
mod secure_client_authenticator;
mod secure_client_uris;
mod secure_client_uris_pattern;
mod secure_logout;
mod secure_par_content;
mod secure_redirect_uris_enforcer;
mod secure_request_object;
mod secure_response_type;
mod secure_session;
mod secure_signature_algorithm;
mod secure_signature_algorithm_signed_jwt;
mod suppress_refresh_token_rotation;
mod tls_client_auth_ca_subject_dn;
mod use_lightweight_access_token;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::configuration::{self, Fault, Property, Provider, Text};
use super::effect::Effect;
use super::event::Event;
use super::lookup::Lookup;

/// Every executor there is, by id.
pub const EXECUTORS: &[Provider<dyn Executor>] = &[
    auth_flow_enforcer::PROVIDER,
    client_id_metadata_document::PROVIDER,
    confidential_client::PROVIDER,
    consent_required::PROVIDER,
    downscope_assertion_grant_enforcer::PROVIDER,
    dpop_bind_enforcer::PROVIDER,
    full_scope_disabled::PROVIDER,
    holder_of_key_enforcer::PROVIDER,
    intent_client_bind_checker::PROVIDER,
    jwt_claim_enforcer::PROVIDER,
    pkce_enforcer::PROVIDER,
    registration_access_token_rotation_disabled::PROVIDER,
    reject_implicit_grant::PROVIDER,
    reject_request::PROVIDER,
    reject_ropc_grant::PROVIDER,
    saml::AVOID_REDIRECT,
    saml::SECURE_CLIENT_URIS,
    saml::SIGNATURE_ENFORCER,
    secret_rotation::PROVIDER,
    secure_ciba_req_sig_algorithm::PROVIDER,
    secure_ciba_session::PROVIDER,
    secure_ciba_signed_authn_req::PROVIDER,
    secure_client_authentication_assertion::PROVIDER,
    secure_client_authenticator::PROVIDER,
    secure_client_uris::PROVIDER,
    secure_client_uris_pattern::PROVIDER,
    secure_logout::PROVIDER,
    secure_par_content::PROVIDER,
    secure_redirect_uris_enforcer::PROVIDER,
    secure_request_object::PROVIDER,
    secure_response_type::PROVIDER,
    secure_session::PROVIDER,
    secure_signature_algorithm::PROVIDER,
    secure_signature_algorithm_signed_jwt::PROVIDER,
    suppress_refresh_token_rotation::PROVIDER,
    tls_client_auth_ca_subject_dn::PROVIDER,
    use_lightweight_access_token::PROVIDER,
];

/// What an executor waits for that this server does not have yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// Without it the executor changes and refuses nothing.
    ToAct(&'static str),
    /// Without it nobody has what the executor asks for.
    ToPass(&'static str),
}

/// Executors that wait. Whoever adds what they wait for strikes them out.
pub const AWAITED: &[(&str, Awaited)] = &[
    ("auth-flow-enforcer", Awaited::ToAct("authentication flow of one's own")),
    ("client-id-metadata-document", Awaited::ToPass("clients out of metadata documents")),
    ("downscope-assertion-grant-enforcer", Awaited::ToAct("token exchange and JWT bearer grant")),
    ("dpop-bind-enforcer", Awaited::ToPass("DPoP")),
    ("holder-of-key-enforcer", Awaited::ToPass("mutual TLS")),
    ("jwt-claim-enforcer", Awaited::ToAct("token exchange and JWT bearer grant")),
    ("saml-avoid-redirect", Awaited::ToAct("SAML")),
    ("saml-secure-client-uris", Awaited::ToAct("SAML")),
    ("saml-signature-enforcer", Awaited::ToAct("SAML")),
    ("secure-ciba-req-sig-algorithm", Awaited::ToAct("CIBA")),
    ("secure-ciba-session", Awaited::ToAct("CIBA")),
    ("secure-ciba-signed-authn-req", Awaited::ToAct("CIBA")),
    ("secure-par-content", Awaited::ToPass("pushed authorization requests")),
    ("secure-request-object", Awaited::ToPass("request objects")),
    ("secure-response-type", Awaited::ToPass("hybrid flow and no JARM")),
    ("tls-client-auth-ca-subject-dn", Awaited::ToAct("mutual TLS")),
];

/// What a profile demands. Only asked at the events of its provider.
pub trait Executor: Send + Sync {
    /// What it says to an event of a policy that applies.
    fn react(&self, event: &Event<'_>) -> Reaction;
}

/// What an executor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reaction {
    Pass,
    /// Lets pass what it first puts right.
    Change(Effect),
    Refuse(Refusal),
    /// Ask again once this is known.
    Need(Lookup),
}

/// What the client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The error code of OAuth.
    pub code: &'static str,
    /// The executor's own text.
    pub text: String,
    /// The HTTP status where the endpoint has none of its own.
    pub status: u16,
}

/// The member of executors that can put a client right.
const fn auto_configure(preset: bool) -> Property {
    Property::switch(
        "auto-configure",
        "Auto-configure",
        preset,
        Text {
            en: "Sets what the profile demands when a client is made or changed, instead of refusing a client that lacks it.",
            ja: "クライアントの作成時や変更時に、要求を満たさないクライアントを拒否する代わりに、必要な設定を自動で行います。",
        },
    )
}

/// An executor whose configuration is its fields.
fn configure<E: Executor + DeserializeOwned + 'static>(
    configuration: &Value,
) -> Result<Box<dyn Executor>, Fault> {
    Ok(Box::new(configuration::read::<E>(configuration)?))
}

impl Reaction {
    /// A refusal with status 400.
    pub fn refuse(code: &'static str, text: impl Into<String>) -> Self {
        Self::Refuse(Refusal { code, text: text.into(), status: 400 })
    }

    /// A refusal with status 401: what was presented does not prove enough.
    pub fn unauthorized(code: &'static str, text: impl Into<String>) -> Self {
        Self::Refuse(Refusal { code, text: text.into(), status: 401 })
    }
}

//! The members of client metadata: one line each for those that are an attribute of the client and no more.

use serde_json::Value;

/// Which of the two ways a client sends its secret; Keycloak's attribute.
pub(super) const SECRET_METHOD: &str = "client.secret.authentication.allowed.method";

/// What a member's value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Switch,
    Texts,
    Object,
}

/// A member and the attribute that holds it.
pub struct Member {
    /// The member's name.
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) attribute: &'static str,
}

/// A way of client authentication (RFC 7591 §2, `token_endpoint_auth_method`).
pub struct Method {
    /// Its registered name.
    pub name: &'static str,
    /// Keycloak's `clientAuthenticatorType`; none for public clients.
    pub authenticator: Option<&'static str>,
    pub(super) needs_keys: bool,
    /// One of the two ways to send the secret itself.
    pub(super) is_secret: bool,
}

const fn method(name: &'static str, authenticator: Option<&'static str>) -> Method {
    Method { name, authenticator, needs_keys: false, is_secret: false }
}

/// The ways of client authentication that can be registered; the first of an authenticator is said where the client
/// did not choose.
pub const METHODS: &[Method] = &[
    Method { is_secret: true, ..method("client_secret_basic", Some("client-secret")) },
    Method { is_secret: true, ..method("client_secret_post", Some("client-secret")) },
    method("client_secret_jwt", Some("client-secret-jwt")),
    Method { needs_keys: true, ..method("private_key_jwt", Some("client-jwt")) },
    method("tls_client_auth", Some("client-x509")),
    method("none", None),
];

const fn text(name: &'static str, attribute: &'static str) -> Member {
    Member { name, form: Form::Text, attribute }
}

const fn switch(name: &'static str, attribute: &'static str) -> Member {
    Member { name, form: Form::Switch, attribute }
}

const fn texts(name: &'static str, attribute: &'static str) -> Member {
    Member { name, form: Form::Texts, attribute }
}

/// Members that are an attribute.
pub(super) const MEMBERS: &[Member] = &[
    text("logo_uri", "logoUri"),
    text("policy_uri", "policyUri"),
    text("tos_uri", "tosUri"),
    text("id_token_signed_response_alg", "id.token.signed.response.alg"),
    text("id_token_encrypted_response_alg", "id.token.encrypted.response.alg"),
    text("id_token_encrypted_response_enc", "id.token.encrypted.response.enc"),
    text("userinfo_signed_response_alg", "user.info.response.signature.alg"),
    text("userinfo_encrypted_response_alg", "user.info.encrypted.response.alg"),
    text("userinfo_encrypted_response_enc", "user.info.encrypted.response.enc"),
    text("request_object_signing_alg", "request.object.signature.alg"),
    text("request_object_encryption_alg", "request.object.encryption.alg"),
    text("request_object_encryption_enc", "request.object.encryption.enc"),
    text("authorization_signed_response_alg", "authorization.signed.response.alg"),
    text("authorization_encrypted_response_alg", "authorization.encrypted.response.alg"),
    text("authorization_encrypted_response_enc", "authorization.encrypted.response.enc"),
    text("token_endpoint_auth_signing_alg", "token.endpoint.auth.signing.alg"),
    text("tls_client_auth_subject_dn", "x509.subjectdn"),
    text("backchannel_token_delivery_mode", "ciba.backchannel.token.delivery.mode"),
    text("backchannel_client_notification_endpoint", "ciba.backchannel.client.notification.endpoint"),
    text("backchannel_authentication_request_signing_alg", "ciba.backchannel.auth.request.signing.alg"),
    text("backchannel_logout_uri", "backchannel.logout.url"),
    switch("backchannel_logout_session_required", "backchannel.logout.session.required"),
    switch("backchannel_logout_revoke_offline_tokens", "backchannel.logout.revoke.offline.tokens"),
    text("frontchannel_logout_uri", "frontchannel.logout.url"),
    switch("frontchannel_logout_session_required", "frontchannel.logout.session.required"),
    switch("require_pushed_authorization_requests", "require.pushed.authorization.requests"),
    switch("dpop_bound_access_tokens", "dpop.bound.access.tokens"),
    switch("tls_client_certificate_bound_access_tokens", "tls.client.certificate.bound.access.tokens"),
    texts("request_uris", "request.uris"),
    texts("default_acr_values", "default.acr.values"),
    texts("post_logout_redirect_uris", "post.logout.redirect.uris"),
];

/// Members that mean something else than one attribute.
const OTHERS: &[(&str, Form)] = &[
    ("client_id", Form::Text),
    ("client_name", Form::Text),
    ("client_uri", Form::Text),
    ("redirect_uris", Form::Texts),
    ("scope", Form::Text),
    ("token_endpoint_auth_method", Form::Text),
    ("grant_types", Form::Texts),
    ("response_types", Form::Texts),
    ("jwks", Form::Object),
    ("jwks_uri", Form::Text),
    ("subject_type", Form::Text),
    ("sector_identifier_uri", Form::Text),
    ("software_id", Form::Text),
];

/// Members that an answer has only where the client has them.
pub const DESCRIBED: &[Member] = MEMBERS;

/// What the value of this member looks like; nothing for one that is not known.
pub(super) fn form_of(name: &str) -> Option<Form> {
    let of_attribute = MEMBERS.iter().find(|member| member.name == name).map(|member| member.form);
    of_attribute.or_else(|| OTHERS.iter().find(|(known, _)| *known == name).map(|(_, form)| *form))
}

impl Form {
    pub(super) fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Switch => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
        }
    }
}

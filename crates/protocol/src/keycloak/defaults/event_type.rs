//! Keycloak's event types, by name.

/// What a realm keeps that names no types: each of these, and the same with `_ERROR` behind it.
const USUAL: &[&str] = &[
    "AUTHREQID_TO_TOKEN",
    "CLIENT_DELETE",
    "CLIENT_INITIATED_ACCOUNT_LINKING",
    "CLIENT_LOGIN",
    "CLIENT_REGISTER",
    "CLIENT_UPDATE",
    "CODE_TO_TOKEN",
    "CUSTOM_REQUIRED_ACTION",
    "DELETE_ACCOUNT",
    "EXECUTE_ACTIONS",
    "EXECUTE_ACTION_TOKEN",
    "FEDERATED_IDENTITY_LINK",
    "FEDERATED_IDENTITY_OVERRIDE_LINK",
    "GRANT_CONSENT",
    "IDENTITY_PROVIDER_FIRST_LOGIN",
    "IDENTITY_PROVIDER_LINK_ACCOUNT",
    "IDENTITY_PROVIDER_LOGIN",
    "IDENTITY_PROVIDER_POST_LOGIN",
    "IMPERSONATE",
    "INVITE_ORG",
    "JWT_AUTHORIZATION_GRANT",
    "LOGIN",
    "LOGOUT",
    "OAUTH2_DEVICE_AUTH",
    "OAUTH2_DEVICE_CODE_TO_TOKEN",
    "OAUTH2_DEVICE_VERIFY_USER_CODE",
    "OAUTH2_EXTENSION_GRANT",
    "REGISTER",
    "REMOVE_CREDENTIAL",
    "REMOVE_FEDERATED_IDENTITY",
    "REMOVE_TOTP",
    "RESET_PASSWORD",
    "RESTART_AUTHENTICATION",
    "REVOKE_GRANT",
    "SEND_IDENTITY_PROVIDER_LINK",
    "SEND_RESET_PASSWORD",
    "SEND_VERIFY_EMAIL",
    "TOKEN_EXCHANGE",
    "UPDATE_CONSENT",
    "UPDATE_CREDENTIAL",
    "UPDATE_EMAIL",
    "UPDATE_PASSWORD",
    "UPDATE_PROFILE",
    "UPDATE_TOTP",
    "VERIFIABLE_CREDENTIAL_CREATE_OFFER",
    "VERIFIABLE_CREDENTIAL_OFFER_REQUEST",
    "VERIFIABLE_CREDENTIAL_PRE_AUTHORIZED_GRANT",
    "VERIFIABLE_CREDENTIAL_REQUEST",
    "VERIFY_EMAIL",
    "VERIFY_PROFILE",
];

/// The same, of what has no failure.
const USUAL_ALONE: &[&str] =
    &["PERMISSION_TOKEN", "USER_DISABLED_BY_PERMANENT_LOCKOUT", "USER_DISABLED_BY_TEMPORARY_LOCKOUT"];

/// What a realm keeps only when it names it; with its failures.
const UNUSUAL: &[&str] = &[
    "CLIENT_INFO",
    "IDENTITY_PROVIDER_RESPONSE",
    "IDENTITY_PROVIDER_RETRIEVE_TOKEN",
    "INTROSPECT_TOKEN",
    "INVALID_SIGNATURE",
    "PUSHED_AUTHORIZATION_REQUEST",
    "REFRESH_TOKEN",
    "REGISTER_NODE",
    "UNREGISTER_NODE",
    "USER_INFO_REQUEST",
    "USER_SESSION_DELETED",
    "VALIDATE_ACCESS_TOKEN",
];

const ERROR: &str = "_ERROR";

/// The types that a realm keeps which names none, sorted.
pub fn usual_event_types() -> Vec<String> {
    let mut types: Vec<String> = USUAL_ALONE.iter().map(|name| (*name).to_owned()).collect();
    for name in USUAL {
        types.extend([(*name).to_owned(), format!("{name}{ERROR}")]);
    }
    types.sort_unstable();
    types
}

/// Whether Keycloak has a type of this name.
pub fn is_event_type(name: &str) -> bool {
    let base = name.strip_suffix(ERROR).unwrap_or(name);
    [USUAL, USUAL_ALONE, UNUSUAL].iter().any(|known| known.contains(&base))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `tests/observed/admin.json`, case `admin.events.config`.
    #[test]
    fn types_are_those_of_keycloak() {
        let usual = usual_event_types();
        assert_eq!(usual.len(), 103);
        for (name, is_usual, is_known) in [
            ("LOGIN", true, true),
            ("LOGIN_ERROR", true, true),
            ("PERMISSION_TOKEN", true, true),
            ("PERMISSION_TOKEN_ERROR", false, true),
            ("REFRESH_TOKEN", false, true),
            ("NOTHING", false, false),
        ] {
            assert_eq!(usual.iter().any(|usual| usual == name), is_usual, "{name}");
            assert_eq!(is_event_type(name), is_known, "{name}");
        }
    }
}

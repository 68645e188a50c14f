//! What users of a new realm may have to do after signing in.

use std::collections::BTreeMap;

use super::super::RequiredActionProviderRepresentation;

/// Alias, name, whether it is on, and its place in the order.
const ACTIONS: &[(&str, &str, bool, i32)] = &[
    ("TERMS_AND_CONDITIONS", "Terms and Conditions", false, 20),
    ("UPDATE_PROFILE", "Update Profile", true, 40),
    ("VERIFY_EMAIL", "Verify Email", true, 50),
    ("CONFIGURE_TOTP", "Configure OTP", true, 54),
    ("UPDATE_PASSWORD", "Update Password", true, 57),
    ("delete_account", "Delete Account", false, 60),
    ("UPDATE_EMAIL", "Update Email", false, 70),
    ("webauthn-register", "Webauthn Register", true, 80),
    ("webauthn-register-passwordless", "Webauthn Register Passwordless", true, 90),
    ("VERIFY_PROFILE", "Verify Profile", true, 100),
    ("delete_credential", "Delete Credential", true, 110),
    ("idp_link", "Linking Identity Provider", true, 120),
    ("CONFIGURE_RECOVERY_AUTHN_CODES", "Recovery Authentication Codes", true, 130),
    ("update_user_locale", "Update User Locale", true, 1000),
];

/// Whether there is such an action, on or off.
pub fn is_required_action(alias: &str) -> bool {
    ACTIONS.iter().any(|(known, ..)| *known == alias)
}

pub(super) fn representations() -> Vec<RequiredActionProviderRepresentation> {
    ACTIONS
        .iter()
        .map(|(alias, name, enabled, priority)| RequiredActionProviderRepresentation {
            alias: Some((*alias).to_owned()),
            name: Some((*name).to_owned()),
            provider_id: Some((*alias).to_owned()),
            enabled: Some(*enabled),
            default_action: Some(false),
            priority: Some(*priority),
            config: Some(BTreeMap::new()),
        })
        .collect()
}

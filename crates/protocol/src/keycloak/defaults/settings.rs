//! The settings of a new realm.

use super::{
    super::{ClientPoliciesRepresentation, ClientProfilesRepresentation, RealmRepresentation},
    entries, texts,
};

/// All settings of a realm.
pub(super) fn fill(realm: &mut RealmRepresentation) {
    tokens(realm);
    sessions(realm);
    actions(realm);
    login(realm);
    brute_force(realm);
    one_time_passwords(realm);
    passkeys(realm);
    passwordless_passkeys(realm);
    surroundings(realm);
    flows(realm);
    features(realm);
}

/// What is different in master: whoever holds one of its tokens may do anything, so they are short-lived.
pub(super) fn fill_master(realm: &mut RealmRepresentation) {
    realm.access_token_lifespan = Some(60);
}

fn tokens(realm: &mut RealmRepresentation) {
    realm.not_before = Some(0);
    realm.default_signature_algorithm = Some("RS256".to_owned());
    realm.revoke_refresh_token = Some(false);
    realm.refresh_token_max_reuse = Some(0);
    realm.access_token_lifespan = Some(300);
    realm.access_token_lifespan_for_implicit_flow = Some(900);
    realm.access_code_lifespan = Some(60);
}

fn sessions(realm: &mut RealmRepresentation) {
    realm.sso_session_idle_timeout = Some(1800);
    realm.sso_session_max_lifespan = Some(36_000);
    realm.sso_session_idle_timeout_remember_me = Some(0);
    realm.sso_session_max_lifespan_remember_me = Some(0);
    realm.offline_session_idle_timeout = Some(2_592_000);
    realm.offline_session_max_lifespan_enabled = Some(false);
    realm.offline_session_max_lifespan = Some(5_184_000);
    realm.client_session_idle_timeout = Some(0);
    realm.client_session_max_lifespan = Some(0);
    realm.client_offline_session_idle_timeout = Some(0);
    realm.client_offline_session_max_lifespan = Some(0);
}

fn actions(realm: &mut RealmRepresentation) {
    realm.access_code_lifespan_user_action = Some(300);
    realm.access_code_lifespan_login = Some(1800);
    realm.action_token_generated_by_admin_lifespan = Some(43_200);
    realm.action_token_generated_by_user_lifespan = Some(300);
    realm.oauth2_device_code_lifespan = Some(600);
    realm.oauth2_device_polling_interval = Some(5);
}

fn login(realm: &mut RealmRepresentation) {
    realm.enabled = Some(true);
    realm.ssl_required = Some("external".to_owned());
    realm.registration_allowed = Some(false);
    realm.registration_email_as_username = Some(false);
    realm.remember_me = Some(false);
    realm.verify_email = Some(false);
    realm.login_with_email_allowed = Some(true);
    realm.duplicate_emails_allowed = Some(false);
    realm.reset_password_allowed = Some(false);
    realm.edit_username_allowed = Some(false);
    realm.required_credentials = Some(texts(&["password"]));
}

fn brute_force(realm: &mut RealmRepresentation) {
    realm.brute_force_protected = Some(false);
    realm.permanent_lockout = Some(false);
    realm.max_temporary_lockouts = Some(0);
    realm.brute_force_strategy = Some("MULTIPLE".to_owned());
    realm.max_failure_wait_seconds = Some(900);
    realm.minimum_quick_login_wait_seconds = Some(60);
    realm.wait_increment_seconds = Some(60);
    realm.quick_login_check_milli_seconds = Some(1000);
    realm.max_delta_time_seconds = Some(43_200);
    realm.failure_factor = Some(30);
    realm.max_secondary_auth_failures = Some(0);
}

fn one_time_passwords(realm: &mut RealmRepresentation) {
    realm.otp_policy_type = Some("totp".to_owned());
    realm.otp_policy_algorithm = Some("HmacSHA1".to_owned());
    realm.otp_policy_initial_counter = Some(0);
    realm.otp_policy_digits = Some(6);
    realm.otp_policy_look_ahead_window = Some(1);
    realm.otp_policy_period = Some(30);
    realm.otp_policy_code_reusable = Some(false);
    realm.otp_supported_applications =
        Some(texts(&["totpAppFreeOTPName", "totpAppGoogleName", "totpAppMicrosoftAuthenticatorName"]));
}

const RELYING_PARTY: &str = "keycloak";
const NOT_SPECIFIED: &str = "not specified";
const SIGNATURE_ALGORITHMS: &[&str] = &["ES256", "RS256"];

fn passkeys(realm: &mut RealmRepresentation) {
    realm.web_authn_policy_rp_entity_name = Some(RELYING_PARTY.to_owned());
    realm.web_authn_policy_signature_algorithms = Some(texts(SIGNATURE_ALGORITHMS));
    realm.web_authn_policy_rp_id = Some(String::new());
    realm.web_authn_policy_attestation_conveyance_preference = Some(NOT_SPECIFIED.to_owned());
    realm.web_authn_policy_authenticator_attachment = Some(NOT_SPECIFIED.to_owned());
    realm.web_authn_policy_require_resident_key = Some(NOT_SPECIFIED.to_owned());
    realm.web_authn_policy_resident_key = Some(NOT_SPECIFIED.to_owned());
    realm.web_authn_policy_user_verification_requirement = Some(NOT_SPECIFIED.to_owned());
    realm.web_authn_policy_create_timeout = Some(0);
    realm.web_authn_policy_avoid_same_authenticator_register = Some(false);
    realm.web_authn_policy_acceptable_aaguids = Some(Vec::new());
    realm.web_authn_policy_extra_origins = Some(Vec::new());
}

fn passwordless_passkeys(realm: &mut RealmRepresentation) {
    realm.web_authn_policy_passwordless_rp_entity_name = Some(RELYING_PARTY.to_owned());
    realm.web_authn_policy_passwordless_signature_algorithms = Some(texts(SIGNATURE_ALGORITHMS));
    realm.web_authn_policy_passwordless_rp_id = Some(String::new());
    realm.web_authn_policy_passwordless_attestation_conveyance_preference = Some(NOT_SPECIFIED.to_owned());
    realm.web_authn_policy_passwordless_authenticator_attachment = Some(NOT_SPECIFIED.to_owned());
    realm.web_authn_policy_passwordless_require_resident_key = Some(NOT_SPECIFIED.to_owned());
    realm.web_authn_policy_passwordless_resident_key = Some("required".to_owned());
    realm.web_authn_policy_passwordless_user_verification_requirement = Some("required".to_owned());
    realm.web_authn_policy_passwordless_create_timeout = Some(0);
    realm.web_authn_policy_passwordless_avoid_same_authenticator_register = Some(false);
    realm.web_authn_policy_passwordless_acceptable_aaguids = Some(Vec::new());
    realm.web_authn_policy_passwordless_extra_origins = Some(Vec::new());
}

fn surroundings(realm: &mut RealmRepresentation) {
    realm.browser_security_headers = Some(entries(&[
        ("contentSecurityPolicy", "frame-src 'self'; frame-ancestors 'self'; object-src 'none';"),
        ("contentSecurityPolicyReportOnly", ""),
        ("referrerPolicy", "no-referrer"),
        ("strictTransportSecurity", "max-age=31536000; includeSubDomains"),
        ("xContentTypeOptions", "nosniff"),
        ("xFrameOptions", "SAMEORIGIN"),
        ("xRobotsTag", "none"),
    ]));
    realm.smtp_server = Some(entries(&[]));
    realm.events_enabled = Some(false);
    realm.events_listeners = Some(texts(&["jboss-logging"]));
    realm.enabled_event_types = Some(Vec::new());
    realm.admin_events_enabled = Some(false);
    realm.admin_events_details_enabled = Some(false);
    realm.internationalization_enabled = Some(false);
    realm.localization_texts = Some([].into());
    realm.groups = Some(Vec::new());
    realm.identity_providers = Some(Vec::new());
    realm.identity_provider_mappers = Some(Vec::new());
}

fn flows(realm: &mut RealmRepresentation) {
    realm.browser_flow = Some("browser".to_owned());
    realm.registration_flow = Some("registration".to_owned());
    realm.direct_grant_flow = Some("direct grant".to_owned());
    realm.reset_credentials_flow = Some("reset credentials".to_owned());
    realm.client_authentication_flow = Some("clients".to_owned());
    realm.docker_authentication_flow = Some("docker auth".to_owned());
    realm.first_broker_login_flow = Some("first broker login".to_owned());
}

fn features(realm: &mut RealmRepresentation) {
    realm.attributes = Some(entries(&[
        ("cibaAuthRequestedUserHint", "login_hint"),
        ("cibaBackchannelTokenDeliveryMode", "poll"),
        ("cibaExpiresIn", "120"),
        ("cibaInterval", "5"),
        ("oauth2DeviceCodeLifespan", "600"),
        ("oauth2DevicePollingInterval", "5"),
        ("parRequestUriLifespan", "60"),
        ("realmReusableOtpCode", "false"),
    ]));
    realm.user_managed_access_allowed = Some(false);
    realm.organizations_enabled = Some(false);
    realm.verifiable_credentials_enabled = Some(false);
    realm.admin_permissions_enabled = Some(false);
    realm.scim_api_enabled = Some(false);
    realm.client_profiles =
        Some(ClientProfilesRepresentation { profiles: Some(Vec::new()), global_profiles: None });
    realm.client_policies =
        Some(ClientPoliciesRepresentation { policies: Some(Vec::new()), global_policies: None });
}

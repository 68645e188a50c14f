//! The steps that flows of a new realm are made of, each with its name and how it may stand in a flow.

/// How a step may stand in a flow.
type Choices = &'static [&'static str];

pub(super) const FREE: Choices = &["REQUIRED", "ALTERNATIVE", "DISABLED"];
const ALWAYS: Choices = &["REQUIRED"];
const SWITCHED: Choices = &["REQUIRED", "DISABLED"];
const NESTED: Choices = &["REQUIRED", "ALTERNATIVE", "DISABLED", "CONDITIONAL"];

/// A step, as a page of an administrator shows it.
#[derive(Clone, Copy)]
pub(super) struct Authenticator {
    id: &'static str,
    pub(super) name: &'static str,
    pub(super) choices: Choices,
    pub(super) configurable: bool,
}

const fn fixed(id: &'static str, name: &'static str, choices: Choices) -> Authenticator {
    Authenticator { id, name, choices, configurable: false }
}

const fn configurable(id: &'static str, name: &'static str, choices: Choices) -> Authenticator {
    Authenticator { id, name, choices, configurable: true }
}

const AUTHENTICATORS: &[Authenticator] = &[
    fixed("auth-cookie", "Cookie", FREE),
    fixed("auth-otp-form", "OTP Form", FREE),
    fixed("auth-recovery-authn-code-form", "Recovery Authentication Code Form", FREE),
    fixed("auth-spnego", "Kerberos", FREE),
    fixed("auth-username-password-form", "Username Password Form", ALWAYS),
    fixed("client-jwt", "Signed JWT", FREE),
    fixed("client-secret", "Client Id and Secret", FREE),
    fixed("client-secret-jwt", "Signed JWT with Client Secret", FREE),
    fixed("client-x509", "X509 Certificate", FREE),
    configurable("conditional-credential", "Condition - credential", SWITCHED),
    fixed("conditional-user-configured", "Condition - user configured", SWITCHED),
    fixed("direct-grant-validate-otp", "OTP", FREE),
    fixed("direct-grant-validate-password", "Password", FREE),
    fixed("direct-grant-validate-username", "Username Validation", ALWAYS),
    fixed("docker-http-basic-authenticator", "Docker Authenticator", ALWAYS),
    fixed("federated-jwt", "Signed JWT - Federated", FREE),
    fixed("http-basic-authenticator", "HTTP Basic Authentication", FREE),
    configurable("identity-provider-redirector", "Identity Provider Redirector", FREE),
    fixed("idp-add-organization-member", "Organization Member Onboard", FREE),
    fixed("idp-confirm-link", "Confirm link existing account", FREE),
    configurable("idp-create-user-if-unique", "Create User If Unique", FREE),
    fixed("idp-email-verification", "Verify existing account by Email", FREE),
    configurable("idp-review-profile", "Review Profile", FREE),
    fixed(
        "idp-username-password-form",
        "Username Password Form for identity provider reauthentication",
        ALWAYS,
    ),
    configurable("organization", "Organization Identity-First Login", FREE),
    configurable("registration-password-action", "Password Validation", SWITCHED),
    configurable("registration-recaptcha-action", "reCAPTCHA", SWITCHED),
    fixed("registration-terms-and-conditions", "Terms and conditions", SWITCHED),
    fixed("registration-user-creation", "Registration User Profile Creation", SWITCHED),
    configurable("reset-credential-email", "Send Reset Email", ALWAYS),
    fixed("reset-credentials-choose-user", "Choose User", ALWAYS),
    configurable("reset-otp", "Reset OTP", FREE),
    fixed("reset-password", "Reset Password", FREE),
    fixed("webauthn-authenticator", "WebAuthn Authenticator", FREE),
];

/// The step with this id.
pub(super) fn find(id: &str) -> Option<&'static Authenticator> {
    AUTHENTICATORS.iter().find(|known| known.id == id)
}

/// How a flow may stand in another.
pub(super) fn of_flow(provider: Option<&str>) -> Choices {
    if provider == Some("form-flow") { SWITCHED } else { NESTED }
}

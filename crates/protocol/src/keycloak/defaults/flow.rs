//! The authentication flows of a new realm.

use super::{
    super::{
        AuthenticationExecutionExportRepresentation, AuthenticationFlowRepresentation,
        AuthenticatorConfigRepresentation,
    },
    Ids, entries, fresh,
};

/// Where a flow stands: bound to something, or inside another one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Top,
    Inner,
}

struct Flow {
    alias: &'static str,
    description: Option<&'static str>,
    provider: &'static str,
    level: Level,
    steps: &'static [Step],
}

struct Step {
    requirement: &'static str,
    priority: i32,
    authenticator: Option<&'static str>,
    config: Option<&'static str>,
    flow: Option<&'static str>,
}

const REQUIRED: &str = "REQUIRED";
const ALTERNATIVE: &str = "ALTERNATIVE";
const CONDITIONAL: &str = "CONDITIONAL";
const DISABLED: &str = "DISABLED";

const fn ask(requirement: &'static str, priority: i32, authenticator: &'static str) -> Step {
    Step { requirement, priority, authenticator: Some(authenticator), config: None, flow: None }
}

const fn enter(requirement: &'static str, priority: i32, flow: &'static str) -> Step {
    Step { requirement, priority, authenticator: None, config: None, flow: Some(flow) }
}

const fn top(alias: &'static str, description: &'static str, steps: &'static [Step]) -> Flow {
    Flow { alias, description: Some(description), provider: "basic-flow", level: Level::Top, steps }
}

const fn inner(alias: &'static str, description: &'static str, steps: &'static [Step]) -> Flow {
    Flow { level: Level::Inner, ..top(alias, description, steps) }
}

/// The second factor of a user who has one, after a password.
const fn second_factor(alias: &'static str, steps: &'static [Step]) -> Flow {
    inner(alias, "Flow to determine if any 2FA is required for the authentication", steps)
}

/// Alias, and its one entry.
const CONFIGURATIONS: &[(&str, (&str, &str))] = &[
    ("browser-conditional-credential", ("credentials", "webauthn-passwordless")),
    ("create unique user config", ("require.password.update.after.registration", "false")),
    ("first-broker-login-conditional-credential", ("credentials", "webauthn-passwordless")),
    ("review profile config", ("update.profile.on.first.login", "missing")),
];

const FLOWS: &[Flow] = &[
    top(
        "browser",
        "Browser based authentication",
        &[
            ask(ALTERNATIVE, 10, "auth-cookie"),
            ask(DISABLED, 20, "auth-spnego"),
            ask(ALTERNATIVE, 25, "identity-provider-redirector"),
            enter(ALTERNATIVE, 26, "Organization"),
            enter(ALTERNATIVE, 30, "forms"),
        ],
    ),
    inner(
        "forms",
        "Username, password, otp and other auth forms.",
        &[
            ask(REQUIRED, 10, "auth-username-password-form"),
            enter(CONDITIONAL, 20, "Browser - Conditional 2FA"),
        ],
    ),
    second_factor(
        "Browser - Conditional 2FA",
        &[
            ask(REQUIRED, 10, "conditional-user-configured"),
            Step {
                config: Some("browser-conditional-credential"),
                ..ask(REQUIRED, 20, "conditional-credential")
            },
            ask(ALTERNATIVE, 30, "auth-otp-form"),
            ask(DISABLED, 40, "webauthn-authenticator"),
            ask(DISABLED, 50, "auth-recovery-authn-code-form"),
        ],
    ),
    Flow {
        description: None,
        ..inner("Organization", "", &[enter(CONDITIONAL, 10, "Browser - Conditional Organization")])
    },
    inner(
        "Browser - Conditional Organization",
        "Flow to determine if the organization identity-first login is to be used",
        &[ask(REQUIRED, 10, "conditional-user-configured"), ask(ALTERNATIVE, 20, "organization")],
    ),
    top(
        "direct grant",
        "OpenID Connect Resource Owner Grant",
        &[
            ask(REQUIRED, 10, "direct-grant-validate-username"),
            ask(REQUIRED, 20, "direct-grant-validate-password"),
            enter(CONDITIONAL, 30, "Direct Grant - Conditional OTP"),
        ],
    ),
    inner(
        "Direct Grant - Conditional OTP",
        "Flow to determine if the OTP is required for the authentication",
        &[ask(REQUIRED, 10, "conditional-user-configured"), ask(REQUIRED, 20, "direct-grant-validate-otp")],
    ),
    top(
        "registration",
        "Registration flow",
        &[Step { flow: Some("registration form"), ..ask(REQUIRED, 10, "registration-page-form") }],
    ),
    Flow {
        provider: "form-flow",
        ..inner(
            "registration form",
            "Registration form",
            &[
                ask(REQUIRED, 20, "registration-user-creation"),
                ask(REQUIRED, 50, "registration-password-action"),
                ask(DISABLED, 60, "registration-recaptcha-action"),
                ask(DISABLED, 70, "registration-terms-and-conditions"),
            ],
        )
    },
    top(
        "reset credentials",
        "Reset credentials for a user if they forgot their password or something",
        &[
            ask(REQUIRED, 10, "reset-credentials-choose-user"),
            ask(REQUIRED, 20, "reset-credential-email"),
            ask(REQUIRED, 30, "reset-password"),
            enter(CONDITIONAL, 40, "Reset - Conditional OTP"),
        ],
    ),
    inner(
        "Reset - Conditional OTP",
        "Flow to determine if the OTP should be reset or not. Set to REQUIRED to force.",
        &[ask(REQUIRED, 10, "conditional-user-configured"), ask(REQUIRED, 20, "reset-otp")],
    ),
    Flow {
        provider: "client-flow",
        ..top(
            "clients",
            "Base authentication for clients",
            &[
                ask(ALTERNATIVE, 10, "client-secret"),
                ask(ALTERNATIVE, 20, "client-jwt"),
                ask(ALTERNATIVE, 30, "client-secret-jwt"),
                ask(ALTERNATIVE, 40, "client-x509"),
                ask(ALTERNATIVE, 50, "federated-jwt"),
            ],
        )
    },
    top(
        "first broker login",
        "Actions taken after first broker login with identity provider account, which is not yet linked to any \
         Keycloak account",
        &[
            Step { config: Some("review profile config"), ..ask(REQUIRED, 10, "idp-review-profile") },
            enter(REQUIRED, 20, "User creation or linking"),
            enter(CONDITIONAL, 60, "First Broker Login - Conditional Organization"),
        ],
    ),
    inner(
        "User creation or linking",
        "Flow for the existing/non-existing user alternatives",
        &[
            Step {
                config: Some("create unique user config"),
                ..ask(ALTERNATIVE, 10, "idp-create-user-if-unique")
            },
            enter(ALTERNATIVE, 20, "Handle Existing Account"),
        ],
    ),
    inner(
        "Handle Existing Account",
        "Handle what to do if there is existing account with same email/username like authenticated identity \
         provider",
        &[ask(REQUIRED, 10, "idp-confirm-link"), enter(REQUIRED, 20, "Account verification options")],
    ),
    inner(
        "Account verification options",
        "Method with which to verify the existing account",
        &[
            ask(ALTERNATIVE, 10, "idp-email-verification"),
            enter(ALTERNATIVE, 20, "Verify Existing Account by Re-authentication"),
        ],
    ),
    inner(
        "Verify Existing Account by Re-authentication",
        "Reauthentication of existing account",
        &[
            ask(REQUIRED, 10, "idp-username-password-form"),
            enter(CONDITIONAL, 20, "First broker login - Conditional 2FA"),
        ],
    ),
    second_factor(
        "First broker login - Conditional 2FA",
        &[
            ask(REQUIRED, 10, "conditional-user-configured"),
            Step {
                config: Some("first-broker-login-conditional-credential"),
                ..ask(REQUIRED, 20, "conditional-credential")
            },
            ask(ALTERNATIVE, 30, "auth-otp-form"),
            ask(DISABLED, 40, "webauthn-authenticator"),
            ask(DISABLED, 50, "auth-recovery-authn-code-form"),
        ],
    ),
    inner(
        "First Broker Login - Conditional Organization",
        "Flow to determine if the authenticator that adds organization members is to be used",
        &[ask(REQUIRED, 10, "conditional-user-configured"), ask(REQUIRED, 20, "idp-add-organization-member")],
    ),
    top(
        "docker auth",
        "Used by Docker clients to authenticate against the IDP",
        &[ask(REQUIRED, 10, "docker-http-basic-authenticator")],
    ),
    top("saml ecp", "SAML ECP Profile Authentication Flow", &[ask(REQUIRED, 10, "http-basic-authenticator")]),
];

pub(super) fn representations(ids: &mut Ids<'_>) -> Vec<AuthenticationFlowRepresentation> {
    FLOWS
        .iter()
        .map(|flow| AuthenticationFlowRepresentation {
            id: Some(fresh(ids)),
            alias: Some(flow.alias.to_owned()),
            description: flow.description.map(str::to_owned),
            provider_id: Some(flow.provider.to_owned()),
            top_level: Some(flow.level == Level::Top),
            built_in: Some(true),
            authentication_executions: Some(flow.steps.iter().map(Step::representation).collect()),
        })
        .collect()
}

pub(super) fn configurations(ids: &mut Ids<'_>) -> Vec<AuthenticatorConfigRepresentation> {
    CONFIGURATIONS
        .iter()
        .map(|(alias, entry)| AuthenticatorConfigRepresentation {
            id: Some(fresh(ids)),
            alias: Some((*alias).to_owned()),
            config: Some(entries(&[*entry])),
        })
        .collect()
}

impl Step {
    fn representation(&self) -> AuthenticationExecutionExportRepresentation {
        AuthenticationExecutionExportRepresentation {
            authenticator_config: self.config.map(str::to_owned),
            authenticator: self.authenticator.map(str::to_owned),
            authenticator_flow: Some(self.flow.is_some()),
            requirement: Some(self.requirement.to_owned()),
            priority: Some(self.priority),
            autheticator_flow: Some(self.flow.is_some()),
            flow_alias: self.flow.map(str::to_owned),
            user_setup_allowed: Some(false),
        }
    }
}

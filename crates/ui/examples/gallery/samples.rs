//! Every page in every state, filled as the prototypes are. The gallery draws them, tests go through them.

use sekisho_ui::{
    ClientIdentity, ClientLabel, ConsentPage, ErrorKind, ErrorPage, ExpiredPage, FormPostPage, Frame,
    InfoKind, InfoPage, LoginFailure, LoginPage, LogoutPage, Page, RedirectTarget, Renderer, ResourceLabel,
    ScopeChoice, ScopeKind, UiError, Verification,
};

/// What every text goes through before it is put into a page.
pub(crate) type Say = fn(&str) -> String;

pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) render: Render,
}

type Render = Box<dyn Fn(&Renderer, &Frame) -> Result<String, UiError>>;

pub(crate) fn samples(say: Say) -> Vec<Sample> {
    let mut samples = logins(say);
    samples.extend(consents(say));
    samples.extend(errors(say));
    samples.extend(endings(say));
    samples
}

fn sample<P: Page + 'static>(name: &str, page: P) -> Sample {
    Sample { name: name.to_owned(), render: Box::new(move |renderer, frame| renderer.render(&page, frame)) }
}

fn logins(say: Say) -> Vec<Sample> {
    let page = |failure: Option<LoginFailure>| LoginPage {
        client: Some(ClientLabel { name: say("Claude Code"), host: Some(say("claude.ai")) }),
        action: say("/realms/acme/login-actions/authenticate?session_code=x&execution=y"),
        username: failure.as_ref().map(|_| say("mika.tanaka")).unwrap_or_default(),
        remember_me: Some(false),
        failure,
        hidden: vec![(say("step"), say("password"))],
    };
    let locked = LoginFailure::Locked { until: say("14:32") };
    let nameless = LoginPage { username: String::new(), ..page(Some(LoginFailure::MissingField)) };
    let self_named = Some(ClientLabel::self_named(&say("Ledger Helper"), None));
    vec![
        sample("login", page(None)),
        sample("login-plain", LoginPage { client: None, remember_me: None, ..page(None) }),
        sample(
            "login-hint",
            LoginPage {
                username: say("mika.tanaka"),
                remember_me: Some(true),
                client: self_named,
                ..page(None)
            },
        ),
        sample("login-mismatch", page(Some(LoginFailure::Mismatch))),
        sample("login-no-password", page(Some(LoginFailure::MissingField))),
        sample("login-no-name", nameless),
        sample("login-problem", page(Some(LoginFailure::AccountProblem))),
        sample("login-again", page(Some(LoginFailure::Reauthenticate))),
        sample("login-locked", page(Some(locked))),
    ]
}

fn consents(say: Say) -> Vec<Sample> {
    let document = Verification::Document { host: say("claude.ai") };
    let mut several = consent(say, Verification::Registered);
    several.resources.push(ResourceLabel {
        name: say("Calendar"),
        uri: say("https://cal.acme.example/mcp"),
        host: say("cal.acme.example"),
    });
    several.required = vec![choice(say, "basic", "Know who you are", ScopeKind::Plain)];
    several.redirect = elsewhere(say);
    let bare = ConsentPage {
        resources: Vec::new(),
        optional: Vec::new(),
        switch_account: None,
        seen_before: true,
        redirect: RedirectTarget { uri: say("com.example.app:/cb"), host: String::new(), loopback: false },
        ..consent(say, Verification::Registered)
    };
    let required_only = ConsentPage {
        optional: Vec::new(),
        required: several.optional.iter().take(2).cloned().collect(),
        redirect: elsewhere(say),
        ..consent(say, Verification::Registered)
    };
    let unverified = ConsentPage { redirect: elsewhere(say), ..consent(say, Verification::Unverified) };
    vec![
        sample("consent", consent(say, document)),
        sample("consent-several", several),
        sample("consent-bare", bare),
        sample("consent-required", required_only),
        sample("consent-unverified", unverified),
        sample("consent-unverified-loopback", consent(say, Verification::Unverified)),
    ]
}

fn consent(say: Say, verified: Verification) -> ConsentPage {
    let (name, client_id) = match verified {
        Verification::Unverified => ("Ledger Helper", "c-7Qm2vX9aTn"),
        _ => ("Claude Code", "https://claude.ai/oauth/claude-code-client-metadata"),
    };
    ConsentPage {
        client: ClientIdentity { name: say(name), client_id: say(client_id), verified },
        username: say("mika.tanaka"),
        redirect: RedirectTarget {
            uri: say("http://localhost:53682/callback"),
            host: say("localhost"),
            loopback: true,
        },
        resources: vec![ResourceLabel {
            name: say("Invoices"),
            uri: say("https://mcp.acme.example/invoices"),
            host: say("mcp.acme.example"),
        }],
        required: Vec::new(),
        optional: vec![
            choice(say, "invoices:read", "Read your invoices", ScopeKind::Reads),
            choice(say, "invoices:send", "Send invoices to customers", ScopeKind::Acts),
            choice(say, "invoices:void", "Void invoices", ScopeKind::Irreversible),
            choice(say, "offline_access", "Stay connected for 30 days", ScopeKind::Plain),
        ],
        action: say("/realms/acme/login-actions/consent?execution=y"),
        code: say("session-code"),
        switch_account: Some(say("/realms/acme/protocol/openid-connect/logout")),
        seen_before: false,
    }
}

fn elsewhere(say: Say) -> RedirectTarget {
    RedirectTarget {
        uri: say("https://ledger-helper.example/oauth/cb"),
        host: say("ledger-helper.example"),
        loopback: false,
    }
}

fn choice(say: Say, name: &str, text: &str, kind: ScopeKind) -> ScopeChoice {
    let description = match kind {
        ScopeKind::Plain => None,
        _ => Some(say("Amounts, customers and payment state.")),
    };
    ScopeChoice {
        known: None,
        name: say(name),
        text: say(text),
        description,
        kind,
        checked: matches!(kind, ScopeKind::Reads),
    }
}

fn errors(say: Say) -> Vec<Sample> {
    error_kinds(say)
        .into_iter()
        .map(|(name, kind, rule)| {
            let page = ErrorPage {
                kind,
                rule,
                source: rule.map(|_| "OAuth 2.1 §4.1.1"),
                reference: say("01KB3-XV9M"),
                at: say("2026-11-24 21:14:09 UTC"),
                client_name: (name != "parameter").then(|| say("Claude Code")),
            };
            sample(&format!("error-{name}"), page)
        })
        .collect()
}

fn error_kinds(say: Say) -> Vec<(&'static str, ErrorKind, Option<&'static str>)> {
    vec![
        ("client-unknown", ErrorKind::ClientUnknown, Some("client-known")),
        ("client-disabled", ErrorKind::ClientDisabled, Some("client-enabled")),
        (
            "redirect-missing",
            ErrorKind::RedirectUriMissing { detail: say("Invalid parameter: redirect_uri") },
            Some("redirect-uri-registered"),
        ),
        (
            "redirect",
            ErrorKind::RedirectUriUnregistered {
                asked: say("http://127.0.0.1.evil.example:8123/callback"),
                registered: vec![say("http://127.0.0.1/callback"), say("http://localhost/callback")],
            },
            Some("redirect-uri-registered"),
        ),
        (
            "redirect-none",
            ErrorKind::RedirectUriUnregistered {
                asked: say("http://localhost/callback"),
                registered: vec![],
            },
            None,
        ),
        ("parameter", ErrorKind::ParameterRepeated { name: say("client_id") }, Some("parameter-once")),
        ("request", ErrorKind::RequestInvalid { detail: say("Missing parameter: response_type") }, None),
        ("realm-unknown", ErrorKind::RealmUnknown, None),
        ("realm-disabled", ErrorKind::RealmDisabled, None),
        ("policy", ErrorKind::PolicyRefused { detail: say("code_challenge_method is missing") }, None),
        ("logout", ErrorKind::LogoutRedirectUnregistered, Some("post-logout-redirect-uri-registered")),
        ("not-found", ErrorKind::NotFound, None),
        ("too-many", ErrorKind::TooManyRequests, None),
        ("unavailable", ErrorKind::Unavailable, None),
    ]
}

fn endings(say: Say) -> Vec<Sample> {
    let signed_in = |continue_url| InfoPage { kind: InfoKind::AlreadySignedIn { continue_url } };
    let signed_out = |continue_url| InfoPage { kind: InfoKind::SignedOut { continue_url } };
    let logout = |client, username| LogoutPage {
        action: say("/realms/acme/protocol/openid-connect/logout/logout-confirm"),
        session_code: say("session-code"),
        client,
        username,
    };
    let client = ClientLabel { name: say("Claude Code"), host: Some(say("claude.ai")) };
    let hostless = ClientLabel::self_named(&say("Ledger Helper"), None);
    vec![
        sample("expired", ExpiredPage { continue_url: Some(say("/a?b=c&d")), restart_url: Some(say("/e")) }),
        sample("expired-close", ExpiredPage { continue_url: None, restart_url: None }),
        sample("info-signed-in", signed_in(Some(say("https://app.example/")))),
        sample("info-signed-in-close", signed_in(None)),
        sample("info-signed-out", signed_out(Some(say("https://app.example/")))),
        sample("info-signed-out-close", signed_out(None)),
        sample("logout", logout(Some(client), Some(say("mika.tanaka")))),
        sample("logout-plain", logout(None, None)),
        sample("logout-self-named", logout(Some(hostless), None)),
        sample(
            "form-post",
            FormPostPage {
                action: say("https://app.example/cb"),
                fields: vec![(say("code"), say("the-code")), (say("state"), say("s"))],
            },
        ),
    ]
}
